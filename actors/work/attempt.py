"""The one way to make an asset: start, make, store, record.

Every attempt of every stage goes through here, so that these promises are kept once for all:

1. nothing is called before ``asset.attempt_started`` is durable, so a call in flight is never forgotten;
2. bytes are durable before ``asset.generated`` names them, so no event points at nothing;
3. a call that the provider has accepted is asked for only when its receipt is durable, so it is never made
   again: whoever is ordered to go on with it asks for that one;
4. whatever happens, the attempt ends in an event: made, failed, cancelled, or superseded by another;
5. an order that is out of date, or delivered twice, does nothing.

This is one of the two places where any exception is caught: an attempt is supervised, and what was caught
is recorded with its traceback.
"""

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from actors.work import workshop
from actors.work.asset_changes import AssetChanges
from actors.work.attempt_failures import failure_of_exception
from actors.work.libraries import loaded
from actors.work.outcome import Begun, Outcomes, Stored
from actors.work.receipts import record_receipt, resume
from actors.work.stage import Inputs, Made, MakeFailedError, Order, Task
from actors.work.threads import Threads
from actors.work.transient_errors import TRANSIENT_ERRORS
from actors.work.workshop import STORE_TRIES, Workshop
from domain.checkpoints import reached
from domain.failures import AttemptFailedError, Code, Failure

log = logging.getLogger("reelog.worker")

CANCEL_S: Final = 30.0
"""The longest that it takes to have a provider cancel a call of another worker; then that is given up."""


@dataclass
class _Running:
    job_id: UUID
    cancelled: threading.Event
    making: "asyncio.Task[Any] | None" = None
    """The attempt's own task, while it makes the asset."""
    interrupted: bool = False

    def interrupt(self) -> None:
        """Stop the making, and nothing else: what came of it is recorded as ever."""
        if self.making is not None and not self.interrupted:
            self.interrupted = True
            self.making.cancel()

    def end_making(self) -> None:
        if self.interrupted and self.making is not None:
            self.making.uncancel()  # so that it counts as cancelled only where the worker itself ends
        self.making = None


