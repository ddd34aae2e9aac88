"""Other sites whose pages may use the API: the origins that REELOG_CORS_ORIGINS names, and nobody else.

Who such a page is, a key that it sends must say: the cookie of whoever signed in here is taken off its
requests, so no other site acts for a person who merely has both open. Of the page's own addresses, the login
among them, nothing is shared. CORS itself is the framework's; here it is told of no-cors requests (a
``<video>`` without ``crossorigin``), and its refusals are problems like others.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access_log import REQUEST_ID
from api.http.problems import Problem, problem_of

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS: Final = (
    *("Authorization", "Content-Type", "Idempotency-Key", "Prefer", "Last-Event-ID", "Cache-Control"),
    *("If-None-Match", "If-Range", "Range", "X-Request-Id", "traceparent", "tracestate"),
)
RESPONSE_HEADERS: Final = (
    *("Location", "ETag", "Retry-After", "Content-Disposition", "Content-Length", "Content-Range"),
    *("Accept-Ranges", "Allow", "Preference-Applied", "WWW-Authenticate", "X-Request-Id"),
)
"""What scripts may read beside what any script may."""
PREFLIGHT_S: Final = 600
LINKS: Final = "/links/"
SHARED: Final = ("/v1/", LINKS)
SHARED_PAGES: Final = frozenset({"/openapi.json", "/healthz", "/readyz"})
_SITE: Final = "reelog.site"


def site_of(scope: Scope) -> str | None:
    """The other site that asks, where it is one of those that may."""
    site: str | None = scope.get(_SITE)
    return site


class CrossOriginMiddleware(CORSMiddleware):
    """Answers preflights, and says of each answer who may read it; errors and streams included."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            expose_headers=RESPONSE_HEADERS,
            # A public site may be meant to use a server in the house; it is named, after all.
            allow_private_network=True,
            max_age=PREFLIGHT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and (
            scope["path"].startswith(SHARED) or scope["path"] in SHARED_PAGES
        )
        await (super().__call__ if shared else self.app)(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:  # noqa: PLR2004 - the framework's
            return answer
        said = bytes(answer.body).decode()
        detail = f"{said}. REELOG_CORS_ORIGINS names the origins whose pages may use the API."
        return Problem("cross_origin", detail, headers={"Vary": "Origin"}).response(REQUEST_ID.get())

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        site = self._site(HTTPConnection(scope))
        if site is not None:
            headers = [header for header in scope["headers"] if header[0] != b"cookie"]
            scope = {**scope, _SITE: site, "headers": headers}
        begun = False

        async def send_shared(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Sec-Fetch-Site")
                if site is not None:
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if site is None:
                # The framework would name what scripts may read to everybody.
                if message["type"] == "http.response.start":
                    headers.add_vary_header("Origin")
                await send(message)
            else:
                await self.send(message, send=send, request_headers=request_headers)

        try:
            await self.app(scope, receive, send_shared)
        except Exception as error:
            # What nobody foresaw is answered outside of all middleware, where nothing would be shared.
            if not begun:
                answer = problem_of(error).response(scope.get("request_id"))
                await answer(scope, receive, send_shared)
            raise

    def _site(self, request: HTTPConnection) -> str | None:
        """The site that is named, and is not this server itself.

        Browsers send no Origin for what a page only shows (``<img>``, ``<video>``), but whose page it is.
        """
        headers = request.headers
        origin = headers.get("origin")
        if origin is None and headers.get("sec-fetch-mode") == "no-cors":
            origin = _origin_of(headers.get("referer", ""))
        if origin is None or origin.partition("://")[2] == headers.get("host", ""):
            return None
        return origin if self.is_allowed_origin(origin) else None


def _origin_of(address: str) -> str | None:
    try:
        parts: Any = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
