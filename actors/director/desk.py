"""The Director's desk: the open cases, what has happened to them, and what the workflow wants next.

A job that cannot be folded, planned or ordered is *set aside*, named with the reason, and tried again after a
pause that grows, or when something happens to it: whatever is wrong with one job never stops the others.

Everything here is synchronous and belongs to one thread. The desk reads the log and folds it into films, asks
the pure workflow, appends what it decides for all films at once, and hands out the orders that workers must
carry out. It never waits: time, workers and queues are the Director's (``director.py``).

Longer than other modules: what a look reads, decides and appends is kept in step, and read together.
"""

import logging
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from actors.director.cases import Aside, Case, Look, Step
from actors.director.log_reader import LogReader
from actors.director.losses import Losses, OpenAttempt
from actors.director.orders import Orders, Reserve
from actors.director.turns import Turns
from actors.work.pools.starts import pause_s
from actors.work.stage import StageActor
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.asset import Asset, AssetKey
from domain.carry_out import carry_out
from domain.job import Job
from domain.ports import BlobStore, Presence, Unfinished
from domain.script import Stage
from domain.store import JobNotFoundError, Recorded, Saved, Studio, Unreadable, UnreadableEventError
from domain.workflow import CancelCall, OrderAttempt, ResumeAttempt, WaitUntil, workflow

log = logging.getLogger("reelog.director")

T = TypeVar("T")
_Saved = tuple[list[UUID], Saved | Exception]
_OF_JOBS = Job.Event, Asset.Event, Unreadable

