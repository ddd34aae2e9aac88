"""What every event store offers, and how it fails.

The rest of Reelog is written against this page and never learns whether events are kept by SQLite or by
PostgreSQL. A store is opened once in each process, from its URL; the URL is all that travels between
processes, since connections and file descriptors must not.

All errors descend from the event sourcing library's ``OperationalError``, so that code which knows only the
library handles them too::

    OperationalError
    └── StoreUnavailableError     the store cannot be used; says why and what a person can do
        └── AppendFailedError     an append was not acknowledged; decide again when the cause is gone

A conflict between two writers is no failure of the store: it is the library's ``IntegrityError``.
"""

from abc import ABC, abstractmethod
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import OperationalError

from domain.event_log import Follower
from domain.event_log_signal import Signal
from domain.ports import Presence

LOG_SIGNAL = "log"
"""The signal that the store itself raises after every append."""


class StoreUnavailableError(OperationalError):
    """The event store cannot be used; ``hint`` says what a person can do about it."""

    def __init__(self, url: str, reason: str, hint: str) -> None:
        super().__init__(f"event store {url}: {reason} ({hint})")
        self.url = url
        self.reason = reason
        self.hint = hint


class AppendFailedError(StoreUnavailableError):
    """An append was not acknowledged; load anew and decide again when the cause is gone.

    On SQLite none of its events is recorded. On PostgreSQL a connection that is lost at the wrong moment
    leaves that open; what is loaded anew tells.
    """


class Closable(Protocol):
    def close(self) -> None: ...


class EventStore(ABC):
    """One process's access to the log; ``url`` is absolute and opens the same store in any process."""

    url: str

    def __init__(self, url: str) -> None:
        self.url = url
        self._opened: set[Closable] = set()

    @property
    def shown_url(self) -> str:
        """The URL without its password, for people."""
        return self.url

    @property
    @abstractmethod
    def id(self) -> UUID:
        """Which store this is, for as long as it is kept: made once with it, and copied and restored with it.

        Positions mean something in one store only; who meets another id talks to another log than before.
        """

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The settings to hand to ``eventsourcing.application.Application(env=…)``."""

    @abstractmethod
    def follower(self, after: int = 0) -> Follower:
        """Follow the log from the first event beyond position ``after``, on a connection of its own."""

    @abstractmethod
    def signal(self, name: str) -> Signal:
        """The signal of this name, shared by all processes on this store."""

    @abstractmethod
    def presence(self, name: str) -> Presence:
        """The exclusive lock of this name, not yet acquired."""

    @abstractmethod
    def presence_held_elsewhere(self, name: str) -> bool:
        """Whether any ``Presence`` of this name is held now, in this process or another; takes no lock."""

    @abstractmethod
    def sweep_presence(self) -> list[str]:
        """Forget locks whose holders are dead; gives their names. Never touches a lock that is held."""

    @abstractmethod
    def settle(self) -> None:
        """After texts were overwritten: drop the copies that the database itself keeps, as far as it can."""

    def close(self) -> None:
        """Close the followers and signals and release the presences that were opened here."""
        for opened in self._opened:
            opened.close()
