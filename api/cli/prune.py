"""``prune``: remove what jobs of long ago were made of, and keep the record of what happened.

Works on the store itself, also beside a live server: whoever asks for a pruned job's bytes afterwards is told
that they are gone. Stopped at any moment, it is finished by running it again.
"""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeVar

import click

from actors.blobs.errors import BlobError
from api.cli.errors import Code, InputError, UnreachableError, end
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.store import catch_up, nothing_yet, reading_system, settings_of
from api.cli.text import echo, size
from api.composition import System
from domain.file import File
from domain.store import NotProjectedError, Pruning, StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.rebuild import forget_retired
from projections.wire import iso

T = TypeVar("T")

_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_OLDEST = timedelta(days=36525)


def age(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    """``90d``, ``12h``: a whole number and a unit."""
    match = re.fullmatch(r"(\d{1,6})(s|m|min|h|d|w)", value.strip())
    if match is None:
        raise click.BadParameter(
            f"{value!r} is no age; write a number and a unit (s, min, h, d, w), such as 90d"
        )
    number, unit = int(match[1]), match[2]
    if unit == "m":
        # Most people mean a month, and nothing brings back what a minute's age has removed.
        raise click.BadParameter(f"{value!r} may be minutes or months; write {number}min or {30 * number}d")
    older_than = timedelta(**{_UNITS[unit]: number})
    if older_than > _OLDEST:
        raise click.BadParameter(f"{value!r} is more than a hundred years; write an age such as 90d")
    return older_than


@click.command()
@click.option(
    "--older-than", callback=age, required=True, metavar="AGE", help="Jobs that ended longer ago, such as 90d"
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal")
@json_option
def prune(older_than: timedelta, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove the texts and files of jobs that ended long ago; what happened and what it cost stays on record.

    Files that people sent and nothing used for a day go, too, as they do by themselves while a server runs.

    Files that other jobs use are kept. What is removed cannot be had back, so it says what will go and asks.
    """
    settings = settings_of()
    if missing := nothing_yet(settings):
        say(f"No jobs yet: there is no {missing}.")
        return
    with reading_system(settings) as system:
        retention = system.retention
        plan = list(_cli_errors(retention.plan(older_than)))
        if plan:
            say(_summary(plan))
            if not dry_run:
                ask_to_remove("Add --yes to remove it, or --dry-run to see what would go.", yes=yes)
        going = frozenset(planned.job_id for planned in plan)
        jobs = waiting = freed = 0
        for pruning in plan if dry_run else _cli_errors(retention.prune(older_than, going)):
            jobs += 1
            waiting += len(pruning.waiting)
            freed += pruning.freed_bytes or 0
            if as_json:
                print_json(_line(pruning, dry_run=dry_run))
            else:
                echo(_sentence(pruning))
        _remove_unused(system, dry_run=dry_run)
        if not dry_run and jobs:
            _settle(system)
    if not jobs:
        say("Nothing to prune.")
    elif dry_run:
        say(f"{_count(jobs, 'job')} would be pruned; nothing was changed.")
    else:
        say(f"{_count(jobs, 'job')}, {size(freed)} freed.")
    if waiting:
        say(f"{_count(waiting, 'file')} stored again within the hour and left for now: run this again later.")


def in_a_terminal() -> bool:
    return sys.stdin.isatty()


def ask_to_remove(hint: str, *, yes: bool) -> None:
    """Go on where a terminal says so; end the command where it does not."""
    if yes:
        return
    if not in_a_terminal():
        raise InputError(
            "this removes for good, and there is no terminal to ask in",
            hint,
        )
    if not click.confirm("Remove it for good?", err=True):
        end(Code.CANCELLED)


def _summary(plan: list[Pruning]) -> str:
    ends = [pruning.ended_at for pruning in plan]
    first, last = f"{min(ends):%Y-%m-%d}", f"{max(ends):%Y-%m-%d}"
    ended = f"ended on {first}" if first == last else f"ended from {first} to {last}"
    files = sum(len(pruning.removed) for pruning in plan)
    texts = sum(pruning.texts for pruning in plan)
    what = f"{_count(texts, 'text')}, {_count(files, 'file')}"
    return f"{_count(len(plan), 'job')} that {ended}: {what} ({size(sum(p.bytes for p in plan))})."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _remove_unused(system: System, *, dry_run: bool) -> None:
    """Remove files that people sent and nothing used for a day."""

    def gone() -> Iterator[File]:
        yield from system.files.remove_unused(system.readers, system.blobs, system.clock)

    removed = [] if dry_run else list(_cli_errors(gone()))
    if removed:
        say(f"{_count(len(removed), 'sent file')} removed that nothing used for a day.")


def _cli_errors(prunings: Iterator[T]) -> Iterator[T]:
    """What keeps something from being removed, as an error with its exit code."""
    try:
        yield from prunings
    except BlobError as error:
        raise InputError(f"REELOG_BLOBS: {error.reason}", error.hint) from None
    except StoreUnavailableError as error:
        raise UnreachableError(f"REELOG_STORE: {error.reason}", error.hint) from None
    except (NotProjectedError, ReadModelsUnavailableError) as error:
        raise UnreachableError(str(error), "`reelog doctor` says more.") from None


def _settle(system: System) -> None:
    """Have the databases, too, let go of what was removed."""
    catch_up(system)
    forget_retired(system.database, system.store)
    system.database.settle()
    system.store.settle()


def _line(pruning: Pruning, *, dry_run: bool) -> dict[str, Any]:
    return {
        "job_id": str(pruning.job_id),
        "ended_at": iso(pruning.ended_at),
        "dry_run": dry_run,
        "texts": pruning.texts,
        "removed": list(pruning.removed),
        "kept": list(pruning.kept),
        "waiting": list(pruning.waiting),
        "freed_bytes": pruning.freed_bytes,
        "bytes": pruning.bytes,
    }


def _sentence(pruning: Pruning) -> str:
    kept = f", {len(pruning.kept)} kept for other jobs" if pruning.kept else ""
    waiting = f", {len(pruning.waiting)} left for later" if pruning.waiting else ""
    what = f"{_count(pruning.texts, 'text')}, {_count(len(pruning.removed), 'file')} ({size(pruning.bytes)})"
    return f"{pruning.job_id}  {what}{kept}{waiting}"
