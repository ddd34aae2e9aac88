"""Batches: many submissions at once, with common values, one estimate, one cap and one status.

A batch and its jobs are recorded in one transaction, so all of them are there or none. The cap is shared out
among the jobs when it is submitted, by what each is expected to cost: each has its share as its own budget,
which all that keeps a job's budget keeps, so that together they never spend more.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError
from pydantic import Field

from api.cases.acceptance import checked, job_of
from api.cases.accepted import job_page
from api.cases.budgets import BudgetTooSmallError, submit_within
from api.cases.callers import LOCAL, shown_to
from api.cases.checks import refuse_stopped
from api.cases.errors import Faults, FieldError, NoPriceError, Refusal, refuse
from api.cases.estimate import Estimate, estimate_of
from api.cases.idempotency import BATCHES, digest_of_json, new_job_id, reused
from api.cases.own_files import given_at_submit
from api.cases.presets import laid_over, resolved
from api.cases.validation import validated
from api.cases.webhooks import endpoint_of
from api.composition import System
from domain.asset import Asset
from domain.batch import Batch, job_id_in
from domain.job import Job
from domain.request import Request
from domain.statuses import JobStatus
from domain.store import Saveable
from domain.submission import Submission
from domain.webhook import Endpoint
from projections.wire import encode, iso

MOST_SUBMISSIONS = 100
_OF_A_JOB = ("id", "status", "title", "progress", "failure", "metadata")
"""What a batch says of each of its jobs, besides money and addresses."""
ENDED = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


class BatchSubmission(Request):
    """Many submissions with common values."""

    common: dict[str, Any] = Field(
        default_factory=dict, description="Values of all of them; what one of them gives goes before it"
    )
    submissions: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST_SUBMISSIONS, description="As for POST /v1/jobs, less what is common"
    )
    max_cost_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None,
        description="All together spend no more than this. Each job gets a share as its own max_cost_usd, by "
        "what it is expected to cost",
    )
    dry_run: bool = Field(default=False, description="Only tell what all of them would cost and take")


@dataclass(frozen=True)
class SubmitBatchRequest:
    """``value`` is the JSON of a batch, as it came."""

    value: Any
    idempotency_key: str | None = None
    caller: str = LOCAL
    traceparent: str | None = None
    """The span of the caller that each of the jobs is part of."""
    may_open: bool = True
    """Whether files of one's own may be opened meanwhile; see `given_at_submit`."""


@dataclass(frozen=True)
class SubmittedBatch:
    """``page`` is JSON. ``batch_id`` is None for a dry run; ``began`` is False where it had come before."""

    page: bytes
    batch_id: UUID | None = None
    began: bool = False


# ---- submitting -----------------------------------------------------------------------------------------


def submit_batch(system: System, request: SubmitBatchRequest) -> SubmittedBatch:
    """Record all of the jobs, or tell their price (``dry_run``). Faults name all that is wrong; blocks."""
    asked = validated(request.value, BatchSubmission)
    key = None if asked.dry_run else request.idempotency_key
    fingerprint = digest_of_json(request.value) if key else None
    batch_id = new_job_id(BATCHES, f"{request.caller}\n{key}" if key else None)
    if key and (known := _find(system, batch_id)) is not None:
        return _same(system, known, fingerprint)
    if not asked.dry_run:
        refuse_stopped(system)
    submissions = _checked(system, asked, request.caller)
    estimates = [estimate_of(system, one) for one in submissions]
    total = _total(estimates)
    if asked.dry_run:
        return SubmittedBatch(encode(_preview(asked, total, estimates)))
    system.queue.enter(len(submissions))

    def make(left: float | None) -> tuple[list[Job], list[Saveable]]:
        if left is not None and _find(system, batch_id) is not None:
            raise IntegrityError  # others were first, and not with the budget
        shared = _with_shares(asked, submissions, estimates, total, left)
        jobs, assets, told = _jobs(system, batch_id, shared, request)
        batch = Batch.submit(
            batch_id,
            request.caller,
            [job.id for job in jobs],
            now=system.clock(),
            max_cost_usd=asked.max_cost_usd,
            fingerprint=fingerprint,
        )
        return jobs, [batch, *told, *jobs, *assets]

    try:
        saved = submit_within(system, request.caller, make)
    except IntegrityError:
        # A twin of this request was quicker.
        return _same(system, _require(system, batch_id, request.caller), fingerprint)
    batch = _require(system, batch_id, request.caller)
    return SubmittedBatch(_page(system, batch, saved.position), batch_id, began=True)


def _checked(system: System, asked: BatchSubmission, caller: str) -> list[Submission]:
    found, faults, unnamed = [], [], 0
    for number, one in enumerate(asked.submissions):
        try:
            value = resolved(system, laid_over(asked.common, one), caller)
            if asked.max_cost_usd is not None and value.get("max_cost_usd") is None:
                # A share of the cap will be its budget, and that needs prices.
                value = value | {"max_cost_usd": asked.max_cost_usd}
            found.append(checked(system, value, caller))
        except Faults as wrong:
            faults += [type(f)(f"/submissions/{number}{f.pointer}", f.message) for f in wrong.errors]
    refuse(faults, unnamed)
    return found


