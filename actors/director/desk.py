"""The Director's desk: the open cases, what has happened to them, and what the workflow wants next.

A job that cannot be folded, planned or ordered is *set aside*, named with the reason, and tried again after a
pause that grows, or when something happens to it: whatever is wrong with one job never stops the others.

Everything here is synchronous and belongs to one thread. The desk folds the log into films, asks the pure
workflow, appends what it decides, and hands out the orders that workers must carry out. It never
waits: time, workers and queues are the Director's (``director.py``).
"""

import logging
import time
import traceback
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from actors.blobs.errors import BlobCorruptError, BlobMissingError, BlobStoreUnavailableError
from actors.director.cases import Case
from actors.director.losses import Losses, OpenAttempt
from actors.work.briefing import brief_of, plan_of, recipe_of, sources_of
from actors.work.next_attempt import next_recipe, note_for_next
from actors.work.pools.starts import pause_s
from actors.work.stage import Order, StageActor
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.asset import Asset, AssetKey, Recipe
from domain.carry_out import carry_out
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.ports import BlobStore, Presence, Unfinished
from domain.script import Stage
from domain.store import JobNotFoundError, Recorded, Studio, Unreadable, UnreadableEventError
from domain.workflow import OrderAttempt, RequestAsset, WaitUntil, workflow

log = logging.getLogger("reelog.director")

MOST_SKEW = timedelta(seconds=5)
"""How far the clocks of two machines may be apart; a clock that differs by more was set."""


