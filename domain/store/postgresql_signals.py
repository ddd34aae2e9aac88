"""Signals among all processes on one PostgreSQL: NOTIFY and LISTEN, each on a session of its own.

All who wait for a signal in a process share one session, kept from the first one on: a write waits until it
can be read, and to open a session each time would take longer than the wait.
"""

import threading
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from domain.store.postgresql_server import Server
from domain.store.signals import Bell, wait_readable

AGAIN_S = 0.25
"""Before a server that went away is asked again."""
ASLEEP_S = 60.0


class NotifyWaiter:
    """Woken by the ``Listener`` that made it."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._woken = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        woken = self._woken.wait(max(0.0, timeout_s))
        # What is raised from here on ends the next wait; until here, whoever is woken has not looked yet.
        self._woken.clear()
        return woken

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._listener.forget(self)


class Listener:
    """Listens for all waiters of a process, and again on a new session when the server went away."""

    def __init__(self, server: Server, channel: str) -> None:
        self._server = server
        self._channel = channel
        self._waiters: set[NotifyWaiter] = set()
        self._turn = threading.Lock()
        self._closed = False
        self._session: psycopg.Connection[tuple[Any, ...]] | None = self._listen()
        self._bell = Bell()
        self._thread = threading.Thread(target=self._relay, name=f"listen-{channel}", daemon=True)
        self._thread.start()

    def waiter(self) -> NotifyWaiter:
        waiter = NotifyWaiter(self)
        with self._turn:
            self._waiters.add(waiter)
        return waiter

    def forget(self, waiter: NotifyWaiter) -> None:
        with self._turn:
            self._waiters.discard(waiter)

    def close(self) -> None:
        self._closed = True
        self._bell.ring()
        self._thread.join()
        self._bell.close()

    def _listen(self) -> psycopg.Connection[tuple[Any, ...]]:
        session = self._server.connect()
        try:
            session.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
        except psycopg.Error:
            session.close()
            raise
        return session

    def _relay(self) -> None:
        while not self._closed:
            if self._session is None:
                self._come_back()
            elif self._is_raised(self._session):
                self._wake_all()
        if self._session is not None:
            self._session.close()

    def _come_back(self) -> None:
        try:
            self._session = self._listen()
        except psycopg.Error:
            wait_readable(AGAIN_S, self._bell.fd)
        else:
            self._wake_all()  # whatever was raised while nobody listened is lost: look again

    def _is_raised(self, session: psycopg.Connection[tuple[Any, ...]]) -> bool:
        try:
            wait_readable(ASLEEP_S, session.fileno(), self._bell.fd)
            self._bell.hush()
            return bool(list(session.notifies(timeout=0)))
        except psycopg.Error:
            session.close()
            self._session = None
            return True

    def _wake_all(self) -> None:
        with self._turn:
            for waiter in self._waiters:
                waiter.wake()


class NotifySignal:
    """A signal among all processes on one database; raising keeps one session open, waiting another."""

    def __init__(self, name: str, server: Server, channel: str) -> None:
        self.name = name
        self._server = server
        self._notify = SQL("NOTIFY {}").format(Identifier(channel))
        self._channel = channel
        self._session: psycopg.Connection[tuple[Any, ...]] | None = None
        self._turn = threading.Lock()
        self._listener: Listener | None = None
        self._first = threading.Lock()

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
        """StoreUnavailableError where it is the first one and the server is away."""
        with self._first:
            if self._listener is None:
                with self._server.reporting():
                    self._listener = Listener(self._server, self._channel)
            return self._listener.waiter()

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    def close(self) -> None:
        with self._turn:
            self._hang_up()
        with self._first:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
