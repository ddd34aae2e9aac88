"""Sees which keys were revoked and sessions ended, by whichever process; ends streams opened with such a key.

A look each half second at the few streams that tell of it: cheaper than to be woken by every event, and soon
enough.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar
from weakref import WeakValueDictionary

from anyio import to_thread

from api.cases.keys import NOT_ASKED_FOR
from domain.key import Caller
from domain.store import Keys, Sessions

LOOK_S = 0.5

T = TypeVar("T")

logger = logging.getLogger(__name__)


class KeyWatch:
    def __init__(self, keys: Keys, sessions: Sessions, look_s: float = LOOK_S) -> None:
        self._keys = keys
        self._sessions = sessions
        self._look_s = look_s
        self._ended: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    def ended(self, caller: Caller) -> asyncio.Event:
        """Set when the caller's key is revoked; keep it while that is of interest."""
        event = self._ended.get(caller.name)
        if event is None:
            event = self._ended[caller.name] = asyncio.Event()
            if not caller.is_administrator and not self._keys.is_good(caller.name):
                event.set()
        return event

    def look(self) -> None:
        """Tell those whose key is known to be revoked."""
        for name, event in list(self._ended.items()):
            key = self._keys.known(name)
            if key is not None and not key.is_good:
                event.set()

    @contextlib.asynccontextmanager
    async def running(self, *, asked_for: bool = True) -> AsyncIterator[None]:
        """Know every key from the beginning on, and all that becomes of them; where one is ``asked_for``."""
        await to_thread.run_sync(self._catch_up)
        if not asked_for:
            if any(key.is_good for key in await to_thread.run_sync(self._keys.all)):
                logger.warning("there are keys, and nobody is asked for one. %s", NOT_ASKED_FOR)
            yield
            return
        task = asyncio.create_task(self._follow(), name="key-watch")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _catch_up(self) -> None:
        self._keys.catch_up()
        self._sessions.catch_up()

    async def _follow(self) -> None:
        can_look = True
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await to_thread.run_sync(self._catch_up)
                self.look()
                can_look = True
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may do better
                if can_look:
                    logger.warning("whether keys were revoked or sessions ended cannot be seen: %s", error)
                can_look = False


async def until(items: AsyncGenerator[T], end: asyncio.Event) -> AsyncGenerator[T]:
    """The items as they come, until ``end`` is set."""
    ending = asyncio.create_task(end.wait())
    coming: asyncio.Future[T] | None = None
    try:
        while not end.is_set():
            coming = asyncio.ensure_future(anext(items))
            await asyncio.wait((coming, ending), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return
            try:
                item = coming.result()
            except StopAsyncIteration:
                return
            yield item
    finally:
        ending.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await coming
        await items.aclose()
