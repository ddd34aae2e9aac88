"""Jobs as they are now, and one job as it was when an event of the log had just happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from api.cases import positions
from api.cases.callers import LOCAL, shown_to
from api.cases.checks import refuse_set_aside
from api.cases.errors import Refusal
from api.composition import System
from domain.store import JobNotFoundError
from projections.readers import Page
from projections.tables import FOLD
from projections.wire import encode


@dataclass(frozen=True)
class ListJobsRequest:
    """Newest first; ``after`` is the ``next`` of the page before, ``beginning`` how their ids begin."""

    status: str | None = None
    beginning: str | None = None
    after: int | None = None
    limit: int = 100
    caller: str = LOCAL


def list_jobs(system: System, request: ListJobsRequest) -> Page:
    """A page of jobs, each as JSON. Refusal ``position_unknown``. Blocks."""
    if request.after is not None:
        positions.require_happened(system, request.after, "?after")
    return system.readers.jobs(
        status=request.status,
        limit=request.limit,
        before=request.after,
        beginning=request.beginning,
        caller=shown_to(request.caller),
    )


@dataclass(frozen=True)
class GetJobRequest:
    """``at``: as it was at that position; None: as it is now."""

    job_id: UUID
    at: int | None = None


@dataclass(frozen=True)
class VersionedJob:
    """``body`` is JSON; two states of a job that have the same ``version`` are the same."""

    body: bytes
    version: str


def get_job(system: System, request: GetJobRequest) -> VersionedJob:
    """A job now or at a position. Refusals ``job_not_found``, ``job_set_aside`` and those of positions.

    Blocks; at a position until the read models hold it.
    """
    if request.at is not None:
        return _job_at(system, request.job_id, request.at)
    found = system.readers.job_with_version(request.job_id)
    if found is None:
        raise _missing(system, request.job_id)
    return VersionedJob(*found)


def _job_at(system: System, job_id: UUID, at: int) -> VersionedJob:
    positions.arrive(system, at, "?at")
    fold = system.readers.job_at(job_id, at)
    if fold is None:
        require_job(system, job_id)
        raise Refusal("job_not_found", f"Job {job_id} did not exist at position {at}.")
    return VersionedJob(encode(fold.page()), f"{fold.position}-{FOLD}{'-aside' if fold.aside else ''}")


def require_job(system: System, job_id: UUID) -> None:
    """Refusal ``job_not_found`` or ``job_set_aside`` where there is no page of the job. Blocks."""
    if not system.readers.job_status(job_id):
        raise _missing(system, job_id)


def require_jobs(system: System, job_ids: Iterable[UUID]) -> None:
    """Refusal ``job_not_found`` of the first of some jobs that has no page, if one has not. Blocks."""
    wanted = list(job_ids)
    known = {status.job_id for status in system.readers.job_status(*wanted)}
    for job_id in wanted:
        if str(job_id) not in known:
            raise JobNotFoundError(job_id)


def _missing(system: System, job_id: UUID) -> Exception:
    """What is said of a job without a page: no event of it could be folded, or there is none."""
    refuse_set_aside(system, job_id)
    return JobNotFoundError(job_id)
