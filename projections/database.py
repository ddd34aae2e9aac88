"""Where the read models are kept: a SQLite file of their own beside the event store, or the same PostgreSQL.

A file of their own, so that a reader's long query never stands in the way of an append. Writing begins with
BEGIN IMMEDIATE: a transaction that reads and then writes would otherwise fail at once when another writer
comes between, whatever the timeout. Read models can be made again from the log, so a power cut may cost the
last transaction (synchronous=NORMAL); the position goes back with the tables, and the projector catches up.
"""

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from domain.store.presence import locked_file
from domain.store.sqlite_recorder import identity_of, sidecar
from domain.store.sqlite_wal import empty_wal
from projections.tables import REGISTERED, REGISTRY

BUSY_TIMEOUT_S = 15.0
_KEPT_CONNECTIONS = 8

Row = tuple[Any, ...]


class ReadModelsUnavailableError(RuntimeError):
    """The read models cannot be opened, read or written; the message says why."""


class RefusedValueError(ValueError):
    """The database is well and will not take this value: its owner is in the way, not the disk."""


class Transaction(Protocol):
    """One transaction: every statement in it sees the same state.

    RefusedValueError where a value is not taken, ReadModelsUnavailableError for everything else.
    """

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
    """One file; connections are kept in a small pool and lent to one thread at a time.

    The file is looked at before each use: it may be thrown away at any time, also under a running server, and
    is then made anew, where a connection would go on with a file that nobody else can find.
    """

    blob = "BLOB"

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_KEPT_CONNECTIONS)
        self._closed = False
        self._lock_file = sidecar(path, "-lock")
        self._renewal = threading.Lock()
        self._file: tuple[int, int] | None = None
        with self.read():
            pass

    def read(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN")

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN IMMEDIATE", in_turn=True)

    @contextlib.contextmanager
    def _transaction(self, begin: str, *, in_turn: bool = False) -> Iterator[Transaction]:
        with contextlib.ExitStack() as turn:
            try:
                file = self._see_to_the_file()
                if in_turn:
                    # The kernel's queue is fair, SQLite's waiting is not: a rebuild would starve all others.
                    turn.enter_context(locked_file(self._lock_file))
                connection = self._take()
            except (sqlite3.Error, OSError) as error:
                raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error
            try:
                connection.execute(begin)
                yield SqliteTransaction(connection, self._path)
                connection.execute("COMMIT")
            except BaseException as error:
                # A connection in an unknown state is not lent again; closing it rolls back.
                connection.close()
                if isinstance(error, sqlite3.Error):
                    raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error
                raise
        if file == self._file:
            self._give_back(connection)
        else:
            connection.close()

    def _see_to_the_file(self) -> tuple[int, int] | None:
        """Which file it is that has the name now; connections to another one are given up."""
        if self._file is None or identity_of(self._path) != self._file:
            with self._renewal:
                self._forget_connections()
                if not self._is_made():
                    self._make()
                self._file = identity_of(self._path)
        return self._file

    def _is_made(self) -> bool:
        if identity_of(self._path) is None:
            return False
        names = ", ".join(f"'{name}'" for name in REGISTERED)
        with contextlib.closing(self._take()) as connection:
            found = f"SELECT count(*) FROM sqlite_master WHERE name IN ({names})"  # noqa: S608 - our own
            return bool(connection.execute(found).fetchone() == (len(REGISTERED),))

    def _make(self) -> None:
        with locked_file(self._lock_file):
            if identity_of(self._path) is None:
                # What a file that was deleted has left beside it would be taken for a part of the new one.
                for suffix in ("-wal", "-shm"):
                    sidecar(self._path, suffix).unlink(missing_ok=True)
            with contextlib.closing(self._take()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in REGISTRY:
                    connection.execute(statement)
                connection.execute("COMMIT")

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
            self._see_to_the_file()
            empty_wal(self._path)
        except sqlite3.Error as error:
            raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error

    def close(self) -> None:
        self._closed = True
        self._forget_connections()

    def _forget_connections(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


class SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def run(self, sql: str, *values: Any) -> int:
        with self._told():
            return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._told():
            self._connection.executemany(sql, rows)

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self._told():
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        with self._told():
            row: Row | None = self._connection.execute(sql, values).fetchone()
            return row

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell a value that SQLite will not take from a file that it cannot use."""
        try:
            yield
        except (OverflowError, UnicodeError, sqlite3.DataError, sqlite3.IntegrityError) as error:
            raise RefusedValueError(str(error)) from error
        except (sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
            # Of the binding of a value, unless the connection is no more.
            if self._is_open():
                raise RefusedValueError(str(error)) from error
            raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error
        except sqlite3.Error as error:
            raise ReadModelsUnavailableError(f"read models at {self._path}: {error}") from error

    def _is_open(self) -> bool:
        try:
            self._connection.execute("SELECT 1")
        except sqlite3.Error:
            return False
        return True
