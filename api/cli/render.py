"""What commands print for people to read: the list of jobs, one job, an event, a failure in full."""

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.cli.progress import STAGE_NAMES, Story, cost, elapsed_s, film_name, moment, picture, waited
from api.cli.text import Role, Theme, fit, money, pad, printable
from api.durations import duration
from domain.job_names import SHORTEST

Json = dict[str, Any]

STATUS_ROLES: dict[str, Role] = {
    "queued": "dim",
    "running": "busy",
    "awaiting_review": "warn",
    "completed": "good",
    "failed": "bad",
    "cancelled": "warn",
}
_LABEL_WIDTH = 16
_WIDEST = 100
_FAILURE = (
    ("stage", "stage"),
    ("asset", "asset"),
    ("attempt", "attempt"),
    ("model", "model"),
    ("http_status", "HTTP status"),
    ("provider_status", "provider status"),
    ("finish_reason", "finish reason"),
    ("response_id", "response id"),
    ("elapsed_s", "elapsed"),
    ("retry_after_s", "retry after"),
)
_BLOBS = (("prompt_digest", "prompt"), ("raw_digest", "raw answer"))


def width() -> int:
    return min(_WIDEST, shutil.get_terminal_size().columns)


def jobs_table(jobs: Iterable[Json], theme: Theme, now: datetime, *, wide: bool = False) -> Iterator[str]:
    """One line for each job: how its id begins (``wide``: all of it), status, progress, age, cost, title."""
    shown = len(str(UUID(int=0))) if wide else SHORTEST
    jobs = list(jobs)
    column = max([9, *(len(job["status"]) for job in jobs)])
    yield theme.paint(
        f"{'JOB':{shown}}  {'STATUS':{column}}  {'DONE':>5}  {'AGE':>8}  {'COST':>8}  TITLE", "dim"
    )
    for job in jobs:
        age = (now - moment(job["created_at"])).total_seconds()
        status = theme.paint(pad(job["status"], column), STATUS_ROLES.get(job["status"], "plain"))
        called = film_name(job) or job["metadata"].get("title") or job.get("text") or ""
        title = fit(str(called), max(10, width() - shown - column - 33))
        done = f"{int(job['progress'] * 100)} %"
        # In one column: what it may cost and what was lost stands on the job's own page.
        more = job["cost"]["unpriced"] or job["cost"]["unknown_usd"]
        spent = money(job["cost"]["usd"]) + ("+" if more else "")
        yield f"{job['id'][:shown]}  {status}  {done:>5}  {ago(age):>8}  {spent:>8}  {title}".rstrip()


