"""The emulator: a server that speaks Gemini's HTTP, for demonstrations, tests and load.

It is never a fallback: whoever talks to it chose its address, and it says who it is in ``GET /emulator``,
in a header on every answer and on every picture. All CPU work leaves the event loop for a pool of two
threads, so that hundreds of requests that merely wait out their latency do not queue behind a drawing.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from actors.emulator.faults import Fault
from actors.emulator.handler import Emulator
from actors.emulator.interactions.handler import InteractionHandler
from actors.emulator.like_google import LikeGoogle
from actors.emulator.routes import routes

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

WORKERS = 2
READY_WITHIN_S = 30.0


@dataclass(frozen=True)
class EmulatorSettings:
    """``latency``: least and most seconds that every answer takes besides its making.

    ``like_google``: the ways of real models, for better and worse; None answers at once and well.
    """

    latency: tuple[float, float] = (0.0, 0.0)
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    like_google: LikeGoogle | None = None


def create_app(settings: EmulatorSettings | None = None) -> Starlette:
    """The emulator as an ASGI application."""
    settings = settings or EmulatorSettings()
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="emulator")
    emulator = Emulator(
        latency=settings.latency,
        faults=settings.faults,
        seed=settings.seed,
        pool=pool,
        like_google=settings.like_google,
    )
    # Shots take seconds: they are made beside, so that pictures and texts do not queue behind them.
    studio = ThreadPoolExecutor(WORKERS, thread_name_prefix="emulator-shots")
    interactions = InteractionHandler(emulator, studio)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> "AsyncIterator[None]":
        try:
            yield
        finally:
            interactions.store.close()
            for each in (pool, studio):
                each.shutdown(wait=False, cancel_futures=True)

    app = Starlette(routes=routes(emulator, interactions), lifespan=lifespan)
    app.state.emulator = emulator
    return app


class _Protocol(H11Protocol):
    """Lets a handler reach its connection, to cut it as a failing network would."""

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _prepare(
    host: str, port: int, settings: EmulatorSettings, on_ready: Callable[[str], None]
) -> tuple[_Server, socket.socket]:
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(settings),
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=1,
    )
    return _Server(config, lambda: on_ready(url)), listener


def run(host: str, port: int, settings: EmulatorSettings, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; prints nothing.

    Port 0 picks a free one; ``on_ready`` gets the base URL.

    Raises OSError when the address cannot be bound.
    """
    server, listener = _prepare(host, port, settings, on_ready)
    with listener:
        server.run(sockets=[listener])


class EmulatorThread:
    """An emulator in a daemon thread of this process, on a free port of the loopback; a context manager."""

    def __init__(
        self, settings: EmulatorSettings | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._ready = threading.Event()
        self.url = ""
        self._server, self._listener = _prepare(host, port, settings or EmulatorSettings(), self._on_ready)
        self._thread = threading.Thread(target=self._serve, name="emulator", daemon=True)

    def _serve(self) -> None:
        with self._listener:
            self._server.run(sockets=[self._listener])

    def _on_ready(self, url: str) -> None:
        self.url = url
        self._ready.set()

    def start(self) -> Self:
        """Returns when it answers; raises RuntimeError when it does not within half a minute."""
        self._thread.start()
        if not self._ready.wait(READY_WITHIN_S):
            raise RuntimeError("the emulator did not start")
        return self

    def stop(self) -> None:
        """Ends it; returns when its thread has ended (or after ten seconds)."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def emulator(**settings: Any) -> Iterator[EmulatorThread]:
    """A running emulator with these settings, for as long as the ``with`` block lasts."""
    with EmulatorThread(EmulatorSettings(**settings)) as running:
        yield running
