"""Cancel a job: nothing new is started, calls in flight are ended, what is made is kept."""

from dataclasses import dataclass
from uuid import UUID

from api.cases.accepted import job_page
from api.cases.checks import refuse_set_aside
from api.composition import System


@dataclass(frozen=True)
class CancelRequest:
    job_id: UUID


@dataclass(frozen=True)
class Cancellation:
    """``job`` is its page, as JSON; one that ``had_ended`` is as it was."""

    job: bytes
    had_ended: bool


def cancel(system: System, request: CancelRequest) -> Cancellation:
    """Record that the job is to end; who directs it ends it. Blocks."""
    job_id = request.job_id
    refuse_set_aside(system, job_id)
    job, saved = system.studio.change_job(job_id, lambda job: job.request_cancel(now=system.clock()))
    return Cancellation(job_page(system, job_id, saved.position), job.ended)
