"""One operation of the API: everything that the router, the checks and the API's description need of it.

All operations stand in one table (``app.py``), and there is no other way to add a route, so routes and
description cannot drift apart. One route per path, dispatching by method itself: several routes on one path
would make a refused method name only the first one's methods.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.http.middleware import SAFE_METHODS, is_limited, needs_key
from api.http.parameters import POSITIONS, Parameter, is_strict, read_all

Handler = Callable[[Request], Awaitable[Response]]

JSON = "application/json"
HTML = "text/html"
STREAM = "text/event-stream"


@dataclass(frozen=True)
class Answer:
    """What comes back with one status. ``content`` gives the model (or JSON Schema) of each media type."""

    description: str
    content: Mapping[str, type[BaseModel] | Mapping[str, Any]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """``problems`` are the codes that this operation may answer with, besides those that its kind implies.

    ``answers`` are the others by status; ``parameters`` all that is read from the query and the headers;
    ``body`` the model of a JSON body, or the media type and JSON Schema of another one.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    problems: tuple[str, ...] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    parameters: tuple[Parameter[Any], ...] = ()
    body: type[BaseModel] | tuple[str, Mapping[str, Any]] | None = None
    body_required: bool = True
    description: str = ""

    @property
    def id(self) -> str:
        module = self.handler.__module__.rpartition(".")[2]
        return f"{module}.{self.handler.__name__}"

    @property
    def tag(self) -> str:
        """Jobs, events, assets …, by the module that answers."""
        return self.handler.__module__.rpartition(".")[2]

    @cached_property
    def all_problems(self) -> tuple[str, ...]:
        """Every code that this operation may answer with, in the order of their statuses."""
        codes = {*self.problems, "host_not_allowed", "internal_error"}
        if needs_key(self.path):
            codes.add("not_authenticated")
        if is_limited(self.path):
            codes.add("rate_limited")
        if self.path.startswith("/v1/"):
            codes |= {"store_unavailable", "unavailable", "behind"}
            if any(parameter in POSITIONS for parameter in self.parameters) or self.path.endswith("/fork"):
                codes.add("position_unknown")
            if self.path.startswith("/v1/jobs") or self.method not in SAFE_METHODS:
                codes.add("job_set_aside")
        if self.parameters or is_strict(self.path):
            codes.add("invalid_parameter")
        if self.method not in SAFE_METHODS:
            codes |= {"cross_origin", "content_too_large"}
            if self.path.startswith("/v1/"):
                codes.add("conflict")
        if self.body is not None:
            codes.add("unsupported_media_type")
        return tuple(sorted(codes))


class Dispatch:
    """The operations of one path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = {operation.method: operation for operation in operations}
        if "GET" in self._operations:
            self._operations.setdefault("HEAD", self._operations["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operations.get(scope["method"])
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._operations))})
        read_all(operation.parameters, scope)
        response = await operation.handler(Request(scope, receive, send))
        await response(scope, receive, send)


def routes(operations: Iterable[Operation]) -> list[Route]:
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [Route(path, Dispatch(of_path)) for path, of_path in by_path.items()]
