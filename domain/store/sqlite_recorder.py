"""Appending to and reading from one SQLite file, which several processes of one machine write.

The library's recorder with what was measured to be missing when several processes write:

1. **An advisory file lock around every append.** SQLite lets waiting writers poll with growing pauses, so one
   busy process starves the others (one insert against 16,507). The kernel's lock queue is fair.
2. **A ping file, written after the commit**, wakes followers in 0.15 ms; SQLite itself tells nobody.
3. **A bounded retry on "database is locked"**: a foreign program may hold the file for longer than the busy
   timeout. Nothing was written when SQLite says so, hence nothing can be written twice.
4. **The pool's writer lock is not used.** The library never gives it back when opening a connection fails;
   the file lock of (1) takes its place.
5. **The file is looked at before each use.** A connection to one that was replaced or deleted would take
   appends into a file that nobody can open again, and a ``-wal`` file left beside a file of garbage would
   make SQLite take that for a database.

WAL with synchronous=FULL: NORMAL is faster but may lose acknowledged events at a power cut. The event table
is never vacuumed and nothing is deleted from it: positions are SQLite's implicit row ids. Retention
overwrites texts in place (``tombstones``), and secure_delete zeroes the pages that they have left.
"""

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    ConnectionPoolClosedError,
    IntegrityError,
    InterfaceError,
    Notification,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType

from domain.checkpoints import reached
from domain.store.event_store import LOG_SIGNAL, AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.presence import locked_file
from domain.store.signals import FileSignal

BUSY_TIMEOUT_S = 15
LOCKED_DEADLINE_S = 60.0
"""How long an append goes on trying while a foreign program holds the database."""
CLOSE_PATIENCE_S = 10.0
"""How long closing waits for statements that are under way in other threads."""

_PRIMARY_CODE = 0xFF
FAILURES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on the disk; nothing else needs to be done"),
    sqlite3.SQLITE_READONLY: ("the database is read-only", "make the file and its folder writable"),
    sqlite3.SQLITE_IOERR: ("the disk cannot be read or written", "look at the disk and the system's log"),
    sqlite3.SQLITE_BUSY: ("the database is locked", "find the program that keeps the database locked"),
    sqlite3.SQLITE_CANTOPEN: ("the file cannot be opened", "see that file and folder exist and are writable"),
    sqlite3.SQLITE_NOTADB: ("the file is not a SQLite database", "put back the right file, or name another"),
    # The only statements are our own: they fail where the table is missing or another.
    sqlite3.SQLITE_ERROR: ("the file holds no events of Reelog", "put back the right file, or name another"),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged",
        "restore it from a backup; .recover may save the rest",
    ),
}


def sidecar(path: Path, suffix: str) -> Path:
    """A file beside the database, named as SQLite names its own (``events.db-wal``)."""
    return path.with_name(path.name + suffix)


def signal_file(path: Path, name: str) -> Path:
    return sidecar(path, f"-signal-{quote(name, safe='')}")


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


_MAGIC = b"SQLite format 3\0"
_descriptors: dict[tuple[int, int], int] = {}


def check_header(path: Path) -> None:
    """StoreUnavailableError when the file begins as no SQLite database does; an empty one may become one.

    The descriptor stays open for the life of the process, one for each database file: were it closed,
    the kernel would drop the locks that SQLite holds on the same file in this process.
    """
    identity = identity_of(path)
    if identity is None:
        return
    if identity not in _descriptors:
        _descriptors[identity] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if os.pread(_descriptors[identity], len(_MAGIC), 0) not in {_MAGIC, b""}:
        raise StoreUnavailableError(url_of(path), *FAILURES[sqlite3.SQLITE_NOTADB])


def identity_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file that has this name now; None when there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


def result_code(error: BaseException) -> int:
    """SQLite's primary result code of an error, wrapped by the library or not; 0 when it is another kind."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE


def failure_of(error: BaseException) -> tuple[str, str]:
    """Reason and hint, from what SQLite or the system said."""
    return FAILURES.get(result_code(error), (str(error), "see that the folder exists and is writable"))


def originator_hex(event: StoredEvent) -> str:
    """An aggregate's id as the library writes it."""
    assert isinstance(event.originator_id, UUID)
    return event.originator_id.hex


class ConnectionPool(SQLiteConnectionPool):
    """The library's pool, but that it closes no connection under its user, which SQLite does not survive.

    Closing waits for what is in use, for a while; what stays in use is closed by who gives it back.
    """

    def put_connection(self, conn: SQLiteConnection) -> None:
        with self._put_condition:
            if not self._closed:
                super().put_connection(conn)
                return
            self._in_use.pop(id(conn), None)
            conn.close()
            self._put_condition.notify_all()

    def close(self) -> None:
        self._shut(CLOSE_PATIENCE_S)

    def __del__(self) -> None:
        self._shut(0)

    def _shut(self, patience_s: float) -> None:
        with self._put_condition:
            self._closed = True
            while self._pool:
                self._pool.popleft().close()
            self._put_condition.wait_for(lambda: not self._in_use, patience_s)

    def get_connection(
        self,
        timeout: float | None = None,
        *,
        is_writer: bool | None = None,  # noqa: ARG002 - the point: the pool's writer lock stays out of it
    ) -> SQLiteConnection:
        return super().get_connection(timeout)

    def _create_connection(self) -> SQLiteConnection:
        # Before each: opening a file of garbage, SQLite deletes the -wal file that stands beside it, and the
        # acknowledged events in that would be gone when the database is put back.
        check_header(Path(self.db_name))
        try:
            # mode=rw: a database that has vanished is an error, not an empty log.
            raw = sqlite3.connect(
                Path(self.db_name).as_uri() + "?mode=rw",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                timeout=self.lock_timeout or BUSY_TIMEOUT_S,
            )
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        try:
            raw.execute("PRAGMA synchronous=FULL")
            raw.execute("PRAGMA secure_delete=ON")
        except sqlite3.Error as error:
            raw.close()
            raise InterfaceError(error) from error
        raw.row_factory = sqlite3.Row
        return SQLiteConnection(raw, max_age=self.max_age)


