"""What stands before every request: a request id, who may call, and the headers that every answer has.

Pure ASGI, because the framework's BaseHTTPMiddleware buffers and breaks streams. A page on the web must not
be able to use a server that listens on somebody's own machine, so the Host is checked (DNS rebinding) and
the Origin of whatever changes something (request forgery).
"""

import math
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.http import access_log
from api.http.accept import wants_html
from api.http.authentication import CHALLENGE, Door, bearer, too_many_keys
from api.http.callers import CALLER
from api.http.cross_origin import LINKS, site_of
from api.http.headers import add_headers
from api.http.metrics import Meter
from api.http.problems import SHOWN, Problem, problem_of
from domain.key import Caller

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST = 15
"""Digits of a Content-Length."""
DRAIN_BYTES = 32 * 1024 * 1024
DRAIN_S = 10.0
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
PAGE = "/"
LOGIN = "/login"
READY = "/readyz"
MCP = "/mcp"


class ForwardedMiddleware(ProxyHeadersMiddleware):
    """Believes proxies that are named who calls, how, and by which name of the server; nobody else.

    The library's own knows nothing of ``X-Forwarded-Host``, nor of how a socket for both shows IPv4
    addresses.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[str]) -> None:
        super().__init__(app, list(trusted))  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] == "http":
            host, port = scope.get("client") or ("", 0)
            host = host.removeprefix("::ffff:") if "." in host else host
            scope["client"] = (host, port)
            named = Headers(scope=scope).getlist("x-forwarded-host")
            if named and host in self.trusted_hosts:
                # Each proxy adds to the end what it was called; what stands before may be anybody's.
                name = named[-1].rpartition(",")[2].strip().encode("latin-1")
                others = [header for header in scope["headers"] if header[0] != b"host"]
                scope["headers"] = [*others, (b"host", name)]
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]


class RequestIdMiddleware:
    """Gives each request an id (its own ``X-Request-Id`` if that is sane), a line in the log, its headers."""

    def __init__(self, app: ASGIApp, *, meter: Meter, films_from: str | None = None) -> None:
        self._app = app
        self._meter = meter
        self._films_from = films_from

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500
        streams = 0
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else uuid4().hex
        scope["request_id"] = request_id
        access_log.REQUEST_ID.set(request_id)
        access_log.JOB_ID.set(access_log.job_in(scope["path"]))

        async def send_with_headers(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                add_headers(headers, request_id, self._films_from)
                status = message["status"]
                self._meter.count(scope, status, time.monotonic() - begun)
                if headers.get("content-type", "").startswith("text/event-stream"):
                    streams = 1
                    self._meter.streams += 1
                if created := access_log.job_in(headers.get("location", "")):
                    access_log.JOB_ID.set(created)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._meter.streams -= streams
            access_log.log_request(scope["method"], access_log.address(scope), status, begun)


class BodyLimitMiddleware:
    """Refuses bodies over a size, declared in advance or counted while they come.

    The framework has such a middleware; its refusals are plain text. ``larger`` names paths with a limit of
    their own.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, limit = Headers(scope=scope), self._larger.get(scope["path"], self._limit)
        length = headers.get("content-length", "")
        # Who waits to be asked for the body has sent nothing yet that would have to be read.
        waits = headers.get("expect", "").lower() == "100-continue"
        if length.isascii() and length.isdecimal() and (len(length) > LONGEST or int(length) > limit):
            if not waits:
                await _drain(receive)
            await _too_large(limit).response(scope.get("request_id"))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                if message.get("more_body", False):
                    await _drain(receive)
                raise _too_large(limit)
            return message

        await self._app(scope, receive_counted, send)


def _too_large(limit: int) -> Problem:
    # Of a body without end the rest is not read, so the connection cannot be used again.
    detail = f"At most {limit:,} bytes are taken."
    return Problem("content_too_large", detail, headers={"Connection": "close"})


async def _drain(receive: Receive) -> None:
    """Read what is not wanted, for a while: a client that still sends hears no answer, only a reset."""
    drained = 0
    with move_on_after(DRAIN_S):
        while drained < DRAIN_BYTES:
            message = await receive()
            drained += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


class GateMiddleware:
    """Refuses wrong hosts, other sites' writes, and calls without the key; shows people to the login."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], door: Door) -> None:
        self._app = app
        self._door = door
        named = [_bracketed(host) for host in hosts if host not in ("0.0.0.0", "::")]  # noqa: S104 - what it is not
        # Without a list, a server with a key may be called by any name: the key is the protection there.
        self._hosts = None if door.key.is_set and not named else frozenset((*_LOOPBACK, *named))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                answer = await self._instead(scope, Headers(scope=scope))
            except Exception as error:  # noqa: BLE001 - here nobody else makes answers of errors
                answer = problem_of(error).response(scope.get("request_id"))
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _instead(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        wait_s = self._door.wait_s(scope) if bearer(headers) is not None else 0
        problem = None
        if self._hosts is not None and _without_port(host) not in self._hosts:
            problem = Problem(
                "host_not_allowed",
                f"This server does not answer for {host[:SHOWN]!r}; name it in REELOG_ALLOWED_HOSTS "
                "if it should.",
            )
        elif (
            scope["method"] not in SAFE_METHODS and site_of(scope) is None and _is_cross_origin(headers, host)
        ):
            problem = Problem(
                "cross_origin",
                "Pages of other sites may change nothing here, but of those that REELOG_CORS_ORIGINS names.",
            )
        elif (caller := await self._admitted(scope, headers)) is None and needs_key(scope["path"]):
            if wait_s:
                return too_many_keys(wait_s).response(scope.get("request_id"))
            if is_for_people(scope["path"]) and wants_html(headers):
                return RedirectResponse(LOGIN, 303, {"Cache-Control": "no-store"})
            problem = Problem(
                "not_authenticated",
                "That is no key of this server; it may have been revoked."
                if bearer(headers)
                else "Send the header Authorization: Bearer KEY.",
                headers=CHALLENGE,
            )
        elif caller is not None and needs_key(scope["path"]) and (wait_s := self._door.too_often_s(caller)):
            problem = Problem(
                "rate_limited",
                f"The key {caller.name} has been used too often in the last minute.",
                headers={"Retry-After": str(math.ceil(wait_s))},
            )
        return problem.response(scope.get("request_id")) if problem else None

    async def _admitted(self, scope: Scope, headers: Headers) -> Caller | None:
        """Who has shown a key; asked only where it makes a difference, as each wrong one counts."""
        path = scope["path"]
        asked = needs_key(path) or path in (LOGIN, READY)
        caller = await self._door.admit(scope, headers) if asked else None
        scope[CALLER] = caller
        return caller


def needs_key(path: str) -> bool:
    """Jobs and what they cost are their owner's; how the server is, and how to use it, anybody may ask."""
    return is_for_people(path) or path.startswith(("/v1/", "/metrics", MCP))


def is_for_people(path: str) -> bool:
    """Pages with jobs on them: who may not see them is shown to the login."""
    return path in (PAGE, "/jobs") or path.startswith("/jobs/")


def is_limited(path: str) -> bool:
    """What a caller may not ask for without end: all that needs the key, to try keys, and bytes."""
    return needs_key(path) or path == LOGIN or path.startswith(LINKS)


def _is_cross_origin(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return True
    return headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site")


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host).lower()


def _bracketed(host: str) -> str:
    """An IPv6 address as it stands in a Host header."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()
