"""Retry a failed or cancelled job: another run makes what is missing, and keeps what is made."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import kinds_of, unpriced
from api.cases.accepted import Accepted
from api.cases.change import Change, carry_out, price_of_rest
from api.cases.checks import refuse_other_provider
from api.cases.errors import Refusal, refuse
from api.cases.idempotency import Run
from api.cases.preview import Preview
from api.composition import System
from domain.asset import Asset
from domain.job import Job
from domain.submission import Request

Budget = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Retry(Request):
    """How a job goes on."""

    max_cost_usd: Budget | None = Field(
        default=None, description="A new budget for all runs together; null leaves it as it was"
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made, and the price")


@dataclass(frozen=True)
class RetryRequest:
    job_id: UUID
    asked: Retry = field(default_factory=Retry)
    idempotency_key: str | None = None
    traceparent: str | None = None


def retry(system: System, request: RetryRequest) -> Preview | Accepted:
    """Begin the next run, or tell what it would make and cost (``dry_run``). Blocks."""
    job_id, asked = request.job_id, request.asked
    run = Run.of(request.idempotency_key, "retry", job_id, asked, request.traceparent)

    def price(job: Job) -> Preview:
        _require_retryable(system, job, asked)
        film = system.studio.film(job)
        job.reopen("retry", now=system.clock())  # unsaved: a new run is made by the rules of today
        film.take_job(job)
        return price_of_rest(system, film, {"job_id": str(job_id)})

    def decide(job: Job) -> list[Job | Asset]:
        _require_retryable(system, job, asked)
        job.reopen(
            "retry",
            now=system.clock(),
            max_cost_usd=asked.max_cost_usd,
            asking=run,
        )
        return [job]

    return carry_out(system, job_id, run, lambda _: Change(price, decide), dry_run=asked.dry_run)


def _require_retryable(system: System, job: Job, asked: Retry) -> None:
    # What failed in an earlier run is work that is missing: the workflow asks for it again.
    if job.status not in ("failed", "cancelled"):
        raise Refusal(
            "job_not_retryable", f"The job is {job.status}; only a failed or cancelled job can be retried."
        )
    job.require_content()
    refuse_other_provider(system, job)
    if asked.max_cost_usd is not None:
        refuse(unpriced(system, asked.max_cost_usd, job.models, kinds_of(job.options, job.given.scenes)))
