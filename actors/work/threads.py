"""Blocking work of one event loop in threads, of which as few run as get it done.

Threads that run Python take turns, and handing the turn over costs more than most of what attempts have done
here. So one thread takes what waits, one thing after the other; another helps where something has waited for
long, as a disk or a store elsewhere is slow. What is done by the time the loop looks wakes it once.
"""

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

log = logging.getLogger("reelog.worker")

AT_ONCE: Final = min(32, (os.cpu_count() or 1) + 4)
"""As asyncio has: each may wait for the disk, or for a store elsewhere, most of its time."""
LATE_S: Final = 0.01
"""What has waited for longer gets another thread."""
TOLD_EVERY: Final = 8
"""The loop is told of what was done, at the latest: it goes on with that meanwhile."""

T = TypeVar("T")


class Answers:
    """What threads have found out, for who waits for it in the loop."""

    def __init__(self) -> None:
        self._found: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._told = False

    def give(self, answer: asyncio.Future[Any], found: Any, error: BaseException | None = None) -> None:
        """In a thread; the loop learns of it when it is told, or passes on what there is."""
        self._found.append((answer, found, error))

    def tell(self) -> None:
        """In a thread: wake the loop, if it is not to look already."""
        if self._found and not self._told:
            try:
                loop = self._found[0][0].get_loop()
            except IndexError:  # the loop has them by now
                return
            self._told = True
            loop.call_soon_threadsafe(self.pass_on)

    def pass_on(self) -> None:
        """In the loop."""
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
        self.answers = Answers()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="attempts")
        self._waiting: deque[Callable[[], None]] = deque()
        self._turn = threading.Lock()
        self._at_work = 0
        self._given = self._taken = 0
        self._watched = False

    async def run(self, work: Callable[[], T]) -> T:
        """As ``asyncio.to_thread``."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.give(partial(self._do, work, answer))
        return await answer

    def give(self, work: Callable[[], None]) -> None:
        """Have this done in a thread; what it finds it gives to ``answers``. Called in the loop."""
        with self._turn:
            self._waiting.append(work)
            self._given += 1
            begins = not self._at_work
            if begins:
                self._at_work = 1
        if begins:
            self._pool.submit(self._work)
        if not self._watched:
            self._watched = True
            asyncio.get_running_loop().call_later(LATE_S, self._watch, self._given)

    def _watch(self, given: int) -> None:
        """See to it that nothing waits long for one that takes long: another thread helps, answers go out."""
        self.answers.pass_on()
        with self._turn:
            helps = self._taken < given and self._at_work < AT_ONCE
            self._at_work += helps
            self._watched = self._at_work > 0
        if helps:
            self._pool.submit(self._work)
        if self._watched:
            asyncio.get_running_loop().call_later(LATE_S, self._watch, self._given)

    def _work(self) -> None:
        while (work := self._take()) is not None:
            try:
                work()
            except BaseException:
                log.exception("work in a thread ended badly")

    def _take(self) -> Callable[[], None] | None:
        with self._turn:
            work = self._waiting.popleft() if self._waiting else None
            self._taken += work is not None
            self._at_work -= work is None
            tells = work is None or not self._taken % TOLD_EVERY
        if tells:
            self.answers.tell()
        return work

    def _do(self, work: Callable[[], T], answer: asyncio.Future[T]) -> None:
        if answer.cancelled():
            return
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001 - who waits raises it
            self.answers.give(answer, None, error)
        else:
            self.answers.give(answer, found)
