"""Who sits where: each seat's worker as the Director knows it, who is asked for, and whose start failed.

A worker whose constructor raises is gone for good: Ray starts it no second time. So whoever meets a dead one
says so here, and the next order asks for another in its place, after a pause that grows with each failure.
What failed is told until a worker of the seat has answered.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("reelog.director")

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
TRIES = 5
"""After so many failures in a row a seat passes for one that cannot be filled. It is tried further."""
ASK_AGAIN_S = 10.0
"""A request may get lost with the process that carried it."""


def pause_s(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 30))


@dataclass
class _Seat:
    worker: Any = None
    failures: int = 0
    error: str = ""
    proven: bool = False  # this worker has answered
    anew: bool = False  # the last one is gone: whoever is held for it must be replaced
    free_from: float = 0.0
    asked_at: float | None = None
    seated: asyncio.Event = field(default_factory=asyncio.Event)


class Seats:
    """Belongs to one event loop, but that ``state`` may be asked from any thread."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._seats = {name: _Seat() for name in names}
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._clock = clock

    async def worker(self, name: str) -> Any:
        """Who sits there, as soon as somebody does."""
        seat = self._seats[name]
        while seat.worker is None:
            wait_s = seat.free_from - self._clock()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
                continue
            if seat.asked_at is None or self._clock() - seat.asked_at >= ASK_AGAIN_S:
                seat.asked_at = self._clock()
                self._asked.put_nowait(name)
            seat.seated.clear()
            try:
                async with asyncio.timeout(ASK_AGAIN_S):
                    await seat.seated.wait()
            except TimeoutError:
                continue
        return seat.worker

    async def wanted(self) -> tuple[str, bool]:
        """The next seat that somebody is needed for, and whether the one who sat there last is gone."""
        name = await self._asked.get()
        return name, self._seats[name].anew

    def take(self, name: str, worker: Any) -> None:
        seat = self._seats[name]
        if seat.worker is not worker:
            seat.proven = False
        seat.worker, seat.anew, seat.asked_at = worker, False, None
        seat.seated.set()

    def workers(self) -> list[Any]:
        return [seat.worker for seat in self._seats.values() if seat.worker is not None]

    def at(self, name: str) -> Any:
        return self._seats[name].worker

    def failed(self, name: str, worker: Any, error: str, *, gone: bool) -> None:
        """A worker did not answer; with ``gone`` it never will. Whoever met the same one says it in vain."""
        seat = self._seats[name]
        if seat.worker is not worker or self._clock() < seat.free_from:
            return
        seat.failures += 1
        seat.error = error
        seat.proven = False
        seat.free_from = self._clock() + pause_s(seat.failures)
        if gone:
            seat.worker, seat.anew, seat.asked_at = None, True, None
        log.warning("the worker of the %s failed (%d in a row): %s", name, seat.failures, error)

    async def pause(self, name: str) -> None:
        """Wait until a seat whose worker failed may be given work again."""
        await asyncio.sleep(max(0.0, self._seats[name].free_from - self._clock()))

    def answered(self, name: str, worker: Any) -> None:
        """It lives, so what failed before it is over."""
        seat = self._seats[name]
        if seat.worker is worker:
            seat.proven, seat.failures, seat.error, seat.free_from = True, 0, "", 0.0

    def proven(self, name: str) -> bool:
        """Whether the worker there has answered since it was started last."""
        return self._seats[name].proven

    def state(self, name: str) -> dict[str, Any]:
        """What to tell of a seat whose worker does not answer."""
        seat = self._seats[name]
        told: dict[str, Any] = {"state": "starting"}
        if seat.failures:
            state = "cannot be started" if seat.failures >= TRIES else "starting again"
            told = {"state": state, "failures": seat.failures, "error": seat.error}
        elif seat.worker is None and seat.asked_at is None:
            told = {"state": "not needed yet"}
        return told
