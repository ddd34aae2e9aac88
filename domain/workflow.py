"""What to do next for one job: a pure function of its film and the time.

``workflow`` is the whole brain of the Director. It reads no clock, no store and no blob, so that every
decision can be tested, explained at any past position, and replayed over old histories. The Director
carries decisions out (``carry_out.py``) and asks again; a decision carried out twice changes nothing (see
``asset.py``). It looks only at what could be made now: the film knows which assets these are.

Rejected: a queue of prepared tasks (state that the log does not hold), and reactions per event type
(a job that missed one reaction would hang; asking "what is missing?" cannot).

Longer than other modules, since decisions and the one function that makes them are read side by side.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.asset import Asset, AssetKey, InputRef
from domain.asset_parts import MAX_RESUMES, Attempt, Receipt
from domain.failures import Code, Failure
from domain.film import Film
from domain.review import Review, before_approval, pending_review
from domain.script import Stage
from domain.statuses import AttemptStatus, StageStatus

ROUNDING_USD = 1e-9
"""Three times 0.1 is a little more than 0.3 to a computer, and can be afforded with 0.3 all the same."""

MAX_LOST_ATTEMPTS = 5
"""An asset whose worker dies this often is taken to be what kills it."""


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
    """Ask for a revision, made from these inputs."""

    key: AssetKey
    revision: int
    inputs: tuple[InputRef, ...]


@dataclass(frozen=True)
class OrderAttempt:
    key: AssetKey
    revision: int
    attempt: int
    reserve_usd: float | None


@dataclass(frozen=True)
class ResumeAttempt:
    """Have a worker ask for an accepted call that ``worker`` no longer asks for: no new request."""

    key: AssetKey
    revision: int
    attempt: int
    worker: str
    resumes: int
    receipt: Receipt


@dataclass(frozen=True)
class CancelCall:
    """The same of a job that is to be cancelled: the provider is asked to cancel it, and the attempt ends."""

    key: AssetKey
    revision: int
    attempt: int
    worker: str
    resumes: int
    receipt: Receipt


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
class RequestReview:
    """Wait for a person to approve what is made so far."""

    review: Review


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
    | ResumeAttempt
    | CancelCall
    | FailAsset
    | WaitUntil
    | RequestReview
    | CompleteJob
    | FailJob
    | CancelJob
)


def recorded_price(asset: Asset) -> float | None:
    """The worst case of one call, as it was when the asset was requested."""
    return asset.recipe.reservation_usd


def workflow(  # noqa: PLR0911 - one way for each state of affairs
    film: Film,
    now: datetime,
    ordered: Mapping[AssetKey, float | None] | None = None,
    price: Callable[[Asset], float | None] = recorded_price,
    abandoned: Collection[AssetKey] = (),
) -> list[Decision]:
    """What to do next, in order. Empty: wait for something to happen.

    ``ordered`` holds the orders that workers have or will get, with what each reserves (USD); they are not
    given again, and their reservations count against the budget until their attempts are open. ``price`` is
    the worst case of an asset's next call at the prices of ``now``: an asset may wait longer than a price
    holds. ``abandoned`` are those with an attempt under way that nobody makes any more.
    """
    job = film.job
    if job.ended:
        return []
    # Whatever else is to happen waits for what is under way: an accepted call is gone on with in any case.
    resumed: list[Decision] = list(_resume(film, ordered or {}, abandoned)) if abandoned else []
    if film.obstacle is not None:
        return resumed if film.open else [FailJob(film.obstacle, _unstarted(film))]
    # A stage that is done is told as done, also while the job is about to end.
    stages = [*(_complete_stages(film, now) if film.scenes is not None else ()), *resumed]
    if job.cancel_requested:
        return stages if film.open else [*stages, CancelJob(_unstarted(film))]
    if failed := film.failed:
        assert failed[0].failure is not None
        return stages if film.open else [*stages, FailJob(failed[0].failure, _unstarted(film))]
    hopeless = list(_hopeless(film)) if film.waiting else []
    if hopeless:
        return [*stages, *hopeless]
    if film.is_complete:
        # A second attempt may still be open where the first one's answer came late: its cost is awaited.
        return stages if film.open else [*stages, CompleteJob()]
    if job.awaits_review:
        return stages
    budget = _Budget(film, ordered or {}, price)
    review = pending_review(film) if job.options.review else None
    if review is None:
        return [*stages, *_advance(film, now, ordered or {}, budget)]
    # What a person has asked for meanwhile is made too, whatever it is.
    within = before_approval(film, review) | film.unstarted
    if within.intersection(film.ready) or not before_approval(film, review) <= film.current:
        return [*stages, *_advance(film, now, ordered or {}, budget, within)]
    return stages if film.open else [*stages, RequestReview(review)]


def _resume(
    film: Film, ordered: Mapping[AssetKey, float | None], abandoned: Collection[AssetKey]
) -> Iterator[ResumeAttempt | CancelCall]:
    decide = CancelCall if film.job.cancel_requested else ResumeAttempt
    for key in film.in_order(film.open.intersection(abandoned).difference(ordered)):
        asset = film.assets[key]
        attempt = asset.open_attempt
        if attempt is not None and attempt.receipt is not None and attempt.is_resumable:
            yield decide(
                key, asset.revision, attempt.number, attempt.worker, attempt.resumes, attempt.receipt
            )


def _unstarted(film: Film) -> tuple[AssetKey, ...]:
    return tuple(film.in_order(film.unstarted))


def _hopeless(film: Film) -> Iterator[FailAsset]:
    """Assets whose last attempt ended and that no other attempt will follow."""
    for key in film.in_order(film.waiting):
        asset = film.assets[key]
        last = asset.last_attempt
        if last is None:
            continue
        if last.status == AttemptStatus.FAILED and last.retry_at is None:
            assert last.failure is not None
            yield FailAsset(key, last.failure)
        elif last.status == AttemptStatus.LOST:
            yield from _too_often_lost(film, asset, last)


def _too_often_lost(film: Film, asset: Asset, last: Attempt) -> Iterator[FailAsset]:
    lost = sum(a.status == AttemptStatus.LOST for a in asset.attempts)
    resumes = max(a.resumes for a in asset.attempts)
    if lost >= MAX_LOST_ATTEMPTS or resumes >= MAX_RESUMES:
        code, billed = Code.ATTEMPTS_EXHAUSTED, asset.is_paid
        message = f"The worker died {max(lost, resumes)} times while making {asset.key.name}."
    elif asset.is_paid and film.job.options.on_lost_call == "stop":
        code, billed = Code.LOST_CALL_NOT_REPEATED, True
        message = (
            f"The worker died during attempt {last.number}; its call may have been billed, "
            "and on_lost_call is stop."
        )
    else:
        return
    failure = Failure.of(
        code,
        stage=asset.key.stage.value,
        asset=asset.key.name,
        attempt=last.number,
        model=asset.recipe.model,
        message=message,
        may_have_been_billed=billed,
        response_id=last.receipt.call_id if last.receipt is not None else None,
        elapsed_s=_seconds_of(last),
        prompt_digest=asset.recipe.prompt_digest,
        details={"worker": last.worker},
    )
    yield FailAsset(asset.key, failure)


def _seconds_of(attempt: Attempt) -> float | None:
    """Until it was known that nobody will answer."""
    if attempt.ended_at is None:
        return None
    return max(0.0, round((attempt.ended_at - attempt.started_at).total_seconds(), 3))


def _advance(
    film: Film,
    now: datetime,
    ordered: Mapping[AssetKey, float | None],
    budget: "_Budget",
    within: Collection[AssetKey] | None = None,
) -> Iterator[Decision]:
    """What is made next; ``within`` are the only ones that may be, None where all may."""
    job = film.job
    started = {stage for stage, run in job.stage_runs.items() if run == job.run}
    ready = film.ready if within is None else film.ready.intersection(within)
    for key in film.in_order(ready.difference(film.open, ordered)):
        for decision in _next_for(film, key, now, budget):
            if isinstance(decision, RequestAsset | OrderAttempt) and key.stage not in started:
                started.add(key.stage)
                yield StartStage(key.stage)
            yield decision
            if isinstance(decision, FailAsset):
                return  # nothing new is started once an asset has failed


def _next_for(film: Film, key: AssetKey, now: datetime, budget: "_Budget") -> Iterator[Decision]:
    """For an asset that can be made: nothing of it is under way."""
    asset = film.assets.get(key)
    # What is made is not current, or was made from something older; what is idle may have been asked for so.
    if asset is None or not asset.is_idle or film.is_outdated(asset):
        revision = 1 if asset is None else asset.revision + 1
        yield RequestAsset(key, revision, film.inputs_with_digests(key))
        return
    last = asset.last_attempt
    if last is not None and last.retry_at is not None and last.retry_at > now:
        yield WaitUntil(key, last.retry_at)
        return
    yield from budget.order(asset)


class _Budget:
    """Reserves each order's worst case, so that what is spent can never pass ``max_cost_usd``."""

    def __init__(
        self,
        film: Film,
        ordered: Mapping[AssetKey, float | None],
        price: Callable[[Asset], float | None],
    ) -> None:
        self.limit = film.job.max_cost_usd
        self.price = price
        self.spent = self.reserved = 0.0
        if self.limit is not None:
            self.spent = film.counted_usd
            # An order that has begun reserves through its open attempt; it is not counted twice.
            waiting = (usd or 0.0 for key, usd in ordered.items() if key not in film.open)
            self.reserved = film.reserved_usd + sum(waiting)

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
            prompt_digest=asset.recipe.prompt_digest,
            details={
                "spent_usd": self.spent,
                "step_usd": price,
                "max_cost_usd": self.limit,
            },
        )


def _complete_stages(film: Film, now: datetime) -> Iterator[Decision]:
    job = film.job
    for stage in film.stages_made():
        if job.stages.get(stage) == StageStatus.COMPLETED or film.is_busy(stage):
            continue
        made = [film.assets[key] for key in film.graph.members[stage] if not film.is_spared(key)]
        if not made:
            continue
        begun = now
        if job.stage_runs.get(stage) == job.run:
            begun = job.stage_started_at[stage]
        else:  # all of it was reused, or finished after an earlier run had ended
            yield StartStage(stage)
        took = [asset.took_in(job.run) for asset in made]  # as the seconds: of this run alone
        yield CompleteStage(
            stage,
            assets=len(made),
            elapsed_s=max(0.0, (now - begun).total_seconds()),
            requests=sum(each.requests for each in took),
            tokens=sum(each.tokens for each in took),
            cost_usd=round(sum(each.spent_usd for each in took), 6),
            unpriced=sum(each.unpriced for each in took),
        )
