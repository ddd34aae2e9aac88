"""Who works next: lanes of waiting orders, taken in turns between jobs.

A *lane* is a queue for one bottleneck: a seat of the crew, and within it one model. Each lane has so many
places; a free place goes to the highest priority, and among equals to the job that was served longest ago.
So a long job does not hold up a short one, and a model that answers 429 holds up nobody else's.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from uuid import UUID

from actors.work.stage import Order
from domain.asset import AssetKey
from domain.script import Kind

PRIORITIES = {"high": 0, "normal": 1, "low": 2}

LONGEST = frozenset({Kind.MUSIC, Kind.SOUNDTRACK})
"""One for the whole film, each by itself: begun last, they would be waited for when all else is done."""

Lane = tuple[str, str | None]
Done = Callable[[Order, BaseException | None], None]


@dataclass
class _Queue:
    waiting: dict[UUID, deque[Order]] = field(default_factory=dict)
    """By job, none of them empty."""
    turns: list[tuple[int, int, int, UUID]] = field(default_factory=list)
    """A heap: of each job that waits its turn, as it was when it came; it may be later by now."""
    running: int = 0


class Dispatch:
    """Gives orders to workers, ``places(lane)`` at a time; ``done`` is told of each one's end.

    Belongs to one event loop. ``perform`` returns when the attempt has ended, and raises when the worker is
    gone.
    """

    def __init__(
        self,
        lane_of: Callable[[Order], Lane],
        places: Callable[[Lane], int],
        perform: Callable[[Order], Awaitable[str]],
        done: Done,
    ) -> None:
        self._lane_of = lane_of
        self._places = places
        self._perform = perform
        self._done = done
        self._lanes: dict[Lane, _Queue] = {}
        self._given: dict[str, Order] = {}
        self._ordered: dict[UUID, Mapping[AssetKey, float | None]] = {}
        self._served: dict[UUID, int] = {}
        self._turns = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, order: Order) -> None:
        """Queue an order; one that is waiting or under way is not given twice."""
        name, job_id = order.name, order.brief.job_id
        if name in self._given:
            return
        self._given[name] = order
        self._ordered[job_id] = {**self._ordered.get(job_id, {}), order.key: order.recipe.reservation_usd}
        lane = self._lane_of(order)
        queue = self._lanes.setdefault(lane, _Queue())
        waiting = queue.waiting.get(job_id)
        if waiting is None:
            waiting = queue.waiting[job_id] = deque()
            heappush(queue.turns, (*self._turn(order), next(self._turns), job_id))
        (waiting.appendleft if order.key.kind in LONGEST else waiting.append)(order)
        self._fill(lane)

    def ordered(self, job_id: UUID) -> Mapping[AssetKey, float | None]:
        """What this job has waiting or under way, and what each reserves (USD)."""
        return self._ordered.get(job_id, {})

    def all_ordered(self) -> dict[UUID, Mapping[AssetKey, float | None]]:
        """The same for every job that has something, as it is now: none of these is ever changed."""
        return self._ordered.copy()

    def _forget(self, order: Order) -> None:
        if self._given.pop(order.name, None) is None:
            return
        job_id = order.brief.job_id
        left = dict(self._ordered.pop(job_id))
        left.pop(order.key, None)
        if left:
            self._ordered[job_id] = left

    def withdraw(self, job_id: UUID, keep: Callable[[Order], bool] = lambda _: False) -> list[Order]:
        """Forget this job's orders that are still waiting, but for those to be kept; gives the others."""
        withdrawn: list[Order] = []
        for queue in self._lanes.values():
            waiting = queue.waiting.pop(job_id, deque())
            if kept := deque(filter(keep, waiting)):
                queue.waiting[job_id] = kept
            else:
                queue.turns = [turn for turn in queue.turns if turn[3] != job_id]
                heapify(queue.turns)
            withdrawn += (order for order in waiting if not keep(order))
        for order in withdrawn:
            self._forget(order)
        return withdrawn

    async def close(self) -> None:
        for queue in self._lanes.values():
            queue.waiting.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _fill(self, lane: Lane) -> None:
        queue = self._lanes[lane]
        while queue.waiting and queue.running < self._places(lane):
            *turn, came, job_id = queue.turns[0]
            waiting = queue.waiting[job_id]
            now = self._turn(waiting[0])
            if now != tuple(turn):  # it was served meanwhile, in another lane
                heapreplace(queue.turns, (*now, came, job_id))
                continue
            order = waiting.popleft()
            queue.running += 1
            self._served[job_id] = next(self._turns)
            if waiting:
                heapreplace(queue.turns, (*self._turn(waiting[0]), came, job_id))
            else:
                heappop(queue.turns)
                del queue.waiting[job_id]
            task = asyncio.get_running_loop().create_task(self._run(lane, order))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _turn(self, order: Order) -> tuple[int, int]:
        return PRIORITIES.get(order.brief.priority, 1), self._served.get(order.brief.job_id, 0)

    async def _run(self, lane: Lane, order: Order) -> None:
        error: BaseException | None = None
        try:
            await self._perform(order)
        except Exception as raised:  # noqa: BLE001 - whatever ended the worker, the Director must be told
            error = raised
        finally:
            self._lanes[lane].running -= 1
            self._forget(order)
            self._fill(lane)
        self._done(order, error)
