"""Connections to one PostgreSQL server, for events and read models alike: how they are lent and closed.

1. **No dead connection is lent**, as all are when the server was restarted while nobody used them. The socket
   tells, so this costs no round trip; the pool's own check costs one each time, and pauses after the second
   dead connection for a second, then two, longer than anybody waits.
2. **Who is given none is told why**: what the server said when it turned the pool away.
3. **What only asks is asked again** (``ask_again``) while connections are lost, for about a second: the
   library tries ten times, for most of a minute when the server is away, and whoever asks over HTTP waits.
4. **No statement waits for ever** for a lock that another holds, and no process that was stopped within a
   transaction keeps others from theirs.
5. **Closing lets go on what is in use**; it is closed when it is given back.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import InterfaceError, InternalError, OperationalError
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from domain.store.errors import StoreClosedError
from domain.store.postgresql_failures import failure_of
from domain.store.postgresql_server import Server
from domain.store.signals import wait_readable

__all__ = ["CONNECT_TIMEOUT_S", "Pool", "Server", "ask_again", "failure_of"]

CONNECT_TIMEOUT_S = 5
"""How long whoever asks for a connection waits."""
LOCK_TIMEOUT_S = 60
"""How long a statement waits for a lock; an append, whose turn comes soon, tries again before that."""
IDLE_IN_TRANSACTION_S = 60
READ_PATIENCE_S = 1.0
"""No further attempt is made after this; one that waits for a connection takes CONNECT_TIMEOUT_S more."""
READ_PAUSE_S = 0.05
_RECONNECT_S = 1.0

T = TypeVar("T")
_PASSING = (
    *(OperationalError, InterfaceError, InternalError),
    *(psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError),
)
"""What may be over at the next attempt, as the event sourcing library wraps it and as it is."""


def ask_again(ask: Callable[[], T]) -> T:
    """Ask until there is an answer, or until READ_PATIENCE_S is over; for what changes nothing."""
    deadline = time.monotonic() + READ_PATIENCE_S
    while True:
        try:
            return ask()
        except _PASSING:
            if time.monotonic() >= deadline:
                raise
            time.sleep(READ_PAUSE_S)


def _bound_waits(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false),"
        " set_config('idle_in_transaction_session_timeout', %s, false)",
        (f"{LOCK_TIMEOUT_S}s", f"{IDLE_IN_TRANSACTION_S}s"),
    )


class Pool(ConnectionPool[psycopg.Connection[Any]]):
    """Lends connections to one server; opens none before it is asked for one."""

    def __init__(
        self,
        server: Server,
        *,
        timeout_s: float,
        configure: Callable[[psycopg.Connection[Any]], None],
        row_factory: Any = tuple_row,
        **settings: Any,
    ) -> None:
        self._shown_url = server.shown_url
        self._refusal: psycopg.Error | None = None
        self._ended = False

        def configure_all(connection: psycopg.Connection[Any]) -> None:
            # Else each statement costs three round trips; what the user wants is set by ``configure``.
            connection.autocommit = True
            _bound_waits(connection)
            configure(connection)

        # An attempt that goes on for longer pauses ever longer; whoever asks next begins a new one.
        super().__init__(
            "",
            kwargs={**server.parameters, "row_factory": row_factory},
            open=False,
            configure=configure_all,
            timeout=timeout_s,
            reconnect_timeout=_RECONNECT_S,
            **settings,
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
