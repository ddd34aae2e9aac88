"""Appending to and reading from one SQLite file, which several processes of one machine write.

The library's recorder with what was measured to be missing when several processes write:

1. **An advisory file lock around every append.** SQLite lets waiting writers poll with growing pauses, so one
   busy process starves the others (one insert against 16,507). The kernel's lock queue is fair.
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
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

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
from domain.store.errors import AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.event_store import LOG_SIGNAL
from domain.store.presence import locked_file
from domain.store.signals import FileSignal
from domain.store.sqlite_connections import (
    Connections,
    check_header,
    outlast_locks,
    sidecar,
    url_of,
)
from domain.store.sqlite_failures import failure_of


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

    def close(self) -> None:
        self.connections.close()

    def __del__(self) -> None:
        self.connections.close(patience_s=0)


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
        for event in stored_events:
            reached(f"before:{event.topic}", event.originator_id)
        try:
            positions = outlast_locks(lambda: self._append_in_turn(stored_events, **kwargs))
        except (IntegrityError, StoreClosedError):
            raise
        except (PersistenceError, sqlite3.Error, OSError) as error:
            raise AppendFailedError(self._url, *failure_of(error)) from error
        for event in stored_events:
            reached(f"after:{event.topic}", event.originator_id)
        self._signal.raise_()
        return positions

    def _append_in_turn(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """One turn in the queue of the writers: one transaction, one commit, all of an append or nothing.

        Only here does an append begin and end, so what several threads of a process decide would share a
        turn, and its commit, here.
        """
        with locked_file(self._lock_file):
            return super().insert_events(stored_events, **kwargs)

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
    def _translating_errors(self) -> Iterator[None]:
        """Turns whatever the database says into StoreUnavailableError."""
        try:
            yield
        except (StoreUnavailableError, StoreClosedError):
            raise
        except (PersistenceError, sqlite3.Error, OSError) as error:
            raise StoreUnavailableError(self._url, *failure_of(error)) from error

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        with self._translating_errors():
            return super().select_events(originator_id, **kwargs)

    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        """All events of these aggregates, each stream in its order: one statement, however many they are."""
        with self._translating_errors(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                "SELECT * FROM stored_events WHERE originator_id IN (SELECT value FROM json_each(?)) "
                "ORDER BY originator_id, originator_version",
                (json.dumps([originator_id.hex for originator_id in originator_ids]),),
            )
            return [
                StoredEvent(
                    originator_id=UUID(row["originator_id"]),
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=row["state"],
                )
                for row in cursor.fetchall()
            ]

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        with self._translating_errors():
            return super().select_notifications(*args, **kwargs)

    def max_notification_id(self) -> int:
        with self._translating_errors():
            return super().max_notification_id()

    def select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The events at exactly these positions, ascending; those that do not exist are left out."""
        with self._translating_errors(), self.datastore.transaction(commit=False) as cursor:
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
            Path(self.env.get(self.SQLITE_DBNAME) or ""), busy_timeout_s=float(timeout) if timeout else None
        )

    def application_recorder(self) -> ApplicationRecorder:
        recorder = super().application_recorder()
        # The first connection is opened now, so that a wrong file is an error at start.
        with self.datastore.get_connection(commit=False):
            return recorder
