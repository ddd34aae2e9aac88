"""Blocking work of one event loop, handed to threads: what comes while all are busy shares their visits.

A hand-over to a thread and back costs more processor time than most of what is done there. So a thread that
has done one thing takes the next that waits, and what several have done by the time the loop looks wakes it
once. Nothing waits for anything to come together.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

AT_ONCE: Final = 4
"""Each waits for the disk, or for a store elsewhere, most of its time."""

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
    """At most ``at_once`` of the loop's own threads."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._answers = Answers()
        self._visits = 0
        self._turn = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """As ``asyncio.to_thread``."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        with self._turn:
            self._waiting.append((work, answer))
            begins = self._visits < self._at_once
            self._visits += begins
        if begins:
            loop.run_in_executor(None, self._visit)
        return await answer

    def _visit(self) -> None:
        while True:
            with self._turn:
                if not self._waiting:
                    self._visits -= 1
                    return
                work, answer = self._waiting.popleft()
            if answer.cancelled():
                continue
            try:
                self._answers.give(answer, work())
            except BaseException as error:  # noqa: BLE001 - who waits raises it
                self._answers.give(answer, None, error)
