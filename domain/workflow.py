"""What to do next for one job: a pure function of the job, its assets and the time.

``workflow`` is the whole brain of the Director. It reads no clock, no store and no blob, so that every
decision can be tested, explained at any past position, and replayed over old histories. The Director
carries decisions out and asks again; a decision carried out twice changes nothing (see ``asset.py``).

Rejected: a queue of prepared tasks (state that the log does not hold), and reactions per event type
(a job that missed one reaction would hang; asking "what is missing?" cannot).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.failures import Code, Failure
from domain.film_plan import (
    Assets,
    expected_assets,
    inputs_of,
    references,
    scene_count,
)
from domain.job import Job
from domain.script import Stage

ROUNDING_USD = 1e-9
"""Three times 0.1 is a little more than 0.3 to a computer, and can be afforded with 0.3 all the same."""

MAX_LOST_ATTEMPTS = 5
"""An asset whose worker dies this often is taken to be what kills it."""


def failed_assets(job: Job, assets: Assets) -> list[Asset]:
    """What failed for good in this run, first failure first. What failed in an earlier run is work to do."""
    failed = [a for a in assets.values() if a.status == "failed" and a.failed_in_run == job.run]
    return sorted(failed, key=lambda asset: asset.modified_on)


# ---- decisions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StartStage:
    stage: Stage


@dataclass(frozen=True)
class CompleteStage:
    stage: Stage
    assets: int
    elapsed_s: float
    requests: int
    tokens: int
    cost_usd: float
    unpriced: int


@dataclass(frozen=True)
class RequestAsset:
    """Ask for a revision, made from these inputs: ``[{id, name, revision, digest}]``."""

    key: AssetKey
    revision: int
    inputs: list[dict[str, Any]] = field(hash=False)


@dataclass(frozen=True)
class OrderAttempt:
    key: AssetKey
    revision: int
    attempt: int
    reserve_usd: float | None


@dataclass(frozen=True)
class FailAsset:
    key: AssetKey
    failure: Failure


@dataclass(frozen=True)
class WaitUntil:
    """Nothing to do for this asset before ``at``."""

    key: AssetKey
    at: datetime


@dataclass(frozen=True)
class CompleteJob:
    pass


@dataclass(frozen=True)
class FailJob:
    """The job ends; what was asked for but not started is withdrawn in the same transaction."""

    failure: Failure
    withdraw: tuple[AssetKey, ...]


@dataclass(frozen=True)
class CancelJob:
    withdraw: tuple[AssetKey, ...]


Decision = (
    StartStage
    | CompleteStage
    | RequestAsset
    | OrderAttempt
    | FailAsset
    | WaitUntil
    | CompleteJob
    | FailJob
    | CancelJob
)


def recorded_price(asset: Asset) -> float | None:
    """The worst case of one call, as it was when the asset was requested."""
    return asset.recipe.reservation_usd


def workflow(
    job: Job,
    assets: Assets,
    now: datetime,
    ordered: Mapping[AssetKey, float | None] | None = None,
    price: Callable[[Asset], float | None] = recorded_price,
) -> list[Decision]:
    """What to do next, in order. Empty: wait for something to happen.

    ``ordered`` holds the orders that workers have but have not begun, with what each reserves (USD); they are
    not given again, and their reservations count against the budget. ``price`` is the worst case of an
    asset's next call at the prices of ``now``: an asset may wait longer than a price holds.
    """
    if job.ended:
        return []
    scenes = scene_count(assets)
    expected = expected_assets(job.options, scenes)
    current = _current(job, assets, expected, scenes)
    # A stage that is done is told as done, also while the job is about to end.
    stages = list(_complete_stages(job, assets, now, expected, current)) if scenes is not None else []
    in_flight = any(a.open_attempt for a in assets.values())
    if job.cancel_requested:
        return stages if in_flight else [*stages, CancelJob(_unstarted(assets))]
    failed = failed_assets(job, assets)
    if failed:
        assert failed[0].failure is not None
        return stages if in_flight else [*stages, FailJob(failed[0].failure, _unstarted(assets))]
    hopeless = list(_hopeless(job, assets))
    if hopeless:
        return [*stages, *hopeless]
    if scenes is not None and all(current.values()):
        # A second attempt may still be open where the first one's answer came late: its cost is awaited.
        return stages if in_flight else [*stages, CompleteJob()]
    budget = _Budget(job, assets, ordered or {}, price)
    return [*stages, *_advance(job, assets, now, ordered or {}, expected, current, budget)]


def _unstarted(assets: Assets) -> tuple[AssetKey, ...]:
    return tuple(key for key, a in assets.items() if a.status in ("requested", "waiting"))


def _hopeless(job: Job, assets: Assets) -> Iterator[FailAsset]:
    """Assets whose last attempt ended and that no other attempt will follow."""
    for key, asset in assets.items():
        last = asset.last_attempt
        if asset.status != "waiting" or last is None:
            continue
        if last.status == "failed" and last.retry_at is None:
            assert last.failure is not None
            yield FailAsset(key, last.failure)
        elif last.status == "lost" and sum(a.status == "lost" for a in asset.attempts) >= MAX_LOST_ATTEMPTS:
            yield FailAsset(
                key,
                Failure.of(
                    Code.ATTEMPTS_EXHAUSTED,
                    stage=key.stage.value,
                    asset=key.name,
                    attempt=last.number,
                    model=asset.recipe.model,
                    message=f"The worker died {MAX_LOST_ATTEMPTS} times while making {key.name}.",
                    may_have_been_billed=asset.is_paid,
                ),
            )
        elif last.status == "lost" and asset.is_paid and job.options.on_lost_call == "stop":
            yield FailAsset(
                key,
                Failure.of(
                    Code.LOST_CALL_NOT_REPEATED,
                    stage=key.stage.value,
                    asset=key.name,
                    attempt=last.number,
                    model=asset.recipe.model,
                    message=f"The worker died during attempt {last.number}; its call may have been billed, "
                    "and on_lost_call is stop.",
                    may_have_been_billed=True,
                ),
            )


def _advance(
    job: Job,
    assets: Assets,
    now: datetime,
    ordered: Mapping[AssetKey, float | None],
    expected: list[AssetKey],
    current: Mapping[AssetKey, bool],
    budget: "_Budget",
) -> Iterator[Decision]:
    started = _started_stages(job)
    for key in expected:
        if current[key] or key in ordered:
            continue
        for decision in _next_for(key, job, assets, now, current, budget):
            if isinstance(decision, RequestAsset | OrderAttempt) and key.stage not in started:
                started.add(key.stage)
                yield StartStage(key.stage)
            yield decision
            if isinstance(decision, FailAsset):
                return  # nothing new is started once an asset has failed


def _started_stages(job: Job) -> set[Stage]:
    return {stage for stage, run in job.stage_runs.items() if run == job.run}


def _current(job: Job, assets: Assets, expected: list[AssetKey], scenes: int | None) -> dict[AssetKey, bool]:
    """Tell of each expected asset whether its latest revision is made from the latest of its inputs."""
    current: dict[AssetKey, bool] = {}
    seen = references(assets)
    for key in expected:
        asset = assets.get(key)
        product = asset.product if asset else None
        inputs = inputs_of(key, job.options, scenes or 0, seen)
        current[key] = (
            asset is not None
            and product is not None
            and all(current[i] for i in inputs)
            and asset.inputs == {i.name: _digest(assets, i) for i in inputs}
        )
    return current


def _digest(assets: Assets, key: AssetKey) -> str | None:
    asset = assets.get(key)
    return asset.product.digest if asset and asset.product else None


def _next_for(
    key: AssetKey,
    job: Job,
    assets: Assets,
    now: datetime,
    current: Mapping[AssetKey, bool],
    budget: "_Budget",
) -> Iterator[Decision]:
    asset = assets.get(key)
    inputs = inputs_of(key, job.options, scene_count(assets) or 0, references(assets))
    if not all(current[i] for i in inputs):
        return
    digests = {i.name: _digest(assets, i) for i in inputs}
    made = asset is not None and asset.product is not None
    outdated = asset is not None and asset.inputs != digests
    failed_before = asset is not None and asset.status == "failed"
    if asset is None or ((made or outdated or failed_before) and asset.open_attempt is None):
        revision = 1 if asset is None else asset.revision + 1
        yield RequestAsset(key, revision, _references(job.id, assets, inputs))
        return
    if asset.status not in ("requested", "waiting"):
        return
    last = asset.last_attempt
    if last is not None and last.retry_at is not None and last.retry_at > now:
        yield WaitUntil(key, last.retry_at)
        return
    yield from budget.order(asset)


def _references(job_id: UUID, assets: Assets, inputs: list[AssetKey]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(i.id_in(job_id)),
            "name": i.name,
            "revision": assets[i].revision,
            "digest": _digest(assets, i),
        }
        for i in inputs
    ]


class _Budget:
    """Reserves each order's worst case, so that what is spent can never pass ``max_cost_usd``."""

    def __init__(
        self,
        job: Job,
        assets: Assets,
        ordered: Mapping[AssetKey, float | None],
        price: Callable[[Asset], float | None],
    ) -> None:
        self.limit = job.max_cost_usd
        self.price = price
        # A call whose cost nobody knows may have cost all that was reserved for it.
        self.spent = sum(a.spent_usd + a.unknown_usd for a in assets.values())
        self.reserved = sum(a.reserved_usd for a in assets.values()) + sum(v or 0.0 for v in ordered.values())

    def order(self, asset: Asset) -> Iterator[Decision]:
        price = self.price(asset)
        order = OrderAttempt(asset.key, asset.revision, len(asset.attempts) + 1, price)
        if self.limit is None or not asset.is_paid:
            yield order
        elif price is None:
            yield FailAsset(
                asset.key, self._refusal(asset, Code.UNPRICED_MODEL, "its model has no known price", price)
            )
        elif self.spent + self.reserved + price <= self.limit + ROUNDING_USD:
            self.reserved += price
            yield order
        elif self.reserved == 0:
            # Nothing in flight could give money back: the step cannot be afforded.
            message = (
                f"USD {self.spent:.4f} is spent, this step may cost up to USD {price:.4f}, "
                f"and max_cost_usd is {self.limit:.4f}"
            )
            yield FailAsset(asset.key, self._refusal(asset, Code.OVER_BUDGET, message, price))

    def _refusal(self, asset: Asset, code: Code, message: str, price: float | None) -> Failure:
        return Failure.of(
            code,
            stage=asset.key.stage.value,
            asset=asset.key.name,
            model=asset.recipe.model,
            message=message,
            details={
                "spent_usd": self.spent,
                "step_usd": price,
                "max_cost_usd": self.limit,
            },
        )


def _complete_stages(
    job: Job,
    assets: Assets,
    now: datetime,
    expected: list[AssetKey],
    current: Mapping[AssetKey, bool],
) -> Iterator[Decision]:
    for stage in Stage:
        keys = [k for k in expected if k.stage is stage]
        if not keys or not all(current[k] for k in keys) or job.stages.get(stage) == "completed":
            continue
        members = [assets[k] for k in keys]
        if any(a.open_attempt for a in members):
            continue
        begun = now
        if stage in _started_stages(job):
            begun = job.stage_started_at[stage]
        else:  # all of it was reused, or finished after an earlier run had ended
            yield StartStage(stage)
        yield CompleteStage(
            stage,
            assets=len(keys),
            elapsed_s=max(0.0, (now - begun).total_seconds()),
            requests=sum(a.requests for a in members),
            tokens=sum(a.tokens for a in members),
            cost_usd=round(sum(a.spent_usd for a in members), 6),
            unpriced=sum(a.unpriced for a in members),
        )
