"""The events of a job: what is stored of it, for ever.

The classes' ``TOPIC`` strings *are* the storage format: never change one. A field that comes later needs a
default or an upcast. Decisions add them in ``job.py``.
"""

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.callers import LOCAL
from domain.failures import Failure
from domain.film_graph import SOUND_IN_FILM
from domain.script import Stage
from domain.statuses import JobStatus, StageStatus


class Event(Aggregate.Event):
    job_id: UUID
    run: int
    causation: int | None

    @property
    def occurred_at(self) -> datetime:
        return self.timestamp


class Created(Event, Aggregate.Created):
    """Never stored: the library derives a class of this name, and wants its topic named too."""

    TOPIC: ClassVar[str] = "job.created"


class Submitted(Created):
    TOPIC: ClassVar[str] = "job.submitted"
    class_version: ClassVar[int] = 6
    script: str
    language: str | None
    models: dict[str, str]
    options: dict[str, Any]
    provider: str  # gemini or emulator: pinned for the job's whole life
    max_cost_usd: float | None
    priority: str
    metadata: dict[str, Any]
    weights: dict[str, Any]  # submission.Weights
    fingerprint: str | None  # of the request body, where an idempotency key came with it
    forked_from: dict[str, Any] | None  # {job_id, position}
    # What was told of the script: {code, message}
    notices: list[dict[str, Any]] = field(default_factory=list)
    graph: int = SOUND_IN_FILM  # the version of what is made from what
    given: dict[str, Any] | None = None  # what its author brought: given_scenes.Given
    caller: str = LOCAL  # whose it is: the name of the key that it was submitted with
    traceparent: str | None = None  # the span of its caller that it is part of: traces.read_traceparent

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The first version told nothing of a script."""
        state["notices"] = []

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        """The second version knew one graph only."""
        state["graph"] = SOUND_IN_FILM

    @staticmethod
    def upcast_v3_v4(state: dict[str, Any]) -> None:
        """The third version knew nothing that an author brought."""
        state["given"] = None

    @staticmethod
    def upcast_v4_v5(state: dict[str, Any]) -> None:
        """The fourth version knew one caller only."""
        state["caller"] = LOCAL

    @staticmethod
    def upcast_v5_v6(state: dict[str, Any]) -> None:
        """The fifth version was part of nobody's trace."""
        state["traceparent"] = None


class StageStarted(Event):
    TOPIC: ClassVar[str] = "job.stage_started"
    stage: str

    def apply(self, aggregate: Any) -> None:
        aggregate.stages[Stage(self.stage)] = StageStatus.STARTED
        aggregate.stage_started_at[Stage(self.stage)] = self.timestamp
        aggregate.stage_runs[Stage(self.stage)] = self.run
        aggregate.status = JobStatus.RUNNING
        aggregate.begun = True
        aggregate.started_at = aggregate.started_at or self.timestamp


class StageCompleted(Event):
    """All of a stage is made: how many assets that are, and what they took in this run.

    Version 0.1.0 told requests, tokens and cost of all runs together.
    """

    TOPIC: ClassVar[str] = "job.stage_completed"
    stage: str
    assets: int
    elapsed_s: float
    requests: int
    tokens: int
    cost_usd: float
    unpriced: int  # calls whose price is not known; cost_usd leaves them out

    def apply(self, aggregate: Any) -> None:
        aggregate.stages[Stage(self.stage)] = StageStatus.COMPLETED


class CancelRequested(Event):
    TOPIC: ClassVar[str] = "job.cancel_requested"

    def apply(self, aggregate: Any) -> None:
        aggregate.cancel_requested = True


class Completed(Event):
    TOPIC: ClassVar[str] = "job.completed"

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.COMPLETED
        aggregate.ended_at = self.timestamp


class Failed(Event):
    TOPIC: ClassVar[str] = "job.failed"
    failure: dict[str, Any]

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.FAILED
        aggregate.ended_at = self.timestamp
        aggregate.failure = Failure.from_dict(self.failure)


class Cancelled(Event):
    TOPIC: ClassVar[str] = "job.cancelled"

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.CANCELLED
        aggregate.ended_at = self.timestamp


class ReviewRequested(Event):
    """What is to be reviewed is made, and nothing more is ordered until somebody approves it."""

    TOPIC: ClassVar[str] = "job.review_requested"
    review: str  # script, storyboard, narration or images

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.AWAITING_REVIEW
        aggregate.review = self.review


