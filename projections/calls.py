"""Every paid call that ended: how the models are doing, and what answers have taken so far.

One row for each attempt at a provider's asset. The newest rows of a model tell its health (``/v1/models``),
those that succeeded tell what an answer takes for a text of some length (``/v1/estimate``). Attempts that we
ended ourselves (cancelled, or overtaken by another) say nothing of the model and are left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from domain.asset import Asset, AssetKey
from domain.expectation import MODALITY, Sample, counted
from domain.plain import count
from domain.script import Kind
from domain.store import Recorded
from domain.tombstones import bytes_in
from projections.job_fold import JobFold
from projections.wire import iso

RECENT = 100
"""How many of the newest calls a model's health is judged by."""
OURS = frozenset({"cancelled", "superseded"})
LOST = "call_lost"

Row = tuple[int, str, str, str, str, str | None, float | None, int, int, int, int, int]


@dataclass(frozen=True)
class Call:
    """One ended call, newest first in lists. ``error`` is None where it succeeded."""

    ended_at: str
    error: str | None
    seconds: float | None
    sample: Sample


def rows(recorded: Recorded, fold: JobFold) -> Iterator[Row]:
    """The row that the end of an attempt adds, if that was a paid call; ``fold`` is the job after it."""
    event = recorded.event
    asset = fold.asset
    assert asset is not None
    model = asset.recipe.model
    if not asset.is_paid or model is None:
        return
    error, seconds = _outcome(event)
    if error in OURS:
        return
    text_bytes, scenes = _size(fold, asset.key)
    ended_at = iso(event.timestamp)
    assert ended_at is not None
    yield (
        recorded.position,
        fold.job.provider,
        model,
        asset.key.kind.value,
        ended_at,
        error,
        seconds,
        text_bytes,
        scenes,
        *_tokens(asset.key.kind, getattr(event, "usage", None) or {}),
    )


def _outcome(event: Any) -> tuple[str | None, float | None]:
    if isinstance(event, Asset.Generated):
        return None, event.latency_s
    if isinstance(event, Asset.AttemptLost):
        return LOST, None
    return event.failure["code"], event.failure.get("elapsed_s")


def _size(fold: JobFold, key: AssetKey) -> tuple[int, int]:
    """The bytes of the text that the call is about, and how many scenes or pictures (0: not known)."""
    film_scenes = fold.film.scenes or ()
    scenes = counted(key.kind, len(film_scenes), sum(scene.beats for scene in film_scenes))
    facts = fold.film.scene_facts(key.scene) if key.kind is Kind.NARRATION and key.scene else None
    if facts is not None:
        return bytes_in(facts["text"]), scenes
    return bytes_in(fold.film.script), scenes


def _tokens(kind: Kind, usage: dict[str, Any]) -> tuple[int, int, int]:
    """Tokens of the prompt, of the answer in its own modality, and all others (thoughts, words beside it)."""
    output = count(usage.get("output_tokens"))
    told = (usage.get("by_modality") or {}).get(MODALITY[kind])
    own = output if told is None else count(told)
    other = max(0, output - own) + count(usage.get("thoughts_tokens"))
    return count(usage.get("prompt_tokens")), own, other


def health(calls: Iterable[Call]) -> dict[str, Any]:
    """``{calls, errors: {code: n}, last_success_at, last_error_at, median_latency_s}`` of some calls."""
    listed = list(calls)
    good = [call for call in listed if call.error is None]
    bad = [call for call in listed if call.error is not None]
    latencies = [call.seconds for call in good if call.seconds is not None]
    return {
        "calls": len(listed),
        "errors": dict(Counter(call.error for call in bad)),
        "last_success_at": max((call.ended_at for call in good), default=None),
        "last_error_at": max((call.ended_at for call in bad), default=None),
        "median_latency_s": round(median(latencies), 3) if latencies else None,
    }