class Datastore(SQLiteDatastore):
    """Connections to one file, by absolute path; the file must exist."""

    def __init__(self, path: Path, *, lock_timeout: int | None = None, pool_size: int = 5) -> None:
        super().__init__(str(path))
        self.path = path
        self._pool_size = pool_size
        self._lock_timeout = lock_timeout
        self._renewal = threading.Lock()
        self._ended = False
        self._renew()

    def _renew(self) -> None:
        self.pool = ConnectionPool(
            db_name=str(self.path), lock_timeout=self._lock_timeout, pool_size=self._pool_size
        )
        self._file = identity_of(self.path)

    @contextlib.contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        """A connection to the file that has the name now; new ones are made when it is another file."""
        with self._renewal:
            if self._ended:
                raise StoreClosedError(url_of(self.path))
            if identity_of(self.path) != self._file:
                self._renew()
            pool = self.pool
        try:
            connection = pool.get_connection(is_writer=commit)
        except ConnectionPoolClosedError as error:
            raise StoreClosedError(url_of(self.path)) from error
        try:
            yield connection
        finally:
            # Not self.pool: a pool that was replaced meanwhile closes with its last connection's return.
            pool.put_connection(connection)

    def close(self) -> None:
        with self._renewal:
            self._ended = True
        self.pool.close()


class Recorder(SQLiteApplicationRecorder):
    """Appends and reads events; the library's recorder in the order that the module's docstring tells."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name)
        assert isinstance(datastore, Datastore)
        self._url = url_of(datastore.path)
        self._lock_file = sidecar(datastore.path, "-lock")
        self._signal = FileSignal(LOG_SIGNAL, signal_file(datastore.path, LOG_SIGNAL))

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """IntegrityError when another writer was first; AppendFailedError when the ground does not hold."""
        deadline = time.monotonic() + LOCKED_DEADLINE_S
        for event in stored_events:
            reached(f"before:{event.topic}", event.originator_id)
        while True:
            try:
                with locked_file(self._lock_file):
                    positions = super().insert_events(stored_events, **kwargs)
            except (IntegrityError, StoreClosedError):
                raise
            except StoreUnavailableError as error:
                raise AppendFailedError(error.url, error.reason, error.hint) from error
            except (PersistenceError, sqlite3.Error, OSError) as error:
                if result_code(error) == sqlite3.SQLITE_BUSY and time.monotonic() < deadline:
                    continue
                raise AppendFailedError(self._url, *failure_of(error)) from error
            for event in stored_events:
                reached(f"after:{event.topic}", event.originator_id)
            self._signal.raise_()
            return positions

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        tombstones: Sequence[StoredEvent] = (),
        **kwargs: Any,
    ) -> Sequence[int] | None:
        positions = super()._insert_events(c, stored_events, **kwargs)
        c.executemany(
            "UPDATE stored_events SET state = ? "
            "WHERE originator_id = ? AND originator_version = ? AND topic = ?",
            [(t.state, originator_hex(t), t.originator_version, t.topic) for t in tombstones],
        )
        return positions

    # ---- reading ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turns whatever the database says into StoreUnavailableError."""
        try:
            yield
        except (StoreUnavailableError, StoreClosedError):
            raise
        except (PersistenceError, sqlite3.Error, OSError) as error:
            raise StoreUnavailableError(self._url, *failure_of(error)) from error

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        with self._telling():
            return super().select_events(originator_id, **kwargs)

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        with self._telling():
            return super().select_notifications(*args, **kwargs)

    def max_notification_id(self) -> int:
        with self._telling():
            return super().max_notification_id()

    def select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The events at exactly these positions, ascending; those that do not exist are left out."""
        with self._telling(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                "SELECT rowid, * FROM stored_events "
                "WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid",
                (json.dumps(list(positions)),),
            )
            return [
                Notification(
                    id=row["rowid"],
                    originator_id=UUID(row["originator_id"]),
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=row["state"],
                )
                for row in cursor.fetchall()
            ]


class Factory(SQLiteFactory):
    """What ``PERSISTENCE_MODULE`` names: the library's factory over our datastore and recorder."""

    application_recorder_class = Recorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        timeout = self.env.get(self.SQLITE_LOCK_TIMEOUT)
        self.datastore = Datastore(
            Path(self.env.get(self.SQLITE_DBNAME) or ""), lock_timeout=int(timeout) if timeout else None
        )

    def application_recorder(self) -> ApplicationRecorder:
        recorder = super().application_recorder()
        # The first connection is opened now, so that a wrong file is an error at start.
        with self.datastore.get_connection(commit=False):
            return recorder
