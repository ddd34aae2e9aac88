"""Serving the application: one uvicorn in this process, which ends in an order in which nothing is lost.

A stream never ends by itself, so a server that waits for open requests would wait for ever. On the first
SIGTERM or SIGINT streams get their farewell, ``/readyz`` says 503 and no job is taken any more. Then the
actors may finish and record what they have under way (``REELOG_GRACE`` seconds), while all else can still be
read; then the server ends, and whatever is still open has ten seconds. A second signal does not wait.
"""

import asyncio
import logging
import resource
import socket
import threading
from collections.abc import Callable
from types import FrameType
from uuid import uuid4

import h11
import uvicorn
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.headers import add_headers
from api.http.health import ALIVE
from api.http.problems import Problem
from api.http.responses import json_response
from api.settings import Settings

GRACE_S = 10
BACKLOG = 2048
HEAD_S = 20.0
"""For the head of a request, from when the connection could have sent it."""
BODY_S = 30.0
"""For its body, and more for what comes: a second for each"""
BODY_BYTES_A_SECOND = 8 * 1024
STALL_S = 600.0
"""For a client to read on; a browser stops reading a film that is paused."""
MOST_CONNECTIONS = 10_000
OWN_FILES = 128
CLOSE = {"Connection": "close"}

logger = logging.getLogger(__name__)


class Protocol(H11Protocol):
    """Answers what is no HTTP with a problem, as it does all that is, and does not wait for it for ever.

    A connection owes a request from when it is opened, or answered, and the body from when its head has come.
    The time for a body grows with what comes of it, so a slow line may send a large one and a drip may not.
    While we owe the answer, a stream's above all, there is no deadline here.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._owed: object = None
        self._came = 0
        if len(self.connections) > most_connections():
            self.app = overloaded
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        self._forget_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()
        self._came += len(data)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_stall()

    def _forget_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _watch(self) -> None:
        """Set the deadline when what is owed has changed."""
        owes = self.conn.their_state
        if owes is self._owed or self.transport.is_closing():
            return
        self._forget_deadline()
        self._owed = owes
        self._came = 0
        if owes is h11.IDLE:
            self._set_deadline(HEAD_S)
        elif owes is h11.SEND_BODY:
            self._set_deadline(BODY_S)

    def _set_deadline(self, in_s: float) -> None:
        self._deadline = self.loop.call_later(in_s, self._too_late)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        more_s, self._came = self._came / BODY_BYTES_A_SECOND, 0
        if self._owed is h11.SEND_BODY and (more_s >= 1 or self.flow.read_paused):
            # It comes, or it is we who do not read it.
            self._set_deadline(min(BODY_S, max(1, more_s)))
            return
        begun = self._owed is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if begun and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._refuse(Problem("request_timeout", "The request took too long to come.", headers=CLOSE))
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self._refuse(Problem("malformed_request", msg, headers=CLOSE))

    def _unsupported_upgrade_warning(self) -> None:
        """Another protocol is an offer that need not be taken up: the request is answered as it is."""

    def _refuse(self, problem: Problem) -> None:
        """Answer in place of the application, and close."""
        request_id = uuid4().hex
        logger.info("refused what is no request: %s", problem.detail, extra={"request_id": request_id})
        response = problem.response(request_id)
        add_headers(response.headers, request_id)
        head = h11.Response(status_code=response.status_code, headers=response.raw_headers)
        try:
            for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        finally:
            if self.cycle is not None:
                # Whoever still waits for the rest of the body need not answer any more.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self.transport.close()


async def overloaded(scope: Scope, receive: Receive, send: Send) -> None:
    """What a connection beyond the limit is answered."""
    request_id = uuid4().hex
    if scope["path"].endswith("/healthz"):
        # A server with many callers is alive, and need not be started anew.
        response = json_response(ALIVE, headers=CLOSE)
    else:
        detail = "As many connections are open as this server takes."
        problem = Problem("unavailable", detail, headers={"Retry-After": "5", **CLOSE})
        response = problem.response(request_id)
    add_headers(response.headers, request_id)
    await response(scope, receive, send)


def most_connections() -> int:
    """As many as this process may open files, less what it needs itself."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files < 0 else max(1, min(MOST_CONNECTIONS, files - OWN_FILES, files * 3 // 4))


class Server(uvicorn.Server):
    """``on_ready`` is called with the address as soon as requests are answered."""

    def __init__(
        self, app: Starlette, settings: Settings, on_ready: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                host=settings.host,
                port=settings.port,
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE_S,
                # Whom to believe is decided in the application, by what is set there.
                proxy_headers=False,
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                lifespan="on",
            )
        )
        # Streams end with `drain`, and what is being answered has its ten seconds. The library would cut all
        # of it off, agents' calls too, and those of every later server in this process.
        AppStatus.enable_automatic_graceful_drain = False
        self._app = app
        self._ending = False
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and self._on_ready is not None:
            self._on_ready(self.address())

    def address(self) -> str:
        """Where it listens, with the real port when any free one was asked for."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.drain()
        actors = self._app.state.system.actors
        if actors is None or self._ending:
            super().handle_exit(sig, frame)
            return
        self._ending = True

        def end() -> None:
            actors.stop()
            super(Server, self).handle_exit(sig, frame)

        threading.Thread(target=end, name="ending", daemon=True).start()

    def drain(self) -> None:
        """End all streams; called from a signal handler or another thread's loop call."""
        tail = getattr(self._app.state, "tail", None)
        if tail is not None:
            tail.drain()
