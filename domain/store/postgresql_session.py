"""Sessions on PostgreSQL: how they are made and lent, and what lives and dies with one, presence and signals.

An advisory lock is freed by the server when the session ends, which is at once when the holder's process dies
and after the keepalives below when its machine or network does. The holder's own keepalives are shorter than
the server's, so a holder that was cut off knows that it has lost the lock before another can have it.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from domain.store.event_store import StoreClosedError, StoreUnavailableError
from domain.store.postgresql_failures import failure_of
from domain.store.presence import keep
from domain.store.signals import Bell, wait_readable

POLL_S = 0.05
_CLIENT_SIDE = {
    "connect_timeout": 5,
    "application_name": "reelog",
    # A dead network is noticed after 3 + 3 seconds on this side …
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,
}
_SERVER_SIDE = {
    # … and after 5 + 9 on the server's.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "idle_session_timeout": "0",
}


def lock_key(name: str) -> int:
    """The advisory lock of a name: a signed 64-bit hash, the same in every process."""
    digest = hashlib.blake2b(f"reelog:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@dataclass(frozen=True)
class Server:
    """How to reach the database; ``url`` holds the password, ``shown_url`` does not."""

    url: str

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Connection parameters of libpq; what the URL says overrules the defaults here."""
        return {**_CLIENT_SIDE, **conninfo_to_dict(self.url)}

    @cached_property
    def shown_url(self) -> str:
        parts = {name: str(value) for name, value in conninfo_to_dict(self.url).items() if value}
        user = f"{parts['user']}@" if "user" in parts else ""
        port = f":{parts['port']}" if "port" in parts else ""
        return f"postgresql://{user}{parts.get('host', '')}{port}/{parts.get('dbname', '')}"

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect("", autocommit=True, **self.parameters)

    def is_locked(self, name: str) -> bool:
        """Whether any session holds the name's lock."""
        key = lock_key(name) & 0xFFFF_FFFF_FFFF_FFFF
        with self.reporting(), self.connect() as connection:
            row = connection.execute(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND classid = %s::bigint::oid AND objid = %s::bigint::oid",
                (key >> 32, key & 0xFFFF_FFFF),
            ).fetchone()
        return row is not None

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Turns errors of the connection into StoreUnavailableError."""
        try:
            yield
        except psycopg.Error as error:
            raise StoreUnavailableError(self.shown_url, *failure_of(error)) from error

    def require_sessions(self) -> None:
        """StoreUnavailableError when a proxy hands one session of the server to several of its clients.

        Presence, LISTEN and prepared statements belong to a session: behind a proxy in transaction mode a
        lock would stay with a session that serves somebody else, and a worker pass for dead or for alive.
        Such a proxy gives a session back after each transaction, so the next client gets it and ours another.
        """
        with self.reporting(), self.connect() as mine, self.connect() as other:
            for _ in range(_POOLER_LOOKS):
                before = _session_of(mine)
                with other.transaction():
                    if _session_of(other) == before or _session_of(mine) != before:
                        raise StoreUnavailableError(
                            self.shown_url,
                            "a proxy in transaction mode stands before the server and shares its sessions",
                            "connect to PostgreSQL itself, or set the proxy to session mode "
                            "(PgBouncer: pool_mode = session)",
                        )


_POOLER_LOOKS = 3
"""Another client may come between at one look."""


def _session_of(connection: psycopg.Connection[tuple[Any, ...]]) -> object:
    return connection.execute("SELECT pg_backend_pid()").fetchone()


_RECONNECT_S = 1.0


class Pool(ConnectionPool[psycopg.Connection[Any]]):
    """Connections to one server, for events and read models alike; it opens none before it is asked for one.

    Who asks never gets a connection that ended while nobody used it, as all do when the server is restarted.
    The socket tells, so this costs no round trip; the pool's own check costs one each time, and pauses after
    the second dead connection for a second, then two, longer than anybody waits.
    """

    def __init__(self, server: Server, *, timeout_s: float, **settings: Any) -> None:
        self._shown_url = server.shown_url
        self._refusal: psycopg.Error | None = None
        self._ended = False
        row_factory = settings.pop("row_factory", None)
        kwargs = {**server.parameters, **({"row_factory": row_factory} if row_factory else {})}
        # An attempt that goes on for longer pauses ever longer; whoever asks next begins a new one.
        super().__init__(
            "", kwargs=kwargs, open=False, timeout=timeout_s, reconnect_timeout=_RECONNECT_S, **settings
        )

    def _connect(self, timeout: float | None = None) -> psycopg.Connection[Any]:
        try:
            connection = super()._connect(timeout)
        except psycopg.Error as error:
            self._refusal = error
            raise
        self._refusal = None
        return connection

    def open(self, wait: bool = False, timeout: float = 30.0) -> None:
        if self._ended:
            raise StoreClosedError(self._shown_url)
        super().open(wait, timeout)

    def close(self, timeout: float = 5.0) -> None:
        """What is in use goes on and is closed when it is given back."""
        self._ended = True
        super().close(timeout)

    def getconn(self, timeout: float | None = None) -> psycopg.Connection[Any]:
        """A connection that is alive; what kept the pool from connecting when there is none in time."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            remaining = max(0.0, deadline - time.monotonic())
            try:
                connection = super().getconn(min(_RECONNECT_S, remaining))
            except PoolClosed as error:
                raise StoreClosedError(self._shown_url) from error
            except PoolTimeout as error:
                if time.monotonic() < deadline:
                    continue
                refusal = self._refusal
                raise (error if refusal is None else psycopg.OperationalError(str(refusal))) from refusal
            if _is_alive(connection):
                return connection
            connection.close()
            self.putconn(connection)  # which replaces it


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Nothing is due on a connection that nobody uses but the server's farewell, or a changed setting."""
    if connection.closed:
        return False
    if not wait_readable(0, connection.fileno()):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True


