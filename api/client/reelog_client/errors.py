"""Everything that can go wrong, by type; each error holds all that the server said.

ReelogError
├── ConfigurationError        an address or a key that cannot be used
├── ServerUnreachableError    nothing was sent, or the server cannot do it now
│   └── AnswerLostError       it was sent, and nothing says what became of it
├── NotReelogError            something answers, and it is not a Reelog
├── ProblemError              an answer of 4xx or 5xx (RFC 9457), with all its fields
│   ├── InvalidRequestError       400, 405, 413, 415, 416, 422
│   │   └── IdempotencyKeyReusedError
│   ├── NotAuthenticatedError     401
│   ├── NotAllowedError           403, 421
│   ├── NotFoundError             404
│   ├── ConflictError             409
│   ├── GoneError                 410
│   ├── TooManyRequestsError      429
│   └── ServerError               5xx
├── JobError                  of one job; ``job`` is its document
│   ├── JobFailedError            with the fields of its failure
│   ├── JobCancelledError
│   ├── JobAwaitsReviewError      approve it, then wait again
│   ├── JobSetAsideError          an event of it cannot be read by this version of the server
│   ├── JobNotFinishedError       there is no film yet
│   └── JobPrunedError            its files were removed
├── UnknownAssetError         the job has no asset of that name
├── StoreChangedError         the server has another log than before: positions mean nothing any more
├── DownloadDamagedError      what came is not what was recorded
└── TimedOutError             ``wait(timeout_s=…)`` is over; also a TimeoutError
"""

from collections.abc import Sequence
from typing import Any

from reelog_client.documents import FailureDocument, FieldFault, JobDocument

TRANSIENT = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses after which the same request may succeed a moment later."""


class ReelogError(Exception):
    """Whatever this package raises."""

    transient = False
    """Whether the same may succeed a moment later."""
    retry_after_s: float | None = None
    """When the server asks to come back."""


class ConfigurationError(ReelogError):
    """An address or a key that cannot be used."""


class ServerUnreachableError(ReelogError):
    """Nothing answers, or whoever answers cannot reach the server now."""

    transient = True


class AnswerLostError(ServerUnreachableError):
    """Nothing says what became of what was sent. With ``idempotency_key`` it may be asked again, safely."""

    def __init__(
        self, message: str, idempotency_key: str | None = None, *, may_be_done: bool = False
    ) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key
        self.may_be_done = may_be_done
        """Whether it was to change something, and may have."""


class NotReelogError(ReelogError):
    """What answers at the address does not answer as Reelog does."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ProblemError(ReelogError):
    """An answer of 4xx or 5xx. Programs match on ``code``; people read ``detail`` and ``errors``."""

    def __init__(self, status: int, problem: dict[str, Any], retry_after_s: float | None = None) -> None:
        self.status = status
        self.code = str(problem.get("code") or "")
        self.title = str(problem.get("title") or "")
        self.detail = str(problem.get("detail") or self.title)
        self.type = str(problem.get("type") or "about:blank")
        """Where the code is explained."""
        self.request_id: str | None = problem.get("request_id")
        """Under this id it is in the server's log."""
        self.errors: Sequence[FieldFault] = problem.get("errors") or []
        """Everything that is wrong with the request, each with a pointer to where."""
        self.problem = problem
        """The document as it came."""
        self.retry_after_s = retry_after_s
        self.transient = status in TRANSIENT
        super().__init__(self._message())

    def _message(self) -> str:
        named = f" (request {self.request_id})" if self.request_id else ""
        faults = [f"{fault['pointer']}: {fault['message']}" for fault in self.errors]
        return "\n  ".join([f"{self.status} {self.code}: {self.detail}{named}", *faults])


class InvalidRequestError(ProblemError):
    """The request cannot be used; ``errors`` names everything that is wrong with it."""


class IdempotencyKeyReusedError(InvalidRequestError):
    """The key belongs to another request."""


class NotAuthenticatedError(ProblemError):
    """The server wants a key: ``REELOG_API_KEY``, or ``api_key=…``."""


class NotAllowedError(ProblemError):
    """The key may not do this."""


class NotFoundError(ProblemError):
    """There is no such job, asset or file."""


class ConflictError(ProblemError):
    """It cannot be done to the job as it is."""


class GoneError(ProblemError):
    """The bytes were removed."""


class TooManyRequestsError(ProblemError):
    """Too many requests, or the queue is full; ``retry_after_s`` says when to come back."""


class ServerError(ProblemError):
    """The server cannot do it."""


_BY_CODE: dict[str, type[ProblemError]] = {"idempotency_key_reused": IdempotencyKeyReusedError}
_BY_STATUS: dict[int, type[ProblemError]] = {
    401: NotAuthenticatedError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    421: NotAllowedError,
    429: TooManyRequestsError,
}
_SERVER = 500


def problem_error(status: int, problem: dict[str, Any], retry_after_s: float | None = None) -> ProblemError:
    """The error of the type that the code or the status names."""
    other = ServerError if status >= _SERVER else InvalidRequestError
    kind = _BY_CODE.get(str(problem.get("code"))) or _BY_STATUS.get(status, other)
    return kind(status, problem, retry_after_s)


class JobError(ReelogError):
    """Something about one job; ``job`` is its document."""

    def __init__(self, message: str, job: JobDocument) -> None:
        super().__init__(f"job {job['id']} {message}")
        self.job = job


class JobFailedError(JobError):
    """The job failed; ``failure`` says why, ``hint`` what a person can do."""

    def __init__(self, job: JobDocument) -> None:
        self.failure: FailureDocument | None = job["failure"]
        self.code = self.failure["code"] if self.failure else ""
        self.hint = self.failure["hint"] if self.failure else ""
        self.retryable = bool(self.failure and self.failure["retryable"])
        said = self.failure["message"] if self.failure else "no reason is on record"
        super().__init__(f"failed: {self.code}: {said} {self.hint}".rstrip(), job)


class JobCancelledError(JobError):
    """Somebody cancelled it."""


class JobAwaitsReviewError(JobError):
    """It waits for a person: ``job.approve()`` lets it go on."""


class JobSetAsideError(JobError):
    """The server cannot read an event of it and shows what came before."""


class JobNotFinishedError(JobError):
    """It has no film yet."""


class JobPrunedError(JobError):
    """Its texts and files were removed, as it ended long ago."""


class UnknownAssetError(ReelogError, LookupError):
    """The job has no asset of that name."""


class StoreChangedError(ReelogError):
    """The server has another log than before (it was reset, or a backup was put back). Begin anew."""


class DownloadDamagedError(ReelogError):
    """What came has another digest than was recorded; nothing of it was kept."""


class TimedOutError(ReelogError, TimeoutError):
    """The job had not ended within the time that was given."""


def ended(job: JobDocument) -> JobError | None:
    """The error that a job's state is for whoever waits for its film; None: there is none."""
    if job["set_aside"]:
        return JobSetAsideError(f"is set aside: {job['set_aside']['reason']}", job)
    if job["status"] == "failed":
        return JobFailedError(job)
    if job["status"] == "cancelled":
        return JobCancelledError("was cancelled", job)
    if job["status"] == "awaiting_review":
        return JobAwaitsReviewError("waits for review: look at it, then approve it", job)
    return None
