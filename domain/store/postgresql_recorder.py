"""Appending to and reading from PostgreSQL, which many machines write.

The library's recorder is used with the settings that were measured to be right, and:

1. **Appends stand in one queue**, so events become visible in the order of their positions. The library's
   database functions are faster and leave that out: with eight writers a follower then misses events for
   ever. They stay off. The queue is an advisory lock: the library locks the table in EXCLUSIVE mode, and
   every append would wait for a VACUUM to end. It still excludes an append that locks the table.
2. **A connection lost after COMMIT.** The library tries the append again and meets its own events, which
   looks like a conflict with another writer. After a repeat, what is stored is compared with what was to
   be stored; when all is there, byte for byte, the append has succeeded.
3. **One table name.** The library derives it from the application's name, which the store does not know.
4. **Our pool in the place of the library's** (``postgresql_pool.py``); reads give up soon.
5. **Every error of the database is one of our tree**, but for the conflict between two writers.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    InterfaceError,
    InternalError,
    Notification,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment, EnvType
from psycopg import Cursor
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Literal

from domain.checkpoints import reached
from domain.store.errors import AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.postgresql_failures import failure_of
from domain.store.postgresql_pool import Pool, ask_again
from domain.store.postgresql_server import Server, lock_key

TABLE = "stored_events"
CONNINFO = "POSTGRES_CONNINFO"
"""Our own setting: the whole connection URL, as the library's settings cannot say ``sslmode``."""

T = TypeVar("T")
_Reads: Any = PostgresApplicationRecorder
# What the library's decorator wraps.
_select_events = _Reads.select_events.__wrapped__
_select_notifications = _Reads.select_notifications.__wrapped__
_max_notification_id = _Reads.max_notification_id.__wrapped__


class Recorder(PostgresApplicationRecorder):
    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = TABLE, shown_url: str = "postgresql"
    ) -> None:
        try:
            super().__init__(datastore, events_table_name=events_table_name)  # which asks for its types
        except (OperationalError, InterfaceError, InternalError) as error:
            raise StoreUnavailableError(shown_url, *failure_of(error)) from error
        self._shown_url = shown_url
        self._this_append = threading.local()
        set_lock_timeout, _ = self.lock_table_statements
        in_turn = SQL("SELECT pg_advisory_xact_lock({})").format(Literal(lock_key("append")))
        self.lock_table_statements = [set_lock_timeout, in_turn]

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """IntegrityError when another writer was first; AppendFailedError when the ground does not hold."""
        self._this_append.attempts = 0
        for event in stored_events:
            reached(f"before:{event.topic}", event.originator_id)
        try:
            # A call through Any: the library's retry decorator has lost the method's type.
            positions: Sequence[int] | None = super().insert_events(stored_events, **kwargs)
        except IntegrityError:
            if self._this_append.attempts > 1:
                recorded = self._recorded(stored_events)
                if recorded is not None:
                    return recorded
            raise
        except StoreClosedError:
            raise
        except PersistenceError as error:
            raise AppendFailedError(self._shown_url, *failure_of(error)) from error
        for event in stored_events:
            reached(f"after:{event.topic}", event.originator_id)
        return positions

    def _insert_stored_events(
        self,
        curs: Cursor[DictRow],
        stored_events: Sequence[StoredEvent],
        *,
        tombstones: Sequence[StoredEvent] = (),
        **kwargs: Any,
    ) -> None:
        self._this_append.attempts += 1
        if tombstones:
            # In its turn, as who holds rows and waits for the turn may be waited for by who has it. And on a
            # cursor of its own: what the insert returns is read from the other.
            with curs.connection.cursor() as pruning:
                self._lock_table(pruning)
                pruning.executemany(
                    "UPDATE public.stored_events SET state = %s "
                    "WHERE originator_id = %s AND originator_version = %s AND topic = %s",
                    [(t.state, t.originator_id, t.originator_version, t.topic) for t in tombstones],
                )
        super()._insert_stored_events(curs, stored_events, **kwargs)

    def _recorded(self, stored_events: Sequence[StoredEvent]) -> list[int] | None:
        """Their positions when exactly these events are in the log already, else None."""
        positions = []
        with self.datastore.get_connection() as connection:
            for event in stored_events:
                row = connection.execute(
                    "SELECT topic, state, notification_id FROM public.stored_events "
                    "WHERE originator_id = %s AND originator_version = %s",
                    (event.originator_id, event.originator_version),
                ).fetchone()
                if row is None or (row["topic"], bytes(row["state"])) != (event.topic, event.state):
                    return None
                positions.append(int(row["notification_id"]))
        return positions

    # ---- reading ------------------------------------------------------------------------------------

    def _read(self, read: Callable[[], T]) -> T:
        """StoreUnavailableError when the server cannot be asked."""
        try:
            return ask_again(read)
        except StoreClosedError:
            raise
        except PersistenceError as error:
            raise StoreUnavailableError(self._shown_url, *failure_of(error)) from error

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        found = self._read(lambda: _select_events(self, originator_id, **kwargs))
        return cast("Sequence[StoredEvent]", found)

    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        """All events of these aggregates, each stream in its order: one statement, however many they are."""
        return self._read(lambda: self._select_streams(originator_ids))

    def _select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                "SELECT * FROM public.stored_events WHERE originator_id = ANY(%s) "
                "ORDER BY originator_id, originator_version",
                (list(originator_ids),),
            ).fetchall()
        return [
            StoredEvent(
                originator_id=row["originator_id"],
                originator_version=row["originator_version"],
                topic=row["topic"],
                state=bytes(row["state"]),
            )
            for row in rows
        ]

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        found = self._read(lambda: _select_notifications(self, *args, **kwargs))
        return cast("Sequence[Notification]", found)

    def max_notification_id(self) -> int | None:
        return cast("int | None", self._read(lambda: _max_notification_id(self)))

    def select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The events at exactly these positions, ascending; those that do not exist are left out."""
        return self._read(lambda: self._select_notifications_at(positions))

    def _select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]:
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                "SELECT * FROM public.stored_events WHERE notification_id = ANY(%s) ORDER BY notification_id",
                (list(positions),),
            ).fetchall()
        return [
            Notification(
                id=row["notification_id"],
                originator_id=row["originator_id"],
                originator_version=row["originator_version"],
                topic=row["topic"],
                state=bytes(row["state"]),
            )
            for row in rows
        ]


class Factory(PostgresFactory):
    """What ``PERSISTENCE_MODULE`` names: the library's factory, our recorder, the whole connection URL."""

    application_recorder_class = Recorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._server = Server(self.env.get(CONNINFO, ""))
        # The library's has opened no connection yet.
        theirs = self.datastore.pool
        self.datastore.pool = cast(
            "Any",
            Pool(
                self._server,
                timeout_s=theirs.timeout,
                min_size=theirs.min_size,
                max_size=theirs.max_size,
                configure=self.datastore.after_connect_func(),
                row_factory=dict_row,
            ),
        )

    def application_recorder(self) -> ApplicationRecorder:
        recorder = Recorder(self.datastore, shown_url=self._server.shown_url)
        if self.env_create_table():
            recorder.create_table()
        return recorder
