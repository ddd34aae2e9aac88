"""The Director: a process manager that follows the log and keeps every unfinished job moving.

It holds the one lease that allows giving orders; takes over the unfinished jobs from the board; then, for
each event, asks the pure workflow what to do and does it. It keeps nothing that is not in the log: should
it die, the next holder of the lease goes on from the events. Blocking work (the store, the blobs) runs on
one thread of its own, so the desk needs no locks and the loop stays free for the workers' answers.

A *term of office* lasts from taking over until another has the lease. While the store cannot be written (the
disk is full, the database is away), nothing is given up: the term pauses, says why, and goes on afterwards.

Longer than other modules: the loop and what it waits for are read together, or not understood.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from actors.director.calls import Calls, is_accepted
from actors.director.cases import Step
from actors.director.closed_models import ClosedModels
from actors.director.desk import Desk
from actors.director.dispatch import Dispatch, Lane
from actors.director.throttle import Limit, Throttle
from actors.work.crew_status import LEASE, STARTING, WITHOUT_LEASE
from actors.work.stage import Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.asset import AssetKey
from domain.checkpoints import reached
from domain.ports import ActiveJobs
from domain.store import LOG_SIGNAL, Changes, EventStore

log = logging.getLogger("reelog.director")

LEASE_POLL_S = 0.5
STORE_PAUSE_S = 1.0
"""How long to wait before a store that cannot be used is tried again."""
LIFE_SIGNS_S = 1.0
"""How often the presence of workers with open attempts is looked at."""
FORGOTTEN_LOOK_S = 5.0
"""How often workers are asked which attempts they are making."""
WORKER_GONE_PAUSE_S = 0.5
GRACE_S = 5.0
"""When the Director lost its lease with the store, workers lost their presence: they get it back first."""
LONGEST_CALL_S = 600.0
"""Longer than any stage's own time limit: a lease that ends earlier would let one call too many through."""

T = TypeVar("T")


def _stays(step: Step, order: Order) -> bool:
    """Whether an order still stands once nothing new is to be begun: of accepted calls."""
    if step.ended or order.resume is None:
        return False
    return order.resume.cancel or not step.cancelling


