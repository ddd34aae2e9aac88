"""Signals among all processes on one PostgreSQL: NOTIFY and LISTEN, each on sessions of their own."""

import threading
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from domain.store.postgresql_server import Server
from domain.store.signals import Bell, wait_readable


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
