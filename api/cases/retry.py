"""Retry a failed or cancelled job: another run makes what is missing, and keeps what is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import kinds_of, unpriced
from api.cases.accepted import Accepted, job_page
from api.cases.budgets import for_next_run
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.errors import Refusal, refuse
from api.cases.idempotency import Run
from api.cases.preview import Preview, cost_of, preview_of_run
from api.composition import System
from domain.asset import AssetKey
from domain.job import Job
from domain.script import Kind
from domain.store import Saveable
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


def retry(system: System, request: RetryRequest) -> Preview | Accepted:
    """Begin the next run, or tell what it would make and cost (``dry_run``). Blocks."""
    job_id, asked = request.job_id, request.asked
    refuse_set_aside(system, job_id)
    run = Run.of(request.idempotency_key, "retry", job_id, asked)
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
        _require_retryable(system, job, asked)
        cap, reserved = for_next_run(system, job, asked.max_cost_usd)
        job.reopen(
            "retry",
            now=system.clock(),
            max_cost_usd=cap,
            idempotency_key=run.key,
            fingerprint=run.fingerprint,
        )
        return [job, *reserved]

    saved = system.studio.change_together(decide)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=saved.position is not None)


def _require_retryable(system: System, job: Job, asked: Retry) -> None:
    # What failed in an earlier run is work that is missing: the workflow asks for it again.
    if job.status not in ("failed", "cancelled"):
        raise Refusal(
            "job_not_retryable", f"The job is {job.status}; only a failed or cancelled job can be retried."
        )
    job.require_content()
    refuse_other_provider(system, job)
    if asked.max_cost_usd is not None:
        refuse(unpriced(system, asked.max_cost_usd, job.models, kinds_of(job.options)))


def _preview(system: System, job: Job, asked: Retry, run: Run) -> Preview:
    about = {"job_id": str(job.id)}
    film = system.studio.film(job)
    if run.is_on_record(job):
        # Asked again with its key it begins nothing more.
        return Preview(about, reused=tuple(film.assets))
    _require_retryable(system, job, asked)
    job.reopen("retry", now=system.clock())  # unsaved: a new run is made by the rules of today
    film.take_job(job)
    redone = [key for key in film.expected if not film.is_current(key)]
    scenes_known = AssetKey(Kind.ANALYSIS) not in redone
    cost = cost_of(system, job, redone, film.assets, settled={}, scenes_known=scenes_known)
    return preview_of_run(about, film, redone, cost)
