"""A thread that serves in one process at a time: whoever holds its lease; the others wait in case it dies.

What goes wrong in it is told, and begun anew: nobody waits for such a thread, and it may never be missing.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from domain.ports import Presence
from domain.store import Follower

LEASE_WAIT_S = 0.5
RETRY_S = 1.0

Tell = Callable[[str, Exception | None], None]


class LeasedThread:
    """Runs ``serve`` between ``start`` and ``close``, from its beginning each time.

    ``serve`` returns once it no longer ``goes_on``. ``tell`` is given the states in which it does not run:
    waiting (another process serves), retrying, with what went wrong, and ended.
    """

    def __init__(self, lease: Presence, serve: Callable[[], Any], tell: Tell) -> None:
        self.ending = threading.Event()
        self._lease = lease
        self._serve = serve
        self._tell = tell
        self._thread = threading.Thread(target=self._run, name=lease.name, daemon=True)
        self._follower: Follower | None = None

    @property
    def goes_on(self) -> bool:
        return not self.ending.is_set() and self._lease.held

    def start(self) -> None:
        self._thread.start()

    def close(self, wake: Callable[[], None]) -> None:
        """End it; ``wake`` has ``serve`` look whether it goes on."""
        self.ending.set()
        wake()
        if self._follower is not None:
            self._follower.wake()
        if self._thread.is_alive():
            self._thread.join()

    @contextlib.contextmanager
    def following(self, follower: Follower) -> Iterator[Follower]:
        """The follower of this turn, woken at the end and closed after the turn."""
        with contextlib.closing(follower):
            self._follower = follower
            try:
                yield follower
            finally:
                self._follower = None

    def _run(self) -> None:
        try:
            while not self.ending.is_set():
                self._serve_once()
        finally:
            self._lease.release()
            self._tell("ended", None)

    def _serve_once(self) -> None:
        try:
            if not self._lease.acquire(0):
                self._tell("waiting", None)
                self.ending.wait(LEASE_WAIT_S)
                return
            self._serve()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and begun anew
            self._tell("retrying", error)
            self.ending.wait(RETRY_S)
