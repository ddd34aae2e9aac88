"""Which request and which job a log line belongs to, without handing them through every call.

Context variables follow a request through its tasks and threads, so a line from deep inside a store tells
whose request it was. A line may name its job itself: ``logger.info(…, extra={"job_id": …})``.
"""

import logging
import re
import time
from contextvars import ContextVar
from http import HTTPStatus

from starlette.types import Scope

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
JOB_ID: ContextVar[str | None] = ContextVar("job_id", default=None)

_JOB = re.compile(r"/v1/jobs/([0-9a-fA-F-]{32,36})(?:/|$)")
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

logger = logging.getLogger("api.access")


def context_of(record: logging.LogRecord) -> dict[str, str]:
    """``request_id`` and ``job_id``, as far as they are known where the line is written."""
    known = {
        "request_id": getattr(record, "request_id", None) or REQUEST_ID.get(),
        "job_id": getattr(record, "job_id", None) or JOB_ID.get(),
    }
    return {name: str(value) for name, value in known.items() if value is not None}


def job_in(path: str) -> str | None:
    """The job that an address is about."""
    found = _JOB.match(path)
    return found[1] if found else None


def address(scope: Scope) -> str:
    """The path as it was sent: what is written in it is shown, not obeyed."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.decode("ascii", "backslashreplace") or repr(scope["path"])[1:-1]


def log_request(method: str, path: str, status: int, begun: float) -> None:
    """One line for each request: what changes something, or goes wrong here, is always logged at INFO."""
    notable = method in _CHANGES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    level = logging.INFO if notable else logging.DEBUG
    logger.log(level, "%s %s %d in %.0f ms", method, path, status, (time.monotonic() - begun) * 1000)
