"""What the users of a database's connections promise when a database fails: events and read models.

Each case is run over both, on both kinds of database, so that what is mended for one is mended for the other.
"""

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment
from psycopg.sql import SQL

from domain.store import (
    StoreClosedError,
    StoreUnavailableError,
    open_event_store,
    postgresql_pool,
    sqlite_connections,
)
from domain.store.postgresql_recorder import Recorder as PostgresqlRecorder
from domain.store.postgresql_server import lock_key
from domain.store.sqlite_connections import Connections
from projections import tables
from projections.database import ReadModelsUnavailableError, open_database
from projections.database.sqlite import SqliteDatabase

pytestmark = pytest.mark.slow


class User(Protocol):
    """``read`` gives how often ``write`` has succeeded."""

    file: Path | None
    failed: type[Exception]
    closed: type[Exception]
    foreign_lock: tuple[str, Any]
    written_table: str

    def write(self, size: int = 1) -> None: ...
    def read(self) -> int: ...
    def in_use(self) -> contextlib.AbstractContextManager[Callable[[], object]]: ...
    def connections(self) -> Connections: ...
    def close(self) -> None: ...


class Events:
    failed: type[Exception] = StoreUnavailableError
    closed: type[Exception] = StoreClosedError
    foreign_lock = ("SELECT pg_advisory_xact_lock(%s)", (lock_key("append"),))
    written_table = "stored_events"

    def __init__(self, url: str) -> None:
        self._store = open_event_store(url)
        self.file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        self._factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(
            Environment(env={**self._store.environment(), "SQLITE_LOCK_TIMEOUT": "1"})
        )
        self.recorder = self._factory.application_recorder()
        if isinstance(self.recorder, PostgresqlRecorder):
            # The library tries ten times.
            self.recorder.lock_table_statements[0] = SQL("SET LOCAL lock_timeout = '100ms'")

    def write(self, size: int = 1) -> None:
        self.recorder.insert_events([StoredEvent(uuid4(), 1, "topic", b"x" * size)])

    def read(self) -> int:
        return len(self.recorder.select_notifications(None, 1000))

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Callable[[], object]]:
        with self._datastore.transaction(commit=False) as cursor:
            yield lambda: cursor.execute("SELECT 1")

    @property
    def _datastore(self) -> Any:
        return self.recorder.datastore  # type: ignore[attr-defined]

    def connections(self) -> Connections:
        found: Connections = self._datastore.connections
        return found

    def close(self) -> None:
        self._datastore.close()
        self._store.close()


class ReadModels:
    failed: type[Exception] = ReadModelsUnavailableError
    closed: type[Exception] = ReadModelsUnavailableError
    foreign_lock = ("LOCK TABLE read_models IN EXCLUSIVE MODE", None)
    written_table = "read_models"

    def __init__(self, url: str) -> None:
        open_event_store(url).close()  # which makes the folder
        self.database = open_database(url)
        self.file = self.database._path if isinstance(self.database, SqliteDatabase) else None

    def write(self, size: int = 1) -> None:
        with self.database.write() as transaction:
            number = len(transaction.all(tables.GENERATIONS)) + 1
            transaction.run(tables.ADD_GENERATION, number, "x" * size, 0)

    def read(self) -> int:
        with self.database.read() as transaction:
            return len(transaction.all(tables.GENERATIONS))

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Callable[[], object]]:
        with self.database.read() as transaction:
            yield lambda: transaction.one("SELECT 1")

    def connections(self) -> Connections:
        assert isinstance(self.database, SqliteDatabase)
        return self.database._connections

    def close(self) -> None:
        self.database.close()


both_users = pytest.mark.parametrize("make", [Events, ReadModels], ids=["events", "read models"])


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_connections, "BUSY_TIMEOUT_S", 1)


@pytest.fixture(params=[Events, ReadModels], ids=["events", "read models"])
def user(request: pytest.FixtureRequest, store_url: str) -> Iterator[User]:
    user: User = request.param(store_url)
    yield user
    user.close()


@contextlib.contextmanager
def foreign_lock(user: User, url: str) -> Iterator[None]:
    """Another program that has begun to write and does not end."""
    if user.file is not None:
        with contextlib.closing(sqlite3.connect(user.file, isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as other:
            other.execute(*user.foreign_lock)
            yield


def test_a_writer_outlasts_a_foreign_lock(user: User, store_url: str) -> None:
    """On SQLite longer than the busy timeout, which is a second here."""
    writing = threading.Thread(target=user.write)
    with foreign_lock(user, store_url):
        writing.start()
        writing.join(1.5)
        assert writing.is_alive()
        assert user.read() == 0, "readers do not wait"
    writing.join(60)
    assert user.read() == 1


def test_a_lock_that_never_ends_is_a_clear_error_and_the_next_write_works(
    make_impatient: Callable[[], User], store_url: str
) -> None:
    user = make_impatient()
    with foreign_lock(user, store_url):
        with pytest.raises(user.failed, match="the database is locked") as caught:
            user.write()
        assert "keeps" in str(caught.value)
        assert user.read() == 0
    user.write()
    assert user.read() == 1


@pytest.fixture(params=[Events, ReadModels], ids=["events", "read models"])
def make_impatient(
    request: pytest.FixtureRequest, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], User]]:
    monkeypatch.setattr(sqlite_connections, "LOCKED_DEADLINE_S", 0)
    monkeypatch.setattr(postgresql_pool, "LOCK_TIMEOUT_S", 1)
    with contextlib.ExitStack() as stack:

        def make() -> User:
            user: User = request.param(store_url)
            stack.callback(user.close)
            return user

        yield make


