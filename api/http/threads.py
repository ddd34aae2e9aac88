"""Who waits in which threads: calls of one kind never queue behind those of another.

The framework has forty threads for everything. A submission may wait for the provider's list of models, a
write for the projection, ``/readyz`` for a store that does not answer; were these to wait in the same forty,
all else that is asked meanwhile would wait with them. So what may wait has threads of its own, and the
framework's are left to reads and files. What waits for somebody else's server, or opens files, takes long
enough to have its own, too: nobody else's submission or cancellation waits for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar, TypeVarTuple, cast

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from api.cases.batch import SubmitBatchRequest
from api.cases.fork import ForkRequest
from api.cases.own_files import OpensFilesError
from api.cases.submit import SubmitRequest
from api.composition import System

T = TypeVar("T")
Given = TypeVarTuple("Given")
Asked = TypeVar("Asked", SubmitRequest, SubmitBatchRequest, ForkRequest)

WAITING = 24
PINGING = 24
PARSING = 2
OPENING = 2


class Threads:
    """Those of one application, by what is done in them."""

    def __init__(self) -> None:
        self._waiting = CapacityLimiter(WAITING)
        self._pinging = CapacityLimiter(PINGING)
        self._parsing = CapacityLimiter(PARSING)
        self._opening = CapacityLimiter(OPENING)

    async def wait(self, call: Callable[[*Given], T], *given: *Given) -> T:
        """For what asks the provider, writes, or waits until what was written can be read."""
        return await to_thread.run_sync(call, *given, limiter=self._waiting)

    async def open(self, call: Callable[[*Given], T], *given: *Given) -> T:
        """For files that are opened in a process of their own, which takes the machine seconds each."""
        return await to_thread.run_sync(call, *given, limiter=self._opening)

    async def begin(self, call: Callable[[System, Asked], T], system: System, asked: Asked) -> T:
        """For what begins jobs: where it opens files it is asked anew, among those that do.

        Whether it does nobody knows before it is asked: a preset, or the film that is forked, may name them.
        """
        try:
            return await self.wait(call, system, replace(asked, may_open=False))
        except OpensFilesError:
            return await self.open(call, system, asked)

    async def ping(self, call: Callable[[*Given], T], *given: *Given) -> T:
        """For endpoints that are tried, and may not answer."""
        return await to_thread.run_sync(call, *given, limiter=self._pinging)

    async def parse(self, call: Callable[[*Given], T], *given: *Given) -> T:
        """For bodies: a large one that is wrong in every line takes a while to judge."""
        return await to_thread.run_sync(call, *given, limiter=self._parsing)


def threads_of(request: Request) -> Threads:
    return cast("Threads", request.app.state.threads)


class SingleFlight(Generic[T]):
    """A question that may go without an answer, asked once however many want to know.

    Without this a call that hangs would take another thread with each look of a load balancer.
    """

    def __init__(self, call: Callable[..., T]) -> None:
        self._call = call
        self._limiter = CapacityLimiter(1)
        self._running: asyncio.Task[T] | None = None

    async def answer(self, timeout_s: float, *given: Any) -> T:
        """What the call gives, or TimeoutError; the call then goes on, and the next to ask waits for it."""
        if self._running is None or self._running.done():
            running = to_thread.run_sync(self._call, *given, limiter=self._limiter, abandon_on_cancel=True)
            self._running = asyncio.create_task(running, name=f"single-flight:{self._call.__name__}")
            # What comes of it when nobody waits any more is nobody's error.
            self._running.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.wait_for(asyncio.shield(self._running), timeout_s)
