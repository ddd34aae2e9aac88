"""A server whose every answer a test writes, and the client in both kinds, which must do the same."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from reelog_client import AsyncClient, Client, Patience

Answering = Callable[[httpx.Request], httpx.Response]
URL = "http://reelog.test"


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off after these pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        raise httpx.ReadError("cut")


@dataclass
class Scripted:
    """Gives its answers in turn, the last one for ever; an exception is raised. Remembers what came."""

    answers: list[Any] = field(default_factory=list)
    came: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.came.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


@dataclass
class Kind:
    """One kind of client, its methods waited for."""

    client: Any
    paused: list[float]
    loop: asyncio.Runner | None = None

    def done(self, call: Any) -> Any:
        return call if self.loop is None else self.loop.run(_awaited(call))

    def listed(self, items: Any) -> list[Any]:
        return list(items) if self.loop is None else self.loop.run(_collected(items))


@dataclass
class Clock:
    """Time that passes in pauses, and while an answer is waited for that does not come."""

    kind: Kind
    waited_s: float = 0.0

    def monotonic(self) -> float:
        return self.waited_s + sum(self.kind.paused)

    def silent(self, request: httpx.Request) -> httpx.Response:
        """What a server gives that takes a request and says nothing."""
        self.waited_s += request.extensions["timeout"]["read"]
        raise httpx.ReadTimeout("timed out")


async def _awaited(call: Any) -> Any:
    return await call


async def _collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


@pytest.fixture
def server() -> Scripted:
    return Scripted()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest, server: Scripted) -> Iterator[Kind]:
    """The client, in one kind and then in the other; its pauses are written down and take no time."""
    paused: list[float] = []
    transport = httpx.MockTransport(server)
    patience = Patience(for_s=60, pause_s=0.01)
    if request.param == "sync":
        with Client(URL, "a-key", patience=patience, transport=transport, sleep=paused.append) as client:
            yield Kind(client, paused)
        return

    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    with asyncio.Runner() as loop:
        other = AsyncClient(URL, "a-key", patience=patience, transport=transport, sleep=sleep)
        yield Kind(other, paused, loop)
        loop.run(other.close())


@pytest.fixture
def clock(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(kind)
    for module in ("retries", "waiting"):
        monkeypatch.setattr(f"reelog_client.{module}.time", clock)
    return clock


def job(**changes: Any) -> dict[str, Any]:
    return {
        "id": "3fa1b2c3-0000-4000-8000-000000000001", "status": "completed", "title": "A boat",
        "pruned_at": None, "set_aside": None, "failure": None, "position": 9,
    } | changes  # fmt: skip


def answer(body: Any, status: int = 200, **headers: str) -> Answering:
    """Made anew each time, as an answer can be read once."""
    return lambda _: httpx.Response(status, json=body, headers=headers)


def problem(status: int, code: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"/docs/problems#{code}", "title": "Title", "status": status, "detail": "Detail.",
        "code": code, "request_id": "r-1", "errors": [],
    } | more  # fmt: skip


STORE, OTHER = "0b9f0000-0000-4000-8000-000000000001", "0b9f0000-0000-4000-8000-000000000002"


def log(store: str = STORE) -> bytes:
    return f'retry: 2000\n\nevent: log\ndata: {{"store":"{store}","head":9}}\n\n'.encode()


def frame(position: int) -> bytes:
    told = json.dumps({"position": position, "type": "job.stage_started", "message": f"Event {position}"})
    return f"id: {position}\nevent: job.stage_started\ndata: {told}\n\n".encode()


END = b'event: end\ndata: {"ended":true}\n\n'


def stream(*pieces: bytes, cut: bool = False) -> Answering:
    kind = {"Content-Type": "text/event-stream"}
    if cut:
        return lambda _: httpx.Response(200, headers=kind, stream=Cut(*pieces))
    return lambda _: httpx.Response(200, headers=kind, content=b"".join(pieces))
