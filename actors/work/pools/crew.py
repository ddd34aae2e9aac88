"""The crew as the Director calls it: a pool of places for each seat.

How a worker is reached, what its silence means and where it is, is the cluster's matter: it gives these.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from actors.work.crew import CREW, seat_of
from actors.work.pools.locality import Locality
from actors.work.pools.machines import Machines, Surroundings, Whereabouts
from actors.work.pools.place import End, Place, Start
from actors.work.pools.pool import Pool
from actors.work.stage import Order

log = logging.getLogger("reelog.director")

LOOK_S: Final = 1.0
STATUS_TIMEOUT_S: Final = 1.0
"""A worker that is loading answers late; whoever asks how the crew is does not wait for it."""
WITHDRAWN: Final = "withdrawn"
"""The end of an order that was sent away before anybody began it."""


@dataclass(frozen=True)
class Loss:
    """A worker did not answer; with ``gone`` it never will."""

    reason: str
    gone: bool


def _ends_with(job_id: UUID, order: Order) -> bool:
    """Whether an order is nobody's when its job is cancelled: to cancel an accepted call still stands."""
    return order.brief.job_id == job_id and not (order.resume and order.resume.cancel)


class PooledCrew:
    """``call`` awaits a worker's method by name; ``loss_of`` says what an error of it means.

    It gives None where the worker lives and the error is its answer. ``limits`` are the settings' limits of
    places, by seat.
    """

    def __init__(
        self,
        call: Callable[..., Awaitable[Any]],
        loss_of: Callable[[BaseException], Loss | None],
        surroundings: Surroundings,
        *,
        start_s: float,
        limits: Mapping[str, int | None],
    ) -> None:
        self._call = call
        self._loss_of = loss_of
        self._surroundings = surroundings
        self._start_s = start_s
        self._machines: Machines | None = None
        self._locality = Locality()
        self._requests: asyncio.Queue[Start | End] = asyncio.Queue()
        self._proving: dict[str, asyncio.Task[None]] = {}
        self.pools = {
            seat.name: Pool(
                seat, limits.get(seat.name), self._requests.put_nowait, self._seen_machines, self._locality
            )
            for seat in CREW
        }

    # ---- orders -------------------------------------------------------------------------------------

    async def perform(self, order: Order) -> str:
        """Hand an order to a worker of its seat, as soon as one is free, and await its end."""
        pool = self.pools[seat_of(order.key.stage, order.recipe.model).name]
        await self._survey()
        place = await pool.take(order)
        if place is None:
            return WITHDRAWN
        try:
            outcome: str = await self._call(place.worker, "perform", order)
        except Exception as error:
            loss = self._loss_of(error)
            if loss is not None:
                pool.has_failed(place, loss.reason, gone=loss.gone)
                if not loss.gone:
                    self._prove(pool, place)
            raise
        else:
            self._locality.note(order, place)
        finally:
            pool.give_back(place, order)
        return outcome

    async def cancel(self, job_id: UUID) -> None:
        self.withdraw(partial(_ends_with, job_id))
        calls = [self._call(place.worker, "cancel", job_id) for place in self._working()]
        await asyncio.gather(*calls, return_exceptions=True)

    def withdraw(self, goes: Callable[[Order], bool]) -> None:
        """Send away those of the orders that wait for a place that are to go."""
        for pool in self.pools.values():
            pool.withdraw(goes)

    def capacity(self, seat: str) -> int:
        return self.pools[seat].capacity()

    async def at_work(self) -> dict[str, list[str]]:
        """What each worker that answers is making, by its boot id; what they have logged is logged here."""
        calls = [
            asyncio.wait_for(self._call(place.worker, "look"), STATUS_TIMEOUT_S) for place in self._working()
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        looks = [one for one in answers if isinstance(one, dict)]
        for look in looks:
            for level, name, text in look["log"]:
                logging.getLogger(name).log(level, "%s: %s", look["worker"], text)
        return {look["worker"]: look["attempts"] for look in looks}

    def _working(self) -> list[Place]:
        return [
            place for pool in self.pools.values() for place in list(pool.places.values()) if place.answered
        ]

    # ---- places -------------------------------------------------------------------------------------

    async def wanted(self) -> Start | End:
        """The next place that is needed, or is no longer."""
        return await self._requests.get()

    async def seat(self, start: Start, worker: Any) -> None:
        """Know who sits there: it was asked for here, or by the Director before."""
        pool = self.pools[start.seat]
        self._prove(pool, pool.take_seat(start.place, start.cpus, worker))

    async def keep(self, stands_by: Callable[[], bool]) -> None:
        """Look after the places, for as long as this crew is directed.

        Whoever ``stands_by`` keeps no idle place: it would take the room of the one who directs.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._look_after(spare=stands_by())
            except Exception as error:  # noqa: BLE001 - the next look may find the cluster again
                log.warning("the places of the crew could not be looked after: %s", error)

    async def _look_after(self, *, spare: bool = False) -> None:
        places = [p for pool in self.pools.values() for p in pool.places.values() if p.worker is not None]
        if not places and not any(pool.is_waited_for for pool in self.pools.values()):
            return
        self._machines, where = await asyncio.to_thread(self._look_around, places)
        busy = await self._busy([place for pool in self.pools.values() for place in pool.idle(spare=spare)])
        for pool in self.pools.values():
            for place in pool.look(where, self._start_s, busy, spare=spare):
                self._prove(pool, place)

    async def _busy(self, idle: list[Place]) -> set[str]:
        """Of the places to which no order was given here, those that work on one of the Director before."""
        asked = [place for place in idle if place.answered]
        at_work = await self.at_work() if asked else {}
        return {place.id for place in asked if at_work.get(place.boot.get("worker", "")) != []}

    def _look_around(self, places: list[Place]) -> tuple[Machines, dict[str, Whereabouts]]:
        return self._surroundings.machines(), {
            place.id: self._surroundings.where(place.worker) for place in places
        }

    async def _survey(self) -> None:
        if self._machines is None:
            self._machines = await asyncio.to_thread(self._surroundings.machines)

    def _seen_machines(self) -> Machines:
        return self._machines or Machines({}, 0.0, 0.0)

    def _prove(self, pool: Pool, place: Place) -> None:
        """Learn when its worker has started: before that no order is given to it."""
        if not place.answered and place.id not in self._proving:
            task = asyncio.ensure_future(self._see_started(pool, place))
            self._proving[place.id] = task
            task.add_done_callback(lambda _: self._proving.pop(place.id))

    async def _see_started(self, pool: Pool, place: Place) -> None:
        while pool.places.get(place.id) is place and not place.answered:
            try:
                boot = await self._call(place.worker, "status")
            except Exception as error:  # noqa: BLE001 - whatever it is, this worker has not started
                loss = self._loss_of(error) or Loss(str(error) or type(error).__name__, gone=True)
                if loss.gone:
                    pool.has_failed(place, loss.reason, gone=True)
                    return
                await asyncio.sleep(LOOK_S)  # Ray is starting it again
            else:
                pool.has_answered(place, {"worker": boot["worker"], "pid": boot["pid"]})

    # ---- what there is to tell ----------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Of each seat its stages, its places by node, what is pending and why. From any thread."""
        return {
            name: {"stages": [stage.value for stage in pool.seat.stages], **pool.state()}
            for name, pool in self.pools.items()
        }
