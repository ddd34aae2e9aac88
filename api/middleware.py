"""What stands before every request: a request id, who may call, and the headers that every answer has.

Pure ASGI, because the framework's BaseHTTPMiddleware buffers and breaks streams. A page on the web must not
be able to use a server that listens on somebody's own machine, so the Host is checked (DNS rebinding) and
the Origin of whatever changes something (request forgery).
"""

import hmac
import re
from collections.abc import Iterable
from uuid import uuid4

from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import dress
from api.problems import Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="reelog"'}


class RequestIdMiddleware:
    """Gives each request an id (its own ``X-Request-Id`` if that is sane) and each answer its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else uuid4().hex
        scope["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                dress(MutableHeaders(scope=message), request_id)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimitMiddleware:
    """Refuses bodies over a size, told in advance or counted while they come.

    The framework has such a middleware; its refusals are plain text.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > self._limit:
            await self._refusal().response(scope.get("request_id"))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise self._refusal()
            return message

        await self._app(scope, receive_counted, send)

    def _refusal(self) -> Problem:
        # The rest of the body is not read, so the connection cannot be used again.
        return Problem(
            "content_too_large", f"At most {self._limit:,} bytes are taken.", headers={"Connection": "close"}
        )


class GateMiddleware:
    """Refuses wrong hosts, other sites' writes, and calls without the key."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], api_key: SecretStr | None) -> None:
        self._app = app
        self._api_key = api_key
        named = [host for host in hosts if host not in ("0.0.0.0", "::")]  # noqa: S104 - what it is not
        # Without a list, a server with a key may be called by any name: the key is the protection there.
        self._hosts = frozenset((*_LOOPBACK, *named)) if api_key is None or named else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            problem = self._refusal(scope, Headers(scope=scope))
            if problem is not None:
                await problem.response(scope.get("request_id"))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if self._hosts is not None and _without_port(host) not in self._hosts:
            return Problem(
                "host_not_allowed",
                f"This server does not answer for {host!r}; name it in REELOG_ALLOWED_HOSTS if it should.",
            )
        if scope["method"] not in _SAFE_METHODS and _is_cross_origin(headers, host):
            return Problem("cross_origin", "Pages of other sites may not change anything here.")
        if self._api_key is not None and scope["path"].startswith("/v1/") and not self._has_key(headers):
            return Problem(
                "not_authenticated", "Send the header Authorization: Bearer KEY.", headers=_CHALLENGE
            )
        return None

    def _has_key(self, headers: Headers) -> bool:
        assert self._api_key is not None
        scheme, _, key = headers.get("authorization", "").partition(" ")
        expected = self._api_key.get_secret_value()
        return scheme.lower() == "bearer" and hmac.compare_digest(key.strip().encode(), expected.encode())


def _is_cross_origin(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return True
    return headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site")


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host).lower()
