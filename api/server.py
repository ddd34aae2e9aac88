"""Serving the application: one uvicorn in this process, which ends in an order in which nothing is lost.

A stream never ends by itself, so a server that waits for open requests would wait for ever. On the first
SIGTERM or SIGINT streams get their farewell, ``/readyz`` says 503 and no job is taken any more. Then the
actors may finish and record what they have under way (``REELOG_GRACE`` seconds), while all else can still be
read; then the server ends, and whatever is still open has ten seconds. A second signal does not wait.
"""

import logging
import socket
import threading
from collections.abc import Callable
from types import FrameType
from uuid import uuid4

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.headers import dress
from api.problems import Problem
from api.settings import Settings

GRACE_S = 10
BACKLOG = 2048

logger = logging.getLogger(__name__)


class Protocol(H11Protocol):
    """Answers what is no HTTP with a problem, as it does all that is."""

    def send_400_response(self, msg: str) -> None:
        request_id = uuid4().hex
        logger.info("refused what is no HTTP: %s", msg, extra={"request_id": request_id})
        response = Problem("malformed_request", msg, headers={"Connection": "close"}).response(request_id)
        dress(response.headers, request_id)
        head = h11.Response(status_code=response.status_code, headers=response.raw_headers)
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


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
