"""Every error that leaves over HTTP, as RFC 9457 ``application/problem+json``.

A problem has a stable ``code`` that programs match on; ``detail`` and ``errors[]`` are for people and name
every fault at once, each with a JSON pointer into the body (or the name of a parameter), the value, and what
would do.
"""

import http
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

from eventsourcing.persistence import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.cases.errors import MOST_ERRORS, REFUSALS, FieldError, Meaning, Refusal, refusal_of
from api.http.access_log import address
from api.http.headers import add_headers
from api.http.root_path import rooted
from domain.job_pruned import JobPrunedError
from domain.store import ConflictError, JobNotFoundError, StoreClosedError
from projections.database import ReadModelsUnavailableError
from projections.readers import BehindError

MEDIA_TYPE = "application/problem+json"
SHOWN = 200
"""Characters of what was sent that are told."""

STATUSES: dict[str, int] = {
    "malformed_request": 400,
    "request_timeout": 408,
    "not_authenticated": 401,
    "budget_exhausted": 402,
    "cross_origin": 403,
    "not_allowed": 403,
    "link_invalid": 403,
    "not_found": 404,
    "job_not_found": 404,
    "asset_not_found": 404,
    "content_not_found": 404,
    "file_not_found": 404,
    "preset_not_found": 404,
    "cast_not_found": 404,
    "batch_not_found": 404,
    "key_not_found": 404,
    "webhook_not_found": 404,
    "delivery_not_found": 404,
    "method_not_allowed": 405,
    "job_not_retryable": 409,
    "job_not_finished": 409,
    "job_not_ended": 409,
    "job_not_awaiting_review": 409,
    "asset_not_revisable": 409,
    "webhook_disabled": 409,
    "webhook_not_changeable": 409,
    "webhook_key_missing": 409,
    "job_set_aside": 409,
    "job_pruned": 409,
    "other_provider": 409,
    "conflict": 409,
    "key_exists": 409,
    "content_pruned": 410,
    "link_expired": 410,
    "content_too_large": 413,
    "unsupported_media_type": 415,
    "file_unsupported": 415,
    "range_not_satisfiable": 416,
    "host_not_allowed": 421,
    "invalid_submission": 422,
    "file_refused": 422,
    "unpriced_model": 422,
    "invalid_parameter": 422,
    "position_unknown": 422,
    "idempotency_key_reused": 422,
    "rate_limited": 429,
    "queue_full": 429,
    "internal_error": 500,
    "content_damaged": 500,
    "unavailable": 503,
    "behind": 503,
    "store_unavailable": 503,
    "draining": 503,
}
"""Of every code, those of the cases and those of HTTP itself."""

OF_HTTP: dict[str, Meaning] = {
    "malformed_request": Meaning(
        "The request cannot be understood",
        "The request breaks the rules of HTTP. Send it with a common client.",
    ),
    "request_timeout": Meaning(
        "The request did not come to its end",
        "What was begun must be sent without long pauses. Send the request again.",
    ),
    "not_authenticated": Meaning(
        "A key is needed",
        "The server was started with REELOG_API_KEY. Send that, or a key that its administrator gave you, as "
        "`Authorization: Bearer KEY`, or sign in at /login with a browser.",
    ),
    "not_allowed": Meaning(
        "The key may not do this",
        "Each key has a scope: `read`, `submit`, or `all`. `GET /v1/key` tells which this one has; the "
        "administrator gives others.",
    ),
    "cross_origin": Meaning(
        "Another site may not do this",
        "A page of another site tried to change something. REELOG_CORS_ORIGINS names the sites whose pages "
        "may. Programs send no Origin header and are not concerned.",
    ),
    "not_found": Meaning(
        "There is nothing at this address",
        "Look at /docs for the addresses that there are.",
    ),
    "method_not_allowed": Meaning(
        "This address does not take that method",
        "The `Allow` header names the methods.",
    ),
    "content_too_large": Meaning(
        "The request is too large",
        "A body may have 1 MiB, a script 50,000 characters, and a file what REELOG_MAX_FILE_MB allows.",
    ),
    "unsupported_media_type": Meaning(
        "The body has the wrong form",
        "Send the body as application/json; a file as its bare bytes, neither packed nor as a form.",
    ),
    "range_not_satisfiable": Meaning(
        "The range lies outside the content",
        "`Content-Range` tells how many bytes there are.",
    ),
    "host_not_allowed": Meaning(
        "This server does not answer for that host",
        "On a machine of one's own the server answers for its own names only, so that no web page "
        "can reach it by a name of its own. Add names with REELOG_ALLOWED_HOSTS.",
    ),
    "invalid_parameter": Meaning(
        "A parameter is not valid",
        "`errors` names every parameter or header that is wrong, and what would do.",
    ),
    "rate_limited": Meaning(
        "Too many requests",
        "Wait for `Retry-After` seconds. REELOG_RATE_LIMIT sets how many requests a minute each caller has.",
    ),
    "internal_error": Meaning(
        "Something went wrong here",
        "A defect. The server's log tells what happened, under the `request_id`.",
    ),
    "draining": Meaning(
        "The server is ending",
        "The server is being stopped and takes no new jobs. Try again after `Retry-After` seconds.",
    ),
}
_MEANINGS = REFUSALS | OF_HTTP

