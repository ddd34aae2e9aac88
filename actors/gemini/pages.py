"""A list that comes in pages: all of it, within one time limit."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from actors.gemini.gateway import Json, WireAnswer
from actors.gemini.http_failures import failure_of_http
from actors.gemini.wire import objects_in, parse_body
from domain.failures import AttemptFailedError

PAGE_SIZE = 1000
MOST_PAGES = 20
"""A server that turns in circles is left."""
TIMEOUT_S = 60.0
"""For all pages together."""
_LEAST_S = 0.001


async def all_pages(what: str, ask: Callable[[str, float], Awaitable[WireAnswer]]) -> list[Json]:
    """The objects called ``what`` of every page; ``ask`` is given the token of one and the seconds left.

    Raises `AttemptFailedError`.
    """
    listed: list[Json] = []
    token, deadline = "", time.monotonic() + TIMEOUT_S
    for _ in range(MOST_PAGES):
        answer = await ask(token, max(_LEAST_S, deadline - time.monotonic()))
        page = parse_body(answer.body) if answer.status == HTTPStatus.OK else None
        if page is None:
            raise AttemptFailedError(failure_of_http(answer))
        listed += objects_in(page.get(what))
        token = str(page.get("nextPageToken") or "")
        if not token:
            break
    return listed
