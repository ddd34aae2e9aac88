"""Who is alive, among all processes on one PostgreSQL: advisory locks, each on a session of its own.

An advisory lock is freed by the server when the session ends, which is at once when the holder's process dies
and after the keepalives below when its machine or network does: 9 to 15 seconds after it was cut off. The
holder's own keepalives are shorter than the server's, so a holder that was cut off knows that it has lost the
lock before another can have it.

To look whether names are held takes no lock: the server's list of locks is asked, with one statement for
all names, on one session that all looks of a process share. Only who finds a name free opens a
session to take it.
"""

import contextlib
import os
import threading
import time
from collections.abc import Collection
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


_HELD = """
SELECT key FROM (
    SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS held WHERE key = ANY(%s)
"""


class Looks:
    """Tells which names are held, by whichever process; connects at the first look, and after a loss anew."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: psycopg.Connection[tuple[Any, ...]] | None = None
        self._turn = threading.Lock()

    def held(self, names: Collection[str]) -> set[str]:
        """Those of the names that any session holds. StoreUnavailableError when the server is away."""
        keys = {lock_key(name): name for name in names}
        if not keys:
            return set()
        with self._turn, self._server.reporting():
            try:
                return {keys[key] for key in self._ask(list(keys))}
            except psycopg.Error:
                # Of a session that ended since the last look; a new one tells whether the server is there.
                self._hang_up()
                return {keys[key] for key in self._ask(list(keys))}

    def _ask(self, keys: list[int]) -> list[int]:
        if self._session is None:
            self._session = self._server.connect()
            keep(self)
        return [row[0] for row in self._session.execute(_HELD, (keys,)).fetchall()]

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        keep(self, held=False)
        if session is not None:
            session.close()

    def close(self) -> None:
        with self._turn:
            self._hang_up()

    def forget_after_fork(self) -> None:
        _abandon(self._session)
        self._session = None
        self._turn = threading.Lock()


class AdvisoryPresence:
    """One name's lock, on a session of its own. Held until ``release`` or the end of process or session."""

    def __init__(self, server: Server, name: str, looks: Looks) -> None:
        self.name = name
        self._server = server
        self._looks = looks
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
        # A session is opened only for a lock that seems to be free: who waits for another's just looks.
        while self._looks.held([self.name]) or not self._try():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            time.sleep(min(POLL_S, remaining))
        keep(self)
        return True

    def _try(self) -> bool:
        with self._server.reporting(), contextlib.ExitStack() as stack:
            session = stack.enter_context(contextlib.closing(self._server.connect()))
            self._dismissed = False
            session.add_notice_handler(self._hear)
            asked = (list(SERVER_SIDE), list(SERVER_SIDE.values()), lock_key(self.name))
            if session.execute(_TRY, asked).fetchone() != (True,):
                return False
            stack.pop_all()
            self._session = session
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
        _abandon(self._session)
        self._session = None


def _abandon(session: psycopg.Connection[tuple[Any, ...]] | None) -> None:
    """In a forked child: close its copy of the socket, without the farewell that would end the parent's."""
    if session is not None and not session.closed:
        os.close(session.fileno())
        _parents_sessions.append(session)


_parents_sessions: list[object] = []
"""Kept from the garbage collector in a forked child."""
