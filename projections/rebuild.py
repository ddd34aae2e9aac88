"""Building the read models anew, beside the live ones, while those go on being written.

A new generation is filled from position 0 to the log's end without any lock. Then, in one transaction that
keeps other writers out, the last few events are added and the ``live`` mark moves. Readers never see a gap
or an older state; the projector notices that its generation is retired and goes on with the new one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.event_log import EventLog
from projections import tables
from projections.database import Database, Transaction
from projections.projection import Projection

BATCH = 1000


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


def rebuild(database: Database, log: EventLog, progress: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Build all read models from zero and switch to them; ``progress`` is told (position, head)."""
    projection = create_generation(database, log)
    events = _fill(projection, log, progress)
    with database.write() as transaction:
        _drop_retired(transaction, keep=projection.generation)
        transaction.run(tables.RETIRE_LIVE)
        # From here on no projector can write; what came meanwhile is little.
        while batch := log.read(projection.position, BATCH):
            events += len(projection.project_in(transaction, batch, live=False))
        transaction.run(tables.MAKE_LIVE, projection.generation)
    return Rebuilt(projection.generation, projection.position, events)


def verify(database: Database, log: EventLog, progress: Callable[[int, int], None] | None = None) -> Verified:
    """Build all read models from zero beside the live ones, compare every row, and drop them again.

    LookupError when nothing has been projected yet.
    """
    projection = create_generation(database, log)
    try:
        events = _fill(projection, log, progress, until=lambda: _live(database)[1])
        with database.write() as transaction:
            live = transaction.one(tables.LIVE)
            assert live is not None
            # Take the live row's lock, so that the two stand at one position while they are compared.
            transaction.run(tables.ADVANCE, live[1], live[0], live[1], 1)
            events += _fill_in(transaction, projection, log, live[1])
            differences = {
                table: count
                for table in tables.TABLES
                if (count := _differing(transaction, table, live[0], projection.generation))
            }
    finally:
        with database.write() as transaction:
            drop_generation(transaction, projection.generation)
    return Verified(projection.position, events, differences)


def create_generation(database: Database, log: EventLog, *, live: bool = False) -> Projection:
    """Make empty tables of the next generation."""
    with database.write() as transaction:
        taken = transaction.all(tables.GENERATIONS)
        generation = max((row[0] for row in taken), default=0) + 1
        for statement in tables.SCHEMA:
            transaction.run(statement.format(g=generation, blob=database.blob))
        transaction.run(tables.ADD_GENERATION, generation, tables.FOLD, 1 if live else 0)
    return Projection(database, log, generation, 0)


def drop_generation(transaction: Transaction, generation: int) -> None:
    for table in tables.TABLES:
        transaction.run(tables.DROP.format(table=table, g=generation))
    transaction.run(tables.FORGET_GENERATION, generation)


def forget_retired(database: Database) -> None:
    """Drop what was live before now, which a rebuild leaves for late readers."""
    with database.write() as transaction:
        live = transaction.one(tables.LIVE)
        if live is not None:
            _drop_retired(transaction, keep=live[0])


def _drop_retired(transaction: Transaction, keep: int) -> None:
    """Drop generations that were live before the one that is live now; a late reader may still be on that."""
    for generation, live in transaction.all(tables.GENERATIONS):
        if not live and generation < keep and _is_older_than_live(transaction, generation):
            drop_generation(transaction, generation)


def _is_older_than_live(transaction: Transaction, generation: int) -> bool:
    live = transaction.one(tables.LIVE)
    return live is not None and generation < live[0]


def _live(database: Database) -> tuple[int, int]:
    with database.read() as transaction:
        row = transaction.one(tables.LIVE)
    if row is None:
        raise LookupError("nothing has been projected yet; there is nothing to compare with")
    return row[0], row[1]


def _fill(
    projection: Projection,
    log: EventLog,
    progress: Callable[[int, int], None] | None,
    until: Callable[[], int] | None = None,
) -> int:
    events = 0
    while True:
        head = until() if until else log.head()
        batch = [r for r in log.read(projection.position, BATCH) if r.position <= head]
        if not batch:
            return events
        events += len(projection.project(batch, live=False))
        if progress:
            progress(projection.position, head)


def _fill_in(transaction: Transaction, projection: Projection, log: EventLog, until: int) -> int:
    events = 0
    while batch := [r for r in log.read(projection.position, BATCH) if r.position <= until]:
        events += len(projection.project_in(transaction, batch, live=False))
    return events


def _differing(transaction: Transaction, table: str, a: int, b: int) -> int:
    """Rows that are in one and not the other."""
    found = 0
    for one, other in ((a, b), (b, a)):
        row = transaction.one(tables.DIFFERENCE.format(table=table, a=one, b=other))
        assert row is not None
        found += row[0]
    return found
