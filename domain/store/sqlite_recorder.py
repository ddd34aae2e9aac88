"""Appending to and reading from one SQLite file, which several processes of one machine write.

The library's recorder with what was measured to be missing when several processes write:

1. **An advisory file lock around every transaction.** SQLite lets waiting writers poll with growing pauses,
   so one busy process starves the others (one insert against 16,507). The kernel's lock queue is fair.
   Threads do not stand in it: what they append at one time shares a transaction (``append_queue``).
2. **A ping file, written after the commit**, wakes followers in 0.15 ms; SQLite itself tells nobody.
3. **Our connections in the place of the library's pool** (``sqlite_connections.py``), whose writer lock is
   never given back when opening a connection fails; the file lock of (1) takes its place.
4. **The header is looked at before each connection**, lest the events in a ``-wal`` file be lost to a file of
   garbage.

WAL with synchronous=FULL: NORMAL is faster but may lose acknowledged events at a power cut. The event table
is never vacuumed and nothing is deleted from it: positions are SQLite's implicit row ids. Retention
overwrites texts in place (``tombstones``), and secure_delete zeroes the pages that they have left.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from eventsourcing import persistence
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType

from domain.checkpoints import reached
from domain.store.append_queue import MOST_EVENTS, Append, AppendQueue, Take
from domain.store.errors import AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.event_store import LOG_SIGNAL
from domain.store.presence import locked_file
from domain.store.signals import FileSignal
from domain.store.sqlite_connections import (
    CLOSE_PATIENCE_S,
    Connections,
    check_header,
    outlast_locks,
    sidecar,
    url_of,
)
from domain.store.sqlite_failures import failure_of

OF_ONE_APPEND = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
    *(OverflowError, TypeError, ValueError),
)
"""What SQLite, or Python's module, says of the values of one statement: a conflict, or what is no value."""


def signal_file(path: Path, name: str) -> Path:
    return sidecar(path, f"-signal-{quote(name, safe='')}")


def originator_hex(event: StoredEvent) -> str:
    """An aggregate's id as the library writes it."""
    assert isinstance(event.originator_id, UUID)
    return event.originator_id.hex


