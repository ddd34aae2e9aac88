"""Whether the workflow of today would have decided the same for a job, event by event, and where not.

Every decision on record is held against what the workflow of this version decides from the events before it.
A log that an older version wrote is audited alike: where the two versions decide differently, that difference
is what is found, so whoever reads it must know which version ran the job.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cases.events import all_events
from api.composition import System
from domain.history import is_decision, replay_decisions
from projections.retelling import retold

Json = dict[str, Any]


@dataclass(frozen=True)
class AuditRequest:
    job_id: UUID


@dataclass(frozen=True)
class Difference:
    """A decision on record that would not be made today; ``event`` is the one that recorded it."""

    event: Json
    decides: list[str]
    """What the workflow of today decides there, in sentences; empty: nothing."""

    def to_json(self) -> Json:
        named = {name: self.event[name] for name in ("position", "type", "message")}
        return {**named, "decides": self.decides}


@dataclass(frozen=True)
class Audit:
    """``decisions`` were held against the workflow, and ``differences`` found; the log was read ``until``."""

    job_id: UUID
    until: int
    decisions: int
    differences: list[Difference]

    @property
    def agrees(self) -> bool:
        return not self.differences

    def to_json(self) -> Json:
        return {
            "job_id": str(self.job_id),
            "until": self.until,
            "decisions": self.decisions,
            "differences": len(self.differences),
            "agrees": self.agrees,
        }


def audit(system: System, request: AuditRequest) -> Audit:
    """Audit a job as far as it has come. Refusals ``job_not_found``, ``job_set_aside``. Blocks."""
    return audit_events(all_events(system, request.job_id), request)


def audit_events(events: Iterable[Json], request: AuditRequest) -> Audit:
    """The same, from the public events of the job."""
    public = list(events)
    log = [(recorded.position, recorded.event) for recorded in retold(public)]
    differences = [Difference(public[found.index], found.decides) for found in replay_decisions(log)]
    decisions = sum(is_decision(event) for _, event in log)
    return Audit(request.job_id, public[-1]["position"], decisions, differences)
