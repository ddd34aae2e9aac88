"""Every error that leaves over HTTP, as RFC 9457 ``application/problem+json``.

A problem has a stable ``code`` that programs match on; ``detail`` and ``errors[]`` are for people and name
every fault at once, each with a JSON pointer into the body (or the name of a parameter), the value, and what
would do.
"""

import http
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from eventsourcing.persistence import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.http.access_log import address
from api.http.headers import add_headers
from domain.job import JobPrunedError
from domain.store.opening import StoreClosedError, StoreUnavailableError
from domain.store.studio import ConflictError, JobNotFoundError
from projections.database import ReadModelsUnavailableError
from projections.readers import BehindError

MEDIA_TYPE = "application/problem+json"
SHOWN = 200
"""Characters of what was sent that are told."""
MOST_ERRORS = 50
"""In one answer; how many more there are is told."""

TITLES: dict[str, tuple[int, str]] = {
    "malformed_request": (400, "The request cannot be understood"),
    "request_timeout": (408, "The request did not come to its end"),
    "not_authenticated": (401, "A key is needed"),
    "cross_origin": (403, "Another site may not do this"),
    "not_found": (404, "There is nothing at this address"),
    "job_not_found": (404, "There is no such job"),
    "asset_not_found": (404, "There is no such asset"),
    "content_not_found": (404, "There are no bytes yet"),
    "method_not_allowed": (405, "This address does not take that method"),
    "job_not_retryable": (409, "The job cannot be retried"),
    "asset_not_revisable": (409, "The asset cannot be made again now"),
    "job_set_aside": (409, "The job is set aside"),
    "job_pruned": (409, "The job's content was removed"),
    "other_provider": (409, "The job belongs to another provider"),
    "conflict": (409, "Others were changing the same thing"),
    "content_pruned": (410, "The bytes were removed"),
    "content_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The body must be JSON"),
    "range_not_satisfiable": (416, "The range lies outside the content"),
    "host_not_allowed": (421, "This server does not answer for that host"),
    "invalid_submission": (422, "The submission is not valid"),
    "unpriced_model": (422, "A budget needs models with a known price"),
    "invalid_parameter": (422, "A parameter is not valid"),
    "position_unknown": (422, "The position has not happened"),
    "idempotency_key_reused": (422, "The Idempotency-Key belongs to another request"),
    "rate_limited": (429, "Too many requests"),
    "queue_full": (429, "Too many jobs are waiting"),
    "internal_error": (500, "Something went wrong here"),
    "content_damaged": (500, "Stored bytes are damaged"),
    "unavailable": (503, "Not available now"),
    "behind": (503, "Not known yet"),
    "store_unavailable": (503, "The event store cannot be used"),
    "draining": (503, "The server is ending"),
}
ADVICE: dict[str, str] = {
    "malformed_request": "The request breaks the rules of HTTP. Send it with a common client.",
    "request_timeout": "What was begun must be sent without long pauses. Send the request again.",
    "not_authenticated": "The server was started with REELOG_API_KEY. Send `Authorization: Bearer KEY`, or "
    "sign in at /login with a browser.",
    "cross_origin": "A page of another site tried to change something. Programs send no Origin header and "
    "are not concerned.",
    "not_found": "Look at /docs for the addresses that there are.",
    "job_not_found": "No job has this id, or it did not exist yet at the position asked for.",
    "asset_not_found": "No asset has this id. A job's assets are at `links.assets`.",
    "content_not_found": "The asset, or this revision of it, has not been made; `digest` is null until then.",
    "method_not_allowed": "The `Allow` header names the methods.",
    "job_not_retryable": "Only a failed or cancelled job can be retried. A completed one can be made anew "
    "asset by asset.",
    "asset_not_revisable": "Only what was made, in a job that has ended, can be made again; `detail` says "
    "what stands in the way.",
    "job_set_aside": "One of its events cannot be folded: a defect, a damaged log, or a newer version. "
    "What came before can be read, nothing is done with it, and all other jobs go on. Update Reelog, or run "
    "`reelog rebuild` once the cause is mended.",
    "job_pruned": "Its texts and files were removed by `reelog prune`. What happened and what it cost can "
    "still be read; submit the script anew to make the film again.",
    "other_provider": "A job is finished by the provider that it was begun with. Send it to a server that "
    "was started for that one.",
    "unpriced_model": "Leave `max_cost_usd` out, choose models with a known price, or add the price to the "
    "file that REELOG_PRICES names.",
    "conflict": "Nothing was changed. Try again after `Retry-After`.",
    "content_pruned": "The job was pruned: `pruned_at` tells when. Its bytes are gone for good.",
    "content_too_large": "A body may have 1 MiB, and a script 50,000 characters.",
    "unsupported_media_type": "Send the body as application/json.",
    "range_not_satisfiable": "`Content-Range` tells how many bytes there are.",
    "host_not_allowed": "On a machine of one's own the server answers for its own names only, so that no web "
    "page can reach it by a name of its own. Add names with REELOG_ALLOWED_HOSTS.",
    "invalid_submission": "`errors` names every fault: its place as a JSON pointer, what is there, and what "
    "would do.",
    "invalid_parameter": "`errors` names every parameter or header that is wrong, and what would do.",
    "position_unknown": "The log ends before it. A position is good for one store only: `store` names it, on "
    "pages of events, in /readyz and in a stream's first event. Begin anew from 0.",
    "idempotency_key_reused": "The same key came with another body before. Use a new key for a new job.",
    "rate_limited": "Wait for `Retry-After` seconds. REELOG_RATE_LIMIT sets how many requests a minute each "
    "caller has.",
    "queue_full": "As many jobs wait as REELOG_QUEUE_LIMIT allows. Nothing was recorded; try again after "
    "`Retry-After` seconds.",
    "internal_error": "A defect. The server's log tells what happened, under the `request_id`.",
    "content_damaged": "The bytes in the store are gone or are not what their digest says. Restore the blob "
    "folder from a backup.",
    "unavailable": "Something that the answer needs cannot be used now; `detail` says what. Nothing was "
    "changed.",
    "behind": "The read models do not hold the position asked for. They are being caught up; ask again after "
    "`Retry-After` seconds.",
    "store_unavailable": "The event store cannot be read or written: a full disk, a lock, a lost database. "
    "Nothing was recorded.",
    "draining": "The server is being stopped and takes no new jobs. Try again after `Retry-After` seconds.",
}
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
        """All that is wrong with what was sent; ``unnamed`` more were counted and not looked at."""
        count = len(faults) + unnamed
        what = "parameters are wrong" if code == "invalid_parameter" else "things are wrong with it"
        detail = faults[0].message if count == 1 else f"{count:,} {what}."
        return cls(code, detail, errors=faults, unnamed=unnamed)

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
        # Faults name what was sent, also where that is no text: half characters are shown as "?".
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Response(text.encode("utf-8", "replace"), self.status, headers, MEDIA_TYPE)


