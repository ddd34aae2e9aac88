"""What is not there, as a person sees it: a page in the same frame. A program gets the problem as JSON."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.accept import wants_html
from api.http.headers import add_headers
from api.http.problems import HANDLERS, Handler, on_error, problem_of
from api.http.root_path import rooted
from api.web.job_page import page_of

NOT_FOUND = 404
_FOR_PROGRAMS = ("/v1/", "/static/", "/metrics", "/openapi.json", "/healthz", "/readyz")


async def on_error_for_anybody(request: Request, error: Exception) -> Response:
    """The problem that ``error`` is; as a page where a person's browser asked for one that is not there."""
    problem = problem_of(error)
    if (
        problem.status != NOT_FOUND
        or request.url.path.startswith(_FOR_PROGRAMS)
        or not wants_html(request.headers)
    ):
        return await on_error(request, error)
    main = (
        f"<p>{escape(rooted(request.url.path))} leads nowhere.</p>\n"
        '<p><a href="/">Make a film</a>, look at <a href="/jobs">the films</a>, or read how to use '
        '<a href="/docs">the API</a>.</p>'
    )
    answer = page_of("There is nothing here", main, status=NOT_FOUND)
    add_headers(answer.headers, request.scope.get("request_id"))
    return answer


ANYBODY: dict[Any, Handler] = dict.fromkeys(HANDLERS, on_error_for_anybody)