class AdvisoryPresence:
    """One name's lock, on a session of its own. Held until ``release`` or the end of process or session."""

    def __init__(self, server: Server, name: str) -> None:
        self.name = name
        self._server = server
        self._session: psycopg.Connection[tuple[Any, ...]] | None = None
        self._dismissed = False

    @property
    def held(self) -> bool:
        """False as soon as the session is known to be gone. Asks the socket, not the server: it is cheap."""
        session = self._session
        if session is None:
            return False
        # Nothing is due on this session but the server's farewell and, perhaps later, the end of the stream.
        while not session.closed and wait_readable(0, session.fileno()):
            try:
                for _ in session.notifies(timeout=0):
                    pass
            except psycopg.Error:
                session.close()
        return not session.closed and not self._dismissed

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        # The server lets go of the lock before it hangs up.
        if notice.severity_nonlocalized in {"FATAL", "PANIC"}:
            self._dismissed = True

    def acquire(self, timeout_s: float = 0) -> bool:
        """Try for ``timeout_s`` seconds, at least once. StoreUnavailableError when the server is away."""
        if self.held:
            return True
        self.release()
        deadline = time.monotonic() + timeout_s
        with self._server.reporting(), contextlib.ExitStack() as stack:
            session = stack.enter_context(contextlib.closing(self._server.connect()))
            self._dismissed = False
            session.add_notice_handler(self._hear)
            while session.execute("SELECT pg_try_advisory_lock(%s)", (lock_key(self.name),)).fetchone() != (
                True,
            ):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                time.sleep(min(POLL_S, remaining))
            # Only who holds the lock needs these; who looks in vain, once a second, is spared the round trip.
            # Asked of pg_settings first, as older servers do not know every one.
            session.execute(
                "SELECT set_config(name, value, false) FROM pg_settings "
                "JOIN unnest(%s::text[], %s::text[]) AS wanted (name, value) USING (name)",
                (list(_SERVER_SIDE), list(_SERVER_SIDE.values())),
            )
            stack.pop_all()
            self._session = session
        keep(self)
        return True

    def release(self) -> None:
        session, self._session = self._session, None
        keep(self, held=False)
        if session is not None:
            # Closing alone would free it too, but only when the server has read the farewell. One that has
            # said its own will never answer.
            if not self._dismissed:
                with contextlib.suppress(psycopg.Error):
                    session.execute("SELECT pg_advisory_unlock(%s)", (lock_key(self.name),))
            session.close()

    close = release

    def forget_after_fork(self) -> None:
        """Close the child's copy of the socket, without the farewell that would end the parent's session."""
        if self._session is not None and not self._session.closed:
            os.close(self._session.fileno())
            _parents_sessions.append(self._session)
        self._session = None


_parents_sessions: list[object] = []
"""Kept from the garbage collector in a forked child."""


class NotifyWaiter:
    """Listens on a session of its own, and again on a new one when the server went away."""

    def __init__(self, server: Server, channel: str) -> None:
        self._server = server
        self._channel = channel
        self._session: psycopg.Connection[tuple[Any, ...]] | None = None
        with server.reporting():
            self._listen()
        self._bell = Bell()

    def _listen(self) -> None:
        session = self._server.connect()
        try:
            session.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
        except psycopg.Error:
            session.close()
            raise
        self._session = session

    def wait(self, timeout_s: float) -> bool:
        if self._session is None:
            try:
                self._listen()
            except psycopg.Error:
                wait_readable(timeout_s, self._bell.fd)
                return self._bell.hush()
            # Whatever was raised while nobody listened is lost: look again.
            return True
        raised = wait_readable(timeout_s, self._session.fileno(), self._bell.fd)
        self._bell.hush()
        try:
            for _ in self._session.notifies(timeout=0):
                raised = True
        except psycopg.Error:
            self._session.close()
            self._session = None
            return True
        return raised

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._bell.close()


class NotifySignal:
    """A signal among all processes on one database; raising keeps one session open."""

    def __init__(self, name: str, server: Server, channel: str) -> None:
        self.name = name
        self._server = server
        self._notify = SQL("NOTIFY {}").format(Identifier(channel))
        self._channel = channel
        self._session: psycopg.Connection[tuple[Any, ...]] | None = None
        self._turn = threading.Lock()

    def raise_(self) -> None:
        with self._turn:
            # The second time on a new session, if the server was restarted since the last raise.
            for _ in range(2):
                try:
                    if self._session is None:
                        self._session = self._server.connect()
                    self._session.execute(self._notify)
                except psycopg.Error:
                    self._hang_up()
                else:
                    return

    def waiter(self) -> NotifyWaiter:
        return NotifyWaiter(self._server, self._channel)

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    def close(self) -> None:
        with self._turn:
            self._hang_up()
