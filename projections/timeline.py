"""The public form of an event: the same object in REST, in SSE and on the command line.

An event is told once, when it is projected, with the progress and the sentence that were true then, and what
it says never changes later. So a client that resumes, a client that replays and a client that watched live
have read exactly the same.
"""

import dataclasses
from dataclasses import MISSING
from datetime import datetime
from typing import Any, get_type_hints

from domain.asset import Asset
from domain.progress import Progress
from domain.statuses import JobStatus
from domain.store import Recorded
from projections.asset_library import AssetFold
from projections.messages import sentence
from projections.wire import iso, text_of

TERMINAL = frozenset(f"job.{status}" for status in JobStatus if status.ended)
"""No work follows these in a run; ``job.reopened`` may begin the next."""

# What every event has, told outside ``data``, or that only the store needs.
_ENVELOPE = frozenset(
    {"originator_id", "originator_version", "originator_topic", "timestamp", "job_id", "run", "causation"}
)
_ABOUT_ASSET = frozenset({"kind", "scene", "beat", "revision"})
_HIDDEN = frozenset({"fingerprint", "idempotency_key"})
_FLAT = frozenset({"facts", "provenance"})
_NOT_OF_JOB = _ENVELOPE | _HIDDEN
_NOT_OF_ASSET = _NOT_OF_JOB | _ABOUT_ASSET


def public_event(recorded: Recorded, about: AssetFold | None, progress: Progress) -> dict[str, Any]:
    """The event as the public sees it; the asset that it is ``about`` and ``progress`` as after it."""
    event = recorded.event
    asset = about.asset if about else None
    return {
        "position": recorded.position,
        "type": type(event).TOPIC,
        "job_id": about.job_id if about else text_of(event.job_id),
        "run": event.run,
        "stage": about.stage if about else getattr(event, "stage", None),
        "asset": {**about.about, "revision": event.revision} if about else None,
        "occurred_at": iso(event.timestamp),
        "causation": event.causation,
        "message": sentence(event, asset),
        "progress": progress.shown,
        "eta_s": progress.eta_s,
        "data": data_of(event, asset),
    }


def data_of(event: Any, asset: Asset | None) -> dict[str, Any]:
    """What the event says besides its envelope. Facts and provenance of a made asset lie flat in it."""
    told = _NOT_OF_ASSET if asset else _NOT_OF_JOB
    data: dict[str, Any] = {
        name: iso(value) if type(value) is datetime else value
        for name, value in vars(event).items()
        if name not in told
    }
    if asset is not None and type(event) is Asset.AttemptStarted:
        data["model"] = asset.recipe.model
    if "facts" not in data:
        return data
    facts: dict[str, Any] = data.pop("facts")
    provenance: dict[str, Any] = data.pop("provenance", {})
    # The event's own fields come last: a fact of the same name must not hide the digest or the cost.
    return {**facts, **provenance, **data}


def data_fields(event: type[Any], *, of_asset: bool) -> dict[str, tuple[Any, bool]]:
    """What ``data_of`` gives of events of this class: the type of each field, and whether it is always there.

    A field with a default came later: older events were stored without it. Facts and provenance differ from
    one kind of asset to the next.
    """
    told = _FLAT | (_NOT_OF_ASSET if of_asset else _NOT_OF_JOB)
    hints = get_type_hints(event)
    fields = {
        f.name: (hints[f.name], f.default is MISSING and f.default_factory is MISSING)
        for f in dataclasses.fields(event)
        if f.name not in told
    }
    return fields | ({"model": (str | None, True)} if event is Asset.AttemptStarted else {})


def is_open(event: type[Any]) -> bool:
    """Whether facts, by the kind of the asset, stand beside the fields."""
    return any(f.name in _FLAT for f in dataclasses.fields(event))
