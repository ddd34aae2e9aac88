"""JSON is sent packed to who takes it so. Streams, ranges and whatever has bytes of its own never are.

The framework's middleware packs every answer but streams of events: films, too, and parts of them, whose
ranges would then count other bytes.
"""

import gzip

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 1400
"""What fits into one packet arrives no sooner for being smaller."""
LEVEL = 5
LARGE = 64 * 1024
"""From here on it would hold up whoever else is served by this thread."""
PACKED = ("application/json", "application/problem+json")


class CompressionMiddleware:
    """Packs answers of JSON that are sent in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Packing(send, takes_gzip(Headers(scope=scope))).send)


class _Packing:
    """One answer: its start waits for the first piece of its body."""

    def __init__(self, send: Send, wanted: bool) -> None:
        self._send = send
        self._wanted = wanted
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if _may_be_packed(message["status"], headers):
                headers.add_vary_header("Accept-Encoding")
                if self._wanted:
                    self._start = message
                    return
        elif self._start is not None:
            start, self._start = self._start, None
            body = message.get("body", b"")
            if not message.get("more_body", False) and len(body) >= LEAST_BYTES:
                message = {**message, "body": await _packed(body, MutableHeaders(scope=start))}
            await self._send(start)
        await self._send(message)


async def _packed(body: bytes, headers: MutableHeaders) -> bytes:
    def pack() -> bytes:
        return gzip.compress(body, LEVEL, mtime=0)

    packed = await to_thread.run_sync(pack) if len(body) > LARGE else pack()
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    etag = headers.get("etag")
    if etag is not None and not etag.startswith("W/"):
        headers["ETag"] = f"W/{etag}"  # the same JSON in other bytes (RFC 9110, 8.8.1)
    return packed


def _may_be_packed(status: int, headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip()
    bare = not any(name in headers for name in ("content-encoding", "accept-ranges", "content-range"))
    return media_type in PACKED and bare and status not in (204, 206, 304)


def takes_gzip(headers: Headers) -> bool:
    """Whether Accept-Encoding names gzip (or everything) and does not refuse it."""
    weights = {}
    for part in ",".join(headers.getlist("accept-encoding")).split(","):
        name, _, parameters = part.partition(";")
        weight = parameters.strip().lower().removeprefix("q=").strip() if parameters else "1"
        weights[name.strip().lower()] = weight
    chosen = weights.get("gzip", weights.get("*", "0"))
    try:
        return float(chosen) > 0
    except ValueError:
        return False
