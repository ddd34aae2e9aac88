"""Blocking work of one event loop in threads of its own, at half of what a hand-over by asyncio takes.

That takes more processor time than most of what attempts have done there: a future for the thread, one for
the loop, their chaining, and a waking of the loop for each. Here what several threads have done by the time
the loop looks wakes it once.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

AT_ONCE: Final = min(32, (os.cpu_count() or 1) + 4)
"""As asyncio has: each waits for the disk, or for a store elsewhere, most of its time."""

T = TypeVar("T")


class Answers:
    """What threads have found out, for who waits for it in the loop."""

    def __init__(self) -> None:
        self._found: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._told = False

    def give(self, answer: asyncio.Future[Any], found: Any, error: BaseException | None = None) -> None:
        """In a thread."""
        self._found.append((answer, found, error))
        if not self._told:
            self._told = True
            answer.get_loop().call_soon_threadsafe(self._pass_on)

    def _pass_on(self) -> None:
        self._told = False  # first: what is found from here on may be missed below
        while self._found:
            answer, found, error = self._found.popleft()
            if answer.done():  # who waited has ended
                continue
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(found)


class Threads:
    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="attempts")
        self._answers = Answers()

    async def run(self, work: Callable[[], T]) -> T:
        """As ``asyncio.to_thread``."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._pool.submit(self._do, work, answer)
        return await answer

    def _do(self, work: Callable[[], T], answer: asyncio.Future[T]) -> None:
        if answer.cancelled():
            return
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001 - who waits raises it
            self._answers.give(answer, None, error)
        else:
            self._answers.give(answer, found)
