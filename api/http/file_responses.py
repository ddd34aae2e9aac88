"""Files as answers, held to what the API promises of every answer.

The framework answers a range that it cannot read, or a unit that it does not know, in plain text. Here a unit
that nobody knows is passed over, as RFC 9110 asks, and a range that cannot be had is a problem like others.
"""

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from api.http.problems import Problem


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
                size = Headers(raw=message["headers"]).get("content-range")
                problem = Problem(
                    "range_not_satisfiable",
                    f"Range {wanted!r} cannot be had.",
                    headers={"Content-Range": size} if size else None,
                )
                await problem.response(scope.get("request_id"))(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, send_or_explain)


def without_range(scope: Scope) -> Scope:
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"range"]}