class Datastore(SQLiteDatastore):
    """The library's way to our connections; the file must exist. Its own pool stays empty."""

    def __init__(self, path: Path, *, busy_timeout_s: float | None = None) -> None:
        super().__init__(str(path))
        self.path = path
        self._drains: list[Callable[[float], None]] = []
        self.connections = Connections(
            path,
            synchronous="FULL",
            busy_timeout_s=busy_timeout_s,
            check=check_header,
            row_factory=sqlite3.Row,
        )

    @contextlib.contextmanager
    def get_connection(
        self,
        *,
        commit: bool,  # noqa: ARG002 - writers stand in the queue of the file lock
    ) -> Iterator[SQLiteConnection]:
        with self.connections.lend() as connection:
            yield SQLiteConnection(connection, max_age=None)

    @contextlib.contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A reader asks one question, which needs no transaction around it."""
        if commit:
            with super().transaction(commit=True) as cursor:
                yield cursor
            return
        try:
            with self.get_connection(commit=False) as connection, connection.cursor() as cursor:
                yield SQLiteCursor(cursor)
        except sqlite3.Error as error:
            # The library names its errors as Python's module does.
            named: type[PersistenceError] = getattr(persistence, type(error).__name__, PersistenceError)
            raise named(error) from error

    def before_close(self, drain: Callable[[float], None]) -> None:
        """Have appends that wait recorded before the connections are closed."""
        self._drains.append(drain)

    def close(self) -> None:
        for drain in self._drains:
            drain(CLOSE_PATIENCE_S)
        self.connections.close()

    def __del__(self) -> None:
        self.connections.close(patience_s=0)


class Recorder(SQLiteApplicationRecorder):
    """Appends and reads events; the library's recorder in the order that the module's docstring tells."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name)
        assert isinstance(datastore, Datastore)
        self._connections = datastore.connections
        self._url = url_of(datastore.path)
        self._lock_file = sidecar(datastore.path, "-lock")
        self._signal = FileSignal(LOG_SIGNAL, signal_file(datastore.path, LOG_SIGNAL))
        self._appends = AppendQueue(self._commit, lambda: StoreClosedError(self._url))
        datastore.before_close(self._appends.close)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, tombstones: Sequence[StoredEvent] = (), **_: Any
    ) -> Sequence[int] | None:
        return self._appends.insert_events(stored_events, tombstones)

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]:
        return self._appends.insert_each(appends)

    def _commit(self, take: Take) -> None:
        """One turn in the queue of the writers: one transaction of all that waits, one commit, one signal."""
        try:
            outlast_locks(lambda: self._write_in_turn(take))
        except StoreClosedError:
            raise
        except (PersistenceError, sqlite3.Error, OSError) as error:
            raise AppendFailedError(self._url, *failure_of(error)) from error
        self._signal.raise_()

    def _write_in_turn(self, take: Take) -> None:
        with locked_file(self._lock_file), self._connections.lend() as connection:
            batch = take()
            cursor = connection.execute("BEGIN")
            try:
                self._write(cursor, batch)
                reached("before:commit", len(batch))
            except BaseException:
                connection.rollback()
                raise
            connection.commit()  # where this fails, the connection is not lent again
            reached("after:commit", len(batch))

    def _write(self, c: sqlite3.Cursor, batch: Sequence[Append]) -> None:
        """All at once, as nearly always can be; else each for itself, and a conflict undoes its own alone."""
        try:
            self._insert(c, batch)
        except OF_ONE_APPEND:
            c.execute("ROLLBACK")
            c.execute("BEGIN")
            for append in batch:
                append.error = None  # of a try before
                c.execute("SAVEPOINT append")
                try:
                    self._insert(c, [append])
                except OF_ONE_APPEND as error:
                    c.execute("ROLLBACK TO append")
                    append.error = self._named(error)
                c.execute("RELEASE append")

    def _insert(self, c: sqlite3.Cursor, batch: Sequence[Append]) -> None:
        rows = [
            (originator_hex(event), event.originator_version, event.topic, event.state)
            for append in batch
            for event in append.events
        ]
        for first in range(0, len(rows), MOST_EVENTS):
            some = rows[first : first + MOST_EVENTS]
            more_rows = ",(?,?,?,?)" * (len(some) - 1)
            c.execute(self.insert_events_statement + more_rows, [*chain(*some)])
        # Rows get the next numbers without a gap, as no other writes meanwhile and nothing is ever deleted.
        position = (c.lastrowid or 0) - len(rows) + 1
        for append in batch:
            append.positions = [*range(position, position := position + len(append.events))]
            if append.tombstones:
                c.executemany(
                    "UPDATE stored_events SET state = ? "
                    "WHERE originator_id = ? AND originator_version = ? AND topic = ?",
                    [(t.state, originator_hex(t), t.originator_version, t.topic) for t in append.tombstones],
                )

    def _named(self, error: Exception) -> Exception:
        """What is wrong with one append, by the name that we or the library have for it."""
        named = error
        if isinstance(error, sqlite3.IntegrityError):
            named = IntegrityError(error)
        elif isinstance(error, sqlite3.Error):
            named = AppendFailedError(self._url, *failure_of(error))
        if named is not error:
            named.__cause__ = error
        return named

    # ---- reading ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Turns whatever the database says into StoreUnavailableError."""
        try:
            yield
        except (StoreUnavailableError, StoreClosedError):
            raise
        except (PersistenceError, sqlite3.Error, OSError) as error:
            raise StoreUnavailableError(self._url, *failure_of(error)) from error

    def _rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """What one question gives."""
        with self._translating_errors(), self._connections.lend() as connection:
            return connection.execute(statement, parameters).fetchall()

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        with self._translating_errors():
            return super().select_events(originator_id, **kwargs)

    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        """All events of these aggregates, each stream in its order: one statement, however many they are."""
        rows = self._rows(
            "SELECT originator_id, originator_version, topic, state FROM stored_events "
            "WHERE originator_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY originator_id, originator_version",
            (json.dumps([originator_id.hex for originator_id in originator_ids]),),
        )
        return [StoredEvent(_id_of(name), version, topic, state) for name, version, topic, state in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = 0 if start is None else start if inclusive_of_start else start + 1
        topic = f"AND topic IN ({','.join('?' * len(topics))})" if topics else ""
        last = _LAST if stop is None else stop
        rows = self._rows(f"{_BETWEEN} {topic} ORDER BY rowid LIMIT ?", (first, last, *topics, limit))
        return [_notification(*row) for row in rows]

    def max_notification_id(self) -> int:
        with self._translating_errors():
            return super().max_notification_id()

    def select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The events at exactly these positions, ascending; those that do not exist are left out."""
        rows = self._rows(
            "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events "
            "WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid",
            (json.dumps(list(positions)),),
        )
        return [_notification(*row) for row in rows]

    def select_share(
        self, after: int, until: int, belongs: Callable[[bytes], bool]
    ) -> Sequence[Notification]:
        """The events beyond ``after`` and up to ``until`` that belong by their stored state."""
        rows = self._rows(f"{_BETWEEN} ORDER BY rowid", (after + 1, until))
        # Most are of other shares, and asking costs less than making something of them.
        return [_notification(*row) for row in rows if belongs(row[-1])]


_BETWEEN = (
    "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events "
    "WHERE rowid BETWEEN ? AND ?"
)
_LAST = 2**63 - 1
_id_of = lru_cache(4096)(UUID)
"""Events of one aggregate are read again and again."""


def _notification(position: int, name: str, version: int, topic: str, state: bytes) -> Notification:
    return Notification(_id_of(name), version, topic, state, position)


class Factory(SQLiteFactory):
    """What ``PERSISTENCE_MODULE`` names: the library's factory over our datastore and recorder."""

    application_recorder_class = Recorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        timeout = self.env.get(self.SQLITE_LOCK_TIMEOUT)
        self.datastore = Datastore(
            Path(self.env.get(self.SQLITE_DBNAME) or ""), busy_timeout_s=float(timeout) if timeout else None
        )

    def application_recorder(self) -> ApplicationRecorder:
        recorder = super().application_recorder()
        # The first connection is opened now, so that a wrong file is an error at start.
        with self.datastore.get_connection(commit=False):
            return recorder