MOST_SKEW = timedelta(seconds=5)
"""How far the clocks of two machines may be apart; a clock that differs by more was set."""


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
    reserve: Reserve | None = None
    """None: a call may cost what it might when it was requested."""
    cases: dict[UUID, Case] = field(default_factory=dict)
    aside: dict[UUID, Aside] = field(default_factory=dict)
    monotonic: Callable[[], float] = time.monotonic
    _arrivals: int = 0

    def __post_init__(self) -> None:
        self.turns = Turns()
        self._reader = LogReader(self.studio)
        self._orders = Orders(
            self.blobs,
            self.stages,
            reserve=lambda: self.reserve,
            clock=lambda: self.clock(),  # noqa: PLW0108 - whichever clock the desk has by then
        )
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
        """Load the jobs that had not ended, and forget all others."""
        self.cases.clear()
        self.turns.clear()
        self.aside.clear()
        self._reader.begin(unfinished.position)
        for job_id in unfinished.job_ids:
            self._try_to_open(job_id, unfinished.latest.get(job_id))
        return list(self.cases)

    def look(
        self,
        happened_to: Iterable[UUID],
        ordered: Mapping[UUID, Mapping[AssetKey, float | None]],
        answered: Iterable[tuple[UUID, AssetKey]] = (),
    ) -> Look:
        """Read what is new in the log, and carry out what it comes to, for all whose turn it is.

        Whoever has an answer finds all of its events read: they were durable before it was given.
        ``ordered`` is what each job has waiting or under way, ``answered`` what no longer.
        """
        self.turns.look_at(job_id for job_id in happened_to if job_id in self.cases)
        news = self._reader.read(lambda events: self.turns.look_at(self.fold(events)))
        self.turns.look_at(self.take_up())
        self.turns.look_at(j for j, key in answered if (case := self.cases.get(j)) and case.may_order(key))
        steps: dict[UUID, Step] = {}
        while due := self.turns.take_due():
            steps |= self._steps({job_id: ordered.get(job_id, {}) for job_id in due})
        return Look(news, steps)

    def look_at_all(self) -> None:
        """Nobody knows what has happened: the next look asks about every job."""
        self.turns.look_at(self.cases)

    def set_aside(self, job_id: UUID, error: BaseException, cause: int | None = None) -> None:
        """Leave a job alone for a while: something is wrong with it, or with what is known of it here."""
        case, before = self.cases.get(job_id), self.aside.get(job_id)
        tries = before.tries + 1 if before else 1
        cause = cause or (case.film.cause if case else before.cause if before else None)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        self.aside[job_id] = Aside(reason, tries, self.monotonic() + pause_s(tries), cause)
        self._close(job_id)
        log.error("job %s is set aside (%d times now): %s", job_id, tries, reason, exc_info=error)

    def _close(self, job_id: UUID) -> None:
        self.cases.pop(job_id, None)
        self.turns.forget(job_id)

    def take_up(self) -> set[UUID]:
        """Open again the jobs that were set aside and whose pause is over; gives those that are open."""
        now = self.monotonic()
        due = [j for j, a in self.aside.items() if j not in self.cases and a.again_at <= now]
        return {job_id for job_id in due if self._try_to_open(job_id, self.aside[job_id].cause)}

    def next_try_s(self) -> float | None:
        """In how many seconds the next job that was set aside is tried again."""
        times = [a.again_at for j, a in self.aside.items() if j not in self.cases]
        return max(0.0, min(times) - self.monotonic()) if times else None

    def _try_to_open(self, job_id: UUID, cause: int | None) -> bool:
        try:
            is_ours = self._open(job_id, cause)
        except TRANSIENT_ERRORS:
            raise
        except JobNotFoundError:
            is_ours = False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one job, the others go on
            self.set_aside(job_id, error, cause)
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
                # A name causes nothing.
                if self._note(recorded) and not isinstance(event, Job.Renamed):
                    film = self.cases[job_id].film
                    film.happened(event.originator_id, recorded.position)
                    # That an order has begun makes nothing possible; only what is to be stopped is told.
                    if not isinstance(event, Asset.AttemptStarted) or film.job.cancel_requested:
                        touched.add(job_id)
            except TRANSIENT_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 - as when it is opened
                self.set_aside(job_id, error, recorded.position)
        return touched

    def _job_of(self, event: Any) -> UUID | None:
        """Whose event it is; None where it is of no job that matters here."""
        if not isinstance(event, _OF_JOBS):
            return None
        named: UUID | None = event.job_id
        if named is not None:
            return named
        stream: UUID = event.originator_id
        return next((job_id for job_id, case in self.cases.items() if case.film.find(stream)), stream)

    def _note(self, recorded: Recorded) -> bool:
        event = recorded.event
        case = self.cases.get(event.job_id)
        if case is None and event.job_id in self.aside:
            # Perhaps this is what was missing; but no more often than the shortest pause allows.
            aside = self.aside[event.job_id]
            aside.again_at = min(aside.again_at, self.monotonic() + pause_s(1))
            aside.cause = recorded.position
            return False
        if case is None:
            if not isinstance(event, Job.Submitted | Job.Reopened):
                return False
            return self._open(event.job_id, recorded.position)
        missed = case.film.missed_before(event)
        if missed > 0:
            self._reload(case)
        elif missed == 0:
            case.film.evolve(event)
        self.turns.note(case)
        return True  # also of our own append, or what was loaded already

    def _open(self, job_id: UUID, cause: int | None) -> bool:
        """Load a job that has not ended, and note in the log when it is another Director's that goes on here.

        Such a job may also be met in the log: the board may lie behind what the last Director did. ``cause``
        is the position of what happened to it last.
        """
        if self.only is not None and job_id not in self.only:
            return False
        job = self.studio.job(job_id)
        if job.ended or job.provider != self.provider:
            return False
        job, saved = self.studio.change_job(
            job_id, lambda job: job.resume(self.boot_id, now=self.clock()), begin_with=job
        )
        self._arrivals += 1
        film = self.studio.film(job)
        film.cause = saved.position or cause
        self.cases[job_id] = Case(film, self._arrivals)
        self.turns.note(self.cases[job_id])
        self.turns.look_at([job_id])
        return True

    def _reload(self, case: Case) -> None:
        before = case.film
        case.film = self.studio.film(self.studio.job(before.job.id))
        case.film.cause, case.film.causes = before.cause, before.causes
        case.film.obstacle = before.obstacle
        case.stale = False
        self.turns.note(case)

    def refresh(self, job_id: UUID, key: AssetKey) -> None:
        """See an asset's latest events now, ahead of the next look at the log."""
        case = self.cases.get(job_id)
        if case is None:
            return
        asset, known = self.studio.find_asset(job_id, key), case.film.assets.get(key)
        if asset is not None and (known is None or asset.version > known.version):
            case.film.take(asset)

    # ---- deciding -----------------------------------------------------------------------------------

    def step(self, job_id: UUID, ordered: Mapping[AssetKey, float | None]) -> Step:
        """Carry out what the workflow decides for one job until only orders, or waiting, are left."""
        return self._steps({job_id: ordered})[job_id]

    def _steps(self, asked: Mapping[UUID, Mapping[AssetKey, float | None]]) -> dict[UUID, Step]:
        """The same for several jobs: what is decided for all of them is appended at once."""
        steps: dict[UUID, Step] = {}
        left = list(asked)
        while left:
            changed: dict[UUID, list[Job | Asset]] = {}
            for job_id in left:
                found = self._of_one(job_id, lambda case: self._ask(case, asked[case.job.id]))
                if isinstance(found, Step):
                    steps[job_id] = found
                else:
                    changed[job_id] = found
            left = []
            for job_id, outcome in self._append(changed).items():
                ended = self._of_one(job_id, partial(self._save, saved=outcome))
                if ended is None:
                    left.append(job_id)
                else:
                    steps[job_id] = ended
        return {job_id: steps[job_id] for job_id in asked}

    def _of_one(self, job_id: UUID, ask: Callable[[Case], T]) -> T | Step:
        """Whatever is wrong with one job, the others go on; what passes is waited for."""
        case = self.cases.get(job_id)
        if case is None:
            return Step(ended=True)
        try:
            return ask(case)
        except TRANSIENT_ERRORS:
            case.stale = True  # it may be ahead of the log
            raise
        except Exception as error:  # noqa: BLE001 - as when it is opened
            self.set_aside(job_id, error)
            return Step(ended=True)

    def _ask(self, case: Case, ordered: Mapping[AssetKey, float | None]) -> Step | list[Job | Asset]:
        """What is to be saved before the workflow is asked again; a step where it wants nothing more."""
        if case.stale:
            self._reload(case)
        film = case.film
        abandoned = self.losses.abandoned(case)
        decisions = workflow(film, self._now(case), ordered, self._orders.price, abandoned)
        obstacle = film.obstacle
        case.stale = True  # ahead of the log, until it is saved
        changed = carry_out(film, decisions, partial(self._orders.recipe, case), self.clock())
        if changed or film.obstacle is not obstacle:
            return changed
        case.stale = False
        self.aside.pop(film.job.id, None)
        if film.job.ended:
            self._close(film.job.id)
            return Step(ended=True)
        waits = [d.at - case.ahead for d in decisions if isinstance(d, WaitUntil)]
        cancelling = film.job.cancel_requested
        given = OrderAttempt | ResumeAttempt | CancelCall
        orders = [self._orders.order(case, d) for d in decisions if isinstance(d, given)]
        draining = cancelling or bool(film.failed) or film.obstacle is not None
        return Step(orders, min(waits, default=None), draining, cancelling)

    def _append(self, changed: Mapping[UUID, list[Job | Asset]]) -> dict[UUID, _Saved]:
        """One transaction for all; of each job, the streams of its new events, and what came of them."""
        self._orders.store_prompts()
        sources = {j: [one.id for one in some for _ in one.pending_events] for j, some in changed.items()}
        outcomes = self.studio.append_each(list(changed.values()))
        return {j: (sources[j], outcome) for j, outcome in zip(changed, outcomes, strict=True)}

    def _save(self, case: Case, saved: _Saved) -> None:
        sources, outcome = saved
        if isinstance(outcome, IntegrityError):
            return  # a worker or the API was first: it is stale, will be read again, and decided anew
        if isinstance(outcome, Exception):
            raise outcome
        for source, position in zip(sources, outcome.positions, strict=True):
            case.film.happened(source, position)
        self._reader.leave_out(outcome.positions)
        case.stale = False
        self.turns.note(case)

    def _now(self, case: Case) -> datetime:
        """The time for this case's timers, which are told by the clocks of workers.

        Where what waits has failed later than now, that worker's clock is ahead, or ours was set back: its
        wait is then measured from the first look at it.
        """
        now = self.clock()
        if not case.film.waiting:
            case.ahead = timedelta()
            return now
        waiting = [case.film.assets[key].last_attempt for key in case.film.waiting]
        ends = [last.ended_at for last in waiting if last is not None and last.retry_at is not None]
        ahead = max((end - now for end in ends if end is not None), default=timedelta())
        case.ahead = max(case.ahead, ahead) if ahead > MOST_SKEW else timedelta()
        return now + case.ahead

    # ---- the dead -----------------------------------------------------------------------------------

    def lose_dead(self) -> set[UUID]:
        return self.losses.lose_dead()

    def open_attempts(self) -> set[OpenAttempt]:
        return self.losses.open_attempts()

    def lose_forgotten(
        self, attempts: Iterable[OpenAttempt], at_work: Mapping[str, Iterable[str]]
    ) -> set[UUID]:
        return self.losses.lose_forgotten(attempts, at_work)
