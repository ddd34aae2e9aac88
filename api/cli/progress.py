"""One job as a few calm lines: its stages, its scenes filling up, its time and money, what just happened.

A pure function of the job, the events told so far and the time, so that a test can look at the picture.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.cli.text import Role, Theme, cells, fit, money, pad, pad_left, printable
from api.durations import duration, roughly

Json = dict[str, Any]

STAGE_NAMES = {
    "script_writing": "Script",
    "script_analysis": "Script analysis",
    "prompt_generation": "Storyboard",
    "image_generation": "Images",
    "video_generation": "Shots",
    "audio_planning": "Audio plan",
    "narration": "Narration",
    "music": "Music",
    "composition": "Composition",
}
_PART_OF = {
    "image_generation": "image",
    "video_generation": "shot",
    "narration": "narration",
    "composition": "clip",
}
"""The stages that make something for each scene, and what."""
_SPINNER = "◜◝◞◟"
_STAGE_MARKS: dict[str, tuple[str, Role]] = {
    "pending": ("·", "dim"),
    "running": ("◐", "busy"),
    "completed": ("✓", "good"),
    "failed": ("✗", "bad"),
    "stopped": ("–", "dim"),
    "skipped": ("–", "dim"),
}
_PART_MARKS: dict[str, tuple[str, Role]] = {
    "pending": ("·", "dim"),
    "requested": ("○", "plain"),
    "running": ("◐", "busy"),
    "waiting": ("↻", "warn"),
    "generated": ("●", "good"),
    "failed": ("✗", "bad"),
    "withdrawn": ("–", "dim"),
}
_NAME_WIDTH = 18
_NUMBERS_WIDTH = 21
_BAR_WIDTH = 32
_NARROW = 56
"""Below it there is room for names and marks alone."""
_WAITS = {"queued": "queued", "awaiting_review": "in review"}
_MOST_WAITS = 3


_WORK_BEGINS = frozenset({"job.stage_started", "job.approved", "job.changed", "job.reopened"})
_WORK_ENDS = frozenset({"job.review_requested", "job.completed", "job.failed", "job.cancelled"})


@dataclass
class Work:
    """Seconds of work on the latest run, by its events: what ``elapsed`` of the job says at each of them."""

    seconds: float = 0.0
    since: datetime | None = None
    """When the work began that lasts; None while there is none."""

    def apply(self, event: Json) -> None:
        at = moment(event["occurred_at"])
        if event["type"] == "job.reopened":
            self.seconds, self.since = 0.0, None
        if event["type"] in _WORK_BEGINS:
            self.since = self.since or at
        elif event["type"] in _WORK_ENDS:
            self.seconds, self.since = self.until(at), None

    def until(self, at: datetime) -> float:
        lasting = max(0.0, (at - self.since).total_seconds()) if self.since else 0.0
        return self.seconds + lasting


@dataclass
class Story:
    """What is known of a job: its newest page, and what its events said that the page does not hold."""

    job: Json
    last: str = ""
    note: str = ""
    """What a job waits for that is queued or being cancelled, where that is known."""
    trouble: str = ""
    """What keeps the job from going on now; goes before all else that could be told."""
    eta_s: float | None = None
    told_at: datetime | None = None
    work: Work = field(default_factory=Work)
    waits: dict[str, Json] = field(default_factory=dict)
    """The failed attempts that will be followed by another, by asset."""

    def apply(self, event: Json) -> None:
        self.last = event["message"]
        self.eta_s = event["eta_s"]
        self.told_at = moment(event["occurred_at"])
        self.work.apply(event)
        asset = event["asset"]
        if asset is not None:
            self.waits.pop(asset["id"], None)
            if event["type"] == "asset.attempt_failed" and event["data"].get("retry_at"):
                self.waits[asset["id"]] = event
        elif event["type"] in {"job.completed", "job.failed", "job.cancelled"}:
            self.waits.clear()


def moment(text: str) -> datetime:
    """A time of the API."""
    return datetime.fromisoformat(text)


def picture(story: Story, now: datetime, width: int, theme: Theme, frame: int = 0) -> list[str]:
    """The lines to show; none is wider than ``width`` columns."""
    job = story.job
    lines = [_title(job, width, theme), ""]
    lines += [_stage(stage, job, now, width, theme, frame) for stage in job["stages"]]
    lines += ["", _totals(story, now, width, theme)]
    lines += [_wait(event, now, width, theme) for event in list(story.waits.values())[-_MOST_WAITS:]]
    if len(story.waits) > _MOST_WAITS:
        lines.append(theme.paint(f"  and {len(story.waits) - _MOST_WAITS} more are waiting", "warn"))
    waiting = job["status"] == "queued" or (job["status"] == "running" and job["cancel_requested"])
    last = story.trouble or (story.note if story.note and waiting else story.last)
    lines.append(theme.paint("  " + fit(last, width - 2), "dim"))
    return [theme.mark(line) for line in lines]


def spent_s(job: Json, status: str, now: datetime) -> float:
    """Seconds of its latest run for which a job had this status, until now."""
    elapsed = job.get("elapsed") or {}  # read models that an older version made lack it
    lasting = 0.0
    if job["status"] == status and elapsed.get("since"):
        lasting = max(0.0, (now - moment(elapsed["since"])).total_seconds())
    return float(elapsed.get(f"{status}_s", 0.0)) + lasting


def elapsed_s(job: Json, now: datetime) -> float:
    """Seconds of work on the latest run; what it waits, for its turn or a person, is told beside it."""
    return spent_s(job, "running", now)


def waited(job: Json, now: datetime) -> list[str]:
    """``3 min 00 s in review``: for what the latest run waited, and how long; not what it waits for now."""
    spent = {words: spent_s(job, status, now) for status, words in _WAITS.items() if status != job["status"]}
    return [f"{duration(value)} {words}" for words, value in spent.items() if value >= 1]


def film_name(job: Json) -> str:
    """What a film is called, as far as it is known; of one that was pruned the name is gone too."""
    if job.get("pruned_at"):
        return f"(removed on {job['pruned_at'][:10]})"
    return str(job.get("title") or "")


def _title(job: Json, width: int, theme: Theme) -> str:
    begun = str(job.get("text") or "") if job["finished_at"] else ""
    name = film_name(job) or begun or "A film in the making"
    badge = "EMULATOR" if job["provider"] == "emulator" else job["provider"]
    room = width - cells(badge) - 6
    left = fit(name, room)
    gap = " " * max(2, min(width, 78) - cells(left) - cells(badge) - 2)
    return (
        f"  {theme.paint(left, 'strong')}{gap}{theme.paint(badge, 'warn' if badge == 'EMULATOR' else 'dim')}"
    )


def _stage(stage: Json, job: Json, now: datetime, width: int, theme: Theme, frame: int) -> str:
    status = stage["status"]
    symbol, role = _STAGE_MARKS.get(status, ("·", "plain"))
    if status == "running":
        symbol = _SPINNER[frame % len(_SPINNER)]
    name = STAGE_NAMES.get(stage["name"]) or str(stage["name"])
    name = theme.paint(pad(fit(name, width - 4), _NAME_WIDTH), "dim" if role == "dim" else "plain")
    if width < _NARROW:
        middle = _scenes(stage, job, max(0, width - _NAME_WIDTH - 5), theme)
        return f"  {theme.paint(symbol, role)} {name} {middle}".rstrip()
    room = max(0, min(width, 78) - _NAME_WIDTH - _NUMBERS_WIDTH - 6)
    middle = _scenes(stage, job, room, theme)
    numbers = f"{pad_left(_stage_time(stage, now), 11)}  {pad_left(_stage_cost(stage), 8)}"
    return f"  {theme.paint(symbol, role)} {name} {pad(middle, room)} {theme.paint(numbers, 'dim')}".rstrip()


def _scenes(stage: Json, job: Json, room: int, theme: Theme) -> str:
    """The marks of the stage's scenes, or how many there are done when they do not fit."""
    if stage["status"] == "skipped":
        return theme.paint(fit("left out", room), "dim")
    if stage["name"] == "script_analysis" and job["scenes"]:
        return theme.paint(fit(counted(len(job["scenes"]), "scene"), room), "dim")
    parts = _parts(stage["name"], job["scenes"])
    done = f"{stage['done']}/{stage['assets']}" if stage["assets"] and stage["assets"] > 1 else ""
    if not parts:
        return theme.paint(fit(done, room), "dim")
    spaced = 2 * len(parts) - 1 + 1 + len(done) <= room
    if not spaced and len(parts) > room:
        return theme.paint(fit(done, room), "dim")
    marks = [theme.paint(*_PART_MARKS.get(p["status"], ("?", "plain"))) for p in parts]
    if not spaced:
        return "".join(marks)
    # The composition makes more than its clips; for the others the marks say it all.
    more = f" {theme.paint(done, 'dim')}" if stage["name"] == "composition" else ""
    return " ".join(marks) + more


