"""Cancel or retry many jobs at once: each as if it were asked for alone, with a result of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from api.cases.callers import LOCAL, refuse_anothers_job
from api.cases.cancel import CancelRequest, cancel
from api.cases.errors import refusal_of
from api.cases.jobs import wanted_by
from api.cases.moments import Moment
from api.cases.positions import MAX_POSITION, require_happened
from api.cases.preview import NOTHING, Preview
from api.cases.retry import Budget, Retry, RetryRequest, retry
from api.composition import Provider, System
from domain.job_names import beginning_of
from domain.request import Request
from domain.statuses import JobStatus
from projections.job_filter import JobFilter

MOST_JOBS = 1000
USUAL_JOBS = 100
CANCELLABLE = tuple(status.value for status in JobStatus if not status.ended)
RETRYABLE = (JobStatus.FAILED.value, JobStatus.CANCELLED.value)

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Outcome = dict[str, Any]


class Filter(Request):
    """Which jobs: those for which all of this is so, as in a list."""

    status: JobStatus | None = Field(default=None, strict=False)
    id: Text | None = Field(default=None, description="How ids begin")
    metadata: dict[str, str] = Field(default_factory=dict, max_length=10)
    caller: Text | None = None
    model: Text | None = None
    provider: Provider | None = None
    created_from: Moment | None = Field(default=None, description="A day or a time, UTC if it names no zone")
    created_to: Moment | None = Field(default=None, description="So too; before it")
    cost_min: Usd | None = None
    cost_max: Usd | None = None
    q: Text | None = Field(default=None, description="Words of title, first words or metadata")

    @field_validator("id")
    @classmethod
    def _begins_an_id(cls, text: str | None) -> str | None:
        try:
            return None if text is None else beginning_of(text)
        except ValueError:
            raise ValueError("write an id of a job, or how it begins") from None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set or self.wanted().is_empty:
            raise ValueError("it names no condition; write at least one, such as a status")
        return self

    def wanted(self) -> JobFilter:
        return JobFilter(
            status=self.status.value if self.status else None,
            beginning=self.id,
            metadata=tuple(self.metadata.items()),
            caller=self.caller,
            model=self.model,
            provider=self.provider,
            created_from=self.created_from,
            created_to=self.created_to,
            cost_min=self.cost_min,
            cost_max=self.cost_max,
            search=self.q,
        )


class CancelJobs(Request):
    """Which jobs are to be cancelled: by their ids, or all for which a filter holds."""

    ids: list[Annotated[UUID, Field(strict=False)]] | None = Field(
        default=None, min_length=1, max_length=MOST_JOBS
    )
    filter: Filter | None = None
    after: Annotated[int, Field(ge=0, le=MAX_POSITION)] | None = Field(
        default=None, description="With a filter: `next` of the answer before, for those that follow"
    )
    limit: Annotated[int, Field(ge=1, le=MOST_JOBS)] = Field(
        default=USUAL_JOBS, description="With a filter: the most jobs of one answer, newest first"
    )
    dry_run: bool = Field(default=False, description="Only tell which jobs, and the price")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("write either ids or a filter")
        return self


class RetryJobs(CancelJobs):
    """Which jobs are to go on: by their ids, or all for which a filter holds."""

    max_cost_usd: Budget | None = Field(
        default=None,
        description="A new budget of each of them, for all of its runs; null leaves it as it was",
    )


@dataclass(frozen=True)
class CancelJobsRequest:
    asked: CancelJobs
    caller: str = LOCAL


@dataclass(frozen=True)
class RetryJobsRequest:
    asked: RetryJobs
    caller: str = LOCAL
    idempotency_key: str | None = None
    traceparent: str | None = None


def cancel_jobs(system: System, request: CancelJobsRequest) -> dict[str, Any]:
    """What became of each, as JSON. Nothing is undone where one is refused. Blocks.

    Refusal ``position_unknown``.
    """
    asked = request.asked

    def one(job_id: UUID) -> Outcome:
        if asked.dry_run:
            ended = system.studio.job(job_id).ended
            return {"outcome": "unchanged" if ended else "possible"}
        return {"outcome": "unchanged" if cancel(system, CancelRequest(job_id)).had_ended else "accepted"}

    return _each(system, asked, request.caller, CANCELLABLE, one)


def retry_jobs(system: System, request: RetryJobsRequest) -> dict[str, Any]:
    """What became of each, as JSON; the price of each for a dry run. Blocks. Refusal as above."""
    asked = request.asked

    def one(job_id: UUID) -> Outcome:
        single = Retry(max_cost_usd=asked.max_cost_usd, dry_run=asked.dry_run)
        asked_alone = RetryRequest(job_id, single, request.idempotency_key, request.traceparent)
        result = retry(system, asked_alone)
        if isinstance(result, Preview):
            return {"outcome": "possible", "cost": result.cost}
        return {"outcome": "accepted" if result.began else "unchanged"}

    return _each(system, asked, request.caller, RETRYABLE, one)


def _each(
    system: System,
    asked: CancelJobs,
    caller: str,
    statuses: tuple[str, ...],
    one: Callable[[UUID], Outcome],
) -> dict[str, Any]:
    job_ids, following = _chosen(system, asked, caller, statuses)
    data = [{"id": str(job_id), **_outcome(system, caller, job_id, one)} for job_id in job_ids]
    counts = {
        name: sum(1 for item in data if item["outcome"] == name)
        for name in ("accepted", "possible", "unchanged", "refused")
    }
    return {
        "dry_run": asked.dry_run,
        "data": data,
        **counts,
        "cost": _sum([item["cost"] for item in data if item["cost"] is not None]),
        "has_more": following is not None,
        "next": following,
    }


def _outcome(system: System, caller: str, job_id: UUID, one: Callable[[UUID], Outcome]) -> Outcome:
    outcome: Outcome = {"outcome": "refused", "cost": None, "problem": None}
    try:
        refuse_anothers_job(system, caller, [job_id])
        return outcome | one(job_id)
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return outcome | {"problem": {"code": refusal.code, "detail": refusal.detail}}


def _chosen(
    system: System, asked: CancelJobs, caller: str, statuses: tuple[str, ...]
) -> tuple[list[UUID], int | None]:
    """The jobs, and where those begin that were too many."""
    if asked.filter is None:
        return list(dict.fromkeys(asked.ids or ())), None
    if asked.after is not None:
        require_happened(system, asked.after, "/after")
    wanted = wanted_by(caller, asked.filter.wanted())
    if wanted is None or (wanted.status is not None and wanted.status not in statuses):
        return [], None
    if wanted.status is None:
        wanted = replace(wanted, status=statuses)
    page = system.readers.jobs(wanted, limit=asked.limit, before=asked.after, scenes=False)
    return [UUID(json.loads(body)["id"]) for body in page.items], page.next


def _sum(costs: list[dict[str, Any]]) -> dict[str, Any]:
    total = dict(NOTHING)
    for cost in costs:
        total["unpriced"] += cost["unpriced"]
        for name in ("usd", "at_most_usd"):
            known = total[name] is not None and cost[name] is not None
            total[name] = round(total[name] + cost[name], 6) if known else None
    return total
