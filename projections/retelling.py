"""A public event back into the domain event that it tells of: the inverse of ``timeline.tell``.

With it an exported log (``reelog events JOB --json``) folds into the same job pages as the store's, on any
machine, without the blobs. What only the store needs (fingerprints) is gone; facts and provenance, which lie
flat together in an event's ``data``, are both found in both: pages of assets hold them mixed.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

from domain.asset import Asset
from domain.job import Job
from domain.store import Recorded

EVENTS: Mapping[str, type[Any]] = {
    topic: event
    for aggregate in (Job, Asset)
    for event in vars(aggregate).values()
    if isinstance(event, type) and (topic := vars(event).get("TOPIC")) is not None
}
_FIELDS = {
    topic: {field.name: get_type_hints(kind)[field.name] for field in dataclasses.fields(kind)}
    for topic, kind in EVENTS.items()
}
_DEFAULTED = {
    topic: {field.name for field in dataclasses.fields(kind) if field.default is not dataclasses.MISSING}
    for topic, kind in EVENTS.items()
}
"""What logs that were exported by an older version may not tell."""
_FLAT = frozenset({"facts", "provenance"})


class NotAnEventError(ValueError):
    """Not an event as Reelog tells it; the message says what is wrong."""


def retold(told: Iterable[Mapping[str, Any]]) -> Iterator[Recorded]:
    """The events of an exported log, in its order. NotAnEventError where one cannot be read."""
    versions: Counter[UUID] = Counter()
    for event in told:
        try:
            yield _retold(event, versions)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotAnEventError(f"this is no event of Reelog ({error!r})") from error


def _retold(told: Mapping[str, Any], versions: "Counter[UUID]") -> Recorded:
    kind = EVENTS[told["type"]]
    reference = told["asset"] or {}
    originator = UUID(reference.get("id") or told["job_id"])
    versions[originator] += 1
    data = told["data"]
    known = {
        **dict.fromkeys(_FLAT, data),
        **data,
        **{name: reference.get(name) for name in ("kind", "scene", "revision")},
        "beat": reference.get("beat", 1),  # an export of before there were beats tells of none
        "originator_topic": Asset.TOPIC if reference else Job.TOPIC,
        "originator_id": originator,
        "originator_version": versions[originator],
        "timestamp": told["occurred_at"],
        "job_id": told["job_id"],
        "run": told["run"],
        "causation": told["causation"],
    }
    if "stage" not in data:
        known["stage"] = told["stage"]
    values = {
        name: _value(known.get(name), hint)
        for name, hint in _FIELDS[told["type"]].items()
        if name in known or name not in _DEFAULTED[told["type"]]
    }
    return Recorded(told["position"], kind(**values))


def _value(value: Any, hint: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if hint in (datetime, datetime | None):
        return datetime.fromisoformat(value)
    return UUID(value) if hint is UUID else value
