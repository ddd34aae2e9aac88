"""Every error that leaves over HTTP, as RFC 9457 ``application/problem+json``.

A problem has a stable ``code`` that programs match on; ``detail`` and ``errors[]`` are for people and name
every fault at once, each with a JSON pointer into the body (or the name of a parameter), the value, and what
would do.
"""

import http
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.headers import dress
from domain.event_store import StoreUnavailableError
from domain.studio import ConflictError, JobNotFoundError
from projections.database import ReadModelsUnavailableError
from projections.wire import encode

MEDIA_TYPE = "application/problem+json"

TITLES: dict[str, tuple[int, str]] = {
    "malformed_request": (400, "The request cannot be understood"),
    "not_authenticated": (401, "A key is needed"),
    "cross_origin": (403, "Another site may not do this"),
    "not_found": (404, "There is nothing at this address"),
    "job_not_found": (404, "There is no such job"),
    "asset_not_found": (404, "There is no such asset"),
    "content_not_found": (404, "There are no bytes yet"),
    "method_not_allowed": (405, "This address does not take that method"),
    "not_acceptable": (406, "Nothing of the kinds asked for"),
    "job_not_retryable": (409, "The job cannot be retried"),
    "conflict": (409, "Others were changing the same thing"),
    "content_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The body must be JSON"),
    "range_not_satisfiable": (416, "The range lies outside the content"),
    "host_not_allowed": (421, "This server does not answer for that host"),
    "invalid_submission": (422, "The submission is not valid"),
    "invalid_parameter": (422, "A parameter is not valid"),
    "idempotency_key_reused": (422, "The Idempotency-Key belongs to another request"),
    "rate_limited": (429, "Too many requests"),
    "queue_full": (429, "Too many jobs are waiting"),
    "internal_error": (500, "Something went wrong here"),
    "content_damaged": (500, "Stored bytes are damaged"),
    "unavailable": (503, "Not available now"),
    "store_unavailable": (503, "The event store cannot be used"),
    "draining": (503, "The server is ending"),
}
_BY_STATUS = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "cross_origin",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "content_too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FieldError:
    """``pointer`` is a JSON pointer into the body, or a parameter's name as ``?name`` or ``Header-Name``."""

    pointer: str
    message: str


class Problem(Exception):  # noqa: N818 - the RFC's word for it
    """An answer that is an error; ``code`` is one of ``TITLES``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status, self.title = TITLES[code]
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def response(self, request_id: str | None) -> Response:
        body: dict[str, Any] = {
            "type": f"/docs/problems#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
            "errors": [{"pointer": e.pointer, "message": e.message} for e in self.errors],
        }
        headers = {"Cache-Control": "no-store", **(self.headers or {})}
        return Response(encode(body), self.status, headers, MEDIA_TYPE)


# ---- what was raised, as a problem ------------------------------------------------------------------


def problem_of(error: Exception) -> Problem:
    """Tell any error as a problem; what nobody foresaw is told without its text, which may hold anything."""
    problem = Problem("internal_error", "It is in the server's log under this request_id.")
    soon = {"Retry-After": "5"}
    match error:
        case Problem():
            problem = error
        case HTTPException():
            code = _BY_STATUS.get(error.status_code, "malformed_request")
            problem = Problem(code, error.detail, headers=error.headers)
        case JobNotFoundError():
            problem = Problem("job_not_found", f"There is no job {error.job_id}.")
        case StoreUnavailableError():
            problem = Problem("store_unavailable", f"{error.reason}: {error.hint}.", headers=soon)
        case ReadModelsUnavailableError():
            problem = Problem("unavailable", "The read models cannot be read now.", headers=soon)
        case ConflictError():
            problem = Problem("conflict", "Nothing was changed; try again.", headers=soon)
    return problem


async def on_error(request: Request, error: Exception) -> Response:
    """Answer with the problem that ``error`` is."""
    request_id = request.scope.get("request_id")
    problem = problem_of(error)
    if problem.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request %s %s: %r", request_id, request.url.path, error)
    if isinstance(error, HTTPException) and error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        problem = Problem(
            "method_not_allowed",
            f"{request.url.path} takes {allowed}, not {request.method}.",
            headers=error.headers,
        )
    elif isinstance(error, HTTPException) and error.status_code == http.HTTPStatus.NOT_FOUND:
        problem = Problem("not_found", f"There is nothing at {request.url.path}.")
    response = problem.response(request_id)
    # Unforeseen errors are answered outside of all middleware.
    dress(response.headers, request_id)
    return response


Handler = Callable[[Request, Exception], Awaitable[Response]]

HANDLERS: dict[Any, Handler] = {
    Problem: on_error,
    HTTPException: on_error,
    JobNotFoundError: on_error,
    StoreUnavailableError: on_error,
    ReadModelsUnavailableError: on_error,
    ConflictError: on_error,
    Exception: on_error,
}