def _parts(stage: str, scenes: list[Json]) -> list[Json]:
    """What the stage makes of each scene: one thing, or its pictures and shots."""
    part = _PART_OF.get(stage)
    if part == "image":
        return [image for scene in scenes for image in scene.get("images", [scene["image"]])]
    if part == "shot":
        return [shot for scene in scenes for shot in scene.get("shots", ())]
    return [scene[part] for scene in scenes if scene[part]] if part else []


def _stage_time(stage: Json, now: datetime) -> str:
    if stage["elapsed_s"] is not None:
        return duration(stage["elapsed_s"])
    if stage["status"] == "running" and stage["started_at"]:
        return duration(max(0.0, (now - moment(stage["started_at"])).total_seconds()))
    return ""


def _stage_cost(stage: Json) -> str:
    if stage["cost_usd"]:
        return money(stage["cost_usd"])
    return "unpriced" if stage["unpriced"] else ""


def _totals(story: Story, now: datetime, width: int, theme: Theme) -> str:
    job = story.job
    progress = job["progress"]
    parts = [
        f"{int(progress * 100):3} %",
        duration(elapsed_s(job, now)),
        *waited(job, now),
        _left(story, now),
        cost(job),
    ]
    told = "   ".join(part for part in parts if part)
    room = min(_BAR_WIDTH, width - cells(told) - 5)
    if room < 8:  # noqa: PLR2004 - a shorter bar says nothing
        return "  " + fit(told, width - 2)
    done = round(room * progress)
    role: Role = {"failed": "bad", "cancelled": "dim", "completed": "good"}.get(job["status"], "busy")  # type: ignore[assignment]
    return f"  {theme.paint('━' * done, role)}{theme.paint('─' * (room - done), 'dim')} {told}"


