"""How much one caller may ask: refusals that say when to come back.

A caller is an address, as many may share the administrator's key; of IPv6 a network, as one subscriber has a
whole one. A key may have a rate of its own besides, wherever it is used from. A bucket holds a minute's worth
of requests and fills steadily, so a page that opens with a hundred pictures is no burst, and a loop that
never pauses is. The buckets are this process's own: a limit for several servers belongs into the proxy before
them.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problems import Problem

MOST_CALLERS = 10_000
GUESSES = 10
"""Wrong keys a minute from one address."""
GUESSES_OF_ALL = 100
"""Wrong keys a minute from all together."""
_EVERYBODY = ""
IPV6_HOST_BITS = 64


@dataclass
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """``per_minute`` requests for each caller; 0 is no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, caller: str) -> float:
        """Take one; gives 0, or the seconds until there is one."""
        if not self._rate:
            return 0.0
        now = self._clock()
        bucket = self._buckets.get(caller)
        if bucket is None:
            self._make_room(now)
            bucket = self._buckets[caller] = _Bucket(self._size, now)
        bucket.tokens = self._filled(bucket, now)
        bucket.at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0

    def wait_s(self, caller: str) -> float:
        """The seconds until there is one to take, 0 when there is; takes nothing."""
        bucket = self._buckets.get(caller)
        if bucket is None or not self._rate:
            return 0.0
        return max(0.0, 1 - self._filled(bucket, self._clock())) / self._rate

    def _filled(self, bucket: _Bucket, now: float) -> float:
        return min(self._size, bucket.tokens + (now - bucket.at) * self._rate)

    def _make_room(self, now: float) -> None:
        """Forget whoever has been away for a minute, then, if that is not enough, whoever came first."""
        if len(self._buckets) < MOST_CALLERS:
            return
        full = [c for c, bucket in self._buckets.items() if self._filled(bucket, now) >= self._size]
        for caller in full or list(self._buckets)[:1]:
            del self._buckets[caller]


class KeyRates:
    """The requests a minute that each key may make, of those that have a rate."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[str, Buckets] = {}

    def take(self, name: str, per_minute: int | None) -> float:
        """Take one; gives 0, or the seconds until there is one. There are as many as keys."""
        if per_minute is None:
            return 0.0
        return self._of.setdefault(name, Buckets(per_minute, self._clock)).take(name)


class Guesses:
    """Wrong keys, counted by address and over all, so that many addresses help nobody to guess faster.

    An address from which the right key has come is not held back by what others guess.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = Buckets(GUESSES, clock)
        self._all = Buckets(GUESSES_OF_ALL, clock)
        self._known: dict[str, None] = {}

    def wait_s(self, caller: str) -> float:
        """How long until this caller may try a key; 0 is now."""
        others = 0.0 if caller in self._known else self._all.wait_s(_EVERYBODY)
        return max(others, self._each.wait_s(caller))

    def note(self, caller: str, *, right: bool) -> None:
        """What a key that was tried came to."""
        if not right:
            self._each.take(caller)
            self._all.take(_EVERYBODY)
        elif caller not in self._known:
            if len(self._known) >= MOST_CALLERS:
                del self._known[next(iter(self._known))]
            self._known[caller] = None


def address_of(scope: Scope) -> str:
    """Whose request it is: an IPv4 address, or the network of an IPv6 address."""
    host, _ = scope.get("client") or ("", 0)
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address) >> IPV6_HOST_BITS << IPV6_HOST_BITS, 64)))


class RateLimitMiddleware:
    """Refuses whoever asks too often for what ``counts``."""

    def __init__(self, app: ASGIApp, *, buckets: Buckets, counts: Callable[[str], bool]) -> None:
        self._app = app
        self._buckets = buckets
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._counts(scope["path"]):
            wait_s = self._buckets.take(address_of(scope))
            if wait_s:
                problem = Problem(
                    "rate_limited",
                    "You have asked too often in the last minute.",
                    headers={"Retry-After": str(math.ceil(wait_s))},
                )
                await problem.response(scope.get("request_id"))(scope, receive, send)
                return
        await self._app(scope, receive, send)
