"""Approve what a job waits for: the rest is ordered, with what was changed meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import kinds_of, unpriced
from api.cases.accepted import Accepted, job_page
from api.cases.budgets import for_next_run
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.errors import Refusal, refuse
from api.cases.idempotency import Run
from api.cases.preview import Preview, cost_of, preview_of_run
from api.cases.retry import Budget
from api.composition import System
from domain.job import Job
from domain.key import Key
from domain.store import Saveable
from domain.submission import Request


class Approve(Request):
    """How a job that waits for review goes on."""

    max_cost_usd: Budget | None = Field(
        default=None, description="A new budget for the whole job; null leaves it as it was"
    )
    dry_run: bool = Field(default=False, description="Only tell what is still to be made, and the price")


@dataclass(frozen=True)
class ApproveRequest:
    job_id: UUID
    asked: Approve = field(default_factory=Approve)
    idempotency_key: str | None = None


def approve(system: System, request: ApproveRequest) -> Preview | Accepted:
    """Let the job go on, or tell what the rest would cost (``dry_run``). Blocks."""
    job_id, asked = request.job_id, request.asked
    refuse_set_aside(system, job_id)
    run = Run.of(request.idempotency_key, "approve", job_id, asked)
    job = system.studio.job(job_id)
    if asked.dry_run:
        return _preview(system, job, asked, run)
    if not run.is_on_record(job):
        refuse_stopped(system)

    def decide() -> Sequence[Saveable]:
        job = system.studio.job(job_id)
        # Whoever asked at the same moment may have been first, with this very request.
        if run.is_on_record(job):
            return [job]
        _require_waiting(system, job, asked)
        cap, reserved = asked.max_cost_usd, list[Key]()
        if cap is not None:
            cap, reserved = for_next_run(system, job, cap)
        job.approve(
            now=system.clock(), max_cost_usd=cap, idempotency_key=run.key, fingerprint=run.fingerprint
        )
        return [job, *reserved]

    saved = system.studio.change_together(decide)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=saved.position is not None)


def _require_waiting(system: System, job: Job, asked: Approve) -> None:
    if not job.awaits_review:
        raise Refusal("job_not_awaiting_review", f"The job is {job.status}; there is nothing to approve.")
    if job.cancel_requested:
        raise Refusal("job_not_awaiting_review", "The job is being cancelled; there is nothing to approve.")
    refuse_other_provider(system, job)
    if asked.max_cost_usd is not None:
        refuse(unpriced(system, asked.max_cost_usd, job.models, kinds_of(job.options)))


def _preview(system: System, job: Job, asked: Approve, run: Run) -> Preview:
    about = {"job_id": str(job.id)}
    film = system.studio.film(job)
    if run.is_on_record(job):
        # Asked again with its key it orders nothing more.
        return Preview(about, reused=tuple(film.assets))
    _require_waiting(system, job, asked)
    redone = [key for key in film.expected if not film.is_current(key)]
    cost = cost_of(system, job, redone, film.assets, settled={}, scenes_known=True)
    return preview_of_run(about, film, redone, cost)
