"""What is logged in a process that nobody looks at, for the one whose log is read.

Ray keeps what its processes print in files of its own, which go with it.
"""

import asyncio
import logging
from collections import deque

MOST_LINES = 1000
"""Of what nobody has fetched yet; older lines are dropped."""

Line = tuple[int, str, str]
"""Level, logger, and the text with its traceback."""


class LogForwarder(logging.Handler):
    """Keeps warnings and errors until they are fetched by ``lines``, which belongs to one event loop."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append((record.levelno, record.name, self.format(record)))
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._news.set)
        except Exception:  # noqa: BLE001 - as the library asks: logging never ends the work
            self.handleError(record)

    def take(self) -> list[Line]:
        """All that was logged since the last call."""
        return [self._lines.popleft() for _ in range(len(self._lines))]

    async def lines(self) -> list[Line]:
        """All that was logged since the last call, as soon as there is something."""
        self._loop = asyncio.get_running_loop()
        while not self._lines:
            self._news.clear()
            if not self._lines:
                await self._news.wait()
        return self.take()
