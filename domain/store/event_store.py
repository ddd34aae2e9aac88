"""What every event store offers; how it fails is in ``errors.py``.

The rest of Reelog is written against this page and never learns whether events are kept by SQLite or by
PostgreSQL. A store is opened once in each process, from its URL; the URL is all that travels between
processes, since connections and file descriptors must not.
"""

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

from domain.ports import Presence
from domain.store.log import Follower, NotificationSource
from domain.store.signals import Signal
from domain.store.transcoder import Transcoder

LOG_SIGNAL = "log"
"""The signal that the store itself raises after every append."""
NOT_FROM_OUTSIDE = dict.fromkeys(
    (
        "APPLICATION_RECORDER_TOPIC",
        "CIPHER_KEY",
        "CIPHER_TOPIC",
        "COMPRESSOR_TOPIC",
        "MAPPER_TOPIC",
    ),
    "",
) | {"TRANSCODER_TOPIC": f"{Transcoder.__module__}:{Transcoder.__qualname__}"}
"""How events are written, for an application that, unlike ``Studio``, reads the process's environment too."""


class Closable(Protocol):
    def close(self) -> None: ...


class EventStore(ABC):
    """One process's access to the log; ``url`` is absolute and opens the same store in any process."""

    url: str

    def __init__(self, url: str) -> None:
        self.url = url
        self._opened: set[Closable] = set()
        # Weak: whoever looks at a worker once a second makes one each time, and drops it. What is held is
        # kept by its holding.
        self._presences: weakref.WeakSet[Closable] = weakref.WeakSet()

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
        """The library's settings. ``Studio`` sees to it that it reads none from the process's environment."""

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
    def present(self, names: Collection[str]) -> set[str]:
        """Those of the names whose presence anybody holds now, here or elsewhere; takes no lock."""

    def is_present(self, name: str) -> bool:
        """Whether anybody holds the presence of this name now."""
        return name in self.present([name])

    @abstractmethod
    def sweep_presence(self) -> list[str]:
        """Forget locks whose holders are dead; gives their names. Never touches a lock that is held."""

    @abstractmethod
    def settle(self) -> None:
        """After texts were overwritten: drop the copies that the database itself keeps, as far as it can."""

    def close(self) -> None:
        """Close the followers and signals and release the presences that were opened here."""
        for opened in [*self._opened, *self._presences]:
            opened.close()

    def _following(self, source: NotificationSource, after: int, hang_up: Callable[[], None]) -> Follower:
        """A follower that is closed with the store, or forgotten when it is closed before."""

        def on_close() -> None:
            self._opened.discard(follower)
            hang_up()

        follower = Follower(source, self.signal(LOG_SIGNAL).waiter(), after, on_close)
        self._opened.add(follower)
        return follower
