"""Files as answers, held to what the API promises of every answer.

The framework answers a range that it cannot read, or a unit that it does not know, in plain text. Here a unit
that nobody knows is passed over, as RFC 9110 asks, and a range that cannot be had is a problem like others.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.cases.content import unavailable_bytes
from api.http.problems import SHOWN, Problem
from domain.ports import RemoteBlob

_RANGE: Final = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


class WholeFile(FileResponse):
    """A page or a style sheet: nobody needs a part of it, so it is always sent whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(without_range(scope), receive, send)


class PartialFile(FileResponse):
    """Bytes of which parts may be asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = Headers(scope=scope).get("range", "")
        # A range is of what is sent, and HEAD sends nothing (RFC 9110, 14.2).
        if scope["method"] != "GET" or not wanted.lower().startswith("bytes="):
            scope = without_range(scope)
        refused = False

        async def send_or_explain(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused = True
                problem = _no_such_range(wanted, self.headers["content-length"])
                await problem.response(scope.get("request_id"))(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, send_or_explain)


def attachment(filename: str) -> dict[str, str]:
    """The header that makes a browser keep an answer as a file of this name (RFC 6266).

    Its own letters for all who read them, and what is left of it in ASCII for who does not.
    """
    folded = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", folded).lstrip("-_")
    if plain == filename:
        return {"Content-Disposition": f'attachment; filename="{plain}"'}
    plain = f"film{plain}" if plain.startswith(".") else plain or "film"
    named = quote(filename, safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"}


class RemoteFile(Response):
    """Bytes that are passed on from where they lie. Of several parts at once none is taken: all is sent."""

    def __init__(self, remote: RemoteBlob, *, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(headers={**headers, "Accept-Ranges": "bytes"}, media_type=media_type)
        self._remote = remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, size = Headers(scope=scope), self._remote.size
        wanted = asked.get("range", "")
        whole = (
            scope["method"] != "GET"
            or not wanted.lower().startswith("bytes=")
            or "," in wanted
            or asked.get("if-range", self.headers["etag"]) != self.headers["etag"]
        )
        part = (0, size) if whole else _part(wanted, size)
        if part is None:
            await _no_such_range(wanted, size).response(scope.get("request_id"))(scope, receive, send)
            return
        start, end = part
        self.headers["Content-Length"] = str(end - start)
        if not whole:
            self.status_code = 206
            self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        if scope["method"] == "HEAD":
            await super().__call__(scope, receive, send)
            return
        chunks = self._remote.chunks(start, end)
        # What is away at the first byte can still be said in words.
        with unavailable_bytes():
            first = await to_thread.run_sync(next, chunks, b"")

        def all_chunks() -> Iterator[bytes]:
            yield first
            yield from chunks

        answer = StreamingResponse(all_chunks(), self.status_code)
        answer.raw_headers = self.raw_headers
        await answer(scope, receive, send)


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None where there are none such."""
    asked = _RANGE.fullmatch(wanted)
    if asked is None or not any(asked.groups()):
        return None
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end) if start < end else None


def _no_such_range(wanted: str, size: int | str) -> Problem:
    return Problem(
        "range_not_satisfiable",
        f"Range {wanted[:SHOWN]!r} cannot be had; there are {int(size):,} bytes.",
        headers={"Content-Range": f"bytes */{size}"},
    )


def without_range(scope: Scope) -> Scope:
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"range"]}
