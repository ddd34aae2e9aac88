"""Answers that are not errors: stored JSON handed out as it is, pages of it, and what has not changed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.http.root_path import with_rooted_links
from projections.wire import encode

JSON = "application/json"
HTML = "text/html"
STREAM = "text/event-stream"


def json_response(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(with_rooted_links(body), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


def page_response(
    items: Sequence[bytes], *, more: bool, after: int | None, position: int, store: UUID | None = None
) -> Response:
    """``{data, has_more, next, position}``; ``position`` is where the page is true: follow on from there.

    ``store`` is added where it is given: the one in which these positions mean something.
    """
    about = {"has_more": more, "next": after, "position": position}
    tail = encode(about if store is None else about | {"store": store})
    return json_response(b'{"data":[' + b",".join(items) + b"]," + tail[1:])


def etag_of(version: object) -> str:
    return f'"{version}"'


def is_unchanged(request: Request, etag: str) -> bool:
    """Whether the client has this version already (If-None-Match, weakly compared)."""
    asked = ",".join(request.headers.getlist("if-none-match"))
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return "*" in tags or etag in tags


def not_modified(etag: str, caching: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": caching, **(headers or {})})
