"""The commands that look: ls, show, events. They read the store itself, or a server that is named."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from api.cases.attempts import AttemptRequest
from api.cli.errors import InputError
from api.cli.jobs import client_of, job_argument, json_option
from api.cli.list_options import filter_options, taken
from api.cli.live import print_json, say
from api.cli.progress import moment
from api.cli.render import event_line, job_sheet, jobs_table
from api.cli.source import ServerSource, Source, job_named
from api.cli.store import StoreSource, nothing_yet, reading_system, settings_of
from api.cli.text import echo, theme_of
from api.composition import System
from api.settings import Settings

source_option = click.option(
    "--url", metavar="URL", help="Ask this server (or REELOG_URL), not the store here"
)


@contextlib.contextmanager
def source_of(
    url: str | None, opened: Callable[[Settings], AbstractContextManager[System]] = reading_system
) -> Iterator[Source]:
    """A server when one is named, else the store of this machine's settings, opened for what is asked."""
    settings = settings_of()
    if url or settings.url_is_given:
        yield ServerSource(client_of(url, settings))
        return
    with opened(settings) as system:
        yield StoreSource(system)


@click.command()
@filter_options
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest so many")
@click.option("--wide", is_flag=True, help="Whole ids, not only how they begin")
@source_option
@json_option
def ls(limit: int, wide: bool, url: str | None, as_json: bool, **options: Any) -> None:
    """List jobs, newest first."""
    settings, wanted = settings_of(), taken(options)
    at_server = url or settings.url_is_given
    if not at_server and nothing_yet(settings):
        _no_jobs(settings)
        return
    with source_of(url) as source:
        jobs = source.jobs(wanted, limit)
        if as_json:
            for job in jobs:
                print_json(job)
            return
        listed = list(jobs)
    if not listed:
        if at_server or not wanted.is_empty:
            say(f"No {wanted.status or ''} jobs{'' if wanted.is_empty else ' like that'}.".replace("  ", " "))
        else:
            _no_jobs(settings)
        return
    theme = theme_of(sys.stdout)
    for line in jobs_table(listed, theme, datetime.now(UTC), wide=wide):
        echo(line, color=theme.colour)


def _no_jobs(settings: Settings) -> None:
    """Nothing is here; what was submitted to a server is there, and may be what is looked for."""
    say(f"No jobs in {settings.where}.")
    say("  A server's are listed with --url, those of another folder with REELOG_DATA_DIR.")
    if client_of(None, settings).is_there():
        say(f"  A server runs at {settings.url}: reelog ls --url {settings.url}")


@click.command()
@job_argument
@click.option("--at", type=click.IntRange(min=1), metavar="N", help="As it was at position N of the log")
@click.option("--asset", metavar="KIND[:SCENE]", help="One attempt at this asset, such as image:2")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Which attempt [default: the last]")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="Which revision of the asset")
@click.option("--raw", is_flag=True, help="With --asset: the exact request and the raw answer too")
@source_option
@json_option
def show(
    job: str,
    at: int | None,
    asset: str | None,
    attempt: int | None,
    revision: int | None,
    raw: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Show JOB, now or as it was at a past event; or one attempt at one of its assets."""
    if asset is not None:
        if at is not None:
            raise InputError("--at: an attempt is shown as it came out; leave --at or --asset away")
        _show_attempt(job, asset, attempt, revision, raw=raw, url=url, as_json=as_json)
        return
    if raw or attempt is not None or revision is not None:
        raise InputError("--asset is missing: name the asset, such as image:2, that you ask about")
    with source_of(url) as source:
        page = source.job(job_named(source, job), at)
        now = moment(next(_last_event(source, page))) if at is not None else datetime.now(UTC)
    if as_json:
        print_json(page)
        return
    theme = theme_of(sys.stdout)
    for line in job_sheet(page, theme, now):
        echo(line, color=theme.colour)


def _show_attempt(
    job: str,
    name: str,
    attempt: int | None,
    revision: int | None,
    *,
    raw: bool,
    url: str | None,
    as_json: bool,
) -> None:
    from api.cli.attempt import attempt_json, attempt_sheet

    blobs: dict[str, bytes] = {}
    with source_of(url) as source:
        record = source.attempt(AttemptRequest(job_named(source, job), name, attempt, revision))
        if raw:
            blobs = {label: source.blob(record.asset_id, digest) for label, digest in record.digests.items()}
    if as_json:
        print_json(attempt_json(record, blobs))
        return
    theme = theme_of(sys.stdout)
    for line in attempt_sheet(record, theme):
        echo(line, color=theme.colour)
    for label, data in blobs.items():
        echo(f"\n--- {label} ---\n{data.decode(errors='replace').rstrip()}")


def _last_event(source: Source, job: dict[str, object]) -> Iterator[str]:
    """When the state that is shown came about; running times are counted until then."""
    position = int(str(job["position"]))
    for event in source.events(UUID(str(job["id"])), position - 1):
        yield event["occurred_at"]


@click.command()
@job_argument
@click.option("--after", type=click.IntRange(min=0), default=0, help="Begin beyond this position of the log")
@click.option("-f", "--follow", "and_follow", is_flag=True, help="Go on until the job has ended")
@source_option
@json_option
def events(job: str, after: int, and_follow: bool, url: str | None, as_json: bool) -> None:
    """Print what happened to JOB, event by event."""
    with source_of(url) as source:
        job_id = job_named(source, job)
        began = moment(source.job(job_id)["created_at"])
        theme = theme_of(sys.stdout)
        timeline = source.follow(job_id, after) if and_follow else source.events(job_id, after)
        with contextlib.suppress(KeyboardInterrupt):
            for event in timeline:
                if event is None:
                    continue
                if as_json:
                    print_json(event)
                else:
                    echo(event_line(event, theme, began), color=theme.colour)
