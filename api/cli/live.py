"""Following a job in the terminal: redrawn in place on a terminal, one plain line for each event elsewhere.

Progress goes to standard error, so that standard output stays data.
"""

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import takewhile
from types import TracebackType
from typing import IO, Any, Protocol, Self
from uuid import UUID

import click

from api.cli.errors import TimedOutError, set_aside
from api.cli.progress import Story, moment, picture
from api.cli.source import Source
from api.cli.text import cells, echo, fit, is_terminal, json_line, shown, theme_of
from api.durations import duration

Json = dict[str, Any]

_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_CLEAR_BELOW, _CLEAR_LINE = "\x1b[J", "\x1b[K"
_WIDEST = 100
_FRAME_S = 0.1
_SPIN_S = 0.25
_LONG_LINE = 400
STDOUT, STDERR = "standard output", "standard error"


class Display(Protocol):
    """Shows how a job goes on; ``shows_job`` when it needs the job's page and not only what happened."""

    shows_job: bool

    def event(self, event: Json, story: Story) -> None: ...

    def tick(self, story: Story) -> None: ...

    def close(self, story: Story | None) -> None: ...


class Silent:
    """Shows nothing."""

    shows_job = False

    def event(self, event: Json, story: Story) -> None: ...

    def tick(self, story: Story) -> None: ...

    def close(self, story: Story | None) -> None: ...


class PlainLines:
    """``  12 s   43 %  Scene 2: image drawn …``; the time is that of work on the run, as at its end."""

    shows_job = False

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._told = ""

    def event(self, event: Json, story: Story) -> None:
        worked = duration(story.work.until(moment(event["occurred_at"])))
        said = fit(event["message"], _LONG_LINE)
        echo(f"{worked:>11} {int(event['progress'] * 100):4} %  {said}", file=self._stream)

    def tick(self, story: Story) -> None:
        """Nothing happened, so only what is waited for is said, once."""
        awaited = f"Waiting: {story.trouble}" if story.trouble else story.note
        if awaited and awaited != self._told:
            click.echo(f"  {fit(awaited, _LONG_LINE)}", file=self._stream)
        self._told = awaited

    def close(self, story: Story | None) -> None:
        """Every line has been written."""


class LivePicture:
    """The picture, drawn over itself; ``now`` tells the time that it shows."""

    shows_job = True

    def __init__(self, stream: IO[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._stream = stream
        self._now = now
        self._theme = theme_of(stream)
        self._shown: list[str] = []
        self._drawn_at = 0.0

    def event(self, event: Json, story: Story) -> None:  # noqa: ARG002 - the story holds what is shown
        self.tick(story)

    def tick(self, story: Story) -> None:
        if time.monotonic() - self._drawn_at >= _FRAME_S:
            self._draw(story)

    def close(self, story: Story | None) -> None:
        if story is not None:
            self._draw(story)
        self._stream.write(_SHOW_CURSOR)
        self._stream.flush()

    def _draw(self, story: Story) -> None:
        self._drawn_at = time.monotonic()
        columns, rows = shutil.get_terminal_size()
        width = min(_WIDEST, columns - 1)
        lines = picture(story, self._now(), width, self._theme, int(self._drawn_at / _SPIN_S))
        # What does not fit on the screen could not be drawn over; the end of the picture matters most.
        lines = lines[-max(1, rows - 1) :]
        up = sum(max(1, -(-cells(line) // columns)) for line in self._shown)
        self._stream.write(
            _HIDE_CURSOR
            + (f"\x1b[{up}A" if up else "")
            + "".join(f"\r{shown(line)}{_CLEAR_LINE}\n" for line in lines)
            + _CLEAR_BELOW
        )
        self._stream.flush()
        self._shown = lines


def display(*, quiet: bool = False) -> Display:
    """What suits standard error."""
    if quiet:
        return Silent()
    return LivePicture(sys.stderr) if is_terminal(sys.stderr) else PlainLines(sys.stderr)


class Following:
    """Follows one job to its end; use it as a context manager, so that the terminal is always given back."""

    def __init__(self, source: Source, job_id: UUID, *, quiet: bool = False, as_json: bool = False) -> None:
        self._source = source
        self._job_id = job_id
        self._as_json = as_json
        self._display = display(quiet=quiet)
        self._story: Story | None = None
        self.position = 0
        """Of the last event that was told."""
        self.note = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.close(self._story)

    def to_the_end(  # noqa: C901 - one loop, in which events are told as they come
        self,
        after: int = 0,
        timeout_s: float | None = None,
        meanwhile: Callable[[Story], None] | None = None,
    ) -> Json:
        """The job when it has ended, or waits for review.

        TimedOutError when ``timeout_s`` seconds are over before.

        ``meanwhile`` is called whenever nothing happens.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        story = self._story = self._story_after(after)
        if story.job["status"] == "awaiting_review" and after >= story.job["position"]:
            return story.job  # all that there is to tell was told
        for event in self._source.follow(self._job_id, after):
            if event is not None:
                if self._as_json:
                    print_json(event)
                self.position = event["position"]
                story.apply(event)
                # A burst of events needs the page once: that of the last one.
                if self._display.shows_job and event["position"] >= story.job["position"]:
                    story.job = self._source.job(self._job_id)
                with _written_to(STDERR):
                    self._display.event(event, story)
                if event["type"] == "job.review_requested":
                    story.job = self._source.job(self._job_id)
                    if story.job["status"] == "awaiting_review" and story.job["position"] <= self.position:
                        return story.job
            else:
                if meanwhile is not None:
                    meanwhile(story)
                with _written_to(STDERR):
                    self._display.tick(story)
            if deadline is not None and time.monotonic() > deadline:
                raise TimedOutError(f"job {self._job_id} had not ended after {timeout_s:g} s")
        story.job = self._source.job(self._job_id)
        if story.job.get("set_aside"):
            raise set_aside(story.job)
        return story.job

    def _story_after(self, position: int) -> Story:
        """The story in which what happened until then was told before."""
        story = Story(self._source.job(self._job_id), note=self.note)
        if position:
            before = self._source.events(self._job_id, 0)
            for event in takewhile(lambda event: event["position"] <= position, before):
                story.work.apply(event)
        return story


class LostOutputError(OSError):
    """What is printed cannot be written any longer: nobody reads it (``| head -1``), or a disk is full."""

    def __init__(self, stream: str, reason: OSError) -> None:
        super().__init__(reason.errno, f"{stream} cannot be written any longer: {reason.strerror or reason}")
        self.stream = stream

    def mute(self) -> None:
        """Send to nowhere what would be written there from now on."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, (sys.stdout if self.stream == STDOUT else sys.stderr).fileno())
        finally:
            os.close(nowhere)


@contextlib.contextmanager
def _written_to(stream: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LostOutputError(stream, error) from error


def _writes_all_letters() -> bool:
    """Whether standard output is UTF-8; where it is not, JSON is written in ASCII, and nothing is lost."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").replace("-", "").lower() == "utf8"


def print_json(value: Any) -> None:
    """One line of data on standard output."""
    with _written_to(STDOUT):
        echo(json_line(value) if _writes_all_letters() else json.dumps(value, separators=(",", ":")))


def say(line: str = "") -> None:
    """Something for a person, on standard error."""
    echo(line, err=True, color=theme_of(sys.stderr).colour)
