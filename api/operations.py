"""One operation of the API: everything that the router, the checks and the API's description need of it.

All operations stand in one table (``app.py``), and there is no other way to add a route, so routes and
description cannot drift apart. One route per path, dispatching by method itself: several routes on one path
would make a refused method name only the first one's methods.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """``problems`` are the codes that this operation may answer with, besides those that every one may."""

    method: str
    path: str
    handler: Handler
    summary: str
    problems: tuple[str, ...] = ()
    tags: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        module = self.handler.__module__.rpartition(".")[2]
        return f"{module}.{self.handler.__name__}"


class Dispatch:
    """The operations of one path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._handlers = {operation.method: operation.handler for operation in operations}
        if "GET" in self._handlers:
            self._handlers.setdefault("HEAD", self._handlers["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._handlers.get(scope["method"])
        if handler is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._handlers))})
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)


def routes(operations: Iterable[Operation]) -> list[Route]:
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [Route(path, Dispatch(of_path)) for path, of_path in by_path.items()]
