"""A worker's sign of life, kept up for as long as its process lives.

A presence lock ends with its holder's process, and on PostgreSQL also with the connection: after a restart of
the server a live worker would pass for dead, and everything that it begins would be told as lost. So a thread
looks after the lock and takes it again, within a moment of the server's return.
"""

import threading

from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.ports import Presence

LOOK_S = 0.25


class StandingPresence:
    """Call ``ensure`` before anything is begun; ``keep`` starts the thread that sees to it meanwhile."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._turn = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="presence", daemon=True)

    def ensure(self) -> bool:
        """Hold the lock, or say that another has it now. Raises what the store raises when it is away."""
        with self._turn:
            return self._presence.held or self._presence.acquire(0)

    def keep(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._presence.release()

    def _look_after(self) -> None:
        while not self._ending.wait(LOOK_S):
            try:
                self.ensure()
            except TRANSIENT_ERRORS:
                continue  # the next look may find it back