def test_a_full_disk_is_a_clear_error_and_loses_nothing(user: User, store_url: str) -> None:
    user.write()
    with disk_full(user, store_url):
        for _ in range(2):
            with pytest.raises(user.failed, match="the disk is full") as caught:
                user.write(100_000)
            assert "make room" in str(caught.value)
        assert user.read() == 1
    user.write(100_000)
    assert user.read() == 2


@contextlib.contextmanager
def disk_full(user: User, url: str) -> Iterator[None]:
    if user.file is not None:
        # The one connection there is: the next use gets it.
        with user.connections().lend() as connection:
            connection.execute("PRAGMA max_page_count = 1")
        yield
        with user.connections().lend() as connection:
            connection.execute("PRAGMA max_page_count = 100000")
        return
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        admin.execute(
            f"CREATE TRIGGER full_disk BEFORE INSERT ON {user.written_table} EXECUTE FUNCTION full_disk()"
        )
        yield
        admin.execute(f"DROP TRIGGER full_disk ON {user.written_table}")


def cut_all(user: User, url: str) -> None:
    if user.file is not None:
        for connection in user.connections()._idle:
            connection.close()
        return
    with psycopg.connect(url, autocommit=True) as admin:
        # With a timeout, in milliseconds, the call waits for each to be gone.
        admin.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_nobody_notices_that_connections_were_cut_while_nobody_used_them(
    user: User, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when dead connections are lent; nor is anybody made to ask again."""
    monkeypatch.setattr(postgresql_pool, "READ_PATIENCE_S", 0)
    user.write()
    with user.in_use() as one, user.in_use() as other:
        one()
        other()
    for _ in range(2):
        cut_all(user, store_url)
        assert user.read() == 1
    cut_all(user, store_url)
    user.write()
    assert user.read() == 2


@both_users
def test_a_connection_that_is_lost_as_it_is_asked_is_replaced(
    make: Callable[[str], User], postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look whether it is alive, that is. Fails when nobody asks again."""
    user = make(postgresql_url)
    user.write()
    monkeypatch.setattr(postgresql_pool, "_is_alive", lambda _: True)
    cut_all(user, postgresql_url)
    assert user.read() == 1
    cut_all(user, postgresql_url)
    user.write()
    assert user.read() == 2
    user.close()


def test_what_a_writer_left_undone_is_undone_and_its_connection_is_lent_again(user: User) -> None:
    """Fails when a connection goes back in the middle of a transaction."""
    with pytest.raises(ZeroDivisionError), user.in_use():
        raise ZeroDivisionError
    user.write()
    assert user.read() == 1


def test_closing_while_in_use_leaves_the_user_its_connection_and_refuses_the_next(user: User) -> None:
    with user.in_use() as use:
        use()
        closing = threading.Thread(target=user.close)
        closing.start()
        closing.join(0.3)
        use()
    closing.join(60)
    assert not closing.is_alive()
    for again in (user.read, user.write):
        with pytest.raises(user.closed, match="closed in this process"):
            again()


@both_users
def test_a_file_that_was_restored_from_a_copy_is_what_is_read_and_written(
    make: Callable[[str], User], tmp_path: Path
) -> None:
    """Fails with connections that outlive their file."""
    user = make(f"sqlite:///{tmp_path}/events.db")
    assert user.file is not None
    user.write()
    copy = user.file.with_name("copy")
    with (
        contextlib.closing(sqlite3.connect(user.file)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    user.write()
    assert user.read() == 2
    for left in (Path(f"{user.file}-wal"), Path(f"{user.file}-shm")):
        left.unlink()
    shutil.move(copy, user.file)
    assert user.read() == 1
    user.write()
    assert user.read() == 2
    user.close()


@both_users
def test_a_file_of_garbage_is_a_clear_error_with_a_way_out(
    make: Callable[[str], User], tmp_path: Path
) -> None:
    user = make(f"sqlite:///{tmp_path}/events.db")
    assert user.file is not None
    user.write()
    user.file.rename(user.file.with_name("kept"))
    user.file.write_bytes(b"this is no database\n" * 500)
    with pytest.raises(user.failed, match="not a SQLite database") as caught:
        user.read()
    assert "put back the right file" in str(caught.value) or "delete the file" in str(caught.value)
    user.close()


@pytest.mark.crash
@both_users
def test_a_restart_of_the_server_is_an_error_while_it_lasts_and_none_after(
    make: Callable[[str], User], restartable_postgresql: Any
) -> None:
    user = make(restartable_postgresql.get_uri())
    user.write()
    restartable_postgresql._stop()
    try:
        with pytest.raises(user.failed, match="see that the server runs"):
            user.read()
    finally:
        restartable_postgresql.ensure_postgres_running()
    assert user.read() == 1
    user.write()
    assert user.read() == 2
    user.close()
