"""What the budget of a key leaves for its jobs: each gets at most what is left of the day as its own cap.

What an unfinished job may still cost counts as spent. It is reserved on record in the transaction that begins
the job or its next run, under the version of the key that was decided from: of two at once, one decides anew.
What ended jobs cost is settled then, too, so that nothing has to watch for their end.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from api.cases.accepted import Accepted, job_page
from api.cases.errors import Refusal
from api.cases.idempotency import same_job
from api.composition import System
from domain.asset import Asset
from domain.callers import LOCAL
from domain.job import Job
from domain.key import Key
from domain.store import Saveable, Saved

MakeJobs = Callable[[float | None], tuple[Sequence[Job], Sequence[Saveable]]]
"""Gives new jobs, and all that is saved with them, in order; for what a budget leaves, if there is one."""


class BudgetTooSmallError(Exception):
    """What ``make`` raises where all of it costs more than is left."""

    def __init__(self, usd: float) -> None:
        super().__init__(f"it costs about {usd:.2f} USD")
        self.usd = usd


def budgeted(system: System, caller: str) -> Key | None:
    """The key of this caller, where it has a budget. Blocks."""
    key = None if caller == LOCAL else system.keys.find(caller)
    return key if key is not None and key.usd_per_day is not None else None


def submit_within(system: System, caller: str, make: MakeJobs) -> Saved:
    """Save new jobs with what they reserve of their caller's budget, all or nothing. Blocks.

    ``make`` gives them, and all that is saved, in order, for what is left (None: there is no budget): each
    has its part of it as its cap. It is asked again if others were first. IntegrityError where there is no
    budget and something of it is on record already; refusal ``budget_exhausted``.
    """
    if budgeted(system, caller) is None:
        return system.studio.append(*make(None)[1])

    def decide(key: Key) -> Sequence[Saveable]:
        try:
            jobs, saved = make(_left(system, settled(system, key)))
        except BudgetTooSmallError as error:
            raise exhausted(system, key, error.usd) from error
        for job in jobs:
            assert job.max_cost_usd is not None
            key.reserve(job.id, job.max_cost_usd, now=system.clock())
        return saved

    return system.keys.change(caller, decide)[1]


def submit_job(
    system: System,
    caller: str,
    job_id: UUID,
    fingerprint: str | None,
    make: MakeJobs,
) -> Accepted:
    """Save one new job so, or give the one that a twin of this request was quicker with. Blocks."""

    def make_once(left: float | None) -> tuple[Sequence[Job], Sequence[Saveable]]:
        if left is not None and system.owners.of(job_id) is not None:
            raise IntegrityError  # others were first, and not with the budget
        return make(left)

    try:
        saved = submit_within(system, caller, make_once)
    except IntegrityError:
        return same_job(system, system.studio.job(job_id), fingerprint)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=True)


def within_budget(
    system: System, job: Job, decide: Callable[[Job], Sequence[Job | Asset]]
) -> Sequence[Saveable]:
    """What is decided of a job, with what its next run, or its new cap, reserves of its caller's budget.

    The budget is that of the key that the job was submitted with, whoever begins the run. Blocks. Refusal
    ``budget_exhausted``.
    """
    found = budgeted(system, job.caller)
    if found is None:
        return decide(job)
    key = settled(system, system.keys.copy_of(found), job)
    # What is reserved of an unfinished job counts from what it had cost when that was.
    before = _spent_before(job, key) if job.id in key.reserved else system.studio.film(job).counted_usd
    left = key.left_usd(today(system), besides=job.id) or 0.0
    run, cap = job.run, job.max_cost_usd
    job.granted_usd = before + left
    decided = decide(job)
    if (job.run, job.max_cost_usd) == (run, cap):
        return decided
    if not left:
        raise exhausted(system, key)
    assert job.max_cost_usd is not None
    key.reserve(job.id, max(0.0, job.max_cost_usd - before), now=system.clock())
    return [*decided, key]


def settled(system: System, key: Key, *ended: Job) -> Key:
    """The key with what its ended jobs cost, unsaved; ``ended``: of these that have ended, too. Blocks."""
    known = [one for one in system.readers.job_status(*key.reserved) if one.ended and not one.aside]
    jobs = {UUID(one.job_id) for one in known} | {job.id for job in ended if job.id in key.reserved}
    found: dict[UUID, tuple[float, datetime]] = {}
    for job_id in jobs:
        job = system.studio.job(job_id)
        if job.ended_at is not None:  # it may have been begun again since
            spent = system.studio.film(job).counted_usd
            found[job_id] = max(0.0, spent - _spent_before(job, key)), job.ended_at
    key.settle(found, now=system.clock())
    return key


def _spent_before(job: Job, key: Key) -> float:
    """What an unfinished job had cost when its part of the budget was reserved."""
    return max(0.0, (job.max_cost_usd or 0.0) - key.reserved[job.id])


def today(system: System) -> date:
    return system.clock().astimezone(UTC).date()


def _left(system: System, key: Key) -> float:
    left = key.left_usd(today(system))
    assert left is not None
    if not left:
        raise exhausted(system, key)
    return left


def exhausted(system: System, key: Key, needed: float | None = None) -> Refusal:
    """The refusal; ``needed``: what is asked for costs about so much, which is more than is left."""
    assert key.usd_per_day is not None
    about = "" if needed is None else f" This costs about {needed:.2f} USD."
    spent = key.spent_usd(today(system))
    return Refusal(
        "budget_exhausted",
        f"Of the {key.usd_per_day:g} USD a day of key {key.name}, {spent:.2f} are spent and "
        f"{key.reserved_usd:.2f} kept for unfinished jobs.{about} Wait for these, or for tomorrow (UTC).",
    )
