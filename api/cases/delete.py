"""Delete an ended job: its texts and bytes go, as pruning removes them; its record stays."""

from dataclasses import dataclass
from uuid import UUID

from api.cases.accepted import job_page
from api.cases.checks import refuse_set_aside, refuse_stopped
from api.cases.errors import SOON_S, Refusal
from api.cases.positions import behind
from api.composition import BlobError, System
from domain.job import Job
from domain.store import NotProjectedError


@dataclass(frozen=True)
class DeleteRequest:
    job_id: UUID


@dataclass(frozen=True)
class Deletion:
    """``job`` is its page, as JSON.

    Not ``finished``: some bytes go within some hours, as others may be about to use them.
    """

    job: bytes
    finished: bool


def delete(system: System, request: DeleteRequest) -> Deletion:
    """Remove all that can be read or seen of the job; of one that was deleted before, nothing more. Blocks.

    Refusals ``job_not_found``, ``job_not_ended``, ``job_set_aside``, ``behind``, ``unavailable``.
    """
    job_id = request.job_id
    refuse_set_aside(system, job_id)
    _require_ended(system.studio.job(job_id))
    refuse_stopped(system)
    try:
        system.retention.remove(job_id)
    except NotProjectedError as error:
        raise behind(error.position, system.readers.position()) from error
    except BlobError as error:
        detail = f"Its texts are gone; its bytes cannot be removed now: {error}."
        raise Refusal("unavailable", detail, retry_after_s=SOON_S) from error
    job = system.studio.job(job_id)
    _require_ended(job)  # somebody may have retried it meanwhile
    return Deletion(job_page(system, job_id, None), job.content == "gone")


def _require_ended(job: Job) -> None:
    if not job.ended:
        raise Refusal(
            "job_not_ended", f"The job is {job.status}; only one that has ended is deleted. Cancel it first."
        )
