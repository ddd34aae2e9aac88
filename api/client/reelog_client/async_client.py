"""The client for programs that await: ``AsyncClient``, which carries flows out.

What it has stands in ``async_resources.py``. Each line as in ``client.py``, awaited instead of waited for.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import httpx
from httpx_sse import EventSource

from reelog_client.async_resources import (
    Api,
    Assets,
    AsyncJob,
    Batches,
    Casts,
    Files,
    Health,
    Jobs,
    Keys,
    Models,
    Presets,
    Webhooks,
)
from reelog_client.configuration import Patience, Server, server_of
from reelog_client.exchange import (
    ERROR,
    PIECE_BYTES,
    TRANSPORT_ERRORS,
    Conversation,
    Flow,
    Give,
    ItemFlow,
    Pause,
    Request,
    prepared,
)
from reelog_client.operations import Operations

__all__ = ["AsyncClient", "AsyncJob"]

T = TypeVar("T")


class AsyncClient:
    """A Reelog server. ``async with AsyncClient() as client: …``; settings are read where nothing is passed.

    For one event loop. ``transport`` is httpx's, for tests and proxies of one's
    own; without ``keep_alive`` no connection outlives its request, so nothing must be closed.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        keep_alive: bool = True,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.server: Server = server_of(url, api_key)
        self.operations = Operations(patience or Patience())
        headers = {"Authorization": f"Bearer {self.server.api_key}"} if self.server.api_key else {}
        self._http = httpx.AsyncClient(
            headers={**headers, "User-Agent": "reelog-client"},
            transport=transport,
            limits=httpx.Limits(max_keepalive_connections=None if keep_alive else 0),
            trust_env=not self.server.is_local,
        )
        self._sleep = sleep
        self.traceparent: str | None = None  # see `within`
        self._have_resources()

    def within(self, traceparent: str) -> AsyncClient:
        """The same server, asked within a span of yours: what is begun through it is part of that trace.

        ``traceparent`` is as W3C Trace Context writes it. Connections are those of this client.
        """
        other = copy.copy(self)
        other.traceparent = traceparent
        other._have_resources()  # noqa: SLF001 - a copy of this one
        return other

    def _have_resources(self) -> None:
        self.jobs = Jobs(self)
        self.files = Files(self)
        self.assets = Assets(self)
        self.batches = Batches(self)
        self.webhooks = Webhooks(self)
        self.keys = Keys(self)
        self.presets = Presets(self)
        self.casts = Casts(self)
        self.models = Models(self)
        self.health = Health(self)
        self.api = Api(self)

    async def __aenter__(self) -> AsyncClient:  # noqa: PYI034 - typing has no Self before 3.11
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def run(self, flow: Flow[T]) -> T:
        """Carry out a flow to its end."""
        talk = Conversation(flow)
        async for _ in self._carry_out(talk):
            pass
        return cast("T", talk.result)

    async def iterate(self, flow: ItemFlow[T]) -> AsyncIterator[T]:
        """Carry out a flow as its items are asked for."""
        steps = self._carry_out(Conversation(flow))
        try:
            async for item in steps:
                yield item
        finally:
            await steps.aclose()

    async def _carry_out(self, talk: Conversation[Any]) -> AsyncGenerator[Any, None]:
        answer: httpx.Response | None = None
        pieces = _nothing()
        try:
            while (action := talk.advance()) is not None:
                if isinstance(action, Give):
                    yield action.item
                    continue
                try:
                    if isinstance(action, Pause):
                        await self._sleep(action.seconds)
                    elif isinstance(action, Request):
                        if answer is not None:
                            await answer.aclose()
                        answer = await self._send(action)
                        pieces = _pieces(answer, action)
                        talk.answer(answer)
                    else:
                        talk.answer(await anext(pieces, None))
                except TRANSPORT_ERRORS as error:
                    talk.fail(error)
        finally:
            talk.close()
            if answer is not None:
                await answer.aclose()

    async def _send(self, request: Request) -> httpx.Response:
        if isinstance(request.file, Path):
            with request.file.open("rb") as file:
                return await self._read(request, _blocks(file))
        return await self._read(request, request.file)

    async def _read(self, request: Request, content: Any) -> httpx.Response:
        built = prepared(self._http, self.server.url, request, content, self.traceparent)
        answer = await self._http.send(built, stream=True)
        if request.read == "whole" or answer.status_code >= ERROR:
            try:
                await answer.aread()
            finally:
                await answer.aclose()
        return answer


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while block := file.read(PIECE_BYTES):
        yield block


async def _nothing() -> AsyncIterator[Any]:
    nothing: tuple[Any, ...] = ()
    for item in nothing:
        yield item


def _pieces(answer: httpx.Response, request: Request) -> AsyncIterator[Any]:
    if request.read == "events":
        return EventSource(answer).aiter_sse()
    return answer.aiter_bytes() if request.read == "bytes" else _nothing()
