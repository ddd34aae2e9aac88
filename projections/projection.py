"""Writes the log into the tables of one generation, a batch of events in one transaction.

Used alike by the live projector and by a rebuild, which has most of its rows made in bulk. The folds of
recent jobs are kept in memory; a job that is not among them is folded again from its own events, which its
timeline names.
"""

import json
import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from domain.job import Job
from domain.plain import plain
from domain.store import EventLog, Recorded, UnreadableEventError
from domain.tombstones import digests_in
from projections import tables
from projections.bulk import Made
from projections.database import Database, ReadModelsUnavailableError, Transaction
from projections.job_fold import Aside, Entry, JobFold
from projections.rows import Rows, concerns_a_job, digests_of
from projections.wire import encode

KEPT_JOBS = 128
_BEYOND_ALL = 2**62

logger = logging.getLogger(__name__)
_LONGEST_REASON = 500


class UnfoldableEventError(Exception):
    """An event cannot be folded: a defect here, a damaged log, or one that a newer version wrote."""

    def __init__(self, position: int, cause: BaseException) -> None:
        super().__init__(_reason(cause))
        self.position = position


class SupersededError(Exception):
    """The generation is no longer the one to write, or another process has written it further."""


TRANSIENT_ERRORS = (PersistenceError, ReadModelsUnavailableError, OSError, MemoryError, SupersededError)
"""What says nothing about an event: tried again, never a reason to set a job aside."""


