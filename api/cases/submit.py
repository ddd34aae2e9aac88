"""Submit a script: a new job, or the one that came of the same key and body before."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from api.cases.acceptance import checked, job_of, within
from api.cases.accepted import Accepted, job_page
from api.cases.budgets import submit_job
from api.cases.callers import LOCAL
from api.cases.checks import refuse_set_aside, refuse_stopped
from api.cases.idempotency import SUBMISSIONS, digest_of_json, new_job_id, same_job
from api.cases.own_files import given_at_submit
from api.cases.webhooks import endpoint_of, with_endpoint
from api.composition import System
from domain.job import Job
from domain.store import JobNotFoundError, Saveable


@dataclass(frozen=True)
class SubmitRequest:
    """``value`` is the JSON of a submission, as it came."""

    value: Any
    idempotency_key: str | None = None
    caller: str = LOCAL
    queued: bool = True
    """Whether the job waits with others for those who do the work; ``make`` brings its own."""
    traceparent: str | None = None
    """The span of the caller that the job is part of, as ``read_traceparent`` gives it."""
    may_open: bool = True
    """Whether files of one's own may be opened meanwhile; see `given_at_submit`."""


def submit(system: System, request: SubmitRequest) -> Accepted:
    """Record the job. Faults name all that is wrong with it; blocks."""
    key = request.idempotency_key
    fingerprint = digest_of_json(request.value) if key else None
    job_id = new_job_id(SUBMISSIONS, f"{request.caller}\n{key}" if key else None)
    if key:
        refuse_set_aside(system, job_id)
        # What was accepted once is not judged again: a model may have gone out of service since.
        try:
            accepted = same_job(system, system.studio.job(job_id), fingerprint)
            return replace(accepted, job=with_endpoint(system, job_id, accepted.job, request.caller))
        except JobNotFoundError:
            pass
    refuse_stopped(system)
    submission = checked(system, request.value, request.caller)
    if request.queued:
        system.queue.enter()

    def make(left: float | None) -> tuple[list[Job], list[Saveable]]:
        wanted = within(system, submission, left)
        job = job_of(
            system,
            job_id,
            wanted,
            caller=request.caller,
            fingerprint=fingerprint,
            traceparent=request.traceparent,
        )
        told = filter(None, [endpoint_of(system, job, wanted.webhook, request.caller)])
        given = given_at_submit(system, job, wanted, [request.caller], may_open=request.may_open)
        return [job], [*told, job, *given]

    accepted = submit_job(system, request.caller, job_id, fingerprint, make)
    return replace(accepted, job=with_endpoint(system, job_id, accepted.job, request.caller))


def submitted_page(system: System, job_id: UUID, caller: str) -> bytes:
    """The job as it is now, as its submission is answered. Blocks."""
    return with_endpoint(system, job_id, job_page(system, job_id, None), caller)
