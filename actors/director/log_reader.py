"""Brings the log to the Director's loop: a thread that waits for events, so that the loop need not."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.store import Follower

LONGEST_WAIT_S: Final = 1.0
STORE_PAUSE_S: Final = 1.0


class LogReader:
    """Puts batches of events into ``batches``, on the loop that made it, and calls ``arrived`` after each."""

    def __init__(self, follower: Follower, arrived: Callable[[], None]) -> None:
        self.batches: asyncio.Queue[Any] = asyncio.Queue()
        self._follower = follower
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, name="follower", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._follower.close)
        await asyncio.to_thread(self._thread.join, 5)

    def _read(self) -> None:
        while not self._stopping.is_set() and not self._follower.closed:
            try:
                batch = self._follower.next_batch(LONGEST_WAIT_S)
            except TRANSIENT_ERRORS:
                # Nothing is lost: the next call begins where this one did. The loop meets it too, and tells.
                self._stopping.wait(STORE_PAUSE_S)
                continue
            if batch:
                self._loop.call_soon_threadsafe(self.batches.put_nowait, batch)
                self._loop.call_soon_threadsafe(self._arrived)
