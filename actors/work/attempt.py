"""The one way to make an asset: start, make, store, record.

Every attempt of every stage goes through here, so that these promises are kept once for all:

1. nothing is called before ``asset.attempt_started`` is durable, so a call in flight is never forgotten;
2. bytes are durable before ``asset.generated`` names them, so no event points at nothing;
3. whatever happens, the attempt ends in an event: made, failed, cancelled, or superseded by another;
4. an order that is out of date, or delivered twice, does nothing.

This is one of the two places where any exception is caught: an attempt is supervised, and what was caught
is recorded with its traceback.
"""

import asyncio
import errno
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from actors.blobs.folder import BlobError, BlobStoreUnavailableError
from actors.work.ground import GROUND
from actors.work.stage import Inputs, Made, MakeFailedError, Order, StageActor, Task, unforeseen
from domain.asset import Asset
from domain.checkpoints import reached
from domain.failures import (
    CAUSES,
    AttemptFailedError,
    Code,
    Failure,
    RetryPolicy,
    Tried,
    decide_retry,
    passes_by_itself,
)
from domain.ports import BlobStore
from domain.script import PROVIDER_KINDS, Stage
from domain.store import ConflictError, Studio

log = logging.getLogger("reelog.worker")

APPEND_RETRY_S = 1.0
"""Pause between tries to record an outcome while the store cannot be written."""

NOTABLE_WAIT_S = 0.1
STORE_TRIES = 3
"""How often a paid answer is offered to an asset store that does not take it."""


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Workshop:
    """One worker process: where it reads and writes, who it is, and how patient it is."""

    studio: Studio
    blobs: BlobStore
    worker: str
    stages: Mapping[Stage, StageActor]
    present: Callable[[], bool] = lambda: True
    """Sees to it that this worker's presence is held; nothing is begun by a worker that passes for dead."""
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    clock: Callable[[], datetime] = now_utc
    jitter: Callable[[], float] = random.random


@dataclass
class _Running:
    job_id: UUID
    cancelled: threading.Event
    task: "asyncio.Task[Any] | None"


class _Stored(NamedTuple):
    """Where the bytes of what was made are, by digest."""

    digest: str
    size: int
    request: str | None
    raw: str | None
    extras: dict[str, str]


