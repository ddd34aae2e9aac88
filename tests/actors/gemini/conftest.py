"""A scripted HTTP server: answers exactly what a test tells it to, and counts what it was asked."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import Gateway, GatewaySettings

KEY = "AIzaSyA-made-up-key-of-the-usual-length"


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Script:
    """What to answer; ``raw`` bytes go out as they are, then the connection is closed."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(
        default_factory=lambda: {"content-type": "application/json; charset=UTF-8"}
    )
    hang_up: bool = False
    """Close the connection without a word once the request is in."""
    hang: bool = False
    """Take the request and never answer."""
    trickle: bool = False
    """Answer one byte at a time, for ever."""
    cut: bool = False
    """Promise more bytes than are sent, then close."""


class ScriptedServer:
    """HTTP/1.1 on a free loopback port, in a thread of its own. Plain sockets, so that it can misbehave."""

    script = Script

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Script | Callable[[Asked], Script]] = {}
        self.default: Script | Callable[[Asked], Script] = Script()
        self.got_request = threading.Event()
        self.hung_up_on = threading.Event()
        self.hold_until = 0
        """Answer nobody before so many requests are in."""
        self._let_go = asyncio.Event()
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def answer_json(self, value: Any, status: int = 200, **headers: str) -> None:
        self.default = Script(
            status, json.dumps(value).encode(), {"content-type": "application/json"} | headers
        )

    def reset(self) -> None:
        self.asked.clear()
        self.answers.clear()
        self.default = Script()
        self.got_request.clear()
        self.hung_up_on.clear()
        self.hold_until = 0
        self._let_go = asyncio.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._handle, "127.0.0.1", 0, limit=1 << 26)
        self.port: int = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stopping.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, json.loads(body) if body else None)
        self.asked.append(asked)
        self.got_request.set()
        found = next((self.answers[p] for p in self.answers if asked.path.startswith(p)), self.default)
        script = found(asked) if callable(found) else found
        if script.hang_up:
            return False
        if len(self.asked) >= self.hold_until:
            self._let_go.set()
        await self._let_go.wait()
        if script.hang:
            await reader.read()  # until the client leaves, or the test is over
            self.hung_up_on.set()
            return False
        length = len(script.body) + (1 << 20 if script.cut or script.trickle else 0)
        lines = [f"HTTP/1.1 {script.status} Scripted"] + [f"{k}: {v}" for k, v in script.headers.items()]
        writer.write("\r\n".join([*lines, f"content-length: {length}", "", ""]).encode("latin-1"))
        if script.trickle:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.write(script.body)
        await writer.drain()
        return not script.cut


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    scripted.start()
    try:
        yield scripted
    finally:
        scripted.stop()


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for a module's gateways, as an actor has one for its life."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def shared_server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    scripted.start()
    try:
        yield scripted
    finally:
        scripted.stop()


@pytest.fixture(scope="module", params=["google-genai", "google-generativeai"])
def gateway(
    request: pytest.FixtureRequest, runner: asyncio.Runner, shared_server: ScriptedServer
) -> Iterator[Gateway]:
    """Each adapter in turn, pointed at the scripted server."""

    async def opened() -> Gateway:
        return open_gateway(GatewaySettings(SecretStr(KEY), shared_server.url, sdk=request.param))

    adapter = runner.run(opened())
    try:
        yield adapter
    finally:
        runner.run(adapter.close())


@pytest.fixture
def scripted(shared_server: ScriptedServer) -> ScriptedServer:
    """The module's server, with nothing asked and nothing scripted."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A loopback port that nobody listens on, kept from others by being bound."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