@dataclass
class Aside:
    """A job that the desk cannot deal with: why, how often that was found, and when it is tried again."""

    reason: str
    tries: int
    again_at: float  # of the monotonic clock


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
    only: Container[UUID] | None = None
    """The jobs that are dealt with here; None: all."""
    reserve: Callable[[str, str, Mapping[str, Any]], float | None] | None = None
    """The worst case of one call now, by model, prompt and parameters; None: as it was when requested."""
    cases: dict[UUID, Case] = field(default_factory=dict)
    aside: dict[UUID, Aside] = field(default_factory=dict)
    monotonic: Callable[[], float] = time.monotonic
    _arrivals: int = 0
    _priced: dict[tuple[UUID, int, int], float | None] = field(default_factory=dict)
    """What the calls of ``_priced_on`` reserve, by asset, revision, and attempts made."""
    _priced_on: date | None = None

    def __post_init__(self) -> None:
        self.losses = Losses(
            self.studio,
            self.cases,
            self.presence,
            clock=lambda: self.clock(),  # noqa: PLW0108 - whichever clock the desk has by then
            monotonic=lambda: self.monotonic(),  # noqa: PLW0108 - as above
            set_aside=self.set_aside,
        )

    # ---- taking note --------------------------------------------------------------------------------

    def take_over(self, unfinished: Unfinished) -> list[UUID]:
        """Load the jobs that had not ended."""
        self.aside.clear()
        for job_id in unfinished.job_ids:
            self._try_to_open(job_id)
        return list(self.cases)

    def set_aside(self, job_id: UUID, error: BaseException) -> None:
        """Leave a job alone for a while: something is wrong with it, or with what is known of it here."""
        tries = self.aside[job_id].tries + 1 if job_id in self.aside else 1
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        self.aside[job_id] = Aside(reason, tries, self.monotonic() + pause_s(tries))
        self.cases.pop(job_id, None)
        log.error("job %s is set aside (%d times now): %s", job_id, tries, reason, exc_info=error)

    def take_up(self) -> set[UUID]:
        """Open again the jobs that were set aside and whose pause is over; gives those that are open."""
        now = self.monotonic()
        due = [j for j, a in self.aside.items() if j not in self.cases and a.again_at <= now]
        return {job_id for job_id in due if self._try_to_open(job_id)}

    def next_try_s(self) -> float | None:
        """In how many seconds the next job that was set aside is tried again."""
        times = [a.again_at for j, a in self.aside.items() if j not in self.cases]
        return max(0.0, min(times) - self.monotonic()) if times else None

    def _try_to_open(self, job_id: UUID) -> bool:
        try:
            is_ours = self._open(job_id)
        except TRANSIENT_ERRORS:
            raise
        except JobNotFoundError:
            is_ours = False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one job, the others go on
            self.set_aside(job_id, error)
            return False
        if not is_ours:
            self.aside.pop(job_id, None)
        return is_ours

    def fold(self, batch: Iterable[Recorded]) -> set[UUID]:
        """Take note of what happened; gives the jobs that something happened to."""
        touched = set()
        for recorded in batch:
            event = recorded.event
            job_id = self._job_of(event)
            if job_id is None:
                continue
            try:
                if isinstance(event, Unreadable):
                    raise UnreadableEventError(recorded.position, event)  # noqa: TRY301 - as when it is folded
                if self._note(event):
                    self.cases[job_id].film.happened(event.originator_id, recorded.position)
                    touched.add(job_id)
            except TRANSIENT_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 - as when it is opened
                self.set_aside(job_id, error)
        return touched

    def _job_of(self, event: Any) -> UUID | None:
        """Whose event it is; None where it is of no job that matters here."""
        if not isinstance(event, Job.Event | Asset.Event | Unreadable):
            return None
        named: UUID | None = event.job_id
        if named is not None:
            return named
        stream: UUID = event.originator_id
        return next((job_id for job_id, case in self.cases.items() if case.film.find(stream)), stream)

    def _note(self, event: Any) -> bool:
        case = self.cases.get(event.job_id)
        if case is None and event.job_id in self.aside:
            # Perhaps this is what was missing; but no more often than the shortest pause allows.
            aside = self.aside[event.job_id]
            aside.again_at = min(aside.again_at, self.monotonic() + pause_s(1))
            return False
        if case is None:
            if not isinstance(event, Job.Submitted | Job.Reopened):
                return False
            return self._open(event.job_id)
        missed = case.film.missed_before(event)
        if missed > 0:
            self._reload(case)
        elif missed == 0:
            case.film.evolve(event)
        return True  # also of our own append, or what was loaded already

    def _open(self, job_id: UUID) -> bool:
        """Load a job that has not ended, and note in the log when it is another Director's that goes on here.

        Such a job may also be met in the log: the board may lie behind what the last Director did.
        """
        if self.only is not None and job_id not in self.only:
            return False
        job = self.studio.job(job_id)
        if job.ended or job.provider != self.provider:
            return False
        job, saved = self.studio.change_job(job_id, lambda job: job.resume(self.boot_id, now=self.clock()))
        self._arrivals += 1
        film = self.studio.film(job)
        film.cause = saved.position
        self.cases[job_id] = Case(film, self._arrivals)
        return True

    def _reload(self, case: Case) -> None:
        before = case.film
        case.film = self.studio.film(self.studio.job(before.job.id))
        case.film.cause, case.film.causes = before.cause, before.causes
        case.film.obstacle = before.obstacle
        case.stale = False

    def refresh(self, job_id: UUID, key: AssetKey) -> None:
        """See an asset's latest events now, ahead of the log's follower."""
        case = self.cases.get(job_id)
        if case is None:
            return
        asset, known = self.studio.find_asset(job_id, key), case.film.assets.get(key)
        if asset is not None and (known is None or asset.version > known.version):
            case.film.take(asset)

    # ---- deciding -----------------------------------------------------------------------------------

    def step(self, job_id: UUID, ordered: Mapping[AssetKey, float | None]) -> Step:
        """Carry out what the workflow decides until only orders, or waiting, are left."""
        case = self.cases.get(job_id)
        if case is None:
            return Step(ended=True)
        try:
            step = self._step(case, ordered)
        except TRANSIENT_ERRORS:
            case.stale = True  # it may be ahead of the log
            raise
        except Exception as error:  # noqa: BLE001 - as when it is opened
            self.set_aside(job_id, error)
            return Step(ended=True)
        self.aside.pop(job_id, None)
        return step

    def _step(self, case: Case, ordered: Mapping[AssetKey, float | None]) -> Step:
        recipe_of = partial(self._recipe, case)
        while True:
            if case.stale:
                self._reload(case)
            film = case.film
            decisions = workflow(film, self._now(case), ordered, self._price)
            obstacle = film.obstacle
            changed = carry_out(film, decisions, recipe_of, self.clock())
            if changed:
                self._save(case, changed)
            elif film.obstacle is obstacle:
                break
        if film.job.ended:
            del self.cases[film.job.id]
            return Step(ended=True)
        waits = [d.at - case.ahead for d in decisions if isinstance(d, WaitUntil)]
        cancelling = film.job.cancel_requested
        orders = [self._order(case, d) for d in decisions if isinstance(d, OrderAttempt)]
        return Step(orders, min(waits, default=None), cancelling or bool(film.failed), cancelling)

    def _save(self, case: Case, changed: list[Job | Asset]) -> None:
        case.stale = True
        sources = [aggregate.id for aggregate in changed for _ in aggregate.pending_events]
        with suppress(IntegrityError):  # a worker or the API was first: look again, and decide anew
            saved = self.studio.append(*changed)
            for source, position in zip(sources, saved.positions, strict=True):
                case.film.happened(source, position)
            case.stale = False

    def _price(self, asset: Asset) -> float | None:
        """What an attempt may cost if it is ordered now; prices change from one day to the next."""
        recipe, today = next_recipe(asset), self.clock().date()
        if self.reserve is None or not asset.is_paid or recipe.model is None or recipe.prompt_digest is None:
            return recipe.reservation_usd
        if today != self._priced_on:
            self._priced.clear()
            self._priced_on = today
        place = asset.id, asset.revision, len(asset.attempts)
        if place not in self._priced:
            try:
                prompt = self.blobs.get(recipe.prompt_digest).decode()
            except (BlobMissingError, BlobCorruptError):
                return recipe.reservation_usd  # the attempt will meet it too, and tell
            said = prompt + note_for_next(asset)
            self._priced[place] = self.reserve(recipe.model, said, recipe.parameters)
        return self._priced[place]

    def _now(self, case: Case) -> datetime:
        """The time for this case's timers, which are told by the clocks of workers.

        Where what waits has failed later than now, that worker's clock is ahead, or ours was set back: its
        wait is then measured from the first look at it.
        """
        now = self.clock()
        waiting = [case.film.assets[key].last_attempt for key in case.film.waiting]
        ends = [last.ended_at for last in waiting if last is not None and last.retry_at is not None]
        ahead = max((end - now for end in ends if end is not None), default=timedelta())
        case.ahead = max(case.ahead, ahead) if ahead > MOST_SKEW else timedelta()
        return now + case.ahead

    def _recipe(self, case: Case, asked: RequestAsset) -> Recipe:
        """How the asset would be asked for now; AttemptFailedError where it cannot be planned."""
        sources = sources_of(case.film.assets, [one.name for one in asked.inputs])
        try:
            plan = plan_of(self.stages, brief_of(case.job), asked.key, sources, self.blobs)
            return recipe_of(plan, self.blobs)
        except (AttemptFailedError, BlobStoreUnavailableError):
            raise
        except Exception as error:
            # One job that cannot be planned must not stop all others; it fails with what was caught.
            log.exception("planning %s of job %s failed", asked.key.name, case.job.id)
            message = f"{type(error).__name__}: {error}"
            told = {"traceback": traceback.format_exception(error)[-12:]}
            raise AttemptFailedError(Failure.of(Code.INTERNAL_ERROR, message, details=told)) from error

    def _order(self, case: Case, decision: OrderAttempt) -> Order:
        asset = case.film.assets[decision.key]
        return Order(
            brief=brief_of(case.job),
            key=decision.key,
            revision=decision.revision,
            attempt=decision.attempt,
            recipe=replace(next_recipe(asset), reservation_usd=decision.reserve_usd),
            sources=sources_of(case.film.assets, asset.inputs),
            causation=case.film.causes.get(decision.key, case.film.cause),
            note=note_for_next(asset),
        )

    # ---- the dead -----------------------------------------------------------------------------------

    def lose_dead(self) -> set[UUID]:
        return self.losses.lose_dead()

    def open_attempts(self) -> set[OpenAttempt]:
        return self.losses.open_attempts()

    def lose_forgotten(
        self, attempts: Iterable[OpenAttempt], at_work: Mapping[str, Iterable[str]]
    ) -> set[UUID]:
        return self.losses.lose_forgotten(attempts, at_work)
