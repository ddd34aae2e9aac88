"""The client for programs that wait: ``Client``, which carries flows out. What it has: ``resources.py``."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import httpx
from httpx_sse import EventSource

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
from reelog_client.resources import (
    Api,
    Assets,
    Batches,
    Casts,
    Files,
    Health,
    Job,
    Jobs,
    Keys,
    Models,
    Presets,
    Webhooks,
)

__all__ = ["Client", "Job"]

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
        self.traceparent: str | None = None  # see `within`
        self._have_resources()

    def within(self, traceparent: str) -> Client:
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
        built = prepared(self._http, self.server.url, request, content, self.traceparent)
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
