"""What an endpoint is: an operation bound to a method, a path and the handler that answers.

All endpoints stand in one table (``app.py``), and there is no other way to add a route, so routes and
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
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from api.http.callers import caller_of, require_own
from api.http.metrics import OPERATION
from api.http.middleware import SAFE_METHODS, is_limited, needs_key
from api.http.parameters import POSITIONS, Parameter, is_strict, read_all
from api.http.problems import Problem
from domain.key import Scope

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class ResponseSpec:
    """What comes back with one status. ``content`` gives the model (or JSON Schema) of each media type."""

    description: str
    content: Mapping[str, type[BaseModel] | Mapping[str, Any]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """All that the router, the checks and the API's description need of one call.

    ``id`` and ``tag`` are what generated clients call it: they never change. ``problems`` are the codes that
    it may answer with, besides those that its kind implies; ``responses`` all else by status; ``parameters``
    what is read from the query and the headers; ``body`` the model of a JSON body, or the media type and JSON
    Schema of another one.
    """

    id: str
    tag: str
    summary: str
    responses: Mapping[int, ResponseSpec]
    problems: tuple[str, ...] = ()
    parameters: tuple[Parameter[Any], ...] = ()
    body: type[BaseModel] | tuple[str, Mapping[str, Any]] | None = None
    body_required: bool = True
    scope: Scope | None = None
    """What a key must have; None: what its method says."""


@dataclass(frozen=True)
class Endpoint:
    """Where an operation is found, and who answers."""

    method: str
    path: str
    handler: Handler
    operation: Operation

    @cached_property
    def scope(self) -> Scope:
        """What a key must have to ask for it: to look, to change, or to remove."""
        if self.operation.scope is not None:
            return self.operation.scope
        if self.method in SAFE_METHODS:
            return Scope.READ
        return Scope.ALL if self.method == "DELETE" else Scope.SUBMIT

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Every code that it may answer with, in alphabetical order."""
        operation = self.operation
        codes = {*operation.problems, "host_not_allowed", "internal_error"}
        if needs_key(self.path):
            codes |= {"not_authenticated", *(("not_allowed",) if self.scope is not Scope.READ else ())}
        if is_limited(self.path):
            codes.add("rate_limited")
        if self.path.startswith("/v1/"):
            codes |= {"store_unavailable", "unavailable", "behind"}
            if any(parameter in POSITIONS for parameter in operation.parameters):
                codes.add("position_unknown")
            if self.path.startswith("/v1/jobs") or self.method not in SAFE_METHODS:
                codes.add("job_set_aside")
        if operation.parameters or is_strict(self.path):
            codes.add("invalid_parameter")
        if self.method not in SAFE_METHODS:
            codes |= {"cross_origin", "content_too_large"}
            if self.path.startswith("/v1/"):
                codes.add("conflict")
        if operation.body is not None:
            codes.add("unsupported_media_type")
        return tuple(sorted(codes))


class Dispatch:
    """The endpoints of one path."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = {endpoint.method: endpoint for endpoint in endpoints}
        if "GET" in self._endpoints:
            self._endpoints.setdefault("HEAD", self._endpoints["GET"])

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["method"])
        if endpoint is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._endpoints))})
        scope[OPERATION] = endpoint.operation.id
        await require_allowed(endpoint, scope)
        read_all(endpoint.operation.parameters, scope)
        response = await endpoint.handler(Request(scope, receive, send))
        if scope["method"] == "HEAD" and isinstance(response, StreamingResponse):
            response = _headers_alone(response)
        await response(scope, receive, send)


def _headers_alone(response: Response) -> Response:
    """What is made while it is sent, as an archive is, is not made where nothing is sent."""
    bare = Response(status_code=response.status_code)
    bare.raw_headers = response.raw_headers
    return bare


async def require_allowed(endpoint: Endpoint, scope: ASGIScope) -> None:
    """Refuse what is another's, and what the caller's key is not for: before anything of it is read.

    Here, so that an endpoint cannot be without it; and in this order, as what is another's is not there,
    whatever is asked of it.
    """
    if not needs_key(endpoint.path):
        return
    caller = caller_of(scope)
    may = caller.scope.includes(endpoint.scope)
    await require_own(caller, endpoint.path, scope, may=may)
    if not may:
        needed = endpoint.scope
        takes = "the administrator's" if needed is Scope.ADMINISTRATOR else f"one with the scope {needed}"
        raise Problem(
            "not_allowed", f"The key {caller.name} has the scope {caller.scope}; this takes {takes}."
        )


def routes(endpoints: Iterable[Endpoint]) -> list[Route]:
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, []).append(endpoint)
    return [Route(path, Dispatch(of_path)) for path, of_path in by_path.items()]
