"""The Job aggregate: what was asked for, and where it stands.

Four rooms: events, state, evolution, decisions. The job's stream is short on purpose: everything that is
made lives in streams of its own (``asset.py``), because several processes writing one stream collide on
nearly every append, and writing their own never do.

Longer than other modules, since an event and the decisions that give it are read side by side.

Terminal facts (completed, failed, cancelled) are written by the Director only when no attempt is open, so
nothing of a run follows its end.
"""

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.failures import Failure
from domain.film_graph import LATEST_GRAPH, SOUND_IN_FILM
from domain.plain import PlainEvents
from domain.script import Stage
from domain.statuses import JobStatus, StageStatus
from domain.submission import Options, Weights


class JobPrunedError(RuntimeError):
    """The job's texts and bytes were removed: nothing can be made from them any more."""

    def __init__(self, job_id: UUID, pruned_at: datetime) -> None:
        day = pruned_at.date().isoformat()
        super().__init__(
            f"job {job_id} was pruned on {day}: its script and files are gone, nothing can be made from it"
        )
        self.job_id = job_id
        self.pruned_at = pruned_at


class Job(PlainEvents, Aggregate):
    TOPIC = "job"

    # ---- events -------------------------------------------------------------------------------------

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
        class_version: ClassVar[int] = 3
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

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """The first version told nothing of a script."""
            state["notices"] = []

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            """The second version knew one graph only."""
            state["graph"] = SOUND_IN_FILM

    class StageStarted(Event):
        TOPIC: ClassVar[str] = "job.stage_started"
        stage: str

        def apply(self, aggregate: "Job") -> None:
            aggregate.stages[Stage(self.stage)] = StageStatus.STARTED
            aggregate.stage_started_at[Stage(self.stage)] = self.timestamp
            aggregate.stage_runs[Stage(self.stage)] = self.run
            aggregate.status = JobStatus.RUNNING
            aggregate.started_at = aggregate.started_at or self.timestamp

    class StageCompleted(Event):
        TOPIC: ClassVar[str] = "job.stage_completed"
        stage: str
        assets: int
        elapsed_s: float
        requests: int
        tokens: int
        cost_usd: float
        unpriced: int  # calls whose price is not known; cost_usd leaves them out

        def apply(self, aggregate: "Job") -> None:
            aggregate.stages[Stage(self.stage)] = StageStatus.COMPLETED

    class CancelRequested(Event):
        TOPIC: ClassVar[str] = "job.cancel_requested"

        def apply(self, aggregate: "Job") -> None:
            aggregate.cancel_requested = True

    class Completed(Event):
        TOPIC: ClassVar[str] = "job.completed"

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.COMPLETED
            aggregate.ended_at = self.timestamp

    class Failed(Event):
        TOPIC: ClassVar[str] = "job.failed"
        failure: dict[str, Any]

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.FAILED
            aggregate.ended_at = self.timestamp
            aggregate.failure = Failure.from_dict(self.failure)

    class Cancelled(Event):
        TOPIC: ClassVar[str] = "job.cancelled"

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.CANCELLED
            aggregate.ended_at = self.timestamp

    class ReviewRequested(Event):
        """What is to be reviewed is made, and nothing more is ordered until somebody approves it."""

        TOPIC: ClassVar[str] = "job.review_requested"
        review: str  # script, storyboard, narration or images

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.AWAITING_REVIEW
            aggregate.review = self.review

    class Approved(Event):
        TOPIC: ClassVar[str] = "job.approved"
        review: str
        max_cost_usd: float | None  # the budget from here on; None: as it was
        idempotency_key: str | None
        fingerprint: str | None

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.RUNNING
            aggregate.review = None
            aggregate.approved.append(self.review)
            if self.max_cost_usd is not None:
                aggregate.max_cost_usd = self.max_cost_usd
            if self.idempotency_key is not None and self.fingerprint is not None:
                aggregate.reopened_for[self.idempotency_key] = self.fingerprint

    class Changed(Event):
        """Something was changed while the job waited: that is made at once, and then it waits again."""

        TOPIC: ClassVar[str] = "job.changed"
        reason: str  # regenerate or provide
        idempotency_key: str | None
        fingerprint: str | None

        def apply(self, aggregate: "Job") -> None:
            aggregate.status = JobStatus.RUNNING
            aggregate.review = None
            if self.idempotency_key is not None and self.fingerprint is not None:
                aggregate.reopened_for[self.idempotency_key] = self.fingerprint

    class Reopened(Event):
        TOPIC: ClassVar[str] = "job.reopened"
        class_version: ClassVar[int] = 4
        reason: str  # retry, regenerate or provide
        max_cost_usd: float | None  # the budget from here on, for all runs together; None: as it was
        # Where an idempotency key came with the request: a UUID made from it, and of what was asked for.
        idempotency_key: str | None = None
        fingerprint: str | None = None
        graph: int = SOUND_IN_FILM  # the version of what is made from what, from here on

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

        def apply(self, aggregate: "Job") -> None:
            aggregate.run = self.run
            aggregate.graph = self.graph
            if self.max_cost_usd is not None:
                aggregate.max_cost_usd = self.max_cost_usd
            if self.idempotency_key is not None and self.fingerprint is not None:
                aggregate.reopened_for[self.idempotency_key] = self.fingerprint
            aggregate.status = JobStatus.RUNNING
            aggregate.review = None
            aggregate.failure = None
            aggregate.ended_at = None
            aggregate.cancel_requested = False
            # What was under way is started again by the new run; what was complete stays so until it is not.
            aggregate.stages = {s: v for s, v in aggregate.stages.items() if v == StageStatus.COMPLETED}

    class Resumed(Event):
        TOPIC: ClassVar[str] = "job.resumed"
        director: str  # boot id of the Director that took over

        def apply(self, aggregate: "Job") -> None:
            aggregate.director = self.director

    class PruneStarted(Event):
        """Saved in one transaction with the removal of the job's texts from all of its events."""

        TOPIC: ClassVar[str] = "job.prune_started"
        texts: int  # events in which markers now stand for texts

        def apply(self, aggregate: "Job") -> None:
            aggregate.pruned_at = self.timestamp
            aggregate.content = "going"

    class Pruned(Event):
        TOPIC: ClassVar[str] = "job.pruned"
        removed: list[str]  # digests whose bytes are gone
        kept: list[str]  # digests that other jobs use, too

        def apply(self, aggregate: "Job") -> None:
            aggregate.content = "gone"

    # ---- state --------------------------------------------------------------------------------------

    def __init__(
        self,
        script: str,
        language: str | None,
        models: dict[str, str],
        options: dict[str, Any],
        provider: str,
        max_cost_usd: float | None,
        priority: str,
        metadata: dict[str, Any],
        weights: dict[str, Any],
        fingerprint: str | None,
        *,
        notices: list[dict[str, Any]] | None = None,
        graph: int = SOUND_IN_FILM,
    ) -> None:
        self.script = script
        self.language = language
        self.models = models
        self.options = Options.recorded(options)
        self.provider = provider
        self.max_cost_usd = max_cost_usd
        self.priority = priority
        self.metadata = metadata
        self.weights = cast("Weights", weights)
        self.fingerprint = fingerprint
        self.notices = notices or []
        self.graph = graph
        self.run = 1
        self.status = JobStatus.QUEUED
        self.stages: dict[Stage, StageStatus] = {}
        self.stage_started_at: dict[Stage, datetime] = {}
        self.stage_runs: dict[Stage, int] = {}  # the run in which each last started
        self.director: str | None = None
        self.cancel_requested = False
        self.review: str | None = None  # what the job waits for, while it does
        self.approved: list[str] = []  # reviews
        self.failure: Failure | None = None
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None  # of this run
        self.pruned_at: datetime | None = None
        self.reopened_for: dict[str, str] = {}  # fingerprints of what was asked for, by idempotency key
        self.content = "whole"  # going: its texts are gone, its bytes are being removed; gone

    @property
    def ended(self) -> bool:
        return self.status.ended

    @property
    def awaits_review(self) -> bool:
        return self.status == JobStatus.AWAITING_REVIEW

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def submit(
        cls,
        job_id: UUID,
        *,
        now: datetime,
        script: str,
        models: dict[str, str],
        options: dict[str, Any],
        provider: str,
        weights: Weights,
        language: str | None = None,
        max_cost_usd: float | None = None,
        priority: str = "normal",
        metadata: dict[str, Any] | None = None,
        fingerprint: str | None = None,
        forked_from: dict[str, Any] | None = None,
        notices: list[dict[str, Any]] | None = None,
    ) -> "Job":
        return cls._create(
            cls.Submitted,
            id=job_id,
            timestamp=now,
            job_id=job_id,
            run=1,
            causation=None,
            script=script,
            language=language,
            models=models,
            options=options,
            provider=provider,
            max_cost_usd=max_cost_usd,
            priority=priority,
            metadata=metadata or {},
            weights=weights,
            fingerprint=fingerprint,
            forked_from=forked_from,
            notices=notices or [],
            graph=LATEST_GRAPH,
        )

    def start_stage(self, stage: Stage, *, now: datetime, causation: int | None = None) -> None:
        """Note that a stage's first asset of this run is wanted; once a run, whoever asks again."""
        if not self.ended and self.stage_runs.get(stage) != self.run:
            self._trigger(self.StageStarted, now, causation, stage=stage.value)

    def complete_stage(
        self,
        stage: Stage,
        *,
        now: datetime,
        causation: int | None = None,
        assets: int,
        elapsed_s: float,
        requests: int,
        tokens: int,
        cost_usd: float,
        unpriced: int,
    ) -> None:
        if not self.ended and self.stages.get(stage) == StageStatus.STARTED:
            self._trigger(
                self.StageCompleted,
                now,
                causation,
                stage=stage.value,
                assets=assets,
                elapsed_s=elapsed_s,
                requests=requests,
                tokens=tokens,
                cost_usd=cost_usd,
                unpriced=unpriced,
            )

    def request_cancel(self, *, now: datetime) -> None:
        if not self.ended and not self.cancel_requested:
            self._trigger(self.CancelRequested, now, None)

    def complete(self, *, now: datetime, causation: int | None = None) -> None:
        if not self.ended:
            self._trigger(self.Completed, now, causation)

    def fail(self, failure: Failure, *, now: datetime, causation: int | None = None) -> None:
        if not self.ended:
            self._trigger(self.Failed, now, causation, failure=failure.to_dict())

    def cancel(self, *, now: datetime, causation: int | None = None) -> None:
        """End a job whose cancellation was asked for and that has nothing in flight."""
        if not self.ended and self.cancel_requested:
            self._trigger(self.Cancelled, now, causation)

    def reopen(
        self,
        reason: str,
        *,
        now: datetime,
        causation: int | None = None,
        max_cost_usd: float | None = None,
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
    ) -> None:
        """Begin the next run of an ended job; ``max_cost_usd`` replaces its budget where it is given.

        A run that was begun for an ``idempotency_key`` is not begun a second time.

        JobPrunedError when there is nothing left to go on with.
        """
        if self.ended and idempotency_key not in self.reopened_for:
            self.require_content()
            self.trigger_event(
                self.Reopened,
                timestamp=now,
                job_id=self.id,
                run=self.run + 1,
                causation=causation,
                reason=reason,
                max_cost_usd=max_cost_usd,
                idempotency_key=idempotency_key,
                fingerprint=fingerprint,
                graph=LATEST_GRAPH,
            )

    def request_review(self, review: str, *, now: datetime, causation: int | None = None) -> None:
        if not self.ended and not self.awaits_review:
            self._trigger(self.ReviewRequested, now, causation, review=review)

    def approve(
        self,
        *,
        now: datetime,
        max_cost_usd: float | None = None,
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
    ) -> None:
        """Let a job that waits for review go on; ``max_cost_usd`` replaces its budget where it is given."""
        if self.awaits_review and not self.cancel_requested:
            self._trigger(
                self.Approved,
                now,
                None,
                review=self.review,
                max_cost_usd=max_cost_usd,
                idempotency_key=idempotency_key,
                fingerprint=fingerprint,
            )

    @property
    def is_changeable(self) -> bool:
        """Whether a person may change what is made: it has ended, or waits for just that."""
        return self.ended or (self.awaits_review and not self.cancel_requested)

    def begin_change(
        self, reason: str, *, now: datetime, idempotency_key: str | None, fingerprint: str | None
    ) -> None:
        """Begin the next run of an ended job; one that waits for review goes on in the same."""
        if self.ended:
            self.reopen(reason, now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)
        elif self.awaits_review and idempotency_key not in self.reopened_for:
            known = {"idempotency_key": idempotency_key, "fingerprint": fingerprint}
            self._trigger(self.Changed, now, None, reason=reason, **known)

    def resume(self, director: str, *, now: datetime) -> None:
        """Note that a new Director goes on with a job that was under way when the last one ended."""
        under_way = not self.ended and self.run in self.stage_runs.values()
        if under_way and self.director != director:
            self._trigger(self.Resumed, now, None, director=director)

    def require_content(self) -> None:
        """JobPrunedError when the job's texts and bytes are gone: ask before anything is made from them."""
        if self.pruned_at is not None:
            raise JobPrunedError(self.id, self.pruned_at)

    def start_pruning(self, texts: int, *, now: datetime) -> None:
        """Give up the texts of an ended job, and with them every way to go on with it."""
        if self.ended and self.content == "whole":
            self._trigger(self.PruneStarted, now, None, texts=texts)

    def finish_pruning(self, removed: list[str], kept: list[str], *, now: datetime) -> None:
        """Note that all bytes are gone that no other job uses."""
        if self.content == "going":
            self._trigger(self.Pruned, now, None, removed=removed, kept=kept)

    def _trigger(self, event: type[Any], now: datetime, causation: int | None, **values: Any) -> None:
        self.trigger_event(event, timestamp=now, job_id=self.id, run=self.run, causation=causation, **values)
