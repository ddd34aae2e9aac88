"""Writes the log into the tables of one generation, a batch of events in one transaction.

Used alike by the live projector and by a rebuild. The folds of recent jobs are kept in memory; a job that is
not among them is folded again from its own events, which its timeline names.
"""

import json
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.plain import plain
from domain.script import Kind
from domain.store import EventLog, Recorded, Unreadable, UnreadableEventError
from domain.tombstones import digests_in
from projections import calls, tables, totals
from projections.database import Database, ReadModelsUnavailableError, Transaction
from projections.job_fold import Aside, Entry, JobFold
from projections.timings import Sample, sample
from projections.wire import encode, iso

KEPT_JOBS = 128
_KIND_ORDER = {kind: number for number, kind in enumerate(Kind)}
_SCENES, _BEATS = 1000, 1000


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
        before = self.position
        try:
            with self._database.write() as transaction:
                return self.project_in(transaction, events, live=live)
        except BaseException:
            self.position = before
            self._folds.clear()
            raise

    def project_in(self, transaction: Transaction, events: Sequence[Recorded], *, live: bool) -> list[Entry]:
        """Do so in the caller's transaction; if that comes to nothing, this object is of no more use."""
        end = events[-1].position
        advanced = transaction.run(tables.ADVANCE, end, self.generation, self.position, 1 if live else 0)
        if not advanced:
            raise SupersededError
        entries = self._take_in(transaction, events)
        while len(self._folds) > KEPT_JOBS:
            self._folds.popitem(last=False)
        return entries

    def _take_in(self, transaction: Transaction, events: Sequence[Recorded]) -> list[Entry]:
        """Fold and store; an event that is in the way is looked for, and its job set aside."""
        if not events:
            return []
        transaction.run("SAVEPOINT part")
        try:
            folded = self._fold(transaction, events)
            for job_id in folded.pruned:
                self._fold_again(transaction, job_id, folded)
            self._store(transaction, folded)
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
        return folded.entries

    # ---- folding ------------------------------------------------------------------------------------

    def _fold(self, transaction: Transaction, events: Sequence[Recorded]) -> "_Folded":
        folded = _Folded()
        aside = {row[0] for row in transaction.all(tables.ASIDE, self.generation)}
        for recorded in events:
            if not concerns_a_job(recorded):
                continue
            job_id = self._job_of(transaction, recorded)
            if str(job_id) in aside:
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
        event = recorded.event
        if isinstance(event, Unreadable):
            raise UnreadableEventError(recorded.position, event)
        fold = folded.touched.get(job_id) or self._fold_of(transaction, job_id)
        folded.touched[job_id] = fold
        was = fold.status if fold.film.begun else None
        spent = fold.spent_on(recorded)
        folded.entries.append(fold.apply(recorded))
        if isinstance(event, Asset.Generated):
            folded.samples.append(_sample(recorded, fold))
        folded.ended += calls.rows(recorded, fold)
        totals.count(event, fold.asset_of(recorded), spent, was, fold.status, folded.counted)
        if isinstance(event, Job.PruneStarted):
            folded.pruned.append(job_id)
        folded.uses += [(digest, str(job_id)) for digest in digests_of(event)]

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
        self._pass_over(transaction, job_id, recorded)

    def _pass_over(self, transaction: Transaction, job_id: UUID, recorded: Recorded) -> None:
        """Of an event that is not folded, what others depend on: the bytes it uses, the texts that go."""
        g = self.generation
        if recorded.event.TOPIC == Job.PruneStarted.TOPIC:
            for statement in (tables.FORGET_ENTRIES, tables.FORGET_ASSETS, tables.FORGET_JOB):
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
        sql = tables.POSITIONS_OF_JOB.format(g=self.generation)
        positions = [row[0] for row in transaction.all(sql, str(job_id), self.position)]
        positions += [entry.position for entry in folded.entries if entry.job_id == str(job_id)]
        events = self._log.at(positions)
        fold = JobFold()
        told = [fold.apply(recorded) for recorded in events]
        # The whole timeline of the job is written again, so what this batch tells of it stands there too.
        transaction.run(tables.FORGET_ENTRIES.format(g=self.generation), str(job_id))
        folded.entries[:] = sorted(
            [e for e in folded.entries if e.job_id != str(job_id)] + told, key=lambda entry: entry.position
        )
        folded.touched[job_id] = self._folds[job_id] = fold
        unused = {(digest, str(job_id)) for recorded in events for digest in digests_of(recorded.event)}
        transaction.many(tables.FORGET_USE.format(g=self.generation), sorted(unused))
        folded.uses[:] = [use for use in folded.uses if use not in unused]

    def _fold_of(self, transaction: Transaction, job_id: UUID) -> JobFold:
        fold = self._folds.get(job_id)
        if fold is None:
            rows = transaction.all(
                tables.POSITIONS_OF_JOB.format(g=self.generation), str(job_id), self.position
            )
            fold = JobFold.of(self._log.at([row[0] for row in rows])) if rows else JobFold()
        self._folds[job_id] = fold
        self._folds.move_to_end(job_id)
        return fold

    # ---- storing ------------------------------------------------------------------------------------

    def _store(self, transaction: Transaction, folded: "_Folded") -> None:
        g = self.generation
        transaction.many(
            tables.PUT_ENTRY.format(g=g), [(e.position, e.job_id, e.type, e.body) for e in folded.entries]
        )
        transaction.many(tables.PUT_TIMING.format(g=g), folded.samples)
        transaction.many(tables.PUT_CALL.format(g=g), folded.ended)
        transaction.many(tables.PUT_USE.format(g=g), folded.uses)
        transaction.many(tables.ADD_TO_TOTAL.format(g=g), totals.rows(folded.counted))
        for job_id, fold in folded.touched.items():
            transaction.run(
                tables.PUT_JOB.format(g=g),
                str(job_id),
                fold.created,
                fold.position,
                fold.status,
                iso(fold.ended_at),
                fold.content,
                fold.body(),
            )
            transaction.many(tables.PUT_ASSET.format(g=g), _asset_rows(job_id, fold))


