"""The outcome of an attempt, on record: made, failed, cancelled, or superseded by another.

A store that cannot be written is tried again until it can; the attempt stays open meanwhile. Whether another
attempt follows is decided here, once, and stands in the event, so that a replay never decides anew.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

from actors.work import workshop
from actors.work.asset_changes import AssetChanges
from actors.work.stage import Made, Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from actors.work.workshop import STORE_TRIES, Workshop
from domain.asset import Asset, Attempt
from domain.failures import CAUSES, Code, Failure, RetryPolicy, Tried, decide_retry, passes_by_itself
from domain.store import ConflictError

log = logging.getLogger("reelog.worker")

NOTABLE_WAIT_S = 0.1


class Stored(NamedTuple):
    """Where the bytes of what was made are, by digest."""

    digest: str
    size: int
    request: str | None
    raw: str | None
    extras: dict[str, str]


@dataclass
class Begun:
    """An attempt that is on record as begun."""

    position: int
    """Of its latest event, which causes the next."""
    asset: Asset | None
    """As of then: what follows is appended to this, and read anew only where somebody else wrote since."""
    prompt: str | Exception | None
    resumed: Attempt | None = None
    """Where an accepted call of another worker is gone on with."""


class Outcomes:
    """Records what came of the attempts of one worker process."""

    def __init__(self, shop: Workshop, changes: AssetChanges) -> None:
        self._shop = shop
        self._changes = changes

    async def generated(
        self,
        order: Order,
        made: Made,
        stored: Stored,
        started: Begun,
        elapsed: float,
    ) -> str:
        """The asset is made of these bytes; gives ``generated``, or ``superseded`` by another."""
        digest, size, request, raw, extras = stored
        provenance = {
            "provider": order.brief.provider if order.is_paid else "reelog",
            "worker": self._shop.worker,
            **_throttled(order),
            **made.provenance,
            **({"request_digest": request} if request else {}),
            **({"raw_digest": raw} if raw else {}),
        }

        accepted = False

        def decide(asset: Asset) -> None:
            nonlocal accepted
            accepted = asset.generate(
                order.revision,
                order.attempt,
                run=order.brief.run,
                now=self._shop.clock(),
                causation=started.position,
                digest=digest,
                media_type=made.media_type,
                size=size,
                facts={**made.facts, **extras},
                provenance=provenance,
                usage=made.usage,
                cost_usd=made.cost_usd,
                latency_s=round(elapsed, 3),
            )
            if not accepted:
                # Another attempt was first. What this one cost is recorded all the same.
                asset.fail_attempt(
                    order.revision,
                    order.attempt,
                    self._placed(order, Failure.of(Code.SUPERSEDED, "Another attempt had made it."), elapsed),
                    run=order.brief.run,
                    now=self._shop.clock(),
                    causation=started.position,
                    usage=made.usage,
                    cost_usd=made.cost_usd,
                    worker=self._shop.worker,
                )

        await self._record(order, decide, started, made.usage, made.cost_usd)
        return "generated" if accepted else "superseded"

    async def failed(
        self,
        order: Order,
        failure: Failure,
        started: Begun,
        elapsed: float,
        *,
        outcome: str = "failed",
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
    ) -> str:
        """The attempt ended with this failure; gives ``outcome``."""
        failure = self._placed(order, failure, elapsed)
        if failure.may_have_been_billed and usage is None:
            # Nobody will ever tell what it cost: assume what was reserved, so that no cap can be passed.
            cost_usd = order.recipe.reservation_usd
        jitter = self._shop.jitter()

        def decide(asset: Asset) -> None:
            now = self._shop.clock()
            told, retry_at, retry_until = failure, None, None
            if outcome != "cancelled":
                tried = asset.tried(order.attempt, failure, now)
                wait, told = self._decide_retry(order, failure, tried, jitter)
                if wait is not None:
                    retry_at = now + timedelta(seconds=wait)
                    if passes_by_itself(failure):
                        retry_until = now + timedelta(seconds=self._policy(order).patience_s - tried.waited_s)
            asset.fail_attempt(
                order.revision,
                order.attempt,
                told,
                run=order.brief.run,
                now=now,
                causation=started.position,
                retry_at=retry_at,
                retry_until=retry_until,
                usage=usage,
                cost_usd=cost_usd,
                worker=self._shop.worker,
            )

        await self._record(order, decide, started, usage, cost_usd)
        return outcome

    async def _record(
        self,
        order: Order,
        decide: Callable[[Asset], None],
        started: Begun,
        usage: dict[str, Any] | None,
        cost_usd: float | None,
    ) -> None:
        """Append an outcome; a store that cannot be written is tried again until it can.

        The attempt stays open meanwhile. Should the worker die before, the Director tells it as lost. An
        outcome that no store takes (it holds what is no JSON) gives way to a failure which says so.
        """
        tries = 0
        while True:
            try:
                # Once: an append that failed has changed it.
                begin_with, started.asset = started.asset, None
                await self._changes.change(order.asset_id, decide, begin_with)
            except (*TRANSIENT_ERRORS, ConflictError) as error:
                log.warning("the outcome of %s waits: %s", order.name, error)
            except Exception as error:
                log.exception("the outcome of %s cannot be recorded", order.name)
                tries += 1
                if tries == STORE_TRIES:
                    decide = self._unrecordable(order, error, started, usage, cost_usd)
            else:
                return
            await asyncio.sleep(workshop.APPEND_RETRY_S)

    def _unrecordable(
        self,
        order: Order,
        error: Exception,
        started: Begun,
        usage: dict[str, Any] | None,
        cost_usd: float | None,
    ) -> Callable[[Asset], None]:
        """The plainest outcome: that there was one, what it cost, and why it is not on record."""
        paid = order.is_paid
        failure = Failure.of(
            Code.INTERNAL_ERROR,
            f"The outcome could not be recorded: {type(error).__name__}: {error}",
            stage=order.key.stage.value,
            asset=order.key.name,
            attempt=order.attempt,
            model=order.recipe.model,
            may_have_been_billed=paid,
            prompt_digest=order.recipe.prompt_digest,
        )

        def decide(asset: Asset) -> None:
            asset.fail_attempt(
                order.revision,
                order.attempt,
                failure,
                run=order.brief.run,
                now=self._shop.clock(),
                causation=started.position,
                usage=_plain(usage),
                cost_usd=cost_usd,
                worker=self._shop.worker,
            )

        return decide

    def _policy(self, order: Order) -> RetryPolicy:
        """How patient this job is: as it asks, else as this worker is set."""
        asked = order.brief.options.patience_s
        return self._shop.policy if asked is None else replace(self._shop.policy, patience_s=asked)

    def _decide_retry(
        self, order: Order, failure: Failure, tried: Tried, jitter: float
    ) -> tuple[float | None, Failure]:
        """The wait before another attempt, if any; a failure that is given up says why."""
        policy = self._policy(order)
        wait = decide_retry(failure, tried, policy, jitter)
        if wait is None and passes_by_itself(failure):
            return None, failure.within(hint=f"{failure.hint} {_impatient(failure, tried, policy)}")
        if wait is None or order.brief.options.on_lost_call == "retry":
            return wait, failure
        wait = decide_retry(failure, tried, replace(policy, repeat_lost_calls=False), jitter)
        if wait is None:
            failure = failure.within(hint=CAUSES[Code.LOST_CALL_NOT_REPEATED].hint)
        return wait, failure

    def _placed(self, order: Order, failure: Failure, elapsed: float) -> Failure:
        return failure.within(
            stage=order.key.stage.value,
            asset=order.key.name,
            attempt=order.attempt,
            model=failure.model or order.recipe.model,
            elapsed_s=round(elapsed, 3) if failure.elapsed_s is None else failure.elapsed_s,
            prompt_digest=order.recipe.prompt_digest,
            details={**failure.details, **_throttled(order)},
        )


def _throttled(order: Order) -> dict[str, Any]:
    """How long the model kept the call waiting, where it is worth telling."""
    return {"throttled_s": order.throttled_s} if order.throttled_s >= NOTABLE_WAIT_S else {}


def _plain(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    """Token counts, where they can be stored."""
    try:
        kept: dict[str, Any] | None = json.loads(json.dumps(usage, allow_nan=False))
    except (TypeError, ValueError):
        return None
    return kept


def _impatient(failure: Failure, tried: Tried, policy: RetryPolicy) -> str:
    """Why what passes by itself is not waited for any longer."""
    asked = failure.retry_after_s
    if tried.waited_s < policy.patience_s and asked is not None:
        left = f"is left of {policy.patience_s:.0f} s"
        why = f"The provider asks for a wait of {asked:.0f} s, longer than {left}"
    else:
        why = f"It was tried {tried.passing} times in {tried.waited_s:.0f} s"
    return f"{why}; REELOG_PATIENCE, or the job's patience_s, gives it longer."
