"""The path under which a proxy shows the server, where it is not a host of its own: ``REELOG_ROOT_PATH``.

Within, every address begins with ``/`` as ever: the prefix is taken off what is asked for and put before what
is answered. A proxy may hand it on or take it off itself, and who asks the server directly (a health check, a
command on the same machine) need not know of it.
"""

import json
import re
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from projections.wire import encode

_ROOT: ContextVar[str] = ContextVar("reelog_root_path", default="")
"""Of the request that is answered. What is made of it is made far from there: links, problems, pages."""
_ATTRIBUTE = re.compile(r'\b(href|src|action)="/')
_COOKIE_PATH = re.compile(r"; *Path=/(?=;|$)", re.IGNORECASE)


class RootPathMiddleware:
    """Stands before all else, so that nothing within knows a prefix; without one it only passes on."""

    def __init__(self, app: ASGIApp, *, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._root:
            await self._app(scope, receive, send)
            return
        _ROOT.set(self._root)
        path: str = scope["path"]
        if path == self._root and scope["method"] in ("GET", "HEAD"):
            # The page names its files from where it stands.
            await RedirectResponse(f"{self._root}/", 308)(scope, receive, send)
            return
        if path.startswith(f"{self._root}/"):
            scope = {**scope, "path": path.removeprefix(self._root)}

        async def send_rooted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                location = headers.get("location", "")
                if location.startswith("/"):
                    headers["location"] = f"{self._root}{location}"
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", _COOKIE_PATH.sub(f"; Path={self._root}", cookie))
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, send_rooted)


def rooted(path: str) -> str:
    """An address of ours as the caller reaches it."""
    return f"{_ROOT.get()}{path}"


def with_rooted_links(body: bytes) -> bytes:
    """Stored JSON, whose ``links`` know no prefix."""
    root = _ROOT.get()
    if not root or b'"links":{' not in body:
        return body
    # What somebody wrote may look like links of ours, so each is found where it stands.
    answer = json.loads(body)
    for item in (answer, *answer.get("data", ())):
        if "links" in item:
            item["links"] = {name: link and f"{root}{link}" for name, link in item["links"].items()}
    return encode(answer)


def with_rooted_attributes(page: str) -> str:
    """HTML, whose texts are escaped: what looks like an attribute is one."""
    root = _ROOT.get()
    return _ATTRIBUTE.sub(rf'\1="{root}/', page) if root else page