@dataclass
class _Folded:
    """What a batch of events adds to the tables."""

    entries: list[Entry] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    ended: list[calls.Row] = field(default_factory=list)
    counted: Counter[totals.Key] = field(default_factory=Counter)
    touched: dict[UUID, JobFold] = field(default_factory=dict)
    pruned: list[UUID] = field(default_factory=list)
    uses: list[tuple[str, str]] = field(default_factory=list)
    """Which digests which jobs name; a job that is pruned uses none."""


def digests_of(event: Any) -> Iterator[str]:
    """Every digest that the event names: of what was made, of prompts, of what was sent and came back."""
    if not isinstance(event, Job.PruneStarted | Job.Pruned):
        yield from digests_in(encode(vars(event)))


def _reason(error: BaseException) -> str:
    if isinstance(error, UnfoldableEventError | UnreadableEventError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def concerns_a_job(recorded: Recorded) -> bool:
    """Events of other aggregates are no business of these tables."""
    return isinstance(recorded.event, Job.Event | Asset.Event | Unreadable)


def _divided(
    events: Sequence[Recorded], position: int | None
) -> tuple[Sequence[Recorded], Sequence[Recorded]]:
    """In two, so that an event that is in the way is soon alone: at its position where that is known."""
    places = [index for index, recorded in enumerate(events) if recorded.position == position]
    cut = (places[0] or 1) if places else len(events) // 2
    return events[:cut], events[cut:]


def _sample(recorded: Recorded, fold: JobFold) -> Sample:
    event: Any = recorded.event
    asset = fold.asset_of(recorded)
    assert asset is not None
    return sample(recorded.position, event, fold.job, asset.key)


def _asset_rows(job_id: UUID, fold: JobFold) -> list[tuple[str, str, int, bytes, bytes]]:
    return [
        (str(asset_id), str(job_id), ordinal(key), encode(page), encode(revisions))
        for asset_id, (key, page, revisions) in fold.take_changed().items()
    ]


def ordinal(key: AssetKey) -> int:
    """Assets of a job are listed by kind, as a film comes about, then by scene and beat."""
    return (_KIND_ORDER[key.kind] * _SCENES + (key.scene or 0)) * _BEATS + key.beat
