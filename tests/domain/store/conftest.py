"""An empty SQLite store and its recorder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from domain.store import (
    EventStore,
    open_event_store,
)
from domain.store.sqlite_recorder import Recorder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "events.db"


@pytest.fixture
def store(path: Path) -> Iterator[EventStore]:
    store = open_event_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def recorder(store: EventStore) -> Iterator[Recorder]:
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(
        Environment(env={**store.environment(), "SQLITE_LOCK_TIMEOUT": "1"})
    )
    recorder = factory.application_recorder()
    assert isinstance(recorder, Recorder)
    yield recorder
    factory.close()