def _with_shares(
    asked: BatchSubmission,
    submissions: list[Submission],
    estimates: list[Estimate],
    total: dict[str, Any],
    left: float | None,
) -> list[Submission]:
    """Each with its share of the cap as its budget; Faults where the cap is too small for all of them.

    ``left``: what is left of the caller's budget of the day, which caps them as well.
    """
    cap = asked.max_cost_usd if left is None else min(asked.max_cost_usd or left, left)
    if cap is None:
        return submissions
    expected = total["cost"]["usd"]
    if expected is None:
        told = NoPriceError("/max_cost_usd", "what all of them cost is not known; leave it out")
        raise Faults("unpriced_model", [told])
    if expected > cap:
        if cap == left:
            raise BudgetTooSmallError(expected)
        message = (
            f"max_cost_usd is {cap:g}, and the {len(submissions)} films cost about {expected:.2f} together; "
            "raise it, or leave films out"
        )
        raise Faults.of_one("invalid_submission", "/max_cost_usd", message)
    shared = []
    for one, estimate in zip(submissions, estimates, strict=True):
        part = estimate.forecast["cost"]["usd"] / expected if expected else 1 / len(submissions)
        share = cap * part
        own = one.max_cost_usd
        shared.append(one.model_copy(update={"max_cost_usd": share if own is None else min(own, share)}))
    return shared


def _jobs(
    system: System, batch_id: UUID, submissions: list[Submission], request: SubmitBatchRequest
) -> tuple[list[Job], list[Asset], list[Endpoint]]:
    """The jobs, what is given for them, and who is told of each."""
    jobs, assets, told, faults = [], [], list[Endpoint](), list[FieldError]()
    caller = request.caller
    for number, one in enumerate(submissions):
        of = job_id_in(batch_id, number)
        job = job_of(system, of, one, caller=caller, traceparent=request.traceparent)
        try:
            assets += given_at_submit(system, job, one, [caller], may_open=request.may_open)
            told += filter(None, [endpoint_of(system, job, one.webhook, caller)])
        except Faults as wrong:
            faults += [type(f)(f"/submissions/{number}{f.pointer}", f.message) for f in wrong.errors]
        jobs.append(job)
    refuse(faults)
    return jobs, assets, told


def _total(estimates: list[Estimate]) -> dict[str, Any]:
    """What all of them cost and take, one after the other; None where that of one is not known."""
    costs = [one.forecast["cost"] for one in estimates]
    times = [one.forecast["seconds"] for one in estimates]
    return {
        "cost": {
            "usd": _sum([cost["usd"] for cost in costs]),
            "at_most_usd": _sum([cost["at_most_usd"] for cost in costs]),
            "unpriced": sum(cost["unpriced"] for cost in costs),
        },
        "seconds": _sum(times),
    }


def _sum(numbers: list[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _preview(asked: BatchSubmission, total: dict[str, Any], estimates: list[Estimate]) -> dict[str, Any]:
    each = [
        {name: one.forecast[name] for name in ("scenes", "images", "cost", "seconds")}
        | {"notices": one.notices}
        for one in estimates
    ]
    return {"dry_run": True, "max_cost_usd": asked.max_cost_usd, **total, "submissions": each}


# ---- reading --------------------------------------------------------------------------------------------


def get_batch(system: System, batch_id: UUID, caller: str = LOCAL) -> bytes:
    """A batch as it stands, as JSON. Refusal ``batch_not_found``. Blocks."""
    return _page(system, _require(system, batch_id, caller), None)


def _find(system: System, batch_id: UUID) -> Batch | None:
    try:
        found: Any = system.studio.repository.get(batch_id)
    except AggregateNotFoundError:
        return None
    return found if isinstance(found, Batch) else None


def _require(system: System, batch_id: UUID, caller: str = LOCAL) -> Batch:
    batch = _find(system, batch_id)
    if batch is None or shown_to(caller) not in (None, batch.caller):
        raise Refusal("batch_not_found", f"There is no batch {batch_id}.")
    return batch


def _same(system: System, batch: Batch, fingerprint: str | None) -> SubmittedBatch:
    """The batch that came of this key before; Faults where it came with another body."""
    if batch.fingerprint != fingerprint:
        raise reused("batch")
    return SubmittedBatch(_page(system, batch, None), batch.id)


def _page(system: System, batch: Batch, written: int | None) -> bytes:
    jobs = [_job(system, job_id, written) for job_id in batch.jobs]
    counts = Counter(job["status"] for job in jobs)
    own = f"/v1/batches/{batch.id}"
    return encode(
        {
            "id": str(batch.id),
            "status": _status(counts),
            "counts": {status: counts[status] for status in sorted(counts)},
            "created_at": iso(batch.created_on),
            "max_cost_usd": batch.max_cost_usd,
            "cost": {
                "usd": sum(job["cost"]["usd"] for job in jobs),
                "reserved_usd": sum(job["cost"]["reserved_usd"] for job in jobs),
                "unpriced": sum(job["cost"]["unpriced"] for job in jobs),
            },
            "jobs": [
                {
                    **{name: job[name] for name in _OF_A_JOB},
                    "cost_usd": job["cost"]["usd"],
                    "max_cost_usd": job["cost"]["max_usd"],
                    "links": {"self": job["links"]["self"], "video": job["links"]["video"]},
                }
                for job in jobs
            ],
            "links": {"self": own},
        }
    )


def _job(system: System, job_id: UUID, written: int | None) -> dict[str, Any]:
    body = system.readers.job(job_id) if written is None else None
    job: dict[str, Any] = json.loads(body or job_page(system, job_id, written))
    return job


def _status(counts: Counter[str]) -> str:
    """One for all: it has ended when all have, and failed when one has."""
    going_on = set(counts) - ENDED
    if set(counts) == {JobStatus.QUEUED}:
        return JobStatus.QUEUED.value
    if going_on == {JobStatus.AWAITING_REVIEW}:
        return JobStatus.AWAITING_REVIEW.value  # nothing is done before a person has looked
    if going_on:
        return JobStatus.RUNNING.value
    for status in (JobStatus.FAILED, JobStatus.CANCELLED):
        if counts[status]:
            return status.value
    return JobStatus.COMPLETED.value
