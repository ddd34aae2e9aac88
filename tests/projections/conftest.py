from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.event_store import EventStore, open_event_store
from projections.database import Database, open_database
from projections.projector import Projector
from projections.readers import ReadModels
from tests.projections.filming import Filming


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = open_event_store(f"sqlite:///{tmp_path}/events.sqlite3")
    yield store
    store.close()


@pytest.fixture
def filming(store: EventStore) -> Iterator[Filming]:
    filming = Filming(store)
    yield filming
    filming.studio.close()


@pytest.fixture
def database(store: EventStore) -> Iterator[Database]:
    database = open_database(store.url)
    yield database
    database.close()


@pytest.fixture
def projector(store: EventStore, filming: Filming, database: Database) -> Iterator[Projector]:
    """A projector that runs."""
    projector = Projector(store, filming.log, database)
    projector.start()
    yield projector
    projector.close()


@pytest.fixture
def readers(store: EventStore, filming: Filming, database: Database) -> ReadModels:
    return ReadModels(store, filming.log, database)
