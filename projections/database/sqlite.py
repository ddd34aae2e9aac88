"""The read models in a SQLite file of their own, beside the events.

A file of their own, so that a reader's long query never stands in the way of an append. Writing begins with
BEGIN IMMEDIATE: a transaction that reads and then writes would otherwise fail at once when another writer
comes between, whatever the timeout. Read models can be made again from the log, so a power cut may cost the
last transaction (synchronous=NORMAL); the position goes back with the tables, and the projector catches up.

So may the file itself be thrown away at any time, also under a running server: it is made anew at its next
use, where the events' file would be missed.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from domain.store import StoreClosedError, StoreUnavailableError
from domain.store.sqlite_connections import (
    Connections,
    connect,
    empty_wal,
    failure_of,
    identity_of,
    locked_file,
    outlast_locks,
    result_code,
    sidecar,
)
from projections.database.interface import ReadModelsUnavailableError, RefusedValueError, Row, Transaction
from projections.tables import READ_MODELS, Tables

_MADE_ANEW = "delete the file: it is made anew from the log"
_FAILURES = {
    sqlite3.SQLITE_NOTADB: ("the file is not a SQLite database", _MADE_ANEW),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", _MADE_ANEW),
}


class SqliteDatabase:
    blob = "BLOB"
    text = "TEXT"
    position = "INTEGER"

    def __init__(self, path: Path, tables: Tables = READ_MODELS) -> None:
        self._tables = tables
        self.url = f"sqlite:///{path}"
        self._path = path
        self._lock_file = sidecar(path, "-lock")
        self._connections = Connections(path, synchronous="NORMAL", prepare=self._prepare)
        with self.read():
            pass

    def read(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN")

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction("BEGIN IMMEDIATE", in_turn=True)

    @contextlib.contextmanager
    def _transaction(self, begin: str, *, in_turn: bool = False) -> Iterator[Transaction]:
        with contextlib.ExitStack() as stack:
            with self._unavailable():
                connection = stack.enter_context(self._connections.lend())
                if in_turn:
                    # The kernel's queue is fair, SQLite's waiting is not: a rebuild would starve all others.
                    stack.enter_context(locked_file(self._lock_file))
                outlast_locks(lambda: connection.execute(begin))
            try:
                yield SqliteTransaction(connection, self._unavailable)
                with self._unavailable():
                    connection.execute("COMMIT")
            except BaseException:
                # Before others have their turn. What cannot be rolled back is closed, which does it too.
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _unavailable(self) -> Iterator[None]:
        """Whatever the file, or a connection to it, says becomes ReadModelsUnavailableError."""
        try:
            yield
        except StoreClosedError as error:
            reason = "closed in this process"
            raise ReadModelsUnavailableError(f"read models at {self._path}: {reason}") from error
        except (StoreUnavailableError, sqlite3.Error, OSError) as error:
            code = result_code(error)
            if code == sqlite3.SQLITE_ERROR:
                # A reader's tables were dropped after a rebuild: the next look finds the new ones.
                reason, hint = str(error), "try again"
            else:
                reason, hint = _FAILURES.get(code) or failure_of(error)
            raise ReadModelsUnavailableError(f"read models at {self._path}: {reason} ({hint})") from error

    def _prepare(self) -> None:
        """Make the file and what all generations share, when they are missing; else nobody is waited for."""
        if self._is_made():
            return
        with locked_file(self._lock_file):
            if identity_of(self._path) is None:
                # What a file that was deleted has left beside it would be taken for a part of the new one.
                for suffix in ("-wal", "-shm"):
                    sidecar(self._path, suffix).unlink(missing_ok=True)
            with contextlib.closing(connect(self._path, create=True, synchronous="NORMAL")) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("BEGIN IMMEDIATE")
                for statement in self._tables.statements:
                    connection.execute(statement)
                connection.execute("COMMIT")

    def _is_made(self) -> bool:
        if identity_of(self._path) is None:
            return False
        names = ", ".join(f"'{name}'" for name in self._tables.names)
        found = f"SELECT count(*) FROM sqlite_master WHERE name IN ({names})"  # noqa: S608 - our own
        with contextlib.closing(connect(self._path)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            (count,) = connection.execute(found).fetchone()
        return bool(mode == "wal" and count == len(self._tables.names))

    def settle(self) -> None:
        with self._unavailable():
            self._connections.check_file()
            empty_wal(self._path)

    def close(self) -> None:
        self._connections.close()


class SqliteTransaction:
    def __init__(
        self,
        connection: sqlite3.Connection,
        unavailable: Callable[[], contextlib.AbstractContextManager[None]],
    ) -> None:
        self._connection = connection
        self._unavailable = unavailable

    def run(self, sql: str, *values: Any) -> int:
        with self._unavailable(), self._values_refused():
            return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._unavailable(), self._values_refused():
            self._connection.executemany(sql, rows)

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self._unavailable(), self._values_refused():
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        with self._unavailable(), self._values_refused():
            row: Row | None = self._connection.execute(sql, values).fetchone()
            return row

    @contextlib.contextmanager
    def _values_refused(self) -> Iterator[None]:
        """Tell a value that SQLite will not take from a file that it cannot use, which is left as it is."""
        try:
            yield
        except (OverflowError, UnicodeError, sqlite3.DataError, sqlite3.IntegrityError) as error:
            raise RefusedValueError(str(error)) from error
        except (sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
            # Of the binding of a value, unless the connection is no more.
            if self._is_open():
                raise RefusedValueError(str(error)) from error
            raise

    def _is_open(self) -> bool:
        try:
            self._connection.execute("SELECT 1")
        except sqlite3.Error:
            return False
        return True
