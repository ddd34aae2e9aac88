"""Attempts that nobody works on any more: of workers that died, and those that a live one has forgotten.

They are told as lost, but for those whose call the provider has accepted: these are *abandoned*, which the
workflow has another worker go on with.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from actors.director.cases import Case
from actors.work.stage import order_name
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.asset import Asset, AssetKey, Attempt
from domain.ports import Presence
from domain.store import Studio

log = logging.getLogger("reelog.director")

LOOKS_APART_S = 3.0
"""A worker whose lock is still free after this is dead; a live one would have taken it again."""

OpenAttempt = tuple[UUID, AssetKey, int, int, str]
"""Job, asset, revision, number and worker of an attempt that has not ended."""


_Held = tuple[int, int, str, int]
"""Revision, number, worker of an attempt, and how often it was resumed: who has it, and since when."""


def _held(asset: Asset, attempt: Attempt) -> _Held:
    return asset.revision, attempt.number, attempt.worker, attempt.resumes


@dataclass
class Losses:
    """Of the jobs in ``cases``. One that cannot be written is ``set_aside``, and the others go on."""

    studio: Studio
    cases: Mapping[UUID, Case]
    presence: Callable[[str], Presence]
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    set_aside: Callable[[UUID, BaseException], None]
    _missed: set[OpenAttempt] = field(default_factory=set)
    _abandoned: dict[tuple[UUID, AssetKey], _Held] = field(default_factory=dict)
    _found_free: dict[str, float] = field(default_factory=dict)  # workers whose lock was free, and since when

    def lose_dead(self) -> set[UUID]:
        """Tell the open attempts of dead workers as lost; gives the jobs concerned.

        A worker is dead when its presence lock can be obtained at two looks some seconds apart, and the lock
        is held while its losses are written. One look is not enough: on PostgreSQL the lock ends with a
        session, and a live worker that has lost no more than that takes it again in a moment.
        """
        open_attempts: dict[str, list[tuple[Case, Asset]]] = {}
        for case in self.cases.values():
            for asset, attempt in case.film.open_attempts() if case.film.open else ():
                open_attempts.setdefault(attempt.worker, []).append((case, asset))
        now = self.monotonic()
        self._found_free = {w: since for w, since in self._found_free.items() if w in open_attempts}
        self._abandoned = {place: held for place, held in self._abandoned.items() if place[0] in self.cases}
        touched = set()
        present = self.studio.store.present(open_attempts)  # one look for all, before a lock is tried for
        for worker, losses in open_attempts.items():
            lock = self.presence(worker)
            if worker in present or not lock.acquire(0):
                self._found_free.pop(worker, None)
                self._found_alive(worker)
                continue
            try:
                if now - self._found_free.setdefault(worker, now) < LOOKS_APART_S:
                    continue
                touched |= {case.job.id for case, asset in losses if self._let_go(case, asset, worker)}
            finally:
                lock.release()
        return touched

    def open_attempts(self) -> set[OpenAttempt]:
        return {
            (case.job.id, asset.key, asset.revision, attempt.number, attempt.worker)
            for case in self.cases.values()
            for asset, attempt in case.film.open_attempts()
        }

    def lose_forgotten(
        self, attempts: Iterable[OpenAttempt], at_work: Mapping[str, Iterable[str]]
    ) -> set[UUID]:
        """Tell attempts as lost that a live worker has open and does not work on; gives the jobs concerned.

        ``at_work`` is what each worker said after ``attempts`` were seen open: a worker lists an attempt
        until its end is recorded, so one that it does not list has ended or was forgotten, and the log tells
        which. It must be missed twice, so that nothing hangs on one answer.
        """
        working = {worker: set(names) for worker, names in at_work.items()}
        missed = {
            attempt
            for attempt in attempts
            if attempt[-1] in working and order_name(*attempt[:-1]) not in working[attempt[-1]]
        }
        self._missed, again = missed - self._missed, missed & self._missed
        touched = set()
        for job_id, key, revision, number, worker in again:
            case = self.cases.get(job_id)
            if case is None or key not in case.film.assets:
                continue
            log.error("worker %s no longer works on %s of job %s", worker, key.name, job_id)
            if self._let_go(case, case.film.assets[key], worker, (revision, number)):
                touched.add(job_id)
        return touched

    def abandoned(self, case: Case) -> set[AssetKey]:
        """What of a job has an accepted call that nobody asks for any more."""
        if not self._abandoned:  # as nearly always
            return set()
        found = ((asset.key, _held(asset, attempt)) for asset, attempt in case.film.open_attempts())
        return {key for key, held in found if self._abandoned.get((case.job.id, key)) == held}

    def _found_alive(self, worker: str) -> None:
        """It was cut off for longer than the dead are waited for, and asks again for what it has."""
        self._abandoned = {p: held for p, held in self._abandoned.items() if worker not in held}

    def _let_go(
        self, case: Case, asset: Asset, worker: str, attempt_is: tuple[int, int] | None = None
    ) -> bool:
        """Whether that changes what is to be done about the job."""
        attempt = asset.open_attempt
        if attempt is None or not attempt.is_resumable:
            self._lose(case, asset, worker, attempt_is)
            return True
        if attempt.worker != worker or attempt_is not in (None, (asset.revision, attempt.number)):
            return False
        held, place = _held(asset, attempt), (case.job.id, asset.key)
        if self._abandoned.get(place) == held:
            return False
        log.warning("worker %s left its call for %s of job %s", worker, asset.key.name, case.job.id)
        self._abandoned[place] = held
        return True

    def _lose(self, case: Case, asset: Asset, worker: str, attempt_is: tuple[int, int] | None = None) -> None:
        def decide(latest: Asset) -> None:
            attempt = latest.open_attempt
            if attempt is None or attempt_is not in (None, (latest.revision, attempt.number)):
                return
            if attempt.worker == worker:
                latest.lose_attempt(
                    latest.revision,
                    attempt.number,
                    run=case.job.run,
                    now=self.clock(),
                    causation=case.film.cause,
                )

        try:
            latest, saved = self.studio.change_asset(asset.id, decide)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - as when it is opened
            self.set_aside(case.job.id, error)
            return
        case.film.take(latest)
        case.film.cause = saved.position or case.film.cause
        if saved.position is not None:
            log.warning("worker %s lost %s of job %s", worker, asset.key.name, case.job.id)
