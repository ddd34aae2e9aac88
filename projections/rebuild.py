"""Building the read models anew, beside the live ones, while those go on being written.

A new generation is filled from position 0 to the log's end without any lock, in bulk (``bulk.py``). Then,
in one transaction that keeps other writers out, the last few events are added and the ``live`` mark moves.
Readers never see a gap or an older state; the projector notices that its generation is retired and goes on
with the new one.

Whoever builds holds a presence lock named by the generation. So a generation that is not live and whose
builder is dead (killed, or told to end) is known for what it is, and goes at the next start, rebuild or
prune: it would keep texts that were pruned since.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from domain.ports import Presence
from domain.store import EventLog, EventStore
from projections import tables
from projections.bulk import Makers, NotInBulkError, makers
from projections.database import Database, RefusedValueError, Transaction
from projections.projection import Projection

logger = logging.getLogger(__name__)

BATCH = 250
"""Few, as live projection waits while one is written."""


@dataclass(frozen=True)
class Rebuilt:
    generation: int
    position: int
    events: int


@dataclass(frozen=True)
class Verified:
    """How the live tables compare with a build from zero; ``differences`` counts rows by table."""

    position: int
    events: int
    differences: dict[str, int] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        return not self.differences


class RebuildEndedError(RuntimeError):
    """The builder was told to end; what it has built so far is of no use to anybody."""


def never() -> bool:
    return False


def rebuild(
    database: Database,
    store: EventStore,
    log: EventLog,
    progress: Callable[[int, int], None] | None = None,
    ending: Callable[[], bool] = never,
    processes: int = 0,
) -> Rebuilt:
    """Build all read models from zero and switch to them; ``progress`` is told (position, head).

    ``processes``: how many others may make the rows of a long log. RebuildEndedError soon after ``ending``
    says so.
    """
    drop_abandoned(database, store)
    with _building(database, store, log) as projection:
        with makers(store.url, log, processes) as made_by:
            events = _fill_in_bulk(projection, made_by, log.head(), progress, ending)
        # What came meanwhile, or all of it where bulk has given up.
        events += _fill(projection, log, progress, ending=ending)
        with database.write() as transaction:
            _drop_retired(transaction, store, keep=projection.generation)
            transaction.run(tables.RETIRE_LIVE)
            # From here on no projector can write; what came meanwhile is little.
            while batch := log.read(projection.position, BATCH):
                projection.project_in(transaction, batch, live=False)
                events += len(batch)
            transaction.run(tables.MAKE_LIVE, projection.generation)
        return Rebuilt(projection.generation, projection.position, events)


def verify(
    database: Database,
    store: EventStore,
    log: EventLog,
    progress: Callable[[int, int], None] | None = None,
    processes: int = 0,
) -> Verified:
    """Build all read models from zero beside the live ones, compare every row, and drop them again.

    The comparison is made in one read transaction, so nobody waits for it. LookupError when nothing has been
    projected yet, or when the live tables are still those of an older version.
    """
    _live(database)
    drop_abandoned(database, store)
    with _building(database, store, log) as projection:
        try:
            with makers(store.url, log, processes) as made_by:
                events = _fill_in_bulk(projection, made_by, _live(database)[1], progress)
            while (differences := _compared(database, projection)) is None:
                # Something was projected since; it is little, and soon taken in.
                events += _fill(projection, log, None, until=lambda: _live(database)[1])
        finally:
            with database.write() as transaction:
                drop_generation(transaction, projection.generation)
    return Verified(projection.position, events, differences)


def _compared(database: Database, projection: Projection) -> dict[str, int] | None:
    """How many rows differ in each table; None when the two do not stand at one position."""
    with database.read() as transaction:
        live = transaction.one(tables.LIVE)
        if live is None or live[1] != projection.position:
            return None
        other = projection.generation
        found = {table: _differing(transaction, table, live[0], other) for table in tables.TABLES}
        asides = [transaction.all(tables.ASIDE, generation) for generation in (live[0], other)]
        found["set aside"] = len(set(asides[0]) ^ set(asides[1]))
        return {table: count for table, count in found.items() if count}


@contextlib.contextmanager
def _building(database: Database, store: EventStore, log: EventLog) -> Iterator[Projection]:
    """A new generation, and the lock that says that it is being built."""
    held: list[Presence] = []

    def claim(generation: int) -> bool:
        presence = store.presence(_builder(generation))
        if presence.acquire(0):
            held.append(presence)
            return True
        return False

    try:
        yield create_generation(database, log, claim=claim)
    finally:
        for presence in held:
            presence.release()


def _builder(generation: int) -> str:
    return f"read-models-{generation}"


def create_generation(
    database: Database, log: EventLog, *, live: bool = False, claim: Callable[[int], bool] = lambda _: True
) -> Projection:
    """Make empty tables of the next generation; ``claim`` may say that its number is taken."""
    with database.write() as transaction:
        taken = transaction.all(tables.GENERATIONS)
        generation = max((row[0] for row in taken), default=0) + 1
        # Claimed before anybody can see it: a generation that nobody builds is dropped.
        while not claim(generation):
            generation += 1
        for statement in tables.SCHEMA:
            transaction.run(in_words_of(database, statement, generation))
        transaction.run(tables.ADD_GENERATION, generation, tables.FOLD, 1 if live else 0)
    return Projection(database, log, generation, 0)


def in_words_of(database: Database, statement: str, generation: int) -> str:
    """A statement that creates something, with the types that this database has."""
    types = {"blob": database.blob, "text": database.text, "position": database.position}
    return statement.format(g=generation, **types)


def drop_generation(transaction: Transaction, generation: int) -> None:
    for table in tables.TABLES:
        transaction.run(tables.DROP.format(table=table, g=generation))
    transaction.run(tables.FORGET_ASIDE, generation)
    transaction.run(tables.FORGET_GENERATION, generation)


def drop_abandoned(database: Database, store: EventStore) -> None:
    """Drop what a builder that is dead has left; what was live before is left to late readers."""
    for generation in _not_live(database, retired=False):
        lock = store.presence(_builder(generation))
        if lock.acquire(0):
            try:
                with database.write() as transaction:
                    rows = transaction.all(tables.GENERATIONS)
                    if (generation, 0) in [tuple(row) for row in rows]:
                        drop_generation(transaction, generation)
            finally:
                lock.release()


def forget_retired(database: Database, store: EventStore) -> None:
    """Drop everything but the live generation and what is being built now."""
    drop_abandoned(database, store)
    with database.write() as transaction:
        live = transaction.one(tables.LIVE)
        if live is not None:
            _drop_retired(transaction, store, keep=live[0])


def _not_live(database: Database, *, retired: bool) -> list[int]:
    with database.read() as transaction:
        live = transaction.one(tables.LIVE)
        below = live[0] if live is not None else 0
        rows = transaction.all(tables.GENERATIONS)
    return [g for g, is_live in rows if not is_live and (g < below) == retired]


def _drop_retired(transaction: Transaction, store: EventStore, keep: int) -> None:
    """Drop generations that were live before the one that is live now; a late reader may still be on that."""
    live = transaction.one(tables.LIVE)
    for generation, is_live in transaction.all(tables.GENERATIONS):
        retired = live is not None and generation < live[0] and generation < keep
        if not is_live and retired and not store.is_present(_builder(generation)):
            drop_generation(transaction, generation)


def _live(database: Database) -> tuple[int, int]:
    with database.read() as transaction:
        row = transaction.one(tables.LIVE)
    if row is None:
        raise LookupError("nothing has been projected yet; there is nothing to compare with")
    if row[2] != tables.FOLD:
        raise LookupError("the read models are being built anew after an update; try again when that is done")
    return row[0], row[1]


def _fill_in_bulk(
    projection: Projection,
    made_by: Makers,
    head: int,
    progress: Callable[[int, int], None] | None,
    ending: Callable[[], bool] = never,
) -> int:
    events = 0
    try:
        for end, made in made_by.ranges(projection.position, head):
            if ending():
                raise RebuildEndedError
            projection.store(end, made)
            events += made.events
            if progress:
                progress(projection.position, head)
    except (NotInBulkError, RefusedValueError) as error:
        logger.warning("the read models are built event by event: %s", error)
        projection.empty()
        return 0
    return events


def _fill(
    projection: Projection,
    log: EventLog,
    progress: Callable[[int, int], None] | None,
    until: Callable[[], int] | None = None,
    ending: Callable[[], bool] = never,
) -> int:
    events = 0
    while True:
        if ending():
            raise RebuildEndedError
        head = until() if until else log.head()
        batch = [r for r in log.read(projection.position, BATCH) if r.position <= head]
        if not batch:
            return events
        projection.project(batch, live=False)
        events += len(batch)
        if progress:
            progress(projection.position, head)


def _differing(transaction: Transaction, table: str, a: int, b: int) -> int:
    """Rows that are in one and not the other."""
    found = 0
    for one, other in ((a, b), (b, a)):
        row = transaction.one(tables.DIFFERENCE.format(table=table, a=one, b=other))
        assert row is not None
        found += row[0]
    return found
