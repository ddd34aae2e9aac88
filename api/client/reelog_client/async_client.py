"""The client for programs that await: ``AsyncClient``, its resources, and ``AsyncJob``.

The same lines as in ``client.py``, where each operation is awaited instead of waited for.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import IO, Any, Concatenate, ParamSpec, TypeVar, cast

import httpx
from httpx_sse import EventSource

from reelog_client.configuration import Patience, Server, server_of
from reelog_client.documents import JobDocument
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

P = ParamSpec("P")
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
        self.jobs = Jobs(self)
        self.files = Files(self)
        self.assets = Assets(self)
        self.batches = Batches(self)
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
        built = prepared(self._http, self.server.url, request, content)
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


# ---- a flow as a method -----------------------------------------------------------------------------------


class Resource:
    """Something of a server that has methods."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client


def _done(
    flow: Callable[Concatenate[Operations, P], Flow[T]],
) -> Callable[Concatenate[Resource, P], Coroutine[Any, Any, T]]:
    @functools.wraps(flow)
    async def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> T:
        return await self._client.run(flow(self._client.operations, *args, **options))

    return call


def _each(
    flow: Callable[Concatenate[Operations, P], ItemFlow[T]],
) -> Callable[Concatenate[Resource, P], AsyncIterator[T]]:
    @functools.wraps(flow)
    def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> AsyncIterator[T]:
        return self._client.iterate(flow(self._client.operations, *args, **options))

    return call


def _job(
    flow: Callable[Concatenate[Operations, P], Flow[JobDocument]],
) -> Callable[Concatenate[Resource, P], Coroutine[Any, Any, AsyncJob]]:
    @functools.wraps(flow)
    async def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> AsyncJob:
        return AsyncJob(self._client, await self._client.run(flow(self._client.operations, *args, **options)))

    return call


def _of_job(
    flow: Callable[Concatenate[Operations, str, P], Flow[T]],
) -> Callable[Concatenate[AsyncJob, P], Coroutine[Any, Any, T]]:
    @functools.wraps(flow)
    async def call(self: AsyncJob, /, *args: P.args, **options: P.kwargs) -> T:
        return await self._client.run(flow(self._client.operations, self.id, *args, **options))

    return call


def _each_of_job(
    flow: Callable[Concatenate[Operations, str, P], ItemFlow[T]],
) -> Callable[Concatenate[AsyncJob, P], AsyncIterator[T]]:
    @functools.wraps(flow)
    def call(self: AsyncJob, /, *args: P.args, **options: P.kwargs) -> AsyncIterator[T]:
        return self._client.iterate(flow(self._client.operations, self.id, *args, **options))

    return call


def _changed(
    flow: Callable[Concatenate[Operations, str, P], Flow[JobDocument]],
) -> Callable[Concatenate[AsyncJob, P], Coroutine[Any, Any, AsyncJob]]:
    """What gives the job as it is by then: this object is that, too."""

    @functools.wraps(flow)
    async def call(self: AsyncJob, /, *args: P.args, **options: P.kwargs) -> AsyncJob:
        self.document = await self._client.run(flow(self._client.operations, self.id, *args, **options))
        return self

    return call


def _another(
    flow: Callable[Concatenate[Operations, str, P], Flow[JobDocument]],
) -> Callable[Concatenate[AsyncJob, P], Coroutine[Any, Any, AsyncJob]]:
    @functools.wraps(flow)
    async def call(self: AsyncJob, /, *args: P.args, **options: P.kwargs) -> AsyncJob:
        found = await self._client.run(flow(self._client.operations, self.id, *args, **options))
        return AsyncJob(self._client, found)

    return call


# ---- what a server has ------------------------------------------------------------------------------------


class AsyncJob:
    """A job: ``document`` is how it was last seen, every field as the server sent it."""

    def __init__(self, client: AsyncClient, document: JobDocument) -> None:
        self._client = client
        self.document = document

    def __repr__(self) -> str:
        return f"<AsyncJob {self.id} {self.status}>"

    @property
    def id(self) -> str:
        return self.document["id"]

    @property
    def status(self) -> str:
        return self.document["status"]

    @property
    def title(self) -> str | None:
        return self.document["title"]

    refresh = _changed(Operations.get_job)
    watch = _each_of_job(Operations.watch)
    wait = _changed(Operations.wait)
    download = _of_job(Operations.download)
    events = _each_of_job(Operations.list_events)
    assets = _of_job(Operations.list_assets)
    rename = _changed(Operations.rename)
    cancel = _changed(Operations.cancel)
    retry = _changed(Operations.retry)
    approve = _changed(Operations.approve)
    edit_scenes = _changed(Operations.edit_scenes)
    regenerate = _changed(Operations.regenerate)
    provide = _changed(Operations.provide)
    fork = _another(Operations.fork)
    preview = _of_job(Operations.preview)
    preview_regenerate = _of_job(Operations.preview_regenerate)


class Models(Resource):
    list = _done(Operations.list_models)


class Jobs(Resource):
    submit = _job(Operations.submit)
    estimate = _done(Operations.estimate)
    get = _job(Operations.get_job)
    events = _each(Operations.watch_all)

    def list(self, **filters: Any) -> AsyncIterator[AsyncJob]:
        """Jobs, newest first: ``status=``, ``id=`` (how ids begin), ``limit=``."""
        flow = self._client.operations.list_jobs(**filters)
        return (AsyncJob(self._client, document) async for document in self._client.iterate(flow))


class Assets(Resource):
    get = _done(Operations.get_asset)
    content = _done(Operations.asset_content)


class Files(Resource):
    upload = _done(Operations.add_file)
    get = _done(Operations.get_file)


class Batches(Resource):
    submit = _done(Operations.submit_batch)
    estimate = _done(Operations.estimate_batch)
    get = _done(Operations.get_batch)


class Health(Resource):
    ready = _done(Operations.readiness)


class Api(Resource):
    """What has no method of its own: any request, any list, any bytes."""

    request = _done(Operations.request)
    items = _each(Operations.items)
    content = _done(Operations.content_of)
    pieces = _each(Operations.pieces)
    stream = _each(Operations.stream)