class Projection:
    """The tables of one generation, and how far they are. Not for several threads."""

    def __init__(self, database: Database, log: EventLog, generation: int, position: int) -> None:
        self.generation = generation
        self.position = position
        self._database = database
        self._log = log
        self._folds: OrderedDict[UUID, JobFold] = OrderedDict()

    def project(self, events: Sequence[Recorded], *, live: bool = True) -> list[Entry]:
        """Fold and store events beyond ``position``; gives their timeline entries.

        An event that cannot be folded sets its job aside, and nothing else. SupersededError, and whatever
        the database or the log raise, leave all tables as they were.
        """
        if not events:
            return []
        with self._all_or_nothing() as transaction:
            return self.project_in(transaction, events, live=live)

    def store(self, end: int, made: Made) -> None:
        """Store what was made of the log up to ``end``, and project what was left of it."""
        with self._all_or_nothing() as transaction:
            self._advance(transaction, end, live=False)
            made.rows.store(transaction, self.generation)
            self._take_in(transaction, self._log.decode(self._log.stored(made.left)))
            self.position = end
        self._shrink()

    def empty(self) -> None:
        """Begin again at position 0."""
        with self._all_or_nothing() as transaction:
            self._advance(transaction, 0, live=False)
            for table in tables.TABLES:
                transaction.run(tables.EMPTY.format(table=table, g=self.generation))
            transaction.run(tables.FORGET_ASIDE, self.generation)
            self.position = 0
            self._folds.clear()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[Transaction]:
        before = self.position
        try:
            with self._database.write() as transaction:
                yield transaction
        except BaseException:
            self.position = before
            self._folds.clear()
            raise

    def _advance(self, transaction: Transaction, end: int, *, live: bool) -> None:
        values = end, self.generation, self.position, 1 if live else 0
        if not transaction.run(tables.ADVANCE, *values):
            raise SupersededError

    def project_in(self, transaction: Transaction, events: Sequence[Recorded], *, live: bool) -> list[Entry]:
        """Do so in the caller's transaction; if that comes to nothing, this object is of no more use."""
        self._advance(transaction, events[-1].position, live=live)
        entries = self._take_in(transaction, events)
        self._shrink()
        return entries

    def _shrink(self) -> None:
        while len(self._folds) > KEPT_JOBS:
            self._folds.popitem(last=False)

    def _take_in(self, transaction: Transaction, events: Sequence[Recorded]) -> list[Entry]:
        """Fold and store; an event that is in the way is looked for, and its job set aside."""
        if not events:
            return []
        transaction.run("SAVEPOINT part")
        try:
            folded = self._fold(transaction, events)
            for job_id in folded.pruned:
                self._fold_again(transaction, job_id, folded)
            for fold in folded.touched.values():
                folded.rows.add_pages(fold)
            folded.rows.store(transaction, self.generation)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an event raises sets its job aside
            transaction.run("ROLLBACK TO SAVEPOINT part")
            transaction.run("RELEASE SAVEPOINT part")
            self._folds.clear()
            if len(events) == 1:
                self._set_aside(transaction, events[0], error)
                self.position = events[0].position
                return []
            before, rest = _divided(events, getattr(error, "position", None))
            return self._take_in(transaction, before) + self._take_in(transaction, rest)
        transaction.run("RELEASE SAVEPOINT part")
        self.position = events[-1].position
        return folded.rows.entries

    # ---- folding ------------------------------------------------------------------------------------

    def _fold(self, transaction: Transaction, events: Sequence[Recorded]) -> "_Folded":
        folded = _Folded()
        aside = {row[0] for row in transaction.all(tables.ASIDE, self.generation)}
        for recorded in events:
            if not concerns_a_job(recorded):
                continue
            job_id = self._job_of(transaction, recorded)
            if aside and str(job_id) in aside:
                self._pass_over(transaction, job_id, recorded)
                continue
            try:
                self._fold_one(transaction, job_id, recorded, folded)
            except TRANSIENT_ERRORS:
                raise
            except Exception as error:
                raise UnfoldableEventError(recorded.position, error) from error
        return folded

    def _fold_one(
        self, transaction: Transaction, job_id: UUID, recorded: Recorded, folded: "_Folded"
    ) -> None:
        fold = folded.touched.get(job_id) or self._fold_of(transaction, job_id)
        folded.touched[job_id] = fold
        folded.rows.add_event(fold, recorded)
        if isinstance(recorded.event, Job.PruneStarted):
            folded.pruned.append(job_id)

    # ---- setting aside ------------------------------------------------------------------------------

    def _set_aside(self, transaction: Transaction, recorded: Recorded, error: Exception) -> None:
        """Show nothing more of the job than what could be folded, say so, and let all others go on."""
        job_id = self._job_of(transaction, recorded)
        reason = str(plain(_reason(error)))[:_LONGEST_REASON]
        aside = Aside(str(job_id), recorded.position, recorded.event.TOPIC, reason)
        logger.error("job %s is set aside at event %s (%s): %s", job_id, aside.position, aside.type, reason)
        transaction.run(tables.SET_ASIDE, self.generation, *vars(aside).values())
        row = transaction.one(tables.JOB.format(g=self.generation), str(job_id))
        if row is not None:
            page = json.loads(row[0]) | {"set_aside": aside.to_dict()}
            transaction.run(tables.CHANGE_JOB.format(g=self.generation), encode(page), str(job_id))
        else:
            self._show_aside(transaction, job_id, aside)
        self._pass_over(transaction, job_id, recorded)

    def _show_aside(self, transaction: Transaction, job_id: UUID, aside: Aside) -> None:
        """Show a job that was made in bulk and whose pages have not been stored yet."""
        fold = self._fold_of(transaction, job_id)
        del self._folds[job_id]
        if fold.film.begun:
            fold.aside = aside
            rows = Rows()
            rows.add_pages(fold)
            rows.store(transaction, self.generation)

    def _pass_over(self, transaction: Transaction, job_id: UUID, recorded: Recorded) -> None:
        """Of an event that is not folded, what others depend on: the bytes it uses, the texts that go."""
        g = self.generation
        if recorded.event.TOPIC == Job.PruneStarted.TOPIC:
            for statement in tables.FORGET_TEXTS:
                transaction.run(statement.format(g=g), str(job_id))
            return
        for stored in self._log.stored([recorded.position]):
            used = [(digest, str(job_id)) for digest in digests_in(stored.state)]
            transaction.many(tables.PUT_USE.format(g=g), used)

    def _job_of(self, transaction: Transaction, recorded: Recorded) -> UUID:
        """Whose event it is. One that does not say so itself is of its asset's job, or of its stream's."""
        event = recorded.event
        named = getattr(event, "job_id", None)
        if isinstance(named, UUID):
            return named
        originator: UUID = event.originator_id
        row = transaction.one(tables.JOB_OF_ASSET.format(g=self.generation), str(originator))
        return UUID(row[0]) if row else originator

    def _fold_again(self, transaction: Transaction, job_id: UUID, folded: "_Folded") -> None:
        """Tell a job anew whose texts were overwritten in the log; nothing of them stays in the tables."""
        rows, owner = folded.rows, str(job_id)
        sql = tables.POSITIONS_OF_JOB.format(g=self.generation)
        positions = [row[0] for row in transaction.all(sql, owner, _BEYOND_ALL)]
        positions += [entry.position for entry in rows.entries if entry.job_id == owner]
        events = self._log.at(positions)
        fold = JobFold()
        told = [fold.apply(recorded) for recorded in events]
        # The whole timeline of the job is written again, so what this batch tells of it stands there too.
        transaction.run(tables.FORGET_ENTRIES.format(g=self.generation), owner)
        rows.entries[:] = sorted(
            [e for e in rows.entries if e.job_id != owner] + told, key=lambda entry: entry.position
        )
        folded.touched[job_id] = self._folds[job_id] = fold
        unused = {
            (digest, owner)
            for recorded, entry in zip(events, told, strict=True)
            for digest in digests_of(recorded.event, entry)
        }
        transaction.many(tables.FORGET_USE.format(g=self.generation), sorted(unused))
        for use in unused:
            rows.uses.pop(use, None)

    def _fold_of(self, transaction: Transaction, job_id: UUID) -> JobFold:
        fold = self._folds.get(job_id)
        if fold is None:
            sql = tables.POSITIONS_OF_JOB.format(g=self.generation)
            rows = transaction.all(sql, str(job_id), _BEYOND_ALL)  # of what was stored: all is before
            fold = JobFold.of(self._log.at([row[0] for row in rows])) if rows else JobFold()
        self._folds[job_id] = fold
        self._folds.move_to_end(job_id)
        return fold


@dataclass
class _Folded:
    """What a batch of events adds, and the jobs that they are about."""

    rows: Rows = field(default_factory=Rows)
    touched: dict[UUID, JobFold] = field(default_factory=dict)
    pruned: list[UUID] = field(default_factory=list)


def _reason(error: BaseException) -> str:
    if isinstance(error, UnfoldableEventError | UnreadableEventError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _divided(
    events: Sequence[Recorded], position: int | None
) -> tuple[Sequence[Recorded], Sequence[Recorded]]:
    """In two, so that an event that is in the way is soon alone: at its position where that is known."""
    places = [index for index, recorded in enumerate(events) if recorded.position == position]
    cut = (places[0] or 1) if places else len(events) // 2
    return events[:cut], events[cut:]