class Attempts:
    """Makes the attempts that one worker process is ordered to make, many at a time."""

    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop
        self._running: dict[str, _Running] = {}

    @property
    def running(self) -> list[str]:
        return sorted(self._running)

    def cancel(self, job_id: UUID) -> int:
        """Stop this job's attempts: provider calls are dropped, renderers told. Gives how many there were."""
        mine = [r for r in list(self._running.values()) if r.job_id == job_id]
        for attempt in mine:
            attempt.cancelled.set()
            if attempt.task is not None:
                # Ray runs control calls on another thread's loop than the attempts.
                attempt.task.get_loop().call_soon_threadsafe(attempt.task.cancel)
        return len(mine)

    async def perform(self, order: Order) -> str:
        """Make one attempt; gives ``generated``, ``failed``, ``cancelled``, ``superseded`` or ``stale``."""
        if order.name in self._running:
            return "stale"
        running = _Running(order.brief.job_id, threading.Event(), None)
        self._running[order.name] = running
        try:
            started = await self._begin(order)
            if started is None:
                return "stale"
            return await self._make(order, running, started)
        finally:
            del self._running[order.name]

    # ---- the steps ----------------------------------------------------------------------------------

    async def _begin(self, order: Order) -> int | None:
        """Record that the attempt begins, as soon as that can be done.

        A store that went away in mid-append may have recorded it all the same; giving up then would leave an
        attempt that nobody makes and that nobody may call lost, as this worker lives.
        """
        tried = False
        while True:
            try:
                if self._shop.present():
                    return await asyncio.to_thread(self._start, order, again=tried)
            except GROUND as error:
                tried = True
                log.warning("%s cannot begin: %s", order.name, error)
            await asyncio.sleep(APPEND_RETRY_S)

    def _start(self, order: Order, *, again: bool = False) -> int | None:
        """Record that the attempt begins; None when the order is out of date. Gives the event's position.

        ``again``: an append of the same start was not acknowledged. Without it, an attempt that this worker
        has open was begun by an earlier order and may have been paid for: it is told as lost, not made twice.
        """
        asset, saved = self._shop.studio.change_asset(
            order.asset_id,
            lambda asset: asset.start_attempt(
                order.revision,
                order.attempt,
                self._shop.worker,
                run=order.brief.run,
                now=self._shop.clock(),
                causation=order.causation,
                reserved_usd=order.recipe.reservation_usd if order.key.kind in PROVIDER_KINDS else 0.0,
            ),
        )
        mine = asset.open_attempt
        if again and saved.position is None and mine is not None and asset.revision == order.revision:
            unacknowledged = (mine.number, mine.worker) == (order.attempt, self._shop.worker)
            return (order.causation or 0) if unacknowledged else None
        return saved.position

    async def _make(self, order: Order, running: _Running, started: int) -> str:
        begun = time.monotonic()
        stage = self._shop.stages[order.key.stage]
        asked = False  # whether a provider may have been
        task: Task | None = None
        try:
            task = await asyncio.to_thread(self._task, order, running.cancelled)
            reached("before:making", order.key.name)
            running.task = asyncio.ensure_future(stage.make(task))
            if running.cancelled.is_set():  # before there was a task to cancel: it does not begin
                running.task.cancel()
            else:
                asked = order.key.kind in PROVIDER_KINDS
            made = await running.task
            reached("after:making", order.key.name)
            stored = await self._keep_safe(order, made)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            current = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and current is not None and current.cancelling():
                raise  # the worker itself is ending; the Director will tell the attempt as lost
            return await self._end_badly(order, error, running, started, begun, asked=asked)
        finally:
            if task is not None:
                task.clear()
        elapsed = time.monotonic() - begun
        return await self._succeed(order, made, stored, started, elapsed)

    async def _end_badly(
        self,
        order: Order,
        error: BaseException,
        running: _Running,
        started: int,
        begun: float,
        *,
        asked: bool,
    ) -> str:
        """Record what the attempt raised; ``asked`` tells whether a provider may have heard of it."""
        if isinstance(error, MakeFailedError):
            failure = await asyncio.to_thread(self._documented, error)
            return await self._fail(
                order, failure, started, begun, usage=error.usage, cost_usd=error.cost_usd
            )
        if running.cancelled.is_set() and isinstance(error, AttemptFailedError | asyncio.CancelledError):
            failure = self._cancelled(may_have_been_billed=asked)
            return await self._fail(order, failure, started, begun, outcome="cancelled")
        return await self._fail(order, _told(error, may_have_been_billed=asked), started, begun)

    def _task(self, order: Order, cancelled: threading.Event) -> Task:
        inputs = Inputs({s.name: s for s in order.sources}, self._shop.blobs)
        digest = order.recipe.prompt_digest
        prompt = self._shop.blobs.get(digest).decode() if digest else None
        return Task(order, inputs, prompt, cancelled)

    def _store(self, made: Made) -> "_Stored":
        if isinstance(made.data, Path):
            digest, size = self._shop.blobs.put_file(made.data)
        else:
            digest, size = self._shop.blobs.put(made.data), len(made.data)
        request, raw = self._keep(made.request, made.raw)
        extras = {name: self._shop.blobs.put(data) for name, data in made.extras.items()}
        return _Stored(digest, size, request, raw, extras)

    async def _keep_safe(self, order: Order, made: Made) -> "_Stored":
        """Store what was made. A paid answer is offered to a failing store again before it is given up.

        What it cost is told whatever happens to it here.
        """
        paid = order.key.kind in PROVIDER_KINDS
        tries = STORE_TRIES if paid else 1
        for left in reversed(range(tries)):
            try:
                return await asyncio.to_thread(self._store, made)
            except Exception as error:
                if left:
                    await asyncio.sleep(APPEND_RETRY_S)
                    continue
                failure = _told(error, may_have_been_billed=paid)
                if paid:
                    # Another attempt would pay for the same answer again: a person decides.
                    failure = failure.within(retryable=False)
                raise MakeFailedError(
                    failure, usage=made.usage, cost_usd=made.cost_usd, request=made.request, raw=made.raw
                ) from error
        raise AssertionError("the last try returns or raises")

    def _documented(self, error: MakeFailedError) -> Failure:
        """The failure with the digests of what was sent and what came back, where they can be stored."""
        try:
            request, raw = self._keep(error.request, error.raw)
        except Exception as unkept:  # noqa: BLE001 - the failure itself is to be told in any case
            told = {"request_and_answer_not_kept": str(unkept) or type(unkept).__name__}
            return error.failure.within(details={**error.failure.details, **told})
        return error.failure.within(
            raw_digest=raw, details={**error.failure.details, "request_digest": request}
        )

    def _keep(self, request: bytes | None, raw: bytes | None) -> tuple[str | None, str | None]:
        put = self._shop.blobs.put
        return (put(request) if request else None), (put(raw) if raw else None)

    async def _succeed(
        self,
        order: Order,
        made: Made,
        stored: "_Stored",
        started: int,
        elapsed: float,
    ) -> str:
        digest, size, request, raw, extras = stored
        provenance = {
            "provider": order.brief.provider if order.key.kind in PROVIDER_KINDS else "reelog",
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
                causation=started,
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
                    causation=started,
                    usage=made.usage,
                    cost_usd=made.cost_usd,
                )

        await self._record(order, decide, started, made.usage, made.cost_usd)
        return "generated" if accepted else "superseded"

    async def _fail(
        self,
        order: Order,
        failure: Failure,
        started: int,
        begun: float,
        *,
        outcome: str = "failed",
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
    ) -> str:
        elapsed = time.monotonic() - begun
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
                causation=started,
                retry_at=retry_at,
                retry_until=retry_until,
                usage=usage,
                cost_usd=cost_usd,
            )

        await self._record(order, decide, started, usage, cost_usd)
        return outcome

    async def _record(
        self,
        order: Order,
        decide: Callable[[Asset], None],
        started: int,
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
                await asyncio.to_thread(self._shop.studio.change_asset, order.asset_id, decide)
            except (*GROUND, ConflictError) as error:
                log.warning("the outcome of %s waits: %s", order.name, error)
            except Exception as error:
                log.exception("the outcome of %s cannot be recorded", order.name)
                tries += 1
                if tries == STORE_TRIES:
                    decide = self._unrecordable(order, error, started, usage, cost_usd)
            else:
                return
            await asyncio.sleep(APPEND_RETRY_S)

    def _unrecordable(
        self,
        order: Order,
        error: Exception,
        started: int,
        usage: dict[str, Any] | None,
        cost_usd: float | None,
    ) -> Callable[[Asset], None]:
        """The plainest outcome: that there was one, what it cost, and why it is not on record."""
        paid = order.key.kind in PROVIDER_KINDS
        failure = Failure.of(
            Code.INTERNAL_ERROR,
            f"The outcome could not be recorded: {type(error).__name__}: {error}",
            stage=order.key.stage.value,
            asset=order.key.name,
            attempt=order.attempt,
            model=order.recipe.model,
            may_have_been_billed=paid,
        )

        def decide(asset: Asset) -> None:
            asset.fail_attempt(
                order.revision,
                order.attempt,
                failure,
                run=order.brief.run,
                now=self._shop.clock(),
                causation=started,
                usage=_plain(usage),
                cost_usd=cost_usd,
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

    # ---- failures -----------------------------------------------------------------------------------

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

    @staticmethod
    def _cancelled(*, may_have_been_billed: bool) -> Failure:
        return Failure.of(
            Code.CANCELLED,
            "The job was cancelled while this attempt was under way.",
            may_have_been_billed=may_have_been_billed,
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


def _told(error: BaseException, *, may_have_been_billed: bool) -> Failure:
    """What an exception means. Where a provider may have been asked, nobody knows that it cost nothing."""
    if isinstance(error, AttemptFailedError):
        return error.failure
    if isinstance(error, BlobError):
        return blob_failure(error)
    return unforeseen(error, may_have_been_billed=may_have_been_billed)


def blob_failure(error: BlobError) -> Failure:
    """What an asset store's trouble means for the attempt that met it."""
    if not isinstance(error, BlobStoreUnavailableError):
        return Failure.of(Code.BLOB_MISSING, error.reason, hint=error.hint)
    cause = error.__cause__
    full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
    code = Code.BLOB_STORE_FULL if full else Code.BLOB_STORE_UNAVAILABLE
    return Failure.of(code, error.reason, hint=error.hint)