def _left(story: Story, now: datetime) -> str:
    """The time that remains, counted down since it was told; nothing while nothing measured supports it."""
    status = story.job["status"]
    if status in _WAITS:
        return f"{status} for {duration(spent_s(story.job, status, now))}"
    if status != "running":
        return str(status)
    if story.eta_s is None or story.told_at is None:
        return ""
    left = story.eta_s - (now - story.told_at).total_seconds()
    if left < 1:
        return "any moment"
    return f"{roughly(left)} left"


def cost(job: Json) -> str:
    """What the job has cost, of what it may cost; calls without a known price are named, not counted as 0.

    Of calls whose cost nobody learnt it says what they cost at most.
    """
    spent = job["cost"]
    told = money(spent["usd"])
    if spent["unknown_usd"]:
        told += f", at most {money(spent['usd'] + spent['unknown_usd'])}"
    if spent["max_usd"] is not None:
        told += f" of {money(spent['max_usd'])}"
    if spent["unpriced"]:
        told += f" + {spent['unpriced']} unpriced"
    if spent["lost_calls"]:
        told += f" ({counted(spent['lost_calls'], 'lost call')})"
    return told


def _wait(event: Json, now: datetime, width: int, theme: Theme) -> str:
    asset, data = event["asset"], event["data"]
    name = asset["kind"].replace("_", " ")
    where = f"Scene {asset['scene']} {name}" if asset["scene"] else name.capitalize()
    left = max(0.0, (moment(data["retry_at"]) - now).total_seconds())
    when = f"attempt {data['attempt'] + 1} {f'in {math.ceil(left)} s' if left else 'now'}"
    if data.get("retry_until"):
        when += f", for up to {duration(max(0.0, (moment(data['retry_until']) - now).total_seconds()))} more"
    failure = data["failure"]
    said = printable(str(failure["message"]))
    return theme.paint("  ↻ " + fit(f"{where}: {when} – {failure['code']}: {said}", width - 4), "warn")


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
