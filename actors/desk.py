"""The Director's desk: the open cases, what has happened to them, and what the workflow wants next.

Everything here is synchronous and belongs to one thread. The desk folds the log into aggregates, asks the
pure workflow, appends what it decides, and hands out the orders that workers must carry out. It never
waits: time, workers and queues are the Director's (``director.py``).
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from actors.blobs import BlobStoreUnavailableError
from actors.briefing import brief_of, plan_of, recipe_of, sources_of
from actors.ground import GROUND
from actors.stage import Order, StageActor
from domain.asset import Asset, AssetKey, Recipe
from domain.event_log import Recorded, Unreadable, UnreadableEventError
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.ports import BlobStore, Presence, Unfinished
from domain.script import Stage
from domain.studio import JobNotFoundError, Studio
from domain.workflow import (
    CancelJob,
    CompleteJob,
    CompleteStage,
    Decision,
    FailAsset,
    FailJob,
    OrderAttempt,
    RequestAsset,
    StartStage,
    WaitUntil,
    failed_assets,
    workflow,
)

log = logging.getLogger("reelog.director")

MOST_SKEW = timedelta(seconds=5)
"""How far the clocks of two machines may be apart; a clock that differs by more was set."""
PRIORITIES = {"high": 0, "normal": 1, "low": 2}


@dataclass
class Case:
    """One unfinished job: its aggregates as of the last event seen, and which event that was."""

    job: Job
    assets: dict[AssetKey, Asset]
    opened: int  # order of arrival
    cause: int | None = None
    causes: dict[AssetKey, int] = field(default_factory=dict)  # the last event seen of each asset
    stale: bool = False  # an append failed: what is held here is ahead of the log
    obstacle: Failure | None = None  # what kept the desk from planning; the job fails with it

    @property
    def rank(self) -> tuple[int, int]:
        return PRIORITIES[self.job.priority], self.opened


@dataclass(frozen=True)
class Step:
    """What came of asking the workflow: orders to give, and when to ask again without a new event."""

    orders: list[Order] = field(default_factory=list)
    wake_at: datetime | None = None
    draining: bool = False  # nothing new may be begun for this job
    cancelling: bool = False  # and what is under way is to be stopped
    ended: bool = False


@dataclass
class Desk:
    """``presence`` gives the lock of a worker by boot id; obtaining it proves that the worker is dead."""

    studio: Studio
    blobs: BlobStore
    stages: Mapping[Stage, StageActor]
    provider: str
    boot_id: str
    clock: Callable[[], datetime]
    presence: Callable[[str], Presence]
    only: frozenset[UUID] | None = None
    cases: dict[UUID, Case] = field(default_factory=dict)
    _arrivals: int = 0

    # ---- taking note --------------------------------------------------------------------------------

    def take_over(self, unfinished: Unfinished) -> list[UUID]:
        """Load the jobs that had not ended."""
        for job_id in unfinished.job_ids:
            with suppress(JobNotFoundError), self._setting_aside(job_id):
                self._open(job_id)
        return list(self.cases)

    @contextmanager
    def _setting_aside(self, job_id: UUID) -> Iterator[None]:
        """A job of which something cannot be read or folded is not worked on; all others are."""
        try:
            yield
        except (*GROUND, JobNotFoundError, MemoryError):
            raise
        except Exception:
            log.exception("job %s is not worked on: its events cannot be folded", job_id)
            self.cases.pop(job_id, None)

    def fold(self, batch: Iterable[Recorded]) -> set[UUID]:
        """Take note of what happened; gives the jobs that something happened to."""
        touched = set()
        for recorded in batch:
            event = recorded.event
            job_id = self._job_of(event)
            if job_id is None:
                continue
            with self._setting_aside(job_id):
                if isinstance(event, Unreadable):
                    raise UnreadableEventError(recorded.position, event)
                if self._note(event):
                    self._was_caused(self.cases[job_id], event.originator_id, recorded.position)
            touched.add(job_id)
        return touched

    def _job_of(self, event: Any) -> UUID | None:
        """Whose event it is; None where it is of no job that matters here."""
        if not isinstance(event, Job.Event | Asset.Event | Unreadable):
            return None
        named: UUID | None = event.job_id
        if named is not None:
            return named
        streams = {a.id: job_id for job_id, case in self.cases.items() for a in case.assets.values()}
        return streams.get(event.originator_id, event.originator_id)

    def _note(self, event: Any) -> bool:
        case = self.cases.get(event.job_id)
        if case is None:
            if not isinstance(event, Job.Submitted | Job.Reopened):
                return False
            return self._open(event.job_id)
        if isinstance(event, Job.Event):
            aggregate: Job | Asset | None = case.job
        else:
            aggregate = next((a for a in case.assets.values() if a.id == event.originator_id), None)
        known = aggregate.version if aggregate is not None else 0
        if event.originator_version <= known:
            return True  # our own append, or loaded already
        if event.originator_version > known + 1:
            self._reload(event.job_id)
        elif aggregate is None:
            asset = event.mutate(None)
            case.assets[asset.key] = asset
        else:
            event.mutate(aggregate)
        return True

    @staticmethod
    def _was_caused(case: Case, aggregate_id: UUID, position: int) -> None:
        """Remember what happened last, in the job and to the asset: it causes what follows."""
        case.cause = max(case.cause or 0, position)
        for key, asset in case.assets.items():
            if asset.id == aggregate_id:
                case.causes[key] = max(case.causes.get(key, 0), position)

    def _open(self, job_id: UUID) -> bool:
        """Load a job that has not ended, and note in the log when it is another Director's that goes on here.

        Such a job may also be met in the log: the board may lie behind what the last Director did.
        """
        job = self.studio.job(job_id)
        if job.ended or job.provider != self.provider or (self.only is not None and job.id not in self.only):
            return False
        job, saved = self.studio.change_job(job_id, lambda job: job.resume(self.boot_id, now=self.clock()))
        self._arrivals += 1
        self.cases[job_id] = Case(job, self.studio.assets(job), self._arrivals, saved.position)
        return True

    def _reload(self, job_id: UUID) -> None:
        case = self.cases[job_id]
        case.job = self.studio.job(job_id)
        case.assets = self.studio.assets(case.job)
        case.stale = False

    def refresh(self, job_id: UUID, key: AssetKey) -> None:
        """See an asset's latest events now, ahead of the log's follower."""
        case = self.cases.get(job_id)
        if case is None:
            return
        asset = self.studio.find_asset(job_id, key)
        if asset is not None and (key not in case.assets or asset.version > case.assets[key].version):
            case.assets[key] = asset

    # ---- deciding -----------------------------------------------------------------------------------

    def step(self, job_id: UUID, ordered: Mapping[AssetKey, float | None]) -> Step:
        """Carry out what the workflow decides until only orders, or waiting, are left."""
        with self._setting_aside(job_id):
            return self._step(job_id, ordered)
        return Step(ended=True)

    def _step(self, job_id: UUID, ordered: Mapping[AssetKey, float | None]) -> Step:
        case = self.cases.get(job_id)
        if case is None:
            return Step(ended=True)
        while True:
            if case.stale:
                self._reload(job_id)
            decisions = self._decide(case, ordered)
            changed = self._carry_out(case, decisions)
            if not changed:
                break
            case.stale = True
            sources = [aggregate.id for aggregate in changed for _ in aggregate.pending_events]
            with suppress(IntegrityError):  # a worker or the API was first: look again, and decide anew
                saved = self.studio.append(*changed)
                for source, position in zip(sources, saved.positions, strict=True):
                    self._was_caused(case, source, position)
                case.stale = False
        if case.job.ended:
            del self.cases[job_id]
            return Step(ended=True)
        waits = [d.at for d in decisions if isinstance(d, WaitUntil)]
        draining = case.job.cancel_requested or bool(failed_assets(case.job, case.assets))
        orders = [self._order(case, d) for d in decisions if isinstance(d, OrderAttempt)]
        return Step(orders, min(waits, default=None), draining, case.job.cancel_requested)

    def _decide(self, case: Case, ordered: Mapping[AssetKey, float | None]) -> list[Decision]:
        if case.obstacle is not None and not case.job.ended:
            if any(a.open_attempt for a in case.assets.values()):
                return []
            idle = tuple(k for k, a in case.assets.items() if a.status in ("requested", "waiting"))
            return [FailJob(case.obstacle, idle)]
        # An order that has begun reserves through its open attempt; it is not counted twice.
        pending = {
            key: 0.0 if key in case.assets and case.assets[key].open_attempt else usd
            for key, usd in ordered.items()
        }
        return workflow(case.job, case.assets, self._now(case), pending)

    def _now(self, case: Case) -> datetime:
        """The time for this case's timers; all are over if the clock was set back behind its events."""
        now = self.clock()
        lasts = [a.last_attempt for a in case.assets.values() if a.last_attempt is not None]
        if all(last.ended_at is None or last.ended_at <= now + MOST_SKEW for last in lasts):
            return now
        return max([now, *(last.retry_at for last in lasts if last.retry_at is not None)])

    def _carry_out(  # noqa: C901 - one branch for each kind of decision reads best in one place
        self, case: Case, decisions: list[Decision]
    ) -> list[Job | Asset]:
        """Apply decisions that are facts of the log; gives the aggregates that have events to save."""
        now, run, cause, job = self.clock(), case.job.run, case.cause, case.job
        for decision in decisions:
            match decision:
                case StartStage(stage):
                    job.start_stage(stage, now=now, causation=cause)
                case CompleteStage():
                    job.complete_stage(**vars(decision), now=now, causation=cause)
                case RequestAsset(key):
                    self._request(case, decision)
                    if case.obstacle is not None:
                        break
                case FailAsset(key, failure):
                    because = case.causes.get(key, cause)
                    case.assets[key].fail(failure, run=run, now=now, causation=because)
                case FailJob(failure, withdraw):
                    self._withdraw(case, withdraw)
                    job.fail(failure, now=now, causation=cause)
                case CancelJob(withdraw):
                    self._withdraw(case, withdraw)
                    job.cancel(now=now, causation=cause)
                case CompleteJob():
                    job.complete(now=now, causation=cause)
                case OrderAttempt() | WaitUntil():
                    pass
        assets: list[Job | Asset] = [a for a in case.assets.values() if a.pending_events]
        if not job.pending_events:
            return assets
        # A stage starts before what is asked of it; and nothing follows the end of a job.
        return [*assets, job] if job.ended else [job, *assets]

    def _withdraw(self, case: Case, keys: tuple[AssetKey, ...]) -> None:
        """End what was asked for and not begun: an order still on its way to a worker then comes too late."""
        for key in keys:
            failure = Failure.of(
                Code.WITHDRAWN,
                "The job ended before this was begun.",
                stage=key.stage.value,
                asset=key.name,
            )
            case.assets[key].fail(failure, run=case.job.run, now=self.clock(), causation=case.cause)

    def _request(self, case: Case, decision: RequestAsset) -> None:
        key = decision.key
        try:
            recipe = self._recipe(case, decision)
        except AttemptFailedError as error:
            case.obstacle = error.failure.within(stage=key.stage.value, asset=key.name)
            return
        except BlobStoreUnavailableError:
            case.stale = True  # what was decided before this stands in no log
            raise
        except Exception as error:
            # One job that cannot be planned must not stop all others; it fails with what was caught.
            log.exception("planning %s of job %s failed", key.name, case.job.id)
            case.obstacle = Failure.of(
                Code.INTERNAL_ERROR,
                f"{type(error).__name__}: {error}",
                stage=key.stage.value,
                asset=key.name,
                details={"traceback": traceback.format_exception(error)[-12:]},
            )
            return
        inputs = [case.causes.get(AssetKey.parse(i["name"]), 0) for i in decision.inputs]
        cause = max(inputs, default=0) or case.cause
        about: dict[str, Any] = {"run": case.job.run, "now": self.clock(), "causation": cause}
        asset = case.assets.get(key)
        if asset is None:
            case.assets[key] = Asset.request(case.job.id, key, recipe, decision.inputs, **about)
        else:
            asset.request_again(decision.revision, recipe, decision.inputs, **about)

    def _recipe(self, case: Case, decision: RequestAsset) -> Recipe:
        sources = sources_of(case.assets, [i["name"] for i in decision.inputs])
        plan = plan_of(self.stages, brief_of(case.job), decision.key, sources, self.blobs)
        return recipe_of(plan, self.blobs)

    def _order(self, case: Case, decision: OrderAttempt) -> Order:
        asset = case.assets[decision.key]
        return Order(
            brief=brief_of(case.job),
            key=decision.key,
            revision=decision.revision,
            attempt=decision.attempt,
            recipe=asset.recipe,
            sources=sources_of(case.assets, asset.inputs),
            causation=case.causes.get(decision.key, case.cause),
        )

    # ---- the dead -----------------------------------------------------------------------------------

    def bury(self) -> set[UUID]:
        """Tell the open attempts of dead workers as lost; gives the jobs concerned.

        A worker is dead when its presence lock can be obtained, and the lock is held while its losses are
        written: a live call is never declared lost.
        """
        open_attempts: dict[str, list[tuple[Case, Asset]]] = {}
        for case in self.cases.values():
            for asset in case.assets.values():
                if asset.open_attempt is not None:
                    open_attempts.setdefault(asset.open_attempt.worker, []).append((case, asset))
        touched = set()
        for worker, losses in open_attempts.items():
            lock = self.presence(worker)
            if not lock.acquire(0):
                continue
            try:
                for case, asset in losses:
                    self._lose(case, asset, worker)
                    touched.add(case.job.id)
            finally:
                lock.release()
        return touched

    def _lose(self, case: Case, asset: Asset, worker: str) -> None:
        def decide(latest: Asset) -> None:
            attempt = latest.open_attempt
            if attempt is not None and attempt.worker == worker:
                latest.lose_attempt(
                    latest.revision,
                    attempt.number,
                    run=case.job.run,
                    now=self.clock(),
                    causation=case.cause,
                )

        latest, saved = self.studio.change_asset(asset.id, decide)
        case.assets[asset.key] = latest
        case.cause = saved.position or case.cause
        if saved.position is not None:
            log.warning("worker %s died while making %s of job %s", worker, asset.key.name, case.job.id)
