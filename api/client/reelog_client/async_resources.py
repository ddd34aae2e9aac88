"""What a server has, for programs that await: ``AsyncJob`` and the resources of ``AsyncClient``.

The same lines as in ``resources.py``, where each operation is awaited instead of waited for.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from reelog_client.documents import JobDocument
from reelog_client.exchange import Flow, ItemFlow
from reelog_client.operations import Operations

P = ParamSpec("P")
T = TypeVar("T")


class Carrier(Protocol):
    """Carries flows out: ``AsyncClient``."""

    operations: Operations

    async def run(self, flow: Flow[T]) -> T: ...

    def iterate(self, flow: ItemFlow[T]) -> AsyncIterator[T]: ...


# ---- a flow as a method -----------------------------------------------------------------------------------


class Resource:
    """Something of a server that has methods."""

    def __init__(self, client: Carrier) -> None:
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

    def __init__(self, client: Carrier, document: JobDocument) -> None:
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
    link = _of_job(Operations.link)
    preview_regenerate = _of_job(Operations.preview_regenerate)


class Models(Resource):
    list = _done(Operations.list_models)


class Jobs(Resource):
    submit = _job(Operations.submit)
    estimate = _done(Operations.estimate)
    get = _job(Operations.get_job)
    events = _each(Operations.watch_all)

    def list(self, **filters: Any) -> AsyncIterator[AsyncJob]:
        """Jobs, newest first; ``filters`` are those of `Operations.list_jobs`, such as ``status=``."""
        flow = self._client.operations.list_jobs(**filters)
        return (AsyncJob(self._client, document) async for document in self._client.iterate(flow))


class Assets(Resource):
    get = _done(Operations.get_asset)
    content = _done(Operations.asset_content)
    link = _done(Operations.add_link)


class Files(Resource):
    upload = _done(Operations.add_file)
    get = _done(Operations.get_file)
    content = _done(Operations.file_content)


class Batches(Resource):
    submit = _done(Operations.submit_batch)
    estimate = _done(Operations.estimate_batch)
    get = _done(Operations.get_batch)


class Webhooks(Resource):
    add = _done(Operations.add_webhook)
    list = _done(Operations.list_webhooks)
    get = _done(Operations.get_webhook)
    change = _done(Operations.change_webhook)
    rotate_secret = _done(Operations.rotate_webhook_secret)
    ping = _done(Operations.ping_webhook)
    remove = _done(Operations.remove_webhook)
    deliveries = _each(Operations.list_deliveries)
    delivery = _done(Operations.get_delivery)
    redeliver = _done(Operations.redeliver)


class Keys(Resource):
    add = _done(Operations.add_key)
    list = _done(Operations.list_keys)
    get = _done(Operations.get_key)
    own = _done(Operations.own_key)
    revoke = _done(Operations.revoke_key)


class Presets(Resource):
    list = _done(Operations.list_presets)
    get = _done(Operations.get_preset)
    put = _done(Operations.put_preset)
    remove = _done(Operations.remove_preset)


class Casts(Resource):
    list = _done(Operations.list_casts)
    get = _done(Operations.get_cast)
    put = _done(Operations.put_cast)
    remove = _done(Operations.remove_cast)


class Health(Resource):
    ready = _done(Operations.readiness)


class Api(Resource):
    """What has no method of its own: any request, any list, any bytes."""

    request = _done(Operations.request)
    items = _each(Operations.items)
    content = _done(Operations.content_of)
    pieces = _each(Operations.pieces)
    stream = _each(Operations.stream)
