"""The client for programs that wait: ``Client``, its resources, and ``Job``.

Each method is one line here: ``_done`` and its like turn an operation's flow into a method that carries it
out. ``async_client.py`` holds the same lines for programs that await.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
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


class Client:
    """A Reelog server. ``with Client() as client: …``; settings are read where nothing is passed.

    May be used by several threads at once. ``transport`` is httpx's, for tests and proxies of one's
    own; without ``keep_alive`` no connection outlives its request, so nothing must be closed.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
        keep_alive: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server: Server = server_of(url, api_key)
        self.operations = Operations(patience or Patience())
        headers = {"Authorization": f"Bearer {self.server.api_key}"} if self.server.api_key else {}
        self._http = httpx.Client(
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

    def __enter__(self) -> Client:  # noqa: PYI034 - typing has no Self before 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def run(self, flow: Flow[T]) -> T:
        """Carry out a flow to its end."""
        talk = Conversation(flow)
        for _ in self._carry_out(talk):
            pass
        return cast("T", talk.result)

    def iterate(self, flow: ItemFlow[T]) -> Iterator[T]:
        """Carry out a flow as its items are asked for."""
        yield from self._carry_out(Conversation(flow))

    def _carry_out(self, talk: Conversation[Any]) -> Iterator[Any]:
        answer: httpx.Response | None = None
        pieces: Iterator[Any] = iter(())
        try:
            while (action := talk.advance()) is not None:
                if isinstance(action, Give):
                    yield action.item
                    continue
                try:
                    if isinstance(action, Pause):
                        self._sleep(action.seconds)
                    elif isinstance(action, Request):
                        if answer is not None:
                            answer.close()
                        answer = self._send(action)
                        pieces = _pieces(answer, action)
                        talk.answer(answer)
                    else:
                        talk.answer(next(pieces, None))
                except TRANSPORT_ERRORS as error:
                    talk.fail(error)
        finally:
            talk.close()
            if answer is not None:
                answer.close()

    def _send(self, request: Request) -> httpx.Response:
        if isinstance(request.file, Path):
            with request.file.open("rb") as file:
                return self._read(request, _blocks(file))
        return self._read(request, request.file)

    def _read(self, request: Request, content: Any) -> httpx.Response:
        built = prepared(self._http, self.server.url, request, content)
        answer = self._http.send(built, stream=True)
        if request.read == "whole" or answer.status_code >= ERROR:
            try:
                answer.read()
            finally:
                answer.close()
        return answer


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(PIECE_BYTES):
        yield block


def _pieces(answer: httpx.Response, request: Request) -> Iterator[Any]:
    if request.read == "events":
        return EventSource(answer).iter_sse()
    return answer.iter_bytes() if request.read == "bytes" else iter(())


# ---- a flow as a method -----------------------------------------------------------------------------------


class Resource:
    """Something of a server that has methods."""

    def __init__(self, client: Client) -> None:
        self._client = client


def _done(flow: Callable[Concatenate[Operations, P], Flow[T]]) -> Callable[Concatenate[Resource, P], T]:
    @functools.wraps(flow)
    def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> T:
        return self._client.run(flow(self._client.operations, *args, **options))

    return call


def _each(
    flow: Callable[Concatenate[Operations, P], ItemFlow[T]],
) -> Callable[Concatenate[Resource, P], Iterator[T]]:
    @functools.wraps(flow)
    def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> Iterator[T]:
        return self._client.iterate(flow(self._client.operations, *args, **options))

    return call


def _job(
    flow: Callable[Concatenate[Operations, P], Flow[JobDocument]],
) -> Callable[Concatenate[Resource, P], Job]:
    @functools.wraps(flow)
    def call(self: Resource, /, *args: P.args, **options: P.kwargs) -> Job:
        return Job(self._client, self._client.run(flow(self._client.operations, *args, **options)))

    return call


def _of_job(
    flow: Callable[Concatenate[Operations, str, P], Flow[T]],
) -> Callable[Concatenate[Job, P], T]:
    @functools.wraps(flow)
    def call(self: Job, /, *args: P.args, **options: P.kwargs) -> T:
        return self._client.run(flow(self._client.operations, self.id, *args, **options))

    return call


def _each_of_job(
    flow: Callable[Concatenate[Operations, str, P], ItemFlow[T]],
) -> Callable[Concatenate[Job, P], Iterator[T]]:
    @functools.wraps(flow)
    def call(self: Job, /, *args: P.args, **options: P.kwargs) -> Iterator[T]:
        return self._client.iterate(flow(self._client.operations, self.id, *args, **options))

    return call


def _changed(
    flow: Callable[Concatenate[Operations, str, P], Flow[JobDocument]],
) -> Callable[Concatenate[Job, P], Job]:
    """What gives the job as it is by then: this object is that, too."""

    @functools.wraps(flow)
    def call(self: Job, /, *args: P.args, **options: P.kwargs) -> Job:
        self.document = self._client.run(flow(self._client.operations, self.id, *args, **options))
        return self

    return call


def _another(
    flow: Callable[Concatenate[Operations, str, P], Flow[JobDocument]],
) -> Callable[Concatenate[Job, P], Job]:
    @functools.wraps(flow)
    def call(self: Job, /, *args: P.args, **options: P.kwargs) -> Job:
        found = self._client.run(flow(self._client.operations, self.id, *args, **options))
        return Job(self._client, found)

    return call


# ---- what a server has ------------------------------------------------------------------------------------


class Job:
    """A job: ``document`` is how it was last seen, every field as the server sent it."""

    def __init__(self, client: Client, document: JobDocument) -> None:
        self._client = client
        self.document = document

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.status}>"

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

    def list(self, **filters: Any) -> Iterator[Job]:
        """Jobs, newest first: ``status=``, ``id=`` (how ids begin), ``limit=``."""
        flow = self._client.operations.list_jobs(**filters)
        return (Job(self._client, document) for document in self._client.iterate(flow))


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
