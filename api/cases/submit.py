"""Submit a script: a new job, or the one that came of the same key and body before."""

from dataclasses import dataclass
from typing import Any

from api.cases.acceptance import checked, job_of
from api.cases.accepted import Accepted, job_page
from api.cases.callers import LOCAL
from api.cases.checks import refuse_set_aside, refuse_stopped
from api.cases.idempotency import SUBMISSIONS, digest_of_json, new_job_id, same_job
from api.cases.own_files import given_at_submit
from api.composition import System
from domain.store import JobNotFoundError


@dataclass(frozen=True)
class SubmitRequest:
    """``value`` is the JSON of a submission, as it came."""

    value: Any
    idempotency_key: str | None = None
    queued: bool = True
    """Whether the job waits with others for those who do the work; ``make`` brings its own."""


def submit(system: System, request: SubmitRequest) -> Accepted:
    """Record the job. Faults name all that is wrong with it; blocks."""
    key = request.idempotency_key
    fingerprint = digest_of_json(request.value) if key else None
    job_id = new_job_id(SUBMISSIONS, f"{LOCAL}\n{key}" if key else None)
    if key:
        refuse_set_aside(system, job_id)
        # What was accepted once is not judged again: a model may have gone out of service since.
        try:
            return same_job(system, system.studio.job(job_id), fingerprint)
        except JobNotFoundError:
            pass
    refuse_stopped(system)
    submission = checked(system, request.value)
    if request.queued:
        system.queue.enter()
    job = job_of(system, job_id, submission, fingerprint=fingerprint)
    job, saved = system.studio.submit(job, *given_at_submit(system, job, submission))
    if saved.position is None:
        # A twin of this request was quicker.
        return same_job(system, job, fingerprint)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=True)
