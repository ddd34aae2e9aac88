"""Who is alive, among all processes on one PostgreSQL: advisory locks, each on a session of its own.

An advisory lock is freed by the server when the session ends, which is at once when the holder's process dies
and after the keepalives below when its machine or network does: 9 to 15 seconds after it was cut off. The
holder's own keepalives are shorter than the server's, so a holder that was cut off knows that it has lost the
lock before another can have it.
"""

import contextlib
import os
import time
from typing import Any

import psycopg

from domain.store.postgresql_server import Server, lock_key
from domain.store.presence import keep
from domain.store.signals import wait_readable

POLL_S = 0.05
SERVER_SIDE = {
    # A dead network is noticed after 5 + 9 seconds on the server's side.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    # As long, where an answer was on its way when the network went: keepalives are not sent meanwhile.
    "tcp_user_timeout": "14000",
    "idle_session_timeout": "0",
}
_TRY = """
    WITH chosen AS MATERIALIZED (
        SELECT count(set_config(name, value, false))
        FROM pg_settings JOIN unnest(%s::text[], %s::text[]) AS wanted (name, value) USING (name)
    )
    SELECT pg_try_advisory_lock(%s) FROM chosen
"""
"""The settings before the lock, in one round trip: who had it and was cut off before hearing so would keep it
for as long as TCP retransmits. Asked of pg_settings, as older servers do not know every one.
"""


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
            asked = (list(SERVER_SIDE), list(SERVER_SIDE.values()), lock_key(self.name))
            while session.execute(_TRY, asked).fetchone() != (True,):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                time.sleep(min(POLL_S, remaining))
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