class Attempts:
    """Makes the attempts that one worker process is ordered to make, many at a time."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._threads = Threads()
        self._changes = AssetChanges(shop.studio, self._threads)
        self._outcomes = Outcomes(shop, self._changes)
        self._running: dict[str, _Running] = {}

    @property
    def running(self) -> list[str]:
        return sorted(self._running)

    def cancel(self, job_id: UUID) -> int:
        """Stop this job's attempts: provider calls are dropped, renderers told. Gives how many there were."""
        mine = [r for r in list(self._running.values()) if r.job_id == job_id]
        for attempt in mine:
            # Once: one that has its provider cancel an accepted call must not be cancelled in that.
            known = attempt.cancelled.is_set()
            attempt.cancelled.set()
            making = attempt.making
            if making is not None and not known:
                # Ray runs control calls on another thread's loop than the attempts.
                making.get_loop().call_soon_threadsafe(attempt.interrupt)
        return len(mine)

    async def perform(self, order: Order) -> str:
        """Make one attempt; gives ``generated``, ``failed``, ``cancelled``, ``superseded`` or ``stale``."""
        name = order.name
        if name in self._running:
            return "stale"
        running = _Running(order.brief.job_id, threading.Event())
        if order.resume is not None and order.resume.cancel:
            running.cancelled.set()
        self._running[name] = running
        try:
            started = await self._begin(order)
            if started is None:
                return "stale"
            return await self._make(order, running, started)
        finally:
            del self._running[name]

    # ---- the steps ----------------------------------------------------------------------------------

    async def _begin(self, order: Order) -> Begun | None:
        """Record that the attempt begins, as soon as that can be done.

        A store that went away in mid-append may have recorded it all the same; giving up then would leave an
        attempt that nobody makes and that nobody may call lost, as this worker lives.
        """
        tried = False
        while True:
            try:
                if self._shop.present():
                    if order.resume is not None:
                        begun = await asyncio.to_thread(resume, self._shop, order)
                        return replace(begun, prompt=self._prompt(order)) if begun else None
                    return await self._start(order, again=tried)
            except TRANSIENT_ERRORS as error:
                tried = True
                log.warning("%s cannot begin: %s", order.name, error)
            await asyncio.sleep(workshop.APPEND_RETRY_S)

    async def _start(self, order: Order, *, again: bool = False) -> Begun | None:
        """Record that the attempt begins; None when the order is out of date.

        ``again``: an append of the same start was not acknowledged. Without it, an attempt that this worker
        has open was begun by an earlier order and may have been paid for: it is told as lost, not made twice.
        """
        asset, saved = await self._changes.change(
            order.asset_id,
            lambda asset: asset.start_attempt(
                order.revision,
                order.attempt,
                self._shop.worker,
                run=order.brief.run,
                now=self._shop.clock(),
                causation=order.causation,
                reserved_usd=order.recipe.reservation_usd if order.is_paid else 0.0,
            ),
        )
        position, mine = saved.position, asset.open_attempt
        if again and position is None and mine is not None and asset.revision == order.revision:
            if (mine.number, mine.worker) != (order.attempt, self._shop.worker):
                return None
            position = order.causation or 0
        if position is None:
            return None
        prompt = await self._threads.run(partial(self._prompt, order)) if order.recipe.prompt_digest else None
        return Begun(position, asset, prompt)

    def _prompt(self, order: Order) -> str | Exception | None:
        """What is to be said; what kept it from being read is raised where the attempt's end is recorded."""
        digest = order.recipe.prompt_digest
        try:
            return self._shop.blobs.get(digest).decode() + order.note if digest else None
        except Exception as error:  # noqa: BLE001 - as above
            return error

    async def _make(self, order: Order, running: _Running, started: Begun) -> str:
        begun = time.monotonic()
        if started.resumed is not None:  # as long as it takes, whoever asks
            begun -= max(0.0, (self._shop.clock() - started.resumed.started_at).total_seconds())
        stage = self._shop.stages[order.key.stage]
        asked = order.resume is not None  # whether a provider may have been
        task: Task | None = None
        try:
            task = self._task(order, started, running.cancelled)
            await loaded(stage)
            reached("before:making", order.key.name)
            running.making = asyncio.current_task()
            if running.cancelled.is_set() and task.receipt is not None:
                # Its provider is to hear of it, for which a client may have to be opened.
                asyncio.get_running_loop().call_later(CANCEL_S, running.interrupt)
            elif running.cancelled.is_set():  # before there was anything to interrupt: it does not begin
                raise asyncio.CancelledError  # noqa: TRY301 - as when it is interrupted a moment later
            else:
                asked = order.is_paid
            made = await stage.make(task)
            running.end_making()
            reached("after:making", order.key.name)
            stored = await self._keep_safe(order, made)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            running.end_making()
            current = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and current is not None and current.cancelling():
                raise  # the worker itself is ending; the Director will tell the attempt as lost
            return await self._end_badly(order, error, running, started, begun, asked=asked)
        finally:
            if task is not None:
                task.clear()
        elapsed = time.monotonic() - begun
        return await self._outcomes.generated(order, made, stored, started, elapsed)

    async def _end_badly(
        self,
        order: Order,
        error: BaseException,
        running: _Running,
        started: Begun,
        begun: float,
        *,
        asked: bool,
    ) -> str:
        """Record what the attempt raised; ``asked`` tells whether a provider may have heard of it."""
        elapsed = time.monotonic() - begun
        if isinstance(error, MakeFailedError):
            failure = await asyncio.to_thread(self._documented, error)
            return await self._outcomes.failed(
                order, failure, started, elapsed, usage=error.usage, cost_usd=error.cost_usd
            )
        if running.cancelled.is_set() and isinstance(error, AttemptFailedError | asyncio.CancelledError):
            failure = self._cancelled(may_have_been_billed=asked)
            return await self._outcomes.failed(order, failure, started, elapsed, outcome="cancelled")
        return await self._outcomes.failed(
            order, failure_of_exception(error, may_have_been_billed=asked), started, elapsed
        )

    def _task(self, order: Order, started: Begun, cancelled: threading.Event) -> Task:
        if isinstance(started.prompt, Exception):
            raise started.prompt
        inputs = Inputs({s.name: s for s in order.sources}, self._shop.blobs)
        accept = partial(record_receipt, self._shop, order, started)
        task = Task(order, inputs, started.prompt, cancelled, accept=accept)
        attempt = started.resumed
        if attempt is None or attempt.receipt is None or attempt.resumed_at is None:
            return task
        last = attempt.resumed_at >= attempt.receipt.expires_at
        return replace(task, receipt=attempt.receipt, last_asking=last)

    def _store(self, made: Made) -> Stored:
        if isinstance(made.data, Path):
            digest, size = self._shop.blobs.put_file(made.data)
        else:
            digest, size = self._shop.blobs.put(made.data), len(made.data)
        request, raw = self._keep(made.request, made.raw)
        extras = {name: self._shop.blobs.put(data) for name, data in made.extras.items()}
        return Stored(digest, size, request, raw, extras)

    async def _keep_safe(self, order: Order, made: Made) -> Stored:
        """Store what was made. A paid answer is offered to a failing store again before it is given up.

        What it cost is told whatever happens to it here.
        """
        paid = order.is_paid
        tries = STORE_TRIES if paid else 1
        for left in reversed(range(tries)):
            try:
                return await self._threads.run(partial(self._store, made))
            except Exception as error:
                if left:
                    await asyncio.sleep(workshop.APPEND_RETRY_S)
                    continue
                failure = failure_of_exception(error, may_have_been_billed=paid)
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

    @staticmethod
    def _cancelled(*, may_have_been_billed: bool) -> Failure:
        billed = "; its call may have been billed" if may_have_been_billed else ""
        message = f"The job was cancelled while this attempt was under way{billed}."
        return Failure.of(Code.CANCELLED, message, may_have_been_billed=may_have_been_billed)
