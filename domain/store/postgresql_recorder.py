"""Appending to and reading from PostgreSQL, which many machines write.

The library's recorder is used with the settings that were measured to be right, and:

1. **Appends stand in one queue**, so events become visible in the order of their positions. The library's
   database functions are faster and leave that out: with eight writers a follower then misses events for
   ever. They stay off. The queue is an advisory lock: the library locks the table in EXCLUSIVE mode, and
   every append would wait for a VACUUM to end. It still excludes an append that locks the table.
   What the threads of a process append at one time shares a turn, a statement and a commit
   (``append_queue``), so that the lock is held for less time for each event.
2. **A connection lost after COMMIT.** The library tries the append again and meets its own events, which
   looks like a conflict with another writer. After a repeat, what is stored is compared with what was to
   be stored, for each append; when all is there, byte for byte, it has succeeded.
3. **One table name.** The library derives it from the application's name, which the store does not know.
4. **Our pool in the place of the library's** (``postgresql_pool.py``); reads give up soon.
5. **Every error of the database is one of our tree**, but for the conflict between two writers.
"""

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
from domain.store.append_queue import Append, AppendQueue, Take
from domain.store.errors import AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.postgresql_failures import failure_of
from domain.store.postgresql_pool import Pool, ask_again
from domain.store.postgresql_server import Server, lock_key

TABLE = "stored_events"
CONNINFO = "POSTGRES_CONNINFO"
"""Our own setting: the whole connection URL, as the library's settings cannot say ``sslmode``."""

DRAIN_PATIENCE_S = 10.0
"""How long closing waits for appends that are under way in other threads."""
_PASSING = (OperationalError, InterfaceError, InternalError)
"""What has nothing to do with any one append."""

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
        self._attempts = 0
        """Of the transaction under way."""
        self._appends = AppendQueue(self._commit, lambda: StoreClosedError(self._shown_url))
        set_lock_timeout, _ = self.lock_table_statements
        in_turn = SQL("SELECT pg_advisory_xact_lock({})").format(Literal(lock_key("append")))
        self.lock_table_statements = [set_lock_timeout, in_turn]

    def drain(self) -> None:
        """Take no more appends, and let those be recorded that wait."""
        self._appends.close(DRAIN_PATIENCE_S)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, tombstones: Sequence[StoredEvent] = (), **_: Any
    ) -> Sequence[int] | None:
        return self._appends.insert_events(stored_events, tombstones)

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]:
        return self._appends.insert_each(appends)

    def _commit(self, take: Take) -> None:
        """All that waits at once, as nearly always can be; else each for itself.

        In transactions of their own then: what failed in one has undone it.
        """
        batch = take()
        self._attempts = 0
        try:
            self._write(batch)
        except StoreClosedError:
            raise
        except _PASSING as error:
            raise self._failed(error) from error
        except PersistenceError as error:
            repeated = self._attempts > 1
            if len(batch) == 1:
                self._keep_out(batch[0], error, repeated=repeated)
                return
            for append in batch:
                self._attempts = 0
                try:
                    self._write([append])
                except PersistenceError as its_own:
                    self._keep_out(append, its_own, repeated=repeated or self._attempts > 1)

    def _write(self, batch: Sequence[Append]) -> None:
        """In one transaction, which the library tries again while connections are lost."""
        events = [event for append in batch for event in append.events]
        tombstones = [event for append in batch for event in append.tombstones]
        # A call through Any: the library's retry decorator has lost the method's type.
        positions: list[int] = list(super().insert_events(events, tombstones=tombstones, appends=len(batch)))
        reached("after:commit", len(batch))
        for append in batch:
            append.positions, positions = positions[: len(append.events)], positions[len(append.events) :]

    def _keep_out(self, append: Append, error: PersistenceError, *, repeated: bool) -> None:
        """Note what kept this one append from being made; or that it had been made before a repeat."""
        append.error = error
        if isinstance(error, StoreClosedError) or (isinstance(error, IntegrityError) and not repeated):
            return
        try:
            recorded = self._recorded(append.events) if isinstance(error, IntegrityError) else None
        except PersistenceError as unasked:
            error, recorded = unasked, None
        if recorded is not None:
            append.positions, append.error = recorded, None
        elif not isinstance(error, IntegrityError):
            append.error = self._failed(error)
            append.error.__cause__ = error

    def _failed(self, error: PersistenceError) -> AppendFailedError:
        return AppendFailedError(self._shown_url, *failure_of(error))

    def _insert_stored_events(
        self,
        curs: Cursor[DictRow],
        stored_events: Sequence[StoredEvent],
        *,
        tombstones: Sequence[StoredEvent] = (),
        **kwargs: Any,
    ) -> None:
        self._attempts += 1
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

    def _fetch_ids_after_insert_events(
        self, *args: Any, appends: int = 1, **kwargs: Any
    ) -> Sequence[int] | None:
        positions = super()._fetch_ids_after_insert_events(*args, **kwargs)
        reached("before:commit", appends)
        return positions

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

    def select_share(
        self, after: int, until: int, belongs: Callable[[bytes], bool]
    ) -> Sequence[Notification]:
        """The events beyond ``after`` and up to ``until`` that belong by their stored state."""
        found = self.select_notifications(after, until - after, until, inclusive_of_start=False)
        return [one for one in found if belongs(one.state)]

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
        self._recorders: list[Recorder] = []
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
        self._recorders.append(recorder)
        return recorder

    def close(self) -> None:
        for recorder in self._recorders:
            recorder.drain()
        super().close()
