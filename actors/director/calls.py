"""The calls that were handed over and have not ended, and for which of them an end of the Director waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from actors.work.stage import Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.store import Studio


def is_accepted(studio: Studio, order: Order) -> bool:
    """Whether its provider has given a receipt for its call by now."""
    asset = studio.find_asset(order.brief.job_id, order.key)
    attempt = asset.attempt(order.revision, order.attempt) if asset is not None else None
    return attempt is not None and attempt.is_accepted


class Calls:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._orders: dict[asyncio.Future[str], Order] = {}

    def __len__(self) -> int:
        return len(self._orders)

    async def make(self, order: Order, perform: Callable[[Order], Awaitable[str]]) -> str:
        """Hand an order over and await its end."""
        call = asyncio.ensure_future(perform(order))
        self._orders[call] = order
        call.add_done_callback(self._orders.pop)
        return await call

    async def let_end(
        self, grace_s: float, is_accepted: Callable[[Order], Awaitable[bool]], news: asyncio.Event
    ) -> None:
        """Wait, at most so long, for those that would be lost; ``news`` is set when anything is recorded.

        What its provider has accepted is not waited for: whoever comes next goes on with it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_s
        while (left_s := end - loop.time()) > 0:
            news.clear()
            pending: set[asyncio.Future[Any]] = set()
            for call, order in list(self._orders.items()):
                if not await self._is_accepted(order, is_accepted):
                    pending.add(call)
            if not pending:
                return
            told: asyncio.Future[Any] = asyncio.ensure_future(news.wait())
            await asyncio.wait({*pending, told}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()

    @staticmethod
    async def _is_accepted(order: Order, ask: Callable[[Order], Awaitable[bool]]) -> bool:
        try:
            return await ask(order)
        except TRANSIENT_ERRORS:
            return False
