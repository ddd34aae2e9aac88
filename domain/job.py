"""The Job aggregate: what was asked for, and where it stands.

Four rooms: events, state, evolution, decisions. The job's stream is short on purpose: everything that is
made lives in streams of its own (``asset.py``), because several processes writing one stream collide on
nearly every append, and writing their own never do.

Terminal facts (completed, failed, cancelled) are written by the Director only when no attempt is open, so
nothing of a run follows its end.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain import job_events
from domain.asking import UNNAMED, Asking
from domain.callers import LOCAL
from domain.failures import Failure
from domain.film_graph import LATEST_GRAPH, SOUND_IN_FILM
from domain.given_scenes import Given
from domain.job_pruned import JobPrunedError
from domain.plain import PlainEvents
from domain.script import Stage
from domain.statuses import JobStatus, StageStatus
from domain.submission import Options, Weights
from domain.topic import ScriptOrigin, expected_script
from domain.traces import TraceOrigin


class Job(PlainEvents, Aggregate):
    TOPIC = "job"

    Event = job_events.Event
    Created = job_events.Created
    Submitted = job_events.Submitted
    StageStarted = job_events.StageStarted
    StageCompleted = job_events.StageCompleted
    CancelRequested = job_events.CancelRequested
    Completed = job_events.Completed
    Failed = job_events.Failed
    Cancelled = job_events.Cancelled
    ReviewRequested = job_events.ReviewRequested
    Approved = job_events.Approved
    Changed = job_events.Changed
    Reopened = job_events.Reopened
    Resumed = job_events.Resumed
    Renamed = job_events.Renamed
    PruneStarted = job_events.PruneStarted
    Pruned = job_events.Pruned

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
        given: dict[str, Any] | None = None,
        caller: str = LOCAL,
        traceparent: str | None = None,
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
        self.given = Given.recorded(given)
        self.caller = caller
        self.submitted_in = traceparent  # the span of its caller
        self.traceparent = traceparent  # the same of who asked for this run, where they named one
        self.granted_usd: float | None = None  # set for one decision: the most that all runs may cost
        self.run = 1
        self.status = JobStatus.QUEUED
        self.begun = False  # whether a stage has started since the job was last let go on
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
        self.title: str | None = None  # as a person calls the film; None: as its analysis does
        self.renamed_by: str | None = None
        self.renamed_at: datetime | None = None
        self.content = "whole"  # going: its texts are gone, its bytes are being removed; gone

    @property
    def ended(self) -> bool:
        return self.status.ended

    @property
    def awaits_review(self) -> bool:
        return self.status == JobStatus.AWAITING_REVIEW

    @property
    def trace(self) -> TraceOrigin:
        """The trace that the spans of this run belong to."""
        return TraceOrigin.of(self.id, self.traceparent)

    @property
    def script_origin(self) -> ScriptOrigin:
        """Where the film's words come from."""
        return self.given.script_origin

    @property
    def expected_script(self) -> str:
        """The script; where one is to be written, a text as long as that is to be."""
        return expected_script(self.script, self.given.topic, self.options.target_duration_s)

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
        given: Given | None = None,
        caller: str = LOCAL,
        traceparent: str | None = None,
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
            given=given.to_dict() if given else None,
            caller=caller,
            traceparent=traceparent,
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
        asking: Asking = UNNAMED,
    ) -> None:
        """Begin the next run of an ended job; ``max_cost_usd`` replaces its budget where it is given.

        A run that was begun for an idempotency key is not begun a second time.

        JobPrunedError when there is nothing left to go on with.
        """
        if self.ended and asking.idempotency_key not in self.reopened_for:
            self.require_content()
            self.trigger_event(
                self.Reopened,
                timestamp=now,
                job_id=self.id,
                run=self.run + 1,
                causation=causation,
                reason=reason,
                max_cost_usd=self._within_grant(max_cost_usd),
                graph=LATEST_GRAPH,
                **asking.recorded,
            )

    def request_review(self, review: str, *, now: datetime, causation: int | None = None) -> None:
        if not self.ended and not self.awaits_review:
            self._trigger(self.ReviewRequested, now, causation, review=review)

    def approve(self, *, now: datetime, max_cost_usd: float | None = None, asking: Asking = UNNAMED) -> None:
        """Let a job that waits for review go on; ``max_cost_usd`` replaces its budget where it is given."""
        if self.awaits_review and not self.cancel_requested:
            self._trigger(
                self.Approved,
                now,
                None,
                review=self.review,
                max_cost_usd=None if max_cost_usd is None else self._within_grant(max_cost_usd),
                **asking.recorded,
            )

    @property
    def is_changeable(self) -> bool:
        """Whether a person may change what is made: it has ended, or waits for just that."""
        return self.ended or (self.awaits_review and not self.cancel_requested)

    def begin_change(
        self,
        reason: str,
        *,
        now: datetime,
        max_cost_usd: float | None = None,
        asking: Asking = UNNAMED,
    ) -> None:
        """Begin the next run of an ended job; one that waits for review goes on in the same.

        ``max_cost_usd`` replaces the budget of one that has ended, where it is given.
        """
        if self.ended:
            self.reopen(reason, now=now, max_cost_usd=max_cost_usd, asking=asking)
        elif self.awaits_review and asking.idempotency_key not in self.reopened_for:
            self._trigger(self.Changed, now, None, reason=reason, **asking.recorded)

    def resume(self, director: str, *, now: datetime) -> None:
        """Note that a new Director goes on with a job that was under way when the last one ended."""
        under_way = not self.ended and self.run in self.stage_runs.values()
        if under_way and self.director != director:
            self._trigger(self.Resumed, now, None, director=director)

    def require_content(self) -> None:
        """JobPrunedError when the job's texts and bytes are gone: ask before anything is made from them."""
        if self.pruned_at is not None:
            raise JobPrunedError(self.id, self.pruned_at)

    def rename(self, title: str | None, *, now: datetime, caller: str = LOCAL) -> None:
        """Call the film so from here on, also after its end; None: as its analysis calls it.

        JobPrunedError when its texts are gone, of which its name was one.
        """
        self.require_content()
        if title != self.title:
            self._trigger(self.Renamed, now, None, title=title, caller=caller)

    def start_pruning(self, texts: int, *, now: datetime) -> None:
        """Give up the texts of an ended job, and with them every way to go on with it."""
        if self.ended and self.content == "whole":
            self._trigger(self.PruneStarted, now, None, texts=texts)

    def finish_pruning(self, removed: list[str], kept: list[str], *, now: datetime) -> None:
        """Note that all bytes are gone that no other job uses."""
        if self.content == "going":
            self._trigger(self.Pruned, now, None, removed=removed, kept=kept)

    def _within_grant(self, asked: float | None) -> float | None:
        """The new budget that is asked for (None: as it was), within what its caller's own budget grants."""
        wanted = self.max_cost_usd if asked is None else asked
        if self.granted_usd is None or (wanted is not None and wanted <= self.granted_usd):
            return asked
        return self.granted_usd

    def _trigger(self, event: type[Any], now: datetime, causation: int | None, **values: Any) -> None:
        self.trigger_event(event, timestamp=now, job_id=self.id, run=self.run, causation=causation, **values)
