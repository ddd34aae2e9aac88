"""Holds every answer that a test is given to what the table of endpoints says of it."""

from typing import Any

from pydantic import BaseModel
from starlette.routing import Match, Route
from starlette.testclient import TestClient

from api.http.app import ENDPOINTS
from api.http.problems import MEDIA_TYPE
from api.http.routing import Endpoint, ResponseSpec, routes
from api.http.schema.base import ProblemDocument

Response = Any  # whichever client's: the test client brings its own

_ROUTES = routes(ENDPOINTS)
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
    endpoint = endpoint_of(request.method, request.url.path)
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if media_type == MEDIA_TYPE:
        codes = set(endpoint.problems) if endpoint else set()
        check_problem(response, codes | UNROUTED, where)
        return
    if request.method == "OPTIONS" and "access-control-allow-methods" in response.headers:
        return  # a browser asks whether it may ask
    if response.status_code == NOT_FOUND and media_type == "text/html":
        # The same problem, told to a person's browser.
        assert not request.url.path.startswith("/v1/"), f"{where} {media_type}"
        assert "text/html" in request.headers["accept"], f"{where} {media_type}"
        return
    if endpoint is None:
        assert request.url.path.startswith("/static/"), f"{where}: an operation that no table names"
        return
    assert response.status_code in endpoint.operation.responses, f"{where} is not described"
    spec = endpoint.operation.responses[response.status_code]
    for name in spec.headers:
        assert name in response.headers or name == "Preference-Applied", f"{where}: no {name}"
    if request.method != "HEAD":
        check_body(response, spec, media_type, where)


def check_problem(response: Response, codes: set[str], where: str) -> None:
    problem = ProblemDocument.model_validate_json(response.content)
    assert problem.status == response.status_code, where
    assert problem.code in codes, f"{where} {problem.code} is not described"
    assert problem.type == f"/docs/problems#{problem.code}"
    assert problem.request_id == response.headers["x-request-id"]


def check_body(response: Response, spec: ResponseSpec, media_type: str, where: str) -> None:
    if not spec.content:
        assert response.content == b"", f"{where} has a body"
        return
    assert media_type in spec.content, f"{where} {media_type} is not described"
    model = spec.content.get(media_type)
    if isinstance(model, type) and issubclass(model, BaseModel) and media_type == "application/json":
        model.model_validate_json(response.content)


def endpoint_of(method: str, path: str) -> Endpoint | None:
    for route in _ROUTES:
        if matches(route, path):
            wanted = (route.path, "GET" if method == "HEAD" else method)
            return next((e for e in ENDPOINTS if (e.path, e.method) == wanted), None)
    return None


def matches(route: Route, path: str) -> bool:
    return route.matches({**_BARE, "method": "GET", "path": path})[0] is Match.FULL
