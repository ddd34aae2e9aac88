"""A projector at work for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.store import EventStore
from projections.database import Database
from projections.projector import Projector
from tests.projections.filming import Filming


@contextmanager
def running(store: EventStore, filming: Filming, database: Database) -> Iterator[Projector]:
    projector = Projector(store, filming.log, database)
    projector.start()
    try:
        yield projector
    finally:
        projector.close()
