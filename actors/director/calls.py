"""The calls that were handed over and have not ended, and for which of them an end of the Director waits."""

import asyncio
from collections.abc import Awaitable, Callable

from actors.work.stage import Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.store import Studio


def is_accepted(studio: Studio, order: Order) -> bool:
    """Whether its provider has given a receipt for its call by now."""
    asset = studio.find_asset(order.brief.job_id, order.key)
    attempt = asset.attempt(order.revision, order.attempt) if asset is not None else None
    return attempt is not None and attempt.is_accepted


class Calls:
    """Belongs to one event loop. ``news`` is set when a call ends, and by others at whatever is recorded."""

    def __init__(self, news: asyncio.Event) -> None:
        self._news = news
        self._orders: dict[object, Order] = {}

    def __len__(self) -> int:
        return len(self._orders)

    async def make(self, order: Order, perform: Callable[[Order], Awaitable[str]]) -> str:
        """Hand an order over and await its end."""
        call = object()
        self._orders[call] = order
        try:
            return await perform(order)
        finally:
            del self._orders[call]
            self._news.set()

    async def let_end(self, grace_s: float, is_accepted: Callable[[Order], Awaitable[bool]]) -> None:
        """Wait, at most so long, for those that would be lost.

        What its provider has accepted is not waited for: whoever comes next goes on with it.
        """
        try:
            async with asyncio.timeout(grace_s):
                while await self._any_would_be_lost(is_accepted):
                    await self._news.wait()
        except TimeoutError:
            return

    async def _any_would_be_lost(self, is_accepted: Callable[[Order], Awaitable[bool]]) -> bool:
        self._news.clear()
        for order in list(self._orders.values()):
            try:
                if not await is_accepted(order):
                    return True
            except TRANSIENT_ERRORS:
                return True
        return False
