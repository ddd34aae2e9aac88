"""Approve what a job waits for: the rest is ordered, with what was changed meanwhile."""

from dataclasses import dataclass, field
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import kinds_of, unpriced
from api.cases.accepted import Accepted
from api.cases.change import Change, carry_out, price_of_rest
from api.cases.checks import refuse_other_provider
from api.cases.errors import Refusal, refuse
from api.cases.idempotency import Run
from api.cases.preview import Preview
from api.cases.retry import Budget
from api.composition import System
from domain.asset import Asset
from domain.job import Job
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
    traceparent: str | None = None


def approve(system: System, request: ApproveRequest) -> Preview | Accepted:
    """Let the job go on, or tell what the rest would cost (``dry_run``). Blocks."""
    job_id, asked = request.job_id, request.asked
    run = Run.of(request.idempotency_key, "approve", job_id, asked, request.traceparent)

    def price(job: Job) -> Preview:
        _require_waiting(system, job, asked)
        return price_of_rest(system, system.studio.film(job), {"job_id": str(job_id)})

    def decide(job: Job) -> list[Job | Asset]:
        _require_waiting(system, job, asked)
        job.approve(
            now=system.clock(),
            max_cost_usd=asked.max_cost_usd,
            asking=run,
        )
        return [job]

    return carry_out(system, job_id, run, lambda _: Change(price, decide), dry_run=asked.dry_run)


def _require_waiting(system: System, job: Job, asked: Approve) -> None:
    if not job.awaits_review:
        raise Refusal("job_not_awaiting_review", f"The job is {job.status}; there is nothing to approve.")
    if job.cancel_requested:
        raise Refusal("job_not_awaiting_review", "The job is being cancelled; there is nothing to approve.")
    refuse_other_provider(system, job)
    if asked.max_cost_usd is not None:
        refuse(unpriced(system, asked.max_cost_usd, job.models, kinds_of(job.options, job.given.scenes)))
