"""``/mcp``: the MCP server over HTTP, behind the same checks of host, origin, key and rate as everything.

Without sessions, so that each request may go to another server and is answered for whoever sends it. The
library is loaded with the first request: few servers are asked, and it takes half a second.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.composition import System
from api.http.callers import caller_of
from api.http.key_watch import until
from api.http.middleware import MCP
from api.http.problems import Problem
from api.http.threads import threads_of
from domain.traces import read_traceparent

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from api.mcp.films import SystemFilms


class McpEndpoint:
    """An ASGI application; ``async with endpoint.running():`` while it is asked."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._wanted = asyncio.Event()
        self._manager: asyncio.Future[StreamableHTTPSessionManager] | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._manager = asyncio.get_running_loop().create_future()
        # What a request begins ends in the task that began it, so the library's own tasks have one of theirs.
        task = asyncio.create_task(self._serve(self._manager), name="mcp")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _serve(self, started: "asyncio.Future[StreamableHTTPSessionManager]") -> None:
        await self._wanted.wait()
        try:
            manager = await to_thread.run_sync(self._load)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, and the server goes on
            started.set_exception(error)
            return
        async with manager.run():
            started.set_result(manager)
            await asyncio.Event().wait()

    def _load(self) -> "StreamableHTTPSessionManager":
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415 - see above
        from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415 - as above

        from api.mcp.server import build_server  # noqa: PLC0415 - as above

        return StreamableHTTPSessionManager(
            build_server(films_of, self._system.settings.mcp_max_usd),
            stateless=True,
            # Host and origin are checked for all paths alike, see `GateMiddleware`.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            # There are no sessions to end, and nothing is sent but answers.
            raise Problem("method_not_allowed", f"{MCP} takes POST.", headers={"Allow": "POST"})
        assert self._manager is not None
        self._wanted.set()
        manager = await asyncio.shield(self._manager)
        await manager.handle_request(scope, receive, send)


def films_of(request: Request, traceparent: str | None) -> "SystemFilms":
    """What the caller of a request may ask; what it follows ends when its key is revoked.

    The span of the call goes before that of the request that carries it.
    """
    from api.mcp.films import SystemFilms, ToolRefusedError  # noqa: PLC0415 - see above

    caller = caller_of(request.scope)
    revoked = request.app.state.key_watch.ended(caller)

    class CallersFilms(SystemFilms):
        async def events(self, job_id: UUID, after: int) -> AsyncGenerator[dict[str, Any]]:
            async for event in until(super().events(job_id, after), revoked):
                yield event
            if revoked.is_set():
                raise ToolRefusedError("not_authenticated", "The key was revoked.")

    state = request.app.state
    span = traceparent or read_traceparent(",".join(request.headers.getlist("traceparent")))
    threads = threads_of(request)
    return CallersFilms(state.system, state.tail, caller, threads.wait, span, begin=threads.begin)
