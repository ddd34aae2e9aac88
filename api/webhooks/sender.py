"""The sender: follows the log, and tells endpoints of what happens to jobs, in one process at a time.

Whoever obtains the lease ``webhooks`` is it; every server runs one of these, and the others wait in case it
dies. One thread with an event loop: the log is followed in a thread beside it, and each try is a task, so
that an endpoint that hangs holds up nobody else. Of a lane (an endpoint) a few are under way at once, of a
job at an endpoint one, in the order of its events.

A try that was under way when the process ended is made again, under the same id: at least once, never less.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, TypeVarTuple
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from eventsourcing.persistence import Notification

from api.leased_thread import RETRY_S, LeasedThread
from api.webhooks.answer import GONE, Answer
from api.webhooks.deliveries import (
    DELIVERED,
    FAILED,
    KEPT_DAYS,
    PENDING,
    Deliveries,
    DueDelivery,
    Try,
    milliseconds,
)
from api.webhooks.messages import Messages, NotTellableError
from api.webhooks.schedule import pause_s
from api.webhooks.signing import SigningKey, SigningKeyError, signed_headers
from domain.store import Endpoints, EventLog, EventStore, Follower, Unreadable
from domain.webhook import EVENT_TYPES, Endpoint

LEASE = "webhooks"
IDLE_S = 5.0
OF_A_LANE = 4
AT_ONCE = 256
THREADS = 8
"""For the tables, the log and the folds of jobs."""
UNWRITTEN = 1000
"""So many events that concern nobody are read again after a restart, at most."""
FORGET_EVERY = timedelta(hours=1)
_TOPICS = frozenset(EVENT_TYPES)
_OURS = "webhook."

T = TypeVar("T")
Given = TypeVarTuple("Given")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SenderStatus:
    """``state``: starting, waiting (another process sends), sending, retrying, ended."""

    state: str = "starting"
    reason: str | None = None
    position: int | None = None
    """How far the log was followed; None where this process does not follow it."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """All that sending takes."""

    store: EventStore
    log: EventLog
    endpoints: Endpoints
    deliveries: Deliveries
    messages: Messages
    post: Callable[[str, Mapping[str, str], bytes], Awaitable[Answer]]
    key: Callable[[], SigningKey]
    clock: Callable[[], datetime]


class Sender:
    """Runs in a thread of its own between ``start`` and ``close``."""

    def __init__(self, parts: Parts) -> None:
        self.status = SenderStatus()
        self._of = parts
        lease = parts.store.presence(LEASE)
        self._thread = LeasedThread(lease, lambda: asyncio.run(self._serve()), self._tell)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event
        self._limiter: CapacityLimiter
        self._moved = threading.Condition()  # how far it is, and what came of a try
        self._position = 0  # as it is stored; what was looked at may be further
        self._wanted: frozenset[str] = frozenset()  # the types of events that anybody is told of
        self._forgotten_at: datetime | None = None
        self._said: str | None = None  # of what went wrong, so that it is said once

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread; what is under way is tried again by whoever sends next."""
        self._thread.close(self.wake)

    def finish(self, endpoint: UUID, within_s: float) -> bool:
        """Wait until an endpoint is told of all that has happened by now; False where it takes longer.

        Where another process sends, there is nothing to wait for.
        """
        head = self._of.log.head()

        def is_told() -> bool:
            if self.status.state in ("waiting", "ended"):
                return True
            left = self._of.deliveries.page(endpoint, status=PENDING, job=None, before=None, limit=1)[0]
            return (self.status.position or 0) >= head and not left

        with self._moved:
            return self._moved.wait_for(is_told, within_s)

    def wake(self) -> None:
        """Have it look now; called from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # its loop has just ended
                loop.call_soon_threadsafe(self._woken.set)

    # ---- the thread ---------------------------------------------------------------------------------

    def _tell(self, state: str, error: Exception | None) -> None:
        if error is not None and str(error) != self._said:
            self._said = str(error)
            logger.warning("webhooks are tried again every %s s: %s", RETRY_S, error, exc_info=error)
        self._say(SenderStatus(state, None if error is None else str(error)))

    def _say(self, status: SenderStatus) -> None:
        with self._moved:
            self.status = status
            self._moved.notify_all()

    async def _serve(self) -> None:
        """Send until the end, an error, or the lease is lost."""
        self._woken = asyncio.Event()
        self._limiter = CapacityLimiter(THREADS)
        self._loop = asyncio.get_running_loop()
        await self._in_thread(self._begin)
        with self._thread.following(self._of.store.follower(self._position)) as follower:
            # What has ended must be known before anything is sent.
            head = await self._in_thread(self._of.log.head)
            while follower.position < head and not self._thread.ending.is_set():
                self._take_in(await self._in_thread(follower.next_batch, 0.0))
            self._say(SenderStatus("sending", position=follower.position))
            tasks = {asyncio.create_task(self._follow(follower))}
            try:
                await self._send(tasks)
            finally:
                follower.wake()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._loop = None

    async def _in_thread(self, call: Callable[[*Given], T], *given: *Given) -> T:
        return await to_thread.run_sync(call, *given, limiter=self._limiter)

    # ---- following the log --------------------------------------------------------------------------

    def _begin(self) -> None:
        of = self._of
        self._position = of.deliveries.begin(of.store.id, of.log.head(), of.endpoints.beginning)
        self._wanted = of.deliveries.wanted()

    async def _follow(self, follower: Follower) -> None:
        while not self._thread.ending.is_set():
            batch = await self._in_thread(follower.next_batch, IDLE_S)
            concerned = await self._in_thread(self._take_in, batch)
            self._say(SenderStatus("sending", position=follower.position))
            if concerned:
                self._woken.set()

    def _take_in(self, batch: Sequence[Notification]) -> bool:
        """Note what is to be told; where nothing is, as of most events, nothing is written either."""
        about_us = any(one.topic.startswith(_OURS) for one in batch)
        wanted = _TOPICS if about_us else self._wanted
        concerned = [one for one in batch if one.topic in wanted or one.topic.startswith(_OURS)]
        last = batch[-1].id if batch else self._position
        if not concerned and last < self._position + UNWRITTEN:
            return False
        events = [
            (recorded.position, recorded.event)
            for recorded in self._of.log.decode(concerned)
            if not isinstance(recorded.event, Unreadable)
        ]
        self._of.deliveries.advance(self._position, last, events)
        self._position = last
        if about_us:
            self._wanted = self._of.deliveries.wanted()
        return bool(concerned)

    # ---- sending ------------------------------------------------------------------------------------

    async def _send(self, tasks: set[asyncio.Task[None]]) -> None:
        under_way: dict[UUID, asyncio.Task[None]] = {}
        while self._thread.goes_on:
            self._woken.clear()
            for task in [one for one in tasks if one.done()]:
                tasks.remove(task)
                task.result()  # what it raises ends this, and it is begun anew
            under_way = {of: task for of, task in under_way.items() if task in tasks}
            now = self._of.clock()
            for due in await self._in_thread(self._of.deliveries.due, now, OF_A_LANE, AT_ONCE):
                if due.id not in under_way and len(under_way) < AT_ONCE:
                    under_way[due.id] = asyncio.create_task(self._deliver(due))
                    tasks.add(under_way[due.id])
            await self._in_thread(self._forget, now)
            wake_s = await self._in_thread(self._until_next_due, now)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wake_s)

    def _until_next_due(self, now: datetime) -> float:
        due = self._of.deliveries.next_due(now)
        return IDLE_S if due is None else min(IDLE_S, (due - milliseconds(now)) / 1000)

    def _forget(self, now: datetime) -> None:
        """Hourly, what ended long ago."""
        if self._forgotten_at is None or now >= self._forgotten_at + FORGET_EVERY:
            self._forgotten_at = now
            self._of.deliveries.forget(now - timedelta(days=KEPT_DAYS))

    async def _deliver(self, due: DueDelivery) -> None:
        try:
            endpoint = await self._in_thread(self._of.endpoints.get, due.endpoint)
            if endpoint is None or not endpoint.is_enabled:
                await self._in_thread(self._of.deliveries.drop, due.endpoint, self._of.clock())
                return
            answer = await self._try(due, endpoint)
            await self._in_thread(self._record, due, endpoint, answer)
            self._say(self.status)
        finally:
            self._woken.set()

    async def _try(self, due: DueDelivery, endpoint: Endpoint) -> Answer:
        try:
            headers, body = await self._in_thread(self._signed, due, endpoint)
        except Exception as error:
            if not isinstance(error, NotTellableError | SigningKeyError):
                logger.exception("delivery %s cannot be made", due.id)
            return Answer(None, f"not sent: {error}", 0.0)
        return await self._of.post(endpoint.url, headers, body)

    def _signed(self, due: DueDelivery, endpoint: Endpoint) -> tuple[dict[str, str], bytes]:
        now = self._of.clock()
        secrets = self._of.key().secrets_at(endpoint, now)
        message = self._of.messages.message(due.job, due.position)
        headers = signed_headers(secrets, str(due.id), int(now.timestamp()), message.body)
        return headers | {"traceparent": message.traceparent}, message.body

    def _record(self, due: DueDelivery, endpoint: Endpoint, answer: Answer) -> None:
        now, number = self._of.clock(), due.tries + 1
        tried = Try(number, now, answer.status, answer.error, answer.elapsed_s)
        pause = None if answer.status == GONE else pause_s(number, answer.retry_after_s)
        if answer.error is not None and pause is not None:
            self._of.deliveries.record(due, tried, now + timedelta(seconds=pause))
            return
        self._of.deliveries.record(due, tried)
        if answer.status == GONE:
            self._of.endpoints.change(endpoint.id, lambda one: one.disable("gone", now=now))
        outcome = FAILED if answer.error is not None else DELIVERED
        self._of.endpoints.end_delivery(
            due.id,
            now=now,
            endpoint=str(endpoint.id),
            position=due.position,
            turn=due.turn,
            outcome=outcome,
            tries=number,
            status=answer.status,
            error=answer.error,
        )
        self._of.deliveries.settle(due, outcome, number, now)
