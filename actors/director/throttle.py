"""One limiter per model for the whole cluster: how many calls at once, how many a minute, and since when.

A provider counts requests by project, not by process, so limits kept in each worker would add up. One actor
hosts this class for all workers; it is plain asyncio, for the tests and for running without a cluster.

``slot`` is two calls, `acquire` and `release`, so that they can be made from afar; a caller that dies
between them is forgotten when its lease ends. Rejected: a token bucket in each worker, split by their number
(one that is idle, or dead, would waste its share); a queue over all models (one's 429 would hold up all).

Callers are served in order of arrival. A wait that the provider asked for closes the model to all of them.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_MINUTE_S = 60.0


@dataclass(frozen=True)
class Limit:
    """What one model allows."""

    concurrency: int = 16
    """Calls at once; at least 1."""
    per_minute: int | None = None
    """Calls begun in any 60 seconds; None is no limit."""


@dataclass(frozen=True)
class LaneState:
    """How one model stands now, for health pages."""

    in_flight: int
    waiting: int
    closed_for_s: float


@dataclass
class _Lane:
    limit: Limit
    leases: dict[str, float] = field(default_factory=dict)
    """When each lease ends, by its id, in the loop's time."""
    begun: deque[float] = field(default_factory=deque)
    """When the calls of the last minute began."""
    closed_until: float = 0.0
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the caller whose turn is next; asyncio's locks are first come, first served."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wait_s(self, now: float, calls: int = 1) -> float:
        """Return how long the next call, or so many in a row, has to wait at the most; 0 is now."""
        self.leases = {lease: end for lease, end in self.leases.items() if end > now}
        while self.begun and self.begun[0] <= now - _MINUTE_S:
            self.begun.popleft()
        waits = [self.closed_until - now]
        if len(self.leases) >= self.limit.concurrency:
            waits.append(min(self.leases.values()) - now)
        if self.limit.per_minute is not None:
            # More in a row than a minute allows begin when there were no others for a minute.
            room = max(0, self.limit.per_minute - calls)
            if len(self.begun) > room:
                waits.append(self.begun[-(room + 1)] + _MINUTE_S - now)
        return max(0.0, *waits, 0.0)


class Throttle:
    """Use it from one event loop. Models without a limit of their own have the default one, each apart."""

    def __init__(self, default: Limit, limits: Mapping[str, Limit] | None = None) -> None:
        self._default = default
        self._limits = dict(limits or {})
        self._lanes: dict[str, _Lane] = {}
        self._leased: dict[str, _Lane] = {}
        self._ids = itertools.count(1)

    def limit(self, model: str) -> Limit:
        """What holds for ``model``."""
        return self._limits.get(model, self._default)

    async def acquire(self, model: str, hold_s: float = 600.0, calls: int = 1) -> str:
        """Wait for a place and return its lease id. After ``hold_s`` seconds the lease ends by itself.

        ``calls`` are made in it one after the other; each counts as a call of the minute they begin in.
        """
        lane = self._lane(model)
        lane.waiting += 1
        try:
            async with lane.turn:
                await self._place(lane, calls)
                now = _now()
                lease = f"{model}#{next(self._ids)}"
                lane.leases[lease] = now + hold_s
                lane.begun.extend([now] * calls)
        finally:
            lane.waiting -= 1
        self._leased = {known: at for known, at in self._leased.items() if known in at.leases}
        self._leased[lease] = lane
        return lease

    async def release(self, lease: str) -> None:
        """Give a place back; a lease that has ended, or was given back before, is no error."""
        lane = self._leased.pop(lease, None)
        if lane is not None and lane.leases.pop(lease, None) is not None:
            lane.changed.set()

    async def back_off(self, model: str, seconds: float) -> None:
        """Let no call to ``model`` begin for so long; a longer wait that is already running stays."""
        lane = self._lane(model)
        lane.closed_until = max(lane.closed_until, _now() + seconds)
        lane.changed.set()

    @asynccontextmanager
    async def slot(self, model: str, hold_s: float = 600.0, calls: int = 1) -> AsyncIterator[str]:
        """Hold a place for the length of a block."""
        lease = await self.acquire(model, hold_s, calls)
        try:
            yield lease
        finally:
            await self.release(lease)

    async def state(self) -> dict[str, LaneState]:
        """Return how every model that was asked for stands."""
        now = _now()
        return {
            model: LaneState(
                in_flight=sum(end > now for end in lane.leases.values()),
                waiting=lane.waiting,
                closed_for_s=max(0.0, lane.closed_until - now),
            )
            for model, lane in self._lanes.items()
        }

    async def _place(self, lane: _Lane, calls: int) -> None:
        """Wait until the lane has a place: for time to pass, or for something to change before."""
        while (wait := lane.wait_s(_now(), calls)) > 0:
            lane.changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await lane.changed.wait()
            except TimeoutError:
                continue

    def _lane(self, model: str) -> _Lane:
        if model not in self._lanes:
            self._lanes[model] = _Lane(self.limit(model))
        return self._lanes[model]


def _now() -> float:
    return asyncio.get_running_loop().time()