class Director:
    """Give ``perform`` to hand an order to a worker and await its end, ``cancel`` to stop a job's calls.

    ``at_work`` tells, by worker, the names of the attempts that each is making; None: nobody can be asked.
    ``withdraw`` sends away those of the orders that wait for a worker that are to go. ``calls_of`` tells
    how many requests an order makes of its model. Directors of other
    ``lease``s may act beside this one where no job is on two desks (``Desk.only``).
    """

    def __init__(
        self,
        desk: Desk,
        store: EventStore,
        active_jobs: ActiveJobs,
        *,
        perform: Callable[[Order], Awaitable[str]],
        cancel: Callable[[UUID], Coroutine[Any, Any, None]],
        lane_of: Callable[[Order], Lane],
        places: Callable[[Lane], int],
        at_work: Callable[[], Awaitable[Mapping[str, Iterable[str]]]] | None = None,
        withdraw: Callable[[Callable[[Order], bool]], None] = lambda _: None,
        max_active_jobs: int = 4,
        throttle: Throttle | None = None,
        calls_of: Callable[[Order], int] = Order.calls,
        lease: str = LEASE,
    ) -> None:
        self._desk = desk
        self._desk.turns.most_active = max_active_jobs
        self._store = store
        self._active_jobs = active_jobs
        self._cancel = cancel
        self._at_work = at_work
        self._withdraw = withdraw
        self._next_asking = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._perform = perform
        self._throttle = throttle or Throttle(Limit())
        self._calls_of = calls_of
        self._closed_models = ClosedModels(self._throttle, desk.clock)
        self._lane_of = lane_of
        self._places = places
        self._dispatch = self._new_dispatch()
        self._lease = store.presence(lease)
        self._happened_to: set[UUID] = set()
        self._answered: set[tuple[UUID, AssetKey]] = set()
        self._wake_at: dict[UUID, datetime] = {}
        self._draining: set[UUID] = set()
        self._looked_at = desk.clock()
        self._next_look = 0.0
        self._awake = asyncio.Event()
        self._background: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._grace_s = 0.0
        self._calls = Calls(self._awake)
        self.state = STARTING

    @property
    def stands_by(self) -> bool:
        """Whether another has the lease."""
        return self.state == WITHOUT_LEASE

    def status(self) -> dict[str, Any]:
        aside = [
            {"job": str(job_id), "reason": aside.reason, "tries": aside.tries}
            for job_id, aside in list(self._desk.aside.items())
        ]
        return {
            "state": self.state,
            "boot_id": self._desk.boot_id,
            "jobs": len(self._desk.cases),
            "set_aside": aside,
        }

    async def run(self) -> None:
        """Direct until ``stop``; returns when this Director gives no more orders. May be called again."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        wait_s = 0.0
        try:
            while not self._stopping:
                try:
                    if await asyncio.to_thread(self._lease.acquire, wait_s):
                        await self._hold_office()
                    else:
                        self.state, wait_s = WITHOUT_LEASE, LEASE_POLL_S
                except TRANSIENT_ERRORS as error:
                    await self._wait_for_recovery(error)
        finally:
            self.state = "stopped"
            self._thread.shutdown()

    async def _hold_office(self) -> None:
        """One term: from taking over to the loss of the lease to another, or to the end."""
        self.state = "taking over"
        self._happened_to.clear()
        self._answered.clear()
        self._wake_at.clear()
        self._draining.clear()
        self._dispatch = self._new_dispatch()
        try:
            unfinished = await self._at_desk(self._active_jobs.unfinished)
            await self._at_desk(self._desk.take_over, unfinished)
            async with Changes(await asyncio.to_thread(self._store.signal, LOG_SIGNAL)) as changes:
                self._spawn(self._listen(changes))
                self.state = "directing"
                try:
                    await self._direct()
                finally:
                    await self._let_calls_end()
        finally:
            await self._dispatch.close()
            for task in list(self._background):
                task.cancel()
            await asyncio.to_thread(self._lease.release)

    async def _listen(self, changes: Changes) -> None:
        async for _ in changes:
            self._awake.set()

    def stop(self, grace_s: float = 0.0) -> None:
        """Give no more orders; attempts under way may take ``grace_s`` to end and be recorded."""
        self._grace_s = grace_s
        self._stopping = True
        self._awake.set()

    async def _let_calls_end(self) -> None:
        """What has not ended by then is told as lost by whoever takes over, or gone on with."""
        if self._stopping and self._calls:
            self._withdraw(lambda _: True)
            self.state = f"letting {len(self._calls)} attempts end"
            asked = partial(self._at_desk, is_accepted, self._desk.studio)
            await self._calls.let_end(self._grace_s, asked)

    # ---- the loop -----------------------------------------------------------------------------------

    def _new_dispatch(self) -> Dispatch:
        return Dispatch(self._lane_of, self._places, self._perform_in_turn, self._attempt_ended)

    async def _is_in_office(self) -> bool:
        """Whether the lease is held; one that ended with the store's connection is taken again if it is free.

        Whoever had it meanwhile left everything in the log, where the next look finds it.
        """
        if self._lease.held:
            return True
        if not await asyncio.to_thread(self._lease.acquire, 0):
            log.warning("another Director has taken over")
            return False
        self._next_look = asyncio.get_running_loop().time() + GRACE_S
        return True

    async def _wait_for_recovery(self, error: BaseException) -> None:
        """A full disk, a locked database: nothing is given up, work goes on when it can be recorded."""
        state = f"waiting: {error}"
        if state != self.state:
            log.warning("work pauses: %s", error)
        self.state = state
        await asyncio.sleep(STORE_PAUSE_S)

    async def _direct(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:
            try:
                if not await self._is_in_office():
                    return
                if loop.time() >= self._next_look:
                    self._happened_to.update(await self._at_desk(self._desk.lose_dead))
                    self._next_look = loop.time() + LIFE_SIGNS_S
                self._ask_who_works_on_what(loop.time())
                self._happened_to.update(self._whose_time_has_come())
                await self._look()
                self.state = "directing"
                next_try_s = self._desk.next_try_s()
                look_s = self._next_look - loop.time()
                await self._sleep(look_s if next_try_s is None else min(look_s, next_try_s))
            except TRANSIENT_ERRORS as error:
                self._desk.look_at_all()
                await self._wait_for_recovery(error)

    async def _look(self) -> None:
        """All that happened since the last look, at once: one visit to the desk, one transaction."""
        happened_to, self._happened_to = self._happened_to, set()
        answered, self._answered = self._answered, set()
        ordered = self._dispatch.all_ordered()
        look = await self._at_desk(self._desk.look, happened_to, ordered, answered)
        await self._closed_models.note(look.news)
        for job_id, step in look.steps.items():
            await self._follow_up(job_id, step)

    def _ask_who_works_on_what(self, now: float) -> None:
        """Look, beside the loop, for attempts that a live worker has open and does not work on."""
        if self._at_work is None or now < self._next_asking or (self._asking and not self._asking.done()):
            return
        self._next_asking = now + FORGOTTEN_LOOK_S
        self._asking = self._spawn(self._look_for_forgotten(self._at_work))

    async def _look_for_forgotten(
        self, at_work: Callable[[], Awaitable[Mapping[str, Iterable[str]]]]
    ) -> None:
        attempts = await self._at_desk(self._desk.open_attempts)
        if not attempts:
            return
        try:
            lost = await self._at_desk(self._desk.lose_forgotten, attempts, await at_work())
        except Exception as error:  # noqa: BLE001 - it is looked for again, and the loop meets what is lasting
            log.warning("what workers make could not be compared with the log: %s", error)
            return
        self._happened_to.update(lost)
        if lost:
            self._awake.set()

    def _whose_time_has_come(self) -> set[UUID]:
        now, before = self._desk.clock(), self._looked_at
        self._looked_at = now
        if now < before:
            # The clock was set back: what the timers say can no longer be measured by it.
            due = set(self._wake_at)
        else:
            due = {job_id for job_id, at in self._wake_at.items() if at <= now}
        for job_id in due:
            del self._wake_at[job_id]  # whoever looks sets it anew
        return due

    async def _sleep(self, longest_s: float) -> None:
        """Wait for an event, an answer, a timer or the next look at the workers."""
        now = self._desk.clock()
        timers = [(at - now).total_seconds() for at in self._wake_at.values()]
        timeout = max(0.0, min([longest_s, *timers]))
        try:
            async with asyncio.timeout(timeout):
                await self._awake.wait()
        except TimeoutError:
            return
        self._awake.clear()

    async def _follow_up(self, job_id: UUID, step: Step) -> None:
        """Hand out the orders of a step, and note when to ask again."""
        self._wake_at.pop(job_id, None)
        (self._draining.add if step.draining else self._draining.discard)(job_id)
        if step.ended or step.draining:
            withdrawn = self._dispatch.withdraw(job_id, partial(_stays, step))
            self._withdraw(lambda order: order.brief.job_id == job_id and not _stays(step, order))
            if any(order.resume for order in withdrawn) and not step.ended:
                self._happened_to.add(job_id)  # it is decided anew what becomes of these calls
                self._awake.set()
        if step.wake_at is not None:
            self._wake_at[job_id] = step.wake_at
        if step.cancelling:
            # At every step: an order that was on its way to a worker may have begun since the last one.
            self._spawn(self._cancel(job_id))
        try:
            for order in step.orders:
                reached("before:dispatch", order.key.name)
                self._dispatch.give(order)
                reached("after:dispatch", order.key.name)
        except Exception as error:  # noqa: BLE001 - one job that cannot be ordered must not stop the others
            self._dispatch.withdraw(job_id)
            await self._at_desk(self._desk.set_aside, job_id, error)

    # ---- limits -------------------------------------------------------------------------------------

    async def _perform_in_turn(self, order: Order) -> str:
        """Wait until the model may be called; all orders pass here, so that no paid call is uncounted."""
        model = order.recipe.model
        if model is None or order.resume is not None:  # to ask for an accepted call is free
            return await self._hand_over(order)
        asked = time.monotonic()
        calls = self._calls_of(order)
        async with self._throttle.slot(model, hold_s=LONGEST_CALL_S * calls, calls=calls):
            if order.brief.job_id in self._draining:
                return "withdrawn"  # while it waited here
            waited = round(time.monotonic() - asked, 3)
            outcome = await self._hand_over(replace(order, throttled_s=waited))
            if outcome == "failed":
                # Before the place is given to the next call, which would be told the same.
                await self._note_at_once(order)
        return outcome

    async def _hand_over(self, order: Order) -> str:
        # The desk may still be waiting for a store that is cut off, while another has the lease already.
        if self._stopping or not self._lease.held:
            return "withdrawn"
        return await self._calls.make(order, self._perform)

    async def _note_at_once(self, order: Order) -> None:
        job_id = order.brief.job_id
        try:
            await self._at_desk(self._desk.refresh, job_id, order.key)
        except TRANSIENT_ERRORS:
            return  # the log tells it, when it can be read
        except Exception as failed:  # noqa: BLE001 - whatever is wrong with one job, the others go on
            await self._at_desk(self._desk.set_aside, job_id, failed)
        case = self._desk.cases.get(job_id)
        asset = case.film.assets.get(order.key) if case is not None else None
        attempt = asset.last_attempt if asset is not None else None
        if attempt is not None and attempt.failure is not None and attempt.ended_at is not None:
            await self._closed_models.close(attempt.failure, attempt.ended_at, attempt.retry_at)

    # ---- answers ------------------------------------------------------------------------------------

    def _attempt_ended(self, order: Order, error: BaseException | None) -> None:
        if error is not None:
            self._spawn(self._look_again(order, error))
            return
        # Whatever it recorded is read at the next look; an order that did nothing leaves no event.
        self._answered.add((order.brief.job_id, order.key))
        self._awake.set()

    async def _look_again(self, order: Order, error: BaseException) -> None:
        log.warning("no answer for %s: %s", order.name, type(error).__name__)
        # The worker is gone or going. Its lock tells; until then, do not order in a tight loop.
        await asyncio.sleep(WORKER_GONE_PAUSE_S)
        while True:
            try:
                self._happened_to.update(await self._at_desk(self._desk.lose_dead))
                break
            except TRANSIENT_ERRORS:
                await asyncio.sleep(STORE_PAUSE_S)
        self._happened_to.add(order.brief.job_id)
        self._awake.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _at_desk(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)
