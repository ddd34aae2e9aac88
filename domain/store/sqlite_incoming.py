"""A log that is copied into a SQLite file: one transaction, in the writers' queue."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.store.errors import StoreUnavailableError
from domain.store.event_store import LOG_SIGNAL
from domain.store.presence import locked_file
from domain.store.signals import FileSignal
from domain.store.sqlite_connections import check_header, connect, sidecar, url_of
from domain.store.sqlite_failures import failure_of
from domain.store.sqlite_recorder import signal_file


@contextlib.contextmanager
def incoming_log(path: Path) -> Iterator["SqliteIncomingLog"]:
    """Nothing of it stays unless the block ends well; StoreUnavailableError when the file will not do."""
    try:
        with locked_file(sidecar(path, "-lock")):
            check_header(path)
            with contextlib.closing(connect(path)) as connection:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("BEGIN IMMEDIATE")
                yield SqliteIncomingLog(connection)
                connection.execute("COMMIT")
        FileSignal(LOG_SIGNAL, signal_file(path, LOG_SIGNAL)).raise_()
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, StoreUnavailableError):
            raise
        raise StoreUnavailableError(url_of(path), *failure_of(error)) from error


class SqliteIncomingLog:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def head(self) -> int:
        (head,) = self._connection.execute("SELECT max(rowid) FROM stored_events").fetchone()
        return head or 0

    def write(self, events: Sequence[Notification]) -> None:
        self._connection.executemany(
            "INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state) "
            "VALUES (?, ?, ?, ?, ?)",
            [(e.id, UUID(str(e.originator_id)).hex, e.originator_version, e.topic, e.state) for e in events],
        )

    def read(self, after: int, limit: int) -> list[Notification]:
        rows = self._connection.execute(
            "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events "
            "WHERE rowid > ? ORDER BY rowid LIMIT ?",
            (after, limit),
        )
        return [
            Notification(
                originator_id=UUID(row[1]), originator_version=row[2], topic=row[3], state=row[4], id=row[0]
            )
            for row in rows
        ]

    def finish(self, store_id: UUID) -> None:
        # Row ids go on by themselves.
        self._connection.execute("UPDATE store_identity SET id = ?", (str(store_id),))
