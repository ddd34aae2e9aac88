"""Jobs as they are now, and one job as it was when an event of the log had just happened."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from api.cases import positions
from api.cases.callers import LOCAL, shown_to
from api.cases.checks import refuse_set_aside
from api.cases.errors import Refusal
from api.composition import System
from domain.store import JobNotFoundError
from projections.job_filter import JobFilter
from projections.readers import EVERY_JOB, Page
from projections.tables import FOLD
from projections.wire import encode


@dataclass(frozen=True)
class ListJobsRequest:
    """Newest first; ``after`` is the ``next`` of the page before.

    ``caller`` is who asks. ``fields``: only these of each job; None: all.
    """

    wanted: JobFilter = EVERY_JOB
    after: int | None = None
    limit: int = 100
    caller: str = LOCAL
    fields: tuple[str, ...] | None = None


def list_jobs(system: System, request: ListJobsRequest) -> Page:
    """A page of jobs, each as JSON. Refusal ``position_unknown``. Blocks."""
    if request.after is not None:
        positions.require_happened(system, request.after, "?after")
    fields = request.fields
    with_scenes = fields is None or "scenes" in fields
    wanted = wanted_by(request.caller, request.wanted)
    if wanted is None:
        return Page([], None, system.readers.position())
    page = system.readers.jobs(wanted, limit=request.limit, before=request.after, scenes=with_scenes)
    return page if fields is None else replace(page, items=[only(body, fields) for body in page.items])


def wanted_by(caller: str, wanted: JobFilter) -> JobFilter | None:
    """What of it this caller may see; None: nothing."""
    mine = shown_to(caller)
    if mine is None or wanted.caller == mine:
        return wanted
    return replace(wanted, caller=mine) if wanted.caller is None else None


def only(body: bytes, fields: Sequence[str]) -> bytes:
    """Of a job's page, these fields, in the order that the page has them."""
    return encode({name: value for name, value in json.loads(body).items() if name in fields})


@dataclass(frozen=True)
class GetJobRequest:
    """``at``: as it was at that position; None: as it is now. ``fields`` as of a list."""

    job_id: UUID
    at: int | None = None
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True)
class VersionedJob:
    """``body`` is JSON; two states of a job that have the same ``version`` are the same."""

    body: bytes
    version: str


def get_job(system: System, request: GetJobRequest) -> VersionedJob:
    """A job now or at a position. Refusals ``job_not_found``, ``job_set_aside`` and those of positions.

    Blocks; at a position until the read models hold it.
    """
    whole = _whole_job(system, request)
    return whole if request.fields is None else replace(whole, body=only(whole.body, request.fields))


def _whole_job(system: System, request: GetJobRequest) -> VersionedJob:
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