def ago(age_s: float) -> str:
    """``42 s``, ``5 min``, ``3 h``, ``12 d``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if age_s >= length:
            return f"{int(age_s // length)} {unit}"
    return f"{max(0, int(age_s))} s"


def job_sheet(job: Json, theme: Theme, now: datetime | None = None) -> Iterator[str]:
    """One job on a page: where it stands, its stages and scenes, its failure in full."""
    now = now or datetime.now(UTC)
    role = STATUS_ROLES.get(job["status"], "plain")
    run = f", run {job['run']}" if job["run"] > 1 else ""
    yield f"{theme.paint(job['status'], role)}  {job['id']}  (position {job['position']}{run})"
    if aside := job.get("set_aside"):
        said = printable(f"set aside at event {aside['position']} ({aside['type']}): {aside['reason']}")
        yield theme.paint(said, "bad")
    if job["status"] == "awaiting_review":
        yield f"It waits for review of the {job['review']}. Let it go on: reelog approve {job['id']}"
    if job["pruned_at"]:
        yield _removed(job)
    yield ""
    story = Story(job, last=_models(job))
    yield from (line.rstrip() for line in picture(story, now, width(), theme))
    if job["scenes"] and not job["pruned_at"]:
        yield ""
        for scene in job["scenes"]:
            yield f"  {scene['scene']:3}  {fit(scene['text'], width() - 7)}"
    yield from _script_lines(job)
    for notice in job.get("notices", ()):
        yield ""
        yield from textwrap.wrap(f"Note: {printable(notice['message'])}", width(), subsequent_indent="  ")
    if job["failure"]:
        yield ""
        yield from failure_lines(job["failure"], theme)


def _script_lines(job: Json) -> Iterator[str]:
    """On what the script was written, and what its writer names as sources."""
    topic = job.get("topic")
    if not topic or job["pruned_at"]:
        return
    yield ""
    beside = [f"{name}: {topic[name]}" for name in ("audience", "tone") if topic[name]]
    told = f"Topic: {'; '.join([topic['about'], *beside])}"
    yield from textwrap.wrap(printable(told), width(), subsequent_indent="  ")
    if job["sources"]:
        yield "Sources that its writer names; they are not checked:"
    for named in job["sources"]:
        told = printable(f"- {named['fact']} ({named['source']})")
        yield from textwrap.wrap(told, width(), initial_indent="  ", subsequent_indent="    ")


def _removed(job: Json) -> str:
    return f"Its texts and files were removed on {job['pruned_at'][:10]}; what happened is on record."


def _models(job: Json) -> str:
    options = job["options"]
    shape = f"{options['aspect_ratio']} {options['resolution']} {options['quality']} {options['fps']} fps"
    return f"{shape} · {', '.join(job['models'].values())}"


def failure_lines(failure: Json, theme: Theme) -> Iterator[str]:
    """Everything that is known about a failure; what the provider did not tell is shown as ``–``."""
    yield theme.mark(theme.paint(f"✗ {failure['code']}", "bad"))
    for name, label in _FAILURE:
        value = failure.get(name)
        known = value is not None
        if known or name not in {"elapsed_s", "retry_after_s"}:
            shown = duration(value) if known and name.endswith("_s") else str(value if known else "–")
            yield from _labelled(label, theme.mark(shown), theme)
    yield from _labelled("message", str(failure["message"]), theme)
    billed = "may have been billed" if failure["may_have_been_billed"] else "not billed"
    yield from _labelled("billed?", billed, theme)
    yield from _labelled("retry may help", "yes" if failure["retryable"] else "not as it is", theme)
    for name, label in _BLOBS:
        if failure.get(name):
            yield from _labelled(label, failure[name], theme)
    for name, value in (failure.get("details") or {}).items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if name.endswith("_usd") and isinstance(value, int | float):
            name, shown = name.removesuffix("_usd"), money(value)  # noqa: PLW2901 - told with its unit
        yield from _labelled(name.replace("_", " "), shown, theme)
    yield from _labelled("what to do", failure["hint"], theme, role="strong")


def _labelled(label: str, text: str, theme: Theme, role: Role = "plain") -> Iterator[str]:
    """A label and its text, wrapped beside it; line breaks of the text are kept."""
    room = max(30, width() - _LABEL_WIDTH - 2)
    lines = [
        wrapped
        for line in printable(text).splitlines()
        for wrapped in textwrap.wrap(line, room, break_on_hyphens=False) or [""]
    ] or [""]
    for number, line in enumerate(lines):
        name = pad(label if number == 0 else "", _LABEL_WIDTH)
        yield f"  {theme.paint(name, 'dim')}{theme.paint(line, role)}"


def event_line(event: Json, theme: Theme, began: datetime) -> str:
    """One line: position, time since the submission, progress, what happened."""
    since = max(0.0, (moment(event["occurred_at"]) - began).total_seconds())
    head = f"{event['position']:6}  +{duration(since):>11}  {int(event['progress'] * 100):3} %  "
    said = " ".join(printable(event["message"]).split())
    kind = event["type"].partition(".")[2]
    role: Role = "bad" if kind in {"failed", "attempt_failed", "attempt_lost"} else "plain"
    return theme.paint(head, "dim") + theme.paint(said, role)


def summary(job: Json, theme: Theme, now: datetime) -> Iterator[str]:
    """How a job ended, in a line or, when it failed, in full; of a later run what that one took."""
    beside = ", ".join(waited(job, now))
    took = duration(elapsed_s(job, now)) + (f" (and {beside})" if beside else "")
    title = "The film" if job["pruned_at"] else job["title"] or "The film"
    paid = cost(job) + (" at list prices, charged by nobody" if job["provider"] == "emulator" else "")
    if job["status"] == "completed":
        yield theme.mark(theme.paint(f"✓ {printable(title)}", "good")) + f" is made, in {took}, {paid}."
        if job["pruned_at"]:
            yield f"  {_removed(job)}"
        elif job["provider"] == "emulator":
            yield theme.paint("  Pictures, voice and words are the EMULATOR's, no AI model's.", "warn")
    elif job["status"] == "cancelled":
        yield (
            theme.mark(theme.paint("– Cancelled", "warn")) + f" after {took}, {paid}. What was made is kept."
        )
    elif job["status"] == "failed":
        stage = STAGE_NAMES.get(job["failure"]["stage"] or "", "")
        where = f" at {stage}" if stage else ""
        yield (
            theme.mark(theme.paint("✗ Failed", "bad"))
            + f"{where} after {took}, {paid}. What was made is kept."
        )
        yield ""
        yield from failure_lines(job["failure"], theme)
