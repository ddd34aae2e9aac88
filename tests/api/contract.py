"""Holds every answer that a test is given to what the table of operations says of it."""

from typing import Any

from pydantic import BaseModel
from starlette.routing import Match, Route
from starlette.testclient import TestClient

from api.http.app import OPERATIONS
from api.http.operations import Answer, Operation, routes
from api.http.problems import MEDIA_TYPE
from api.http.schema import ProblemDocument

Response = Any  # whichever client's: the test client brings its own

_ROUTES = routes(OPERATIONS)
_BARE = {"type": "http", "headers": [], "root_path": ""}
UNROUTED = {"not_found", "method_not_allowed", "host_not_allowed", "cross_origin", "content_too_large"}
"""Problems that may come before it is known which operation was meant."""


NOT_FOUND = 404


class CheckedClient(TestClient):
    """Fails the test whose answer is not as it is described."""

    def request(self, *arguments: Any, **named: Any) -> Response:
        response = super().request(*arguments, **named)
        for answer in (*response.history, response):
            check(answer)
        return response


def check(response: Response) -> None:
    """AssertionError when the answer has a status, media type, header, body or code that is not described."""
    request = response.request
    where = f"{request.method} {request.url.path}: {response.status_code}"
    operation = operation_of(request.method, request.url.path)
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if media_type == MEDIA_TYPE:
        codes = set(operation.all_problems) if operation else set()
        check_problem(response, codes | UNROUTED, where)
        return
    if response.status_code == NOT_FOUND and media_type == "text/html":
        # The same problem, told to a person's browser.
        assert not request.url.path.startswith("/v1/"), f"{where} {media_type}"
        assert "text/html" in request.headers["accept"], f"{where} {media_type}"
        return
    if operation is None:
        assert request.url.path.startswith("/static/"), f"{where}: an operation that no table names"
        return
    assert response.status_code in operation.answers, f"{where} is not described"
    answer = operation.answers[response.status_code]
    for name in answer.headers:
        assert name in response.headers or name == "Preference-Applied", f"{where}: no {name}"
    if request.method != "HEAD":
        check_body(response, answer, media_type, where)


def check_problem(response: Response, codes: set[str], where: str) -> None:
    problem = ProblemDocument.model_validate_json(response.content)
    assert problem.status == response.status_code, where
    assert problem.code in codes, f"{where} {problem.code} is not described"
    assert problem.type == f"/docs/problems#{problem.code}"
    assert problem.request_id == response.headers["x-request-id"]


def check_body(response: Response, answer: Answer, media_type: str, where: str) -> None:
    if not answer.content:
        assert response.content == b"", f"{where} has a body"
        return
    assert media_type in answer.content or "*/*" in answer.content, f"{where} {media_type} is not described"
    model = answer.content.get(media_type)
    if isinstance(model, type) and issubclass(model, BaseModel) and media_type == "application/json":
        model.model_validate_json(response.content)


def operation_of(method: str, path: str) -> Operation | None:
    for route in _ROUTES:
        if matches(route, path):
            found = [o for o in OPERATIONS if o.path == route.path]
            wanted = "GET" if method == "HEAD" else method
            return next((o for o in found if o.method == wanted), None)
    return None


def matches(route: Route, path: str) -> bool:
    return route.matches({**_BARE, "method": "GET", "path": path})[0] is Match.FULL
