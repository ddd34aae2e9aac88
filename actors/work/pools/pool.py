"""The pool of one seat: its places, the orders that wait for one, and who is given which.

A *place* is a worker process with the resources of its seat. One is asked for when an order waits and no
place is free; until a node has room for it, it is *pending*, which is what an autoscaler acts on. One that
has been idle for a while ends, so that its node can go. Nothing here knows Ray: places are asked for and
ended through ``ask``, and come back through ``take_seat``.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from actors.director.dispatch import PRIORITIES
from actors.work.crew import Seat
from actors.work.pools.locality import Locality
from actors.work.pools.machines import Machines, Whereabouts
from actors.work.pools.place import End, Place, Start
from actors.work.pools.starts import Starts
from actors.work.stage import Order

IDLE_S: Final = 60.0
"""A place that has had nothing to do for so long ends."""
ASK_AGAIN_S: Final = 10.0
"""A request may get lost with the process that carried it."""


@dataclass(eq=False)
class _Waiting:
    order: Order
    cpus: float
    turn: tuple[int, int]
    place: "asyncio.Future[Place | None]"


class Pool:
    """Belongs to one event loop, but that ``state`` may be asked from any thread.

    ``limit`` is how many places there may be; None: as many as the machines have CPUs for, and for a seat
    that reserves none, one on each node.
    """

    def __init__(
        self,
        seat: Seat,
        limit: int | None,
        ask: Callable[[Start | End], None],
        machines: Callable[[], Machines],
        locality: Locality,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seat = seat
        self.starts = Starts(seat.name, clock)
        self.places: dict[str, Place] = {}
        self._limit = limit
        self._ask = ask
        self._machines = machines
        self._locality = locality
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._turns = 0

    # ---- orders -------------------------------------------------------------------------------------

    async def take(self, order: Order) -> Place | None:
        """A place for this order, as soon as one is free; None where it is withdrawn meanwhile."""
        self._turns += 1
        turn = (PRIORITIES.get(order.brief.priority, 1), self._turns)
        future: asyncio.Future[Place | None] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(order, self._cpus_of(order), turn, future)
        self._waiting.append(waiting)
        self.match()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and (place := future.result()) is not None:
                self.give_back(place, order)
            raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def give_back(self, place: Place, order: Order) -> None:
        place.running.pop(order.name, None)
        place.idle_since = self._clock()
        self.match()

    def withdraw(self, goes: Callable[[Order], bool]) -> None:
        """Send away those of the orders that wait for a place that are to go."""
        for waiting in list(self._waiting):
            if goes(waiting.order):
                self._waiting.remove(waiting)
                if not waiting.place.done():
                    waiting.place.set_result(None)

    @property
    def is_waited_for(self) -> bool:
        return bool(self._waiting)

    def capacity(self) -> int:
        """How many orders could be under way at once with all the places that there may be."""
        machines = self._machines()
        by_cpus = max(1, int(machines.most_cpus // max(1.0, self.seat.cpus))) if self.seat.cpus else 1
        most = self._limit or (by_cpus if self.seat.cpus else max(1, len(machines.nodes)))
        return max(most, len(self.places)) * self.seat.attempts

    def match(self) -> None:
        """Give free places to those who wait, in their turn; ask for more where there are too few.

        Whoever waits for a larger place than any that is free is not overtaken for ever: where only the end
        of others makes room for it, nobody behind it is given a place before.
        """
        for waiting in sorted(self._waiting, key=lambda one: one.turn):
            free = [p for p in self.places.values() if self._is_free(p) and p.cpus >= waiting.cpus]
            if free:
                place = self._locality.choose(waiting.order, free, self.places.values())
                place.running[waiting.order.name] = waiting.order.brief.job_id
                self._waiting.remove(waiting)
                waiting.place.set_result(place)
            elif not self._is_promised(waiting) and not self._grow(waiting.cpus):
                return

    def _is_free(self, place: Place) -> bool:
        return place.answered and len(place.running) < self.seat.attempts

    def _is_promised(self, waiting: _Waiting) -> bool:
        """Whether a place that is on its way is meant for this one or could serve it."""
        ahead = [one for one in self._waiting if one.turn <= waiting.turn]
        coming = [
            place for place in self.places.values() if not place.answered and place.cpus >= waiting.cpus
        ]
        return len(ahead) <= len(coming) * self.seat.attempts

    def _grow(self, cpus: float) -> bool:
        """Ask for one more place; False where there may be none now."""
        if not self.starts.may_be_tried:
            return False
        if not self._has_room(cpus):
            # An idle place that is too small for whoever waits stands in the way.
            small = [p for p in self.places.values() if not p.running and p.cpus < cpus]
            for place in sorted(small, key=lambda one: one.cpus):
                self._end(place)
                if self._has_room(cpus):
                    break
            else:
                return False
        now = self._clock()
        place = Place(f"{self.seat.name}:{uuid4().hex[:8]}", cpus, since=now, idle_since=now, asked_at=now)
        self.places[place.id] = place
        self._ask(Start(place.id, self.seat.name, cpus))
        return True

    def _has_room(self, cpus: float) -> bool:
        if self._limit is not None:
            return len(self.places) < self._limit
        machines = self._machines()
        if not self.seat.cpus:
            return len(self.places) < max(1, len(machines.nodes))
        reserved = sum(place.cpus for place in self.places.values())
        return not self.places or reserved + cpus <= machines.most_cpus

    def _cpus_of(self, order: Order) -> float:
        """What an order reserves, as far as the largest node has it."""
        needed, largest = self.seat.cpus_of(order), self._machines().largest
        return min(needed, largest) if largest else needed

    # ---- places -------------------------------------------------------------------------------------

    def take_seat(self, place_id: str, cpus: float, worker: Any) -> Place:
        """Somebody sits there now; a place that was not asked for here was by the Director before."""
        now = self._clock()
        place = self.places.get(place_id)
        if place is None:
            place = self.places[place_id] = Place(place_id, cpus, since=now, idle_since=now, asked_at=now)
        if place.worker is not worker:
            place.worker, place.answered, place.placed_at = worker, False, None
        return place

    def has_answered(self, place: Place, boot: dict[str, Any]) -> None:
        """Its worker lives, and has told who it is: what failed before is over."""
        if self.places.get(place.id) is place:
            place.answered, place.boot, place.idle_since = True, boot, self._clock()
            self.starts.succeeded()
            self.match()

    def has_failed(self, place: Place, reason: str, *, gone: bool) -> None:
        """Its worker did not answer; with ``gone`` it never will. All who meet the same one count once."""
        if self.places.get(place.id) is not place:
            return
        if place.answered or gone:
            self.starts.failed(reason)
        place.answered, place.node, place.placed_at, place.since = False, None, None, self._clock()
        if gone:
            self._end(place)

    def _end(self, place: Place) -> None:
        del self.places[place.id]
        self._ask(End(place.id))

    def look(
        self,
        whereabouts: dict[str, Whereabouts],
        start_s: float,
        busy: Collection[str] = (),
        *,
        spare: bool = False,
    ) -> list[Place]:
        """What time brings: requests made again, starts given up, idle places ended but for the ``busy``.

        Gives those that are restarted and are to be asked again who they are.
        """
        now, restarted = self._clock(), []
        for place in list(self.places.values()):
            where = whereabouts.get(place.id)
            if place.worker is None and now - place.asked_at >= ASK_AGAIN_S:
                place.asked_at = now
                self._ask(Start(place.id, self.seat.name, place.cpus))
            if where is None:
                continue
            if where.gone:
                self.has_failed(place, "its process is gone", gone=True)
                continue
            if where.incarnation != place.incarnation:
                place.incarnation = where.incarnation
                place.answered, place.placed_at, place.since = False, None, now
                restarted.append(place)
            place.node = where.node
            if place.answered or where.node is None:
                place.placed_at = None
                continue
            place.placed_at = place.placed_at or now
            if now - place.placed_at > start_s:
                self.has_failed(place, f"it did not start within {start_s:g} s", gone=True)
        for place in self.idle(spare=spare):
            if place.id not in busy:
                self._end(place)
        self.match()
        return restarted

    def idle(self, *, spare: bool = False) -> list[Place]:
        """The places that end by now; with ``spare`` no idle one is kept.

        On one machine the last stays: its start would be waited for, and its end would free nothing.
        """
        if self._waiting:
            return []
        now, after_s = self._clock(), 0.0 if spare else IDLE_S
        keep = 0 if spare or self._machines().several else 1
        due = [
            place
            for place in self.places.values()
            if not place.running and now - (place.idle_since if place.answered else place.since) >= after_s
        ]
        return due[: max(0, len(self.places) - keep)]

    # ---- what there is to tell ----------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Its failures, its places by node, and those that are pending, with the reason."""
        machines = self._machines()
        places = [self._describe(place, machines) for place in list(self.places.values())]
        waiting = {"waiting": len(self._waiting)} if self._waiting else {}
        return {"places": places, **waiting, **self.starts.state()}

    def _describe(self, place: Place, machines: Machines) -> dict[str, Any]:
        now = self._clock()
        told: dict[str, Any] = {"place": place.id, "state": self._state_of(place), "cpus": place.cpus}
        if place.node is not None:
            node = machines.nodes.get(place.node)
            told |= {"node": place.node[:12], "address": node.address if node else None}
        if place.answered:
            return told | place.boot | {"attempts": sorted(place.running)}
        told["since_s"] = round(now - place.since, 1)
        if place.node is None and place.worker is not None:
            told["reason"] = machines.cannot_place(place.cpus)
        return told

    @staticmethod
    def _state_of(place: Place) -> str:
        if place.answered:
            return "working" if place.running else "idle"
        return "pending" if place.worker is not None and place.node is None else "starting"
