"""The event store in PostgreSQL, for many machines: opening it, and what belongs to it besides the log.

**Tables are made in one step, behind an advisory lock**: several processes that create them at once get
"tuple concurrently updated".

Presence is a session's advisory lock on a connection of its own, so a proxy in transaction mode must not
stand between: it is recognised when the store is opened, and refused. Signals are NOTIFY, which PostgreSQL
delivers at commit.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import PersistenceError
from psycopg.conninfo import conninfo_to_dict

from domain.store.errors import StoreUnavailableError
from domain.store.event_store import LOG_SIGNAL, NOT_FROM_OUTSIDE, EventStore
from domain.store.log import Follower
from domain.store.postgresql_failures import failure_of
from domain.store.postgresql_pool import CONNECT_TIMEOUT_S
from domain.store.postgresql_presence import AdvisoryPresence, Looks
from domain.store.postgresql_recorder import CONNINFO, TABLE, Factory, Recorder
from domain.store.postgresql_server import Server, lock_key
from domain.store.postgresql_signals import NotifySignal

APPEND_LOCK_TIMEOUT_S = 10


class PostgresqlEventStore(EventStore):
    """Made by ``open_postgresql``: the table exists."""

    def __init__(self, server: Server, store_id: UUID) -> None:
        super().__init__(server.url)
        self._server = server
        self._id = store_id
        self._signals: dict[str, NotifySignal] = {}
        self._looks = Looks(server)

    @property
    def id(self) -> UUID:
        return self._id

    @property
    def shown_url(self) -> str:
        return self._server.shown_url

    def environment(self) -> dict[str, str]:
        return {
            **NOT_FROM_OUTSIDE,
            "PERSISTENCE_MODULE": f"{Factory.__module__}:{Factory.__qualname__}",
            CONNINFO: self.url,
            # The library insists on these five; the connection URL overrules them.
            "POSTGRES_DBNAME": "",
            "POSTGRES_HOST": "",
            "POSTGRES_PORT": "",
            "POSTGRES_USER": "",
            "POSTGRES_PASSWORD": "",
            "POSTGRES_GET_PASSWORD_TOPIC": "",
            "POSTGRES_SCHEMA": "",
            "POSTGRES_CONNECT_TIMEOUT": str(CONNECT_TIMEOUT_S),
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": "4",
            "POSTGRES_LOCK_TIMEOUT": str(APPEND_LOCK_TIMEOUT_S),
            "POSTGRES_ENABLE_DB_FUNCTIONS": "n",
            "CREATE_TABLE": "n",
        }

    def follower(self, after: int = 0) -> Follower:
        # A follower should sooner tell that the server is away than others.
        factory = Factory({**self.environment(), "POSTGRES_CONNECT_TIMEOUT": "1"})
        try:
            recorder = Recorder(factory.datastore, shown_url=self.shown_url)
            return self._following(recorder, after, factory.close)
        except BaseException:
            factory.close()
            raise

    def signal(self, name: str) -> NotifySignal:
        # The recorder itself notifies the channel named like its table, in the append's own transaction.
        channel = TABLE if name == LOG_SIGNAL else f"reelog_{name}"
        signal = self._signals.setdefault(name, NotifySignal(name, self._server, channel))
        self._opened.add(signal)
        return signal

    def presence(self, name: str) -> AdvisoryPresence:
        presence = AdvisoryPresence(self._server, name, self._looks)
        self._presences.add(presence)
        return presence

    def present(self, names: Collection[str]) -> set[str]:
        return self._looks.held(names)

    def close(self) -> None:
        super().close()
        self._looks.close()

    def settle(self) -> None:
        """Old versions of rows stay until they are vacuumed, which the library leaves to us.

        Appends go on meanwhile; giving the end of the file back would lock them, and readers, out.
        """
        with self._server.reporting(), self._server.connect() as connection:
            connection.execute("VACUUM (TRUNCATE false) public.stored_events")

    def sweep_presence(self) -> list[str]:
        """Sessions leave nothing behind."""
        return []


def open_postgresql(url: str) -> PostgresqlEventStore:
    """Connect, and make the table when it is missing; StoreUnavailableError when that cannot be done."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise StoreUnavailableError(
            "postgresql://…", f"not a connection URL: {error}", "write postgresql://USER@HOST/DATABASE"
        ) from error
    server = Server(url)
    try:
        server.require_sessions()
        with server.connect() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (lock_key("migration"),))
            # The table comes last in one transaction with all but its type, so it stands for everything.
            found = connection.execute("SELECT to_regclass('public.stored_events')").fetchone()
            if found == (None,):
                factory = Factory(PostgresqlEventStore(server, uuid4()).environment())
                try:
                    Recorder(factory.datastore).create_table()
                finally:
                    factory.close()
            store_id = _identity(connection)
    except (psycopg.Error, PersistenceError) as error:
        if isinstance(error, StoreUnavailableError):
            raise
        raise StoreUnavailableError(server.shown_url, *failure_of(error)) from error
    return PostgresqlEventStore(server, store_id)


def _identity(connection: psycopg.Connection[Any]) -> UUID:
    """The store's id, given to it when it has none; the caller holds the lock of migrations."""
    if connection.execute("SELECT to_regclass('public.store_identity')").fetchone() == (None,):
        with connection.transaction():
            connection.execute("CREATE TABLE public.store_identity (id uuid NOT NULL)")
            connection.execute("INSERT INTO public.store_identity (id) VALUES (%s)", (uuid4(),))
    row = connection.execute("SELECT id FROM public.store_identity").fetchone()
    assert row is not None
    found: UUID = row[0]
    return found
