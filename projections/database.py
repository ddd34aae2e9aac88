"""Where the read models are kept: a SQLite file of their own beside the event store, or the same PostgreSQL.

A file of their own, so that a reader's long query never stands in the way of an append. Writing begins with
BEGIN IMMEDIATE: a transaction that reads and then writes would otherwise fail at once when another writer
comes between, whatever the timeout. Read models can be made again from the log, so a power cut may cost the
last transaction (synchronous=NORMAL); the position goes back with the tables, and the projector catches up.
"""

import contextlib
import queue
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from domain.event_store_sqlite_wal import empty_wal
from projections.tables import REGISTRY

BUSY_TIMEOUT_S = 15.0
_KEPT_CONNECTIONS = 8

Row = tuple[Any, ...]


class ReadModelsUnavailableError(RuntimeError):
    """The read models cannot be opened, read or written; the message says why."""


class Transaction(Protocol):
    """One transaction: every statement in it sees the same state."""

    def run(self, sql: str, *values: Any) -> int:
        """Execute; gives the number of rows that changed."""
        ...

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    def all(self, sql: str, *values: Any) -> list[Row]: ...

    def one(self, sql: str, *values: Any) -> Row | None: ...


class Database(Protocol):
    url: str
    blob: str  # what the store calls a column of bytes

    def read(self) -> contextlib.AbstractContextManager[Transaction]: ...

    def write(self) -> contextlib.AbstractContextManager[Transaction]: ...

    def settle(self) -> None:
        """After texts were removed: drop the copies that the database itself keeps, as far as it can."""
        ...

    def close(self) -> None: ...


def open_database(store_url: str) -> Database:
    """The read models of the event store at this URL; made when missing."""
    if store_url.startswith("sqlite:///"):
        path = Path(store_url.removeprefix("sqlite:///"))
        return SqliteDatabase(path.with_name(f"{path.name}-views"))
    if store_url.startswith(("postgresql://", "postgres://")):
        # Loading psycopg takes time and memory; only those pay that use it.
        from projections.database_postgresql import PostgresqlDatabase  # noqa: PLC0415

        return PostgresqlDatabase(store_url)
    raise ReadModelsUnavailableError(f"read models cannot be kept beside {store_url}")


class SqliteDatabase:
    """One file; connections are kept in a small pool and lent to one thread at a time."""

    blob = "BLOB"

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_KEPT_CONNECTIONS)
        self._closed = False
        with self.write() as transaction:
            transaction.run(REGISTRY)

    def read(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN")

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN IMMEDIATE")

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        try:
            connection = self._take()
            try:
                connection.execute(begin)
                yield SqliteTransaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                # A connection in an unknown state is not lent again; closing it rolls back.
                connection.close()
                raise
        except sqlite3.Error as error:
            raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error
        self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise ReadModelsUnavailableError(f"read models at {self._path}: closed in this process")
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            # Pages that a text has left are zeroed: retention removes what is on the disk, too.
            connection.execute("PRAGMA secure_delete=ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if not self._closed:
                self._idle.put_nowait(connection)
                return
        except queue.Full:
            pass
        connection.close()

    def settle(self) -> None:
        try:
            empty_wal(self._path)
        except sqlite3.Error as error:
            raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


class SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, *values: Any) -> int:
        return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def all(self, sql: str, *values: Any) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row
