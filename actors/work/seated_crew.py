"""The workers that sit in the crew's seats, as the Director calls them.

How a worker is reached, and what its silence means, is the cluster's matter: it gives two functions.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from actors.work.crew import CREW, Seat, seat_of
from actors.work.stage import Order
from actors.work.worker_registry import Seats

STATUS_TIMEOUT_S: Final = 1.0
"""A worker that is loading answers late; whoever asks how the crew is does not wait for it."""


@dataclass(frozen=True)
class Loss:
    """A worker did not answer; with ``gone`` it never will."""

    reason: str
    gone: bool


class SeatedCrew:
    """``call`` awaits a worker's method by name; ``loss_of`` says what an error of it means.

    It gives None where the worker lives and the error is its answer.
    """

    def __init__(
        self,
        call: Callable[..., Awaitable[Any]],
        loss_of: Callable[[BaseException], Loss | None],
        *,
        start_s: float,
    ) -> None:
        self.seats = Seats(seat.name for seat in CREW)
        self._call = call
        self._loss_of = loss_of
        self._start_s = start_s

    async def perform(self, order: Order) -> str:
        """Hand an order to the worker of its seat, as soon as one sits there, and await its end."""
        name = seat_of(order.key.stage).name
        await self.seats.pause(name)
        worker = await self.seats.worker(name)
        try:
            if not self.seats.proven(name):
                await self._see_started(name, worker)
            outcome: str = await self._call(worker, "perform", order)
        except Exception as error:
            loss = self._loss_of(error)
            if loss is not None:
                self.seats.failed(name, worker, loss.reason, gone=loss.gone)
            raise
        return outcome

    async def _see_started(self, name: str, worker: Any) -> None:
        """A process that ends at every start is started again by Ray for ever, and nobody is told."""
        try:
            async with asyncio.timeout(self._start_s):
                await self._call(worker, "status")
        except TimeoutError:
            reason = f"it did not start within {self._start_s:g} s"
            self.seats.failed(name, worker, reason, gone=True)
            raise
        self.seats.answered(name, worker)

    async def cancel(self, job_id: UUID) -> None:
        calls = [self._call(worker, "cancel", job_id) for worker in self.seats.workers()]
        await asyncio.gather(*calls, return_exceptions=True)

    async def at_work(self) -> dict[str, list[str]]:
        """What each worker that answers is making, by its boot id; what they have logged is logged here."""
        calls = [
            asyncio.wait_for(self._call(worker, "look"), STATUS_TIMEOUT_S) for worker in self.seats.workers()
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        looks = [one for one in answers if isinstance(one, dict)]
        for look in looks:
            for level, name, text in look["log"]:
                logging.getLogger(name).log(level, "%s: %s", look["worker"], text)
        return {look["worker"]: look["attempts"] for look in looks}

    async def status(self) -> dict[str, Any]:
        """Of each seat its stages, and its worker as it answers, or why there is none."""
        states = await asyncio.gather(*(self._status_of(seat) for seat in CREW))
        return {
            seat.name: {"stages": [stage.value for stage in seat.stages], **state}
            for seat, state in zip(CREW, states, strict=True)
        }

    async def _status_of(self, seat: Seat) -> dict[str, Any]:
        worker = self.seats.at(seat.name)
        state = self.seats.state(seat.name)
        if worker is None:
            return state
        try:
            answer: dict[str, Any] = await asyncio.wait_for(self._call(worker, "status"), STATUS_TIMEOUT_S)
        except Exception as error:
            loss = self._loss_of(error)
            if loss is None and not isinstance(error, TimeoutError):
                raise
            if loss is not None and loss.gone:
                self.seats.failed(seat.name, worker, loss.reason, gone=True)
                state = self.seats.state(seat.name)
            return state if "error" in state else {"state": f"no answer: {type(error).__name__}"}
        return answer
