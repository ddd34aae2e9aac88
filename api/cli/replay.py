"""The commands that go back: replay a job in the terminal, and explain why it did what it did. Both are free.

Both read the public events, from the store or a server, and fold them again with the folds that the server
uses. A replay takes a file of ``reelog events JOB --json`` too, on a machine without store and blobs.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from api.cases.explain import ExplainRequest
from api.cli.errors import InputError
from api.cli.jobs import job_argument, json_option, quiet_option
from api.cli.live import Display, LivePicture, PlainLines, Silent, print_json, say
from api.cli.progress import Story, moment
from api.cli.read import source_of, source_option
from api.cli.render import event_line, summary
from api.cli.source import LATEST, job_named
from api.cli.text import echo, is_terminal, theme_of
from domain.job_names import beginning_of
from projections.job_fold import JobFold
from projections.retelling import NotAnEventError, retold
from projections.wire import encode

Json = dict[str, Any]

FRAME_S = 0.1
LONGEST_PAUSE_S = 5.0
"""So long a pause tells that nothing happened; more of it tells nothing more."""


@click.command()
@click.argument("what", metavar="JOB|FILE")
@click.option(
    "--speed", type=click.FloatRange(min=0), default=10.0, show_default=True, metavar="X",
    help="So many times faster than it was; 0 without any pause",
)  # fmt: skip
@source_option
@quiet_option
@json_option
def replay(what: str, speed: float, url: str | None, quiet: bool, as_json: bool) -> None:
    """Relive JOB in the terminal, or a log in FILE (- for a pipe) from `reelog events JOB --json`."""
    events = _events(what, url)
    job = relive(events, speed=speed, quiet=quiet, as_json=as_json)
    for line in summary(job, theme_of(sys.stderr), moment(events[-1]["occurred_at"])):
        say(line)


def _events(what: str, url: str | None) -> list[Json]:
    """All events, of a job as a person names it or of an exported log by its name."""
    try:
        name = what if what == LATEST else beginning_of(what)
    except ValueError:
        return _exported(what, url)
    if not _is_id(name) and Path(what).is_file():
        return _exported(what, url)
    with source_of(url) as source:
        return list(source.events(job_named(source, name), 0))


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _exported(name: str, url: str | None) -> list[Json]:
    """The events in a file of JSON lines, of one job and from its first on."""
    if url is not None:
        raise InputError(f"--url: {name!r} is a file, and no server is asked; leave --url out, or name a JOB")
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"JOB|FILE: {name!r} is no id of a job, and cannot be read as a file: {reason}",
            "`reelog ls` lists jobs; `reelog events JOB --json > FILE` writes a log.",
        ) from None
    events = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            event = json.loads(line)
            list(retold([event]))
        except ValueError as error:
            raise InputError(f"{name}: line {number} is no event: {error}") from None
        events.append(event)
    if not events or events[0]["type"] != "job.submitted":
        raise InputError(f"{name}: a log begins with job.submitted; write it with `reelog events JOB --json`")
    jobs = {event["job_id"] for event in events}
    if len(jobs) > 1:
        raise InputError(f"{name}: it holds the events of {len(jobs)} jobs; a replay is of one")
    return events


def relive(
    events: list[Json],
    *,
    speed: float,
    quiet: bool = False,
    as_json: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Json:
    """Show the events, each pause divided by ``speed`` (0: none); gives the job as it became."""
    clock = _PastClock(moment(events[0]["occurred_at"]))
    display = _display(clock, quiet=quiet)
    fold = JobFold()
    story: Story | None = None
    try:
        for event, recorded in zip(events, retold(events), strict=True):
            if story is not None:
                for _ in _pause(clock, moment(event["occurred_at"]), speed, sleep):
                    display.tick(story)
            fold.apply(recorded)
            page = json.loads(encode(fold.page()))
            story = story or Story(page)
            story.job = page
            story.apply(event)
            if as_json:
                print_json(event)
            display.event(event, story)
    except NotAnEventError as error:
        raise InputError(str(error)) from None
    finally:
        display.close(story)
    assert story is not None
    return story.job


class _PastClock:
    """The time that is shown: that of the events, and in between as much later as was waited."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def _pause(
    clock: _PastClock, until: datetime, speed: float, sleep: Callable[[float], None]
) -> Iterator[None]:
    """Wait until a moment of the past, step by step."""
    left = (until - clock.at).total_seconds() / speed if speed else 0.0
    if left > LONGEST_PAUSE_S:
        clock.at = until - timedelta(seconds=LONGEST_PAUSE_S * speed)
        left = LONGEST_PAUSE_S
    while left > 0:
        step = min(left, FRAME_S)
        sleep(step)
        left -= step
        clock.at += timedelta(seconds=step * speed)
        yield
    clock.at = max(clock.at, until)


def _display(clock: _PastClock, *, quiet: bool) -> Display:
    if quiet:
        return Silent()
    return LivePicture(sys.stderr, clock) if is_terminal(sys.stderr) else PlainLines(sys.stderr)


# ---- explain ----------------------------------------------------------------------------------------


@click.command()
@job_argument
@click.option("--at", type=click.IntRange(min=1), metavar="N", help="At position N of the log [default: now]")
@source_option
@json_option
def explain(job: str, at: int | None, url: str | None, as_json: bool) -> None:
    """Say what is decided for JOB at a moment, and what everything else waits for."""
    with source_of(url) as source:
        explanation = source.explain(ExplainRequest(job_named(source, job), at))
    if as_json:
        print_json(explanation.to_json())
        return
    theme = theme_of(sys.stdout)
    began = moment(explanation.created["occurred_at"])
    echo(event_line(explanation.after, theme, began), color=theme.colour)
    for line in _sentences(explanation.decisions):
        echo(f"        {line}", color=theme.colour)


def _sentences(lines: list[str]) -> Iterator[str]:
    yield "Then:" if lines else "Then nothing."
    yield from lines
