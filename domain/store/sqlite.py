"""The event store in one SQLite file: opening it, and what stands beside it.

Beside ``events.db`` and SQLite's own ``-wal`` and ``-shm`` stand ``-lock`` (the writers' queue),
``-signal-NAME`` (ping files) and ``-presence/`` (who is alive). All are empty or nearly so, and are made anew
when they are missing; only the first three hold events.
"""

import contextlib
import os
import sqlite3
from collections.abc import Collection
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.persistence import PersistenceError

from domain.store.errors import StoreUnavailableError
from domain.store.event_store import NOT_FROM_OUTSIDE, EventStore
from domain.store.log import Follower
from domain.store.presence import FilePresence, PresenceFolder, locked_file
from domain.store.signals import FileSignal
from domain.store.sqlite_connections import BUSY_TIMEOUT_S, check_header, connect, sidecar, url_of
from domain.store.sqlite_failures import FAILURES, failure_of
from domain.store.sqlite_recorder import Datastore, Factory, Recorder, signal_file
from domain.store.sqlite_wal import empty_wal


class SqliteEventStore(EventStore):
    """Made by ``open_sqlite``: folder, file and table exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(url_of(path))
        self.path = path
        self._locks = PresenceFolder(sidecar(path, "-presence"))

    @property
    def id(self) -> UUID:
        """Looked up each time: the folder may be reset under a running server, even with the same inode."""
        return _identity(self.path)

    def environment(self) -> dict[str, str]:
        return {
            **NOT_FROM_OUTSIDE,
            "PERSISTENCE_MODULE": f"{Factory.__module__}:{Factory.__qualname__}",
            "SQLITE_DBNAME": str(self.path),
            "SQLITE_LOCK_TIMEOUT": str(BUSY_TIMEOUT_S),
            "CREATE_TABLE": "n",
        }

    def follower(self, after: int = 0) -> Follower:
        datastore = Datastore(self.path)
        return self._following(Recorder(datastore), after, datastore.close)

    def signal(self, name: str) -> FileSignal:
        return FileSignal(name, signal_file(self.path, name))

    def presence(self, name: str) -> FilePresence:
        presence = FilePresence(self._locks, name)
        self._presences.add(presence)
        return presence

    def present(self, names: Collection[str]) -> set[str]:
        return {name for name in names if self._locks.is_held(name)}

    def settle(self) -> None:
        try:
            check_header(self.path)
            empty_wal(self.path)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailableError(self.url, *failure_of(error)) from error

    def sweep_presence(self) -> list[str]:
        return self._locks.sweep()


def open_sqlite(location: str) -> SqliteEventStore:
    """``/FILE`` after ``sqlite://`` is a path in the current folder, ``//FILE`` an absolute one."""
    url = f"sqlite://{location}"
    name = location.removeprefix("/")
    if not location.startswith("/") or name in {"", "/"} or ":memory:" in name:
        raise StoreUnavailableError(
            url, "it names no file", "write sqlite:///FILE, with a fourth slash for an absolute path"
        )
    path = Path(name).absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = path.resolve()
        url = url_of(path)
        with locked_file(sidecar(path, "-lock")):
            check_header(path)
            _migrate(path)
    except (OSError, sqlite3.Error, PersistenceError) as error:
        if isinstance(error, StoreUnavailableError):
            raise
        raise StoreUnavailableError(url, *failure_of(error)) from error
    return SqliteEventStore(path)


def _migrate(path: Path) -> None:
    """Make the file and the table when they are missing. One process at a time: the caller holds the lock."""
    with contextlib.closing(connect(path, create=True)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise StoreUnavailableError(
                url_of(path), f"journal mode is {mode}, not WAL", "keep the store on a local disk"
            )
        if not os.access(path, os.W_OK):
            raise StoreUnavailableError(url_of(path), *FAILURES[sqlite3.SQLITE_READONLY])
        datastore = Datastore(path)
        try:
            Recorder(datastore).create_table()
        finally:
            datastore.close()
        if _identity_in(connection) is None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS store_identity (id TEXT NOT NULL)")
            connection.execute("INSERT INTO store_identity (id) VALUES (?)", (str(uuid4()),))
            connection.execute("COMMIT")


def _identity(path: Path) -> UUID:
    try:
        check_header(path)
        with contextlib.closing(connect(path)) as connection:
            found = _identity_in(connection)
    except sqlite3.Error as error:
        raise StoreUnavailableError(url_of(path), *failure_of(error)) from error
    if found is None:
        raise StoreUnavailableError(url_of(path), "it has no identity", "start the server again")
    return found


def _identity_in(connection: sqlite3.Connection) -> UUID | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_identity'").fetchone()
    row = connection.execute("SELECT id FROM store_identity").fetchone() if known else None
    return UUID(row[0]) if row else None
