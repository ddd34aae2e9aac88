"""Submitting to a server and following a job there; what all commands share that name a job or a server."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urljoin
from uuid import UUID, uuid4

import click

from api.cli.client import Client
from api.cli.errors import JOB_CODES, Code, InputError, end
from api.cli.hints import Hints
from api.cli.live import Following, print_json, say
from api.cli.options import body, job_options, submission
from api.cli.own_scenes import OwnMaterial, own_material_options
from api.cli.render import summary
from api.cli.review import Approve, ask_to_go_on
from api.cli.source import LATEST, ServerSource, Source, job_named
from api.cli.store import settings_of
from api.cli.text import echo, printable, theme_of
from api.settings import Settings
from domain.job_names import beginning_of

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print data as JSON, one object a line, on standard output"
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Show no progress")
timeout_option = click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting; exit code 5"
)
server_option = click.option(
    "--url", metavar="URL", help="The server [default: REELOG_URL, else http://127.0.0.1:8080]"
)
target_option = click.option(
    "--url", metavar="URL",
    help="The server [default: REELOG_URL, else one at http://127.0.0.1:8080, else the store here]",
)  # fmt: skip
idempotency_option = click.option(
    "--idempotency-key", metavar="KEY",
    help="The same key and request again give the same job [default: a new one each time]",
)  # fmt: skip

webhook_option = click.option(
    "--webhook", metavar="URL", help="Have the end of this job, and its reviews, sent there, signed"
)


class JobName(click.ParamType[str]):
    """A job by its id, how that begins, or ``latest``; `job_named` finds which one is meant."""

    name = "job"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return value if value == LATEST else beginning_of(value)
        except ValueError:
            self.fail(
                f"{value!r} is no id of a job; write one, how one begins (such as 3f2a), or latest",
                param,
                ctx,
            )


job_argument = click.argument("job", metavar="JOB", type=JobName())


def client_of(url: str | None, settings: Settings | None = None) -> Client:
    settings = settings or settings_of()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return Client(url or settings.url, key, settings.traceparent)


def say_secret(accepted: dict[str, Any]) -> None:
    """What the job's own endpoint signs with, where it was given one."""
    if accepted.get("webhook"):
        say(f"What is sent is signed with {accepted['webhook']['secret']}")


def say_notices(told: dict[str, Any]) -> None:
    """What a person should know of a script, on stderr; also where progress is not shown."""
    theme = theme_of(sys.stderr)
    for notice in told.get("notices", ()):
        say(theme.paint("Note: ", "warn") + printable(notice["message"]))


@click.command()
@job_options
@own_material_options
@idempotency_option
@webhook_option
@click.option("--watch", "and_watch", is_flag=True, help="Follow the job to its end")
@timeout_option
@server_option
@quiet_option
@json_option
def submit(
    own: OwnMaterial,
    idempotency_key: str | None,
    webhook: str | None,
    and_watch: bool,
    timeout: float | None,
    url: str | None,
    quiet: bool,
    as_json: bool,
    **job: Any,
) -> None:
    """Submit SCRIPT (a file, or - for standard input) to a server; print the id of the job.

    The script is spoken word for word. What stands in [[double brackets]] on a line of its own is a direction
    and is not spoken; what may surprise is told as a note.
    """
    check_waits(timeout, and_watch=and_watch)
    told: dict[str, Any] = {"webhook": {"url": webhook}} if webhook else {}
    submission(own.script, job, own.unsent | told)
    client = client_of(url)
    asked = body(own.script, job, own.sent(lambda file: client.upload(file)["digest"])) | told
    accepted = client.post_once("/v1/jobs", asked, idempotency_key or uuid4().hex)
    if as_json:
        print_json(accepted)
    else:
        echo(accepted["id"])
    say_notices(accepted)
    if not as_json:
        say_secret(accepted)
    hints = Hints.of_server(url)
    if and_watch:
        follow(
            ServerSource(client),
            UUID(accepted["id"]),
            timeout=timeout,
            quiet=quiet,
            as_json=as_json,
            hints=hints,
            approve=partial(approve_at, client, accepted["id"]),
        )
    if not quiet:
        say(f"Submitted. Watch it: {hints.watch(accepted['id'])}")


@click.command()
@job_argument
@click.option("--after", type=click.IntRange(min=0), default=0, help="Begin beyond this position of the log")
@timeout_option
@server_option
@quiet_option
@json_option
def watch(job: str, after: int, timeout: float | None, url: str | None, quiet: bool, as_json: bool) -> None:
    """Follow JOB to its end. Ctrl-C turns away; the job goes on."""
    client = client_of(url)
    source = ServerSource(client)
    job_id = job_named(source, job)
    follow(
        source,
        job_id,
        after=after,
        timeout=timeout,
        quiet=quiet,
        as_json=as_json,
        hints=Hints.of_server(url),
        approve=partial(approve_at, client, str(job_id)),
    )


def check_waits(timeout: float | None, *, and_watch: bool) -> None:
    """Raises InputError for a time to wait where nobody waits."""
    if timeout is not None and not and_watch:
        raise InputError("--timeout: says how long --watch waits; add --watch, or leave it out")


def approve_at(client: Client, job_id: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.post_once(f"/v1/jobs/{job_id}/approve", body, key)
    return answer


def follow(
    source: Source,
    job_id: UUID,
    *,
    after: int = 0,
    timeout: float | None = None,
    quiet: bool = False,
    as_json: bool = False,
    hints: Hints,
    approve: Approve | None = None,
    is_worked_on: Callable[[], bool] = lambda: True,
) -> None:
    """Follow a job that goes on elsewhere, say how it ended, and end the command accordingly.

    Where it waits for review a terminal is asked whether to ``approve``; else the command ends.
    """
    try:
        while True:
            with Following(source, job_id, quiet=quiet, as_json=as_json) as following:
                job = following.to_the_end(after, timeout)
            if job["status"] != "awaiting_review":
                break
            after = following.position or after
            if not ask_to_go_on(job, approve, hints):
                end(Code.AWAITING_REVIEW)
    except KeyboardInterrupt:
        say(f"\nTurned away; {'the job goes on' if is_worked_on() else 'nobody works on it yet'}.")
        say(f"  Watch it again: {hints.watch(job_id)}")
        say(f"  Stop it:        {hints.command(f'cancel {job_id}')}")
        end(Code.INTERRUPTED)
    for line in summary(job, theme_of(sys.stderr), datetime.now(UTC)):
        say(line)
    if job["links"]["video"] and isinstance(source, ServerSource) and not as_json:
        say(f"  Download it: {urljoin(source.where(), job['links']['video'])}")
    end(JOB_CODES[job["status"]])
