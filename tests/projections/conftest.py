from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.store import EventStore, open_event_store
from projections.database import Database, open_database
from projections.projector import Projector
from projections.readers import ReadModels
from tests.projections.filming import Filming


@pytest.fixture
def store_kind() -> str:
    """What a module parametrizes to run on both stores."""
    return "sqlite"


@pytest.fixture
def store_url(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if store_kind == "sqlite":
        return f"sqlite:///{tmp_path}/events.sqlite3"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[EventStore]:
    store = open_event_store(store_url)
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