# ---- what was raised, as a problem ------------------------------------------------------------------


def problem_of(error: Exception) -> Problem:  # noqa: C901 - one arm for each kind of error
    """Tell any error as a problem; what nobody foresaw is told without its text, which may hold anything."""
    problem = Problem("internal_error", "It is in the server's log under this request_id.")
    soon = {"Retry-After": "5"}
    match error:
        case Problem():
            problem = error
        case HTTPException():
            code = _BY_STATUS.get(error.status_code, "malformed_request")
            problem = Problem(code, error.detail, headers=error.headers)
        case ClientDisconnect():
            # Nobody reads it; it only is no defect.
            problem = Problem("malformed_request", "The connection ended before the request did.")
        case JobPrunedError():
            problem = Problem("job_pruned", f"{error}.".replace("job", "Job", 1))
        case JobNotFoundError():
            problem = Problem("job_not_found", f"There is no job {error.job_id}.")
        case StoreUnavailableError():
            problem = Problem("store_unavailable", f"{error.reason}: {error.hint}.", headers=soon)
        case ConflictError():
            problem = Problem("conflict", "Nothing was changed; try again.", headers=soon)
        case OperationalError() | InterfaceError() | StoreClosedError():
            problem = Problem("store_unavailable", "The event store cannot be read now.", headers=soon)
        case BehindError():
            problem = Problem("behind", f"The read models are at {error.projected}: {error}.", headers=soon)
        case ReadModelsUnavailableError():
            problem = Problem("unavailable", "The read models cannot be read now.", headers=soon)
    return problem


async def on_error(request: Request, error: Exception) -> Response:
    """Answer with the problem that ``error`` is."""
    request_id = request.scope.get("request_id")
    problem = problem_of(error)
    if problem.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request %s %s: %r", request_id, address(request.scope), error)
    path = request.url.path
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
