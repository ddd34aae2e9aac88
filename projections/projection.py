"""Writes the log into the tables of one generation, a batch of events in one transaction.

Used alike by the live projector and by a rebuild. The folds of recent jobs are kept in memory; a job that is
not among them is folded again from its own events, which its timeline names.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.event_log import EventLog, Recorded
from domain.job import Job
from domain.script import Kind
from domain.tombstones import digests_in
from projections import calls, tables, totals
from projections.database import Database, Transaction
from projections.job_fold import Entry, JobFold
from projections.timings import Sample, sample
from projections.wire import encode, iso

KEPT_JOBS = 128
_KIND_ORDER = {kind: number for number, kind in enumerate(Kind)}
_SCENES = 1000


class UnfoldableEventError(Exception):
    """An event cannot be folded: a defect here, or a log that a newer version wrote."""

    def __init__(self, position: int, topic: str, cause: BaseException) -> None:
        super().__init__(f"event {position} ({topic}) cannot be projected: {type(cause).__name__}: {cause}")
        self.position = position
        self.topic = topic


class SupersededError(Exception):
    """The generation is no longer the one to write, or another process has written it further."""


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

        UnfoldableEventError leaves all tables as they were; SupersededError too.
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
        folded = self._fold(transaction, events)
        for job_id in folded.pruned:
            self._fold_again(transaction, job_id, folded)
        self._store(transaction, folded)
        self.position = end
        while len(self._folds) > KEPT_JOBS:
            self._folds.popitem(last=False)
        return folded.entries

    # ---- folding ------------------------------------------------------------------------------------

    def _fold(self, transaction: Transaction, events: Sequence[Recorded]) -> "_Folded":
        folded = _Folded()
        for recorded in events:
            job_id = _job_of(recorded)
            fold = folded.touched.get(job_id) or self._fold_of(transaction, job_id)
            folded.touched[job_id] = fold
            was = fold.status if fold.job else None
            try:
                folded.entries.append(fold.apply(recorded))
                if isinstance(recorded.event, Asset.Generated):
                    folded.samples.append(_sample(recorded, fold))
                folded.ended += calls.rows(recorded, fold)
                totals.count(recorded.event, fold.asset_of(recorded), was, fold.status, folded.counted)
            except Exception as error:
                # Whatever a fold raises is told with the event's position, and stops the projector.
                raise UnfoldableEventError(recorded.position, recorded.event.TOPIC, error) from error
            if isinstance(recorded.event, Job.PruneStarted):
                folded.pruned.append(job_id)
            folded.uses += [(digest, str(job_id)) for digest in digests_of(recorded.event)]
        return folded

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
                encode(fold.page()),
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


def _job_of(recorded: Recorded) -> UUID:
    if not isinstance(recorded.event, Job.Event | Asset.Event):
        topic = type(recorded.event).__name__
        raise UnfoldableEventError(recorded.position, topic, TypeError("it is of no job"))
    return recorded.event.job_id


def _sample(recorded: Recorded, fold: JobFold) -> Sample:
    event: Any = recorded.event
    asset = fold.assets[event.originator_id].asset
    assert asset is not None
    assert fold.job is not None
    return sample(recorded.position, event, fold.job, asset.key)


def _asset_rows(job_id: UUID, fold: JobFold) -> list[tuple[str, str, int, bytes, bytes]]:
    return [
        (str(asset_id), str(job_id), ordinal(key), encode(page), encode(revisions))
        for asset_id, (key, page, revisions) in fold.asset_pages().items()
    ]


def ordinal(key: AssetKey) -> int:
    """Assets of a job are listed by kind, in the order in which a film comes about, then by scene."""
    return _KIND_ORDER[key.kind] * _SCENES + (key.scene or 0)
