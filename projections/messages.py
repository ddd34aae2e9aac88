"""Each event as a sentence of plain English.

The sentence is part of what is stored and never changes later, so it is made from the event alone and from
what was known of its asset at that moment. Rejected: sentences made by each client, which would differ.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from domain.analysis_facts import SceneFacts
from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import Kind
from domain.tombstones import is_tombstone, words_in

_MINUTE = 60
REMARKS_TOLD = 2
_NAMES = {Kind.ANALYSIS: "script analysis", Kind.AUDIO_PLAN: "audio plan"}
_MADE = {
    Kind.SCRIPT: "written",
    Kind.ANALYSIS: "written",
    Kind.STORYBOARD: "written",
    Kind.IMAGE: "drawn",
    Kind.SHOT: "filmed",
    Kind.AUDIO_PLAN: "written",
    Kind.NARRATION: "spoken",
    Kind.MUSIC: "composed",
    Kind.CLIP: "rendered",
    Kind.TRANSITION: "rendered",
    Kind.SOUNDTRACK: "mixed",
    Kind.CAPTIONS: "timed",
    Kind.VIDEO: "joined",
    Kind.POSTER: "made",
    Kind.MANIFEST: "written",
}


def sentence(event: Any, asset: Asset | None) -> str:
    """What happened, for a person; ``asset`` is the event's asset after the event, None for the job's own."""
    if asset is None:
        return _JOB[type(event)](event)
    return _ASSET[type(event)](event, asset)


def _subject_of(asset: Asset) -> str:
    """Scenes keep their numbers in whatever order they play: its inputs tell what a transition joins."""
    key = asset.key
    if key.kind is not Kind.TRANSITION:
        return subject(key)
    joined = (AssetKey.parse(name).scene for name in asset.inputs)
    return subject(key, next((scene for scene in joined if scene not in (None, key.scene)), None))


@lru_cache(1024)
def subject(key: AssetKey, after: int | None = None) -> str:
    """``Scene 2: image``, ``Scene 2: image 3``, ``Scenes 2 and 3: transition``, ``Storyboard``.

    ``after``: the scene that a transition leads to, where that is not the next number.
    """
    name = _NAMES.get(key.kind, key.kind.value)
    if key.scene is None:
        return name[0].upper() + name[1:]
    if key.kind is Kind.TRANSITION:
        return f"Scenes {key.scene} and {after or key.scene + 1}: {name}"
    return f"Scene {key.scene}: {name}{f' {key.beat}' if key.beat > 1 else ''}"


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def _duration(value: float) -> str:
    """Of minutes and more, where seconds say nothing."""
    whole = round(value)
    if whole < _MINUTE:
        return seconds(value)
    hours, minutes = divmod(round(whole / _MINUTE), _MINUTE)
    told = [_plural(hours, "hour")] if hours else []
    return " ".join(told + ([_plural(minutes, "minute")] if minutes else []))


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _stage(event: Any) -> str:
    name: str = event.stage.replace("_", " ")
    return name[0].upper() + name[1:]


def _cost(cost_usd: float | None) -> str:
    return f", USD {cost_usd:.4f}" if cost_usd else ""


def _reason(failure: dict[str, Any]) -> str:
    return f"{failure['code']}: {str(failure['message']).strip().rstrip('.')}"


# ---- the job's own events ---------------------------------------------------------------------------


def _submitted(event: Any) -> str:
    topic = ((event.given or {}).get("topic") or {}).get("about")
    asked = f"a script of {_plural(words_in(event.script), 'word')}"
    if topic is not None:
        asked = f"a script to be written on a topic of {_plural(words_in(topic), 'word')}"
    origin = f", forked from job {event.forked_from['job_id']}" if event.forked_from else ""
    if (translated_from := (event.given or {}).get("translated_from")) is not None:
        origin += f", translated from {translated_from} into {event.language}"
    return f"Job submitted: {asked}, to be made with {event.provider}{origin}"


def _stage_completed(event: Any) -> str:
    return (
        f"{_stage(event)} completed: {_plural(event.assets, 'asset')} in {seconds(event.elapsed_s)}"
        f"{_cost(event.cost_usd)}"
    )


def _reopened(event: Any) -> str:
    budget = f" with a budget of USD {event.max_cost_usd:g}" if event.max_cost_usd is not None else ""
    return f"Job reopened to {event.reason}: run {event.run} begins{budget}"


def _approved(event: Any) -> str:
    budget = f" with a budget of USD {event.max_cost_usd:g}" if event.max_cost_usd is not None else ""
    return f"Approved: the {event.review}; the job goes on{budget}"


def _renamed(event: Any) -> str:
    if event.title is None:
        return f"Renamed by {event.caller}: called as its analysis has it again"
    if is_tombstone(event.title):
        return f"Renamed by {event.caller}"
    return f"Renamed to “{event.title}” by {event.caller}"


def _prune_started(event: Any) -> str:
    return f"Pruning started: the texts of {_plural(event.texts, 'event')} are removed"


def _pruned(event: Any) -> str:
    kept = f"; {_plural(len(event.kept), 'file')} kept, which other jobs use" if event.kept else ""
    return f"Job pruned: {_plural(len(event.removed), 'file')} removed{kept}"


_JOB: dict[type, Callable[[Any], str]] = {
    Job.Submitted: _submitted,
    Job.StageStarted: lambda e: f"{_stage(e)} started",
    Job.StageCompleted: _stage_completed,
    Job.CancelRequested: lambda _: "Cancellation requested: nothing new is started",
    Job.ReviewRequested: lambda e: f"Waiting for approval of the {e.review}",
    Job.Approved: _approved,
    Job.Changed: lambda e: f"Job goes on to {e.reason}, and then waits again",
    Job.Completed: lambda _: "Job completed: the video is ready",
    Job.Failed: lambda e: f"Job failed: {_reason(e.failure)}",
    Job.Cancelled: lambda _: "Job cancelled",
    Job.Reopened: _reopened,
    Job.Resumed: lambda _: "Job resumed after a restart",
    Job.Renamed: _renamed,
    Job.PruneStarted: _prune_started,
    Job.Pruned: _pruned,
}


# ---- events of assets -------------------------------------------------------------------------------


def _requested(event: Any, asset: Asset) -> str:
    again = f" again (revision {event.revision})" if event.revision > 1 else ""
    model = f" from {event.model}" if event.model else ""
    return f"{_subject_of(asset)} requested{again}{model}"


def _reused(event: Any, asset: Asset) -> str:
    return f"{_subject_of(asset)} taken over from job {event.source['job_id']}, at no cost"


def _provided(event: Any, asset: Asset) -> str:
    again = f" (revision {event.revision})" if event.revision > 1 else ""
    changes = "".join(f"; {change}" for change in event.source.get("changes") or ())
    done = "edited" if asset.key.kind is Kind.ANALYSIS else "provided"
    return f"{_subject_of(asset)} {done} by {event.caller}{again}{changes}"


def _attempt_started(event: Any, asset: Asset) -> str:
    model = f" with {asset.recipe.model}" if asset.recipe.model else ""
    return f"{_subject_of(asset)}: attempt {event.attempt} started{model}"


def _call_accepted(event: Any, asset: Asset) -> str:  # noqa: ARG001 - as the others
    return f"{_subject_of(asset)}: the call was accepted by {asset.recipe.model or 'the provider'}"


def _attempt_resumed(event: Any, asset: Asset) -> str:
    return f"{_subject_of(asset)}: attempt {event.attempt} goes on with the accepted call, in another worker"


def _attempt_failed(event: Any, asset: Asset) -> str:
    told = f"{_subject_of(asset)}: attempt {event.attempt} failed ({_reason(event.failure)})"
    if event.retry_at is None:
        return told
    wait = max(0.0, (event.retry_at - event.timestamp).total_seconds())
    if event.retry_until is None:
        return f"{told}; the next one in {seconds(wait)}"
    left = max(0.0, (event.retry_until - event.timestamp).total_seconds())
    return f"{told}; tried again at {_hour(event.retry_at)}, for up to {_duration(left)}"


def _attempt_lost(event: Any, asset: Asset) -> str:
    billed = "; the call may have been billed" if event.may_have_been_billed else ""
    return f"{_subject_of(asset)}: attempt {event.attempt} was lost with its worker{billed}"


def _generated(event: Any, asset: Asset) -> str:
    model = event.provenance.get("model") or asset.recipe.model
    by = f" by {model}" if model else ""
    scenes, done = (
        (event.facts.get("scenes") if asset.key.kind is Kind.ANALYSIS else None),
        _MADE[asset.key.kind],
    )
    found = f": {_found(scenes)}" if scenes else ""
    if asset.key.kind is Kind.SCRIPT:
        found = f": {_written(event.facts)}"
        done = "translated" if "translated_from" in event.facts else done
    return (
        f"{_subject_of(asset)} {done}{by} in {seconds(event.latency_s)}"
        f"{_cost(event.cost_usd)}{found}{_remarks(event.facts)}"
    )


def _written(facts: dict[str, Any]) -> str:
    """How long it is, and that nobody has looked its facts up."""
    sources = len(facts.get("sources") or ())
    named = f", {_plural(sources, 'source')} named and not checked" if sources else ""
    texts = [facts["text"]] if "text" in facts else [scene["text"] for scene in facts["scenes"]]
    return _plural(sum(map(words_in, texts)), "word") + named


def _found(scenes: list[SceneFacts]) -> str:
    """How many scenes, and how many pictures where there are more."""
    pictures = sum(len(scene.get("beats") or "1") for scene in scenes)
    told = _plural(len(scenes), "scene")
    return told if pictures == len(scenes) else f"{told}, {pictures} pictures"


def _remarks(facts: dict[str, Any]) -> str:
    """What is remarkable about it and no fault."""
    remarks = facts.get("remarks") or []
    told = [
        remark["message"] if remark["at_s"] is None else f"{remark['message']} (at {seconds(remark['at_s'])})"
        for remark in remarks[:REMARKS_TOLD]
    ]
    more = len(remarks) - len(told)
    return "".join(f"; {text}" for text in told) + (f"; and {more} more" if more else "")


def _failed(event: Any, asset: Asset) -> str:
    if event.failure["code"] == "withdrawn":
        return f"{_subject_of(asset)} withdrawn: the job ended before it was made"
    return f"{_subject_of(asset)} failed for good ({_reason(event.failure)})"


_ASSET: dict[type, Callable[[Any, Asset], str]] = {
    Asset.Requested: _requested,
    Asset.Reused: _reused,
    Asset.Provided: _provided,
    Asset.AttemptStarted: _attempt_started,
    Asset.CallAccepted: _call_accepted,
    Asset.AttemptResumed: _attempt_resumed,
    Asset.AttemptFailed: _attempt_failed,
    Asset.AttemptLost: _attempt_lost,
    Asset.Generated: _generated,
    Asset.Failed: _failed,
}
