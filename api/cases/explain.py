"""What was decided for a job when an event had just happened, and what everything else waited for.

Decided again by the workflow, from the public events alone: so the log of another machine is explained alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cases.events import all_events
from api.cases.jobs import GetJobRequest, get_job
from api.composition import System
from domain.film import Film
from domain.history import explain as decisions_of
from projections.retelling import retold

Json = dict[str, Any]


@dataclass(frozen=True)
class ExplainRequest:
    """``at``: after the event at this position; None: now."""

    job_id: UUID
    at: int | None = None


@dataclass(frozen=True)
class Explanation:
    """``after`` is the last event of the job until then; ``decisions`` are sentences."""

    job_id: UUID
    created: Json
    after: Json
    decisions: list[str]

    def to_json(self) -> Json:
        return {
            "job_id": str(self.job_id),
            "at": self.after["position"],
            "after": self.after,
            "decisions": self.decisions,
        }


def explain(system: System, request: ExplainRequest) -> Explanation:
    """What is decided at a moment. Refusals ``job_not_found`` and those of positions. Blocks."""
    # Says so where there is no such job, or the moment has not come.
    get_job(system, GetJobRequest(request.job_id, request.at))
    events = list(all_events(system, request.job_id))
    return explain_events(events, request)


def explain_events(events: Sequence[Json], request: ExplainRequest) -> Explanation:
    """The same, from the public events of the job."""
    until = [event for event in events if request.at is None or event["position"] <= request.at]
    film = Film(recorded.event for recorded in retold(until))
    return Explanation(request.job_id, until[0], until[-1], decisions_of(film))