class Approved(Event):
    TOPIC: ClassVar[str] = "job.approved"
    class_version: ClassVar[int] = 2
    review: str
    max_cost_usd: float | None  # the budget from here on; None: as it was
    idempotency_key: str | None
    fingerprint: str | None
    traceparent: str | None = None  # the span of who approved it

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The first version was part of nobody's trace."""
        state["traceparent"] = None

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.RUNNING
        aggregate.begun = False
        aggregate.review = None
        aggregate.approved.append(self.review)
        if self.max_cost_usd is not None:
            aggregate.max_cost_usd = self.max_cost_usd
        if self.idempotency_key is not None and self.fingerprint is not None:
            aggregate.reopened_for[self.idempotency_key] = self.fingerprint


class Changed(Event):
    """Something was changed while the job waited: that is made at once, and then it waits again."""

    TOPIC: ClassVar[str] = "job.changed"
    class_version: ClassVar[int] = 2
    reason: str  # regenerate, provide or edit
    idempotency_key: str | None
    fingerprint: str | None
    traceparent: str | None = None  # the span of who changed it

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The first version was part of nobody's trace."""
        state["traceparent"] = None

    def apply(self, aggregate: Any) -> None:
        aggregate.status = JobStatus.RUNNING
        aggregate.begun = False
        aggregate.review = None
        if self.idempotency_key is not None and self.fingerprint is not None:
            aggregate.reopened_for[self.idempotency_key] = self.fingerprint


class Reopened(Event):
    TOPIC: ClassVar[str] = "job.reopened"
    class_version: ClassVar[int] = 5
    reason: str  # retry, regenerate, provide or edit
    max_cost_usd: float | None  # the budget from here on, for all runs together; None: as it was
    # Where an idempotency key came with the request: a UUID made from it, and of what was asked for.
    idempotency_key: str | None = None
    fingerprint: str | None = None
    graph: int = SOUND_IN_FILM  # the version of what is made from what, from here on
    traceparent: str | None = None  # the span of its caller that this run is part of; None: as the job is

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The first version could not change the budget."""
        state["max_cost_usd"] = None

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        """The second version knew no idempotency key."""
        state |= {"idempotency_key": None, "fingerprint": None}

    @staticmethod
    def upcast_v3_v4(state: dict[str, Any]) -> None:
        """The third version knew one graph only."""
        state["graph"] = SOUND_IN_FILM

    @staticmethod
    def upcast_v4_v5(state: dict[str, Any]) -> None:
        """The fourth version was part of the job's trace always."""
        state["traceparent"] = None

    def apply(self, aggregate: Any) -> None:
        aggregate.run = self.run
        aggregate.graph = self.graph
        aggregate.traceparent = self.traceparent or aggregate.submitted_in
        if self.max_cost_usd is not None:
            aggregate.max_cost_usd = self.max_cost_usd
        if self.idempotency_key is not None and self.fingerprint is not None:
            aggregate.reopened_for[self.idempotency_key] = self.fingerprint
        aggregate.status = JobStatus.RUNNING
        aggregate.begun = False
        aggregate.review = None
        aggregate.failure = None
        aggregate.ended_at = None
        aggregate.cancel_requested = False
        # What was under way is started again by the new run; what was complete stays so until it is not.
        aggregate.stages = {s: v for s, v in aggregate.stages.items() if v == StageStatus.COMPLETED}


class Resumed(Event):
    TOPIC: ClassVar[str] = "job.resumed"
    director: str  # boot id of the Director that took over

    def apply(self, aggregate: Any) -> None:
        aggregate.director = self.director


class Renamed(Event):
    """Somebody called the film otherwise, at whatever time; nothing is made anew, and no run begins."""

    TOPIC: ClassVar[str] = "job.renamed"
    title: str | None  # None: as its analysis calls it
    caller: str  # who asked for it

    def apply(self, aggregate: Any) -> None:
        aggregate.title = self.title
        aggregate.renamed_by = self.caller
        aggregate.renamed_at = self.timestamp


class PruneStarted(Event):
    """Saved in one transaction with the removal of the job's texts from all of its events."""

    TOPIC: ClassVar[str] = "job.prune_started"
    texts: int  # events in which markers now stand for texts

    def apply(self, aggregate: Any) -> None:
        aggregate.pruned_at = self.timestamp
        aggregate.content = "going"


class Pruned(Event):
    TOPIC: ClassVar[str] = "job.pruned"
    removed: list[str]  # digests whose bytes are gone
    kept: list[str]  # digests that other jobs use, too

    def apply(self, aggregate: Any) -> None:
        aggregate.content = "gone"