TITLES: dict[str, tuple[int, str]] = {
    code: (status, _MEANINGS[code].title) for code, status in STATUSES.items()
}
ADVICE: dict[str, str] = {code: _MEANINGS[code].hint for code in STATUSES}
"""What is behind each code, and what to do about it."""

_BY_STATUS = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "cross_origin",
    404: "not_found",
    405: "method_not_allowed",
    413: "content_too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
}

logger = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - the RFC's word for it
    """An answer that is an error; ``code`` is one of ``TITLES``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        unnamed: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        more = len(errors) + unnamed - MOST_ERRORS
        if more > 0:
            detail = f"{detail} Here are {MOST_ERRORS}, and {more:,} more."
        super().__init__(detail)
        self.code = code
        self.status, self.title = TITLES[code]
        self.detail = detail
        self.errors = errors[:MOST_ERRORS]
        self.headers = headers

    @classmethod
    def of_faults(cls, code: str, faults: Sequence[FieldError], unnamed: int = 0) -> Self:
        """All that is wrong with a request; ``unnamed`` more faults were counted and not looked at."""
        count = len(faults) + unnamed
        what = "parameters are wrong" if code == "invalid_parameter" else "things are wrong with it"
        detail = faults[0].message if count == 1 else f"{count:,} {what}."
        return cls(code, detail, errors=faults, unnamed=unnamed)

    @classmethod
    def of_refusal(cls, refusal: Refusal) -> Self:
        soon = refusal.retry_after_s
        headers = None if soon is None else {"Retry-After": str(soon)}
        return cls(refusal.code, refusal.detail, errors=refusal.errors, headers=headers)

    def response(self, request_id: str | None) -> Response:
        body: dict[str, Any] = {
            "type": rooted(f"/docs/problems#{self.code}"),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
            "errors": [{"pointer": e.pointer, "message": e.message} for e in self.errors],
        }
        headers = {"Cache-Control": "no-store", **(self.headers or {})}
        # Faults name what was sent, also where that is no text: half characters are shown as "?".
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Response(text.encode("utf-8", "replace"), self.status, headers, MEDIA_TYPE)


# ---- what was raised, as a problem ------------------------------------------------------------------


def problem_of(error: Exception) -> Problem:
    """Any error as a problem; of what nobody foresaw no word is repeated, as it may hold anything."""
    match error:
        case Problem():
            return error
        case HTTPException():
            code = _BY_STATUS.get(error.status_code, "malformed_request")
            return Problem(code, error.detail, headers=error.headers)
        case ClientDisconnect():
            # Nobody reads it; it only is no defect.
            return Problem("malformed_request", "The connection ended before the request did.")
    refusal = refusal_of(error)
    if refusal is not None:
        return Problem.of_refusal(refusal)
    return Problem("internal_error", "It is in the server's log under this request_id.")


async def on_error(request: Request, error: Exception) -> Response:
    """Answer with the problem that ``error`` is."""
    request_id = request.scope.get("request_id")
    problem = problem_of(error)
    if problem.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request %s %s: %r", request_id, address(request.scope), error)
    path = rooted(request.url.path)
    if isinstance(error, HTTPException) and error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        problem = Problem(
            "method_not_allowed",
            f"{path} takes {allowed}, not {request.method[:SHOWN]}.",
            headers=error.headers,
        )
    elif isinstance(error, HTTPException) and error.status_code == http.HTTPStatus.NOT_FOUND:
        hint = " Addresses here do not end with a slash." if path.endswith("/") else ""
        problem = Problem("not_found", f"There is nothing at {path[:SHOWN]}.{hint}")
    response = problem.response(request_id)
    # Unforeseen errors are answered outside of all middleware.
    add_headers(response.headers, request_id)
    return response


Handler = Callable[[Request, Exception], Awaitable[Response]]

HANDLERS: dict[Any, Handler] = {
    Problem: on_error,
    Refusal: on_error,
    ClientDisconnect: on_error,
    HTTPException: on_error,
    JobNotFoundError: on_error,
    JobPrunedError: on_error,
    OperationalError: on_error,
    InterfaceError: on_error,
    BehindError: on_error,
    StoreClosedError: on_error,
    ReadModelsUnavailableError: on_error,
    ConflictError: on_error,
    Exception: on_error,
}
