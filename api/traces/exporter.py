"""The exporter: follows the log, and sends the spans that its events end, in one process at a time.

Whoever obtains the lease ``traces`` is it; every server runs one of these where a collector is named, and the
others wait in case it dies. Up to where the log is followed is stored after the spans are sent, so that a
process which dies between sends some of them once more, under the same ids: at least once, never less.

A collector that is away is waited for; nobody waits for this thread, and what is to be sent is in the log.
Only the spans that have begun are held in memory, of jobs that are under way; they are a fold of the log, and
made again from it.
"""

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import Notification

from api.leased_thread import LeasedThread
from api.traces.tables import Place
from domain.job import Job
from domain.store import (
    EventLog,
    EventStore,
    Recorded,
    StoreUnavailableError,
    Unreadable,
    UnreadableEventError,
)
from domain.traces import TraceOrigin
from projections.database import ReadModelsUnavailableError
from projections.readers import ReadModels
from projections.span import Span
from projections.spans import JobSpans

LEASE = "traces"
IDLE_S = 5.0
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Between two tries at a collector that is away; the last again and again."""
AT_ONCE = 500
"""Spans in one request."""
UNWRITTEN = 1000
"""So many events that end no span are read again after a restart, at most."""
MOST_KEPT = 1000
"""Jobs under way whose begun spans are held; those of others are made again from the log."""
PROJECTION_WAIT_S = 5.0
_OURS = ("job.", "asset.")
_OF_NO_SPAN = ("job.prune_started", "job.pruned")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExporterStatus:
    """``state``: starting, waiting (another process exports), exporting, retrying, ended."""

    state: str = "starting"
    reason: str | None = None


class Outcome(Protocol):
    @property
    def taken(self) -> bool: ...

    @property
    def refused(self) -> int: ...

    @property
    def reason(self) -> str: ...


class SpanSink(Protocol):
    """Where spans go: ``collector.Collector``."""

    def is_sampled(self, origin: TraceOrigin) -> bool: ...

    def send(self, spans: list[Span]) -> Outcome: ...

    def close(self) -> None: ...


class NotProjectedError(RuntimeError):
    """What a job is cannot be seen yet."""


@dataclass(frozen=True)
class Parts:
    store: EventStore
    log: EventLog
    readers: ReadModels
    place: Place
    collector: SpanSink


class Exporter:
    """Runs in a thread of its own between ``start`` and ``close``."""

    def __init__(self, parts: Parts) -> None:
        self.status = ExporterStatus()
        self.sent = self.refused = 0
        self._of = parts
        self._thread = LeasedThread(parts.store.presence(LEASE), self._serve, self._tell)
        self._written = 0  # the position as it is stored
        self._followed = 0
        self._moved = threading.Condition()  # where it is written to
        self._jobs: OrderedDict[UUID, JobSpans] = OrderedDict()
        self._aside: set[UUID] = set()
        self._said: str | None = None  # of what went wrong, so that it is said once

    def start(self) -> None:
        """Begin; whatever is submitted from now on is exported, whenever the lease is had."""
        # Where the stores are away just now, the thread says so, and begins when they are there.
        with contextlib.suppress(ReadModelsUnavailableError, StoreUnavailableError):
            self._of.place.begin(self._of.store.id, self._of.log.head)
        self._thread.start()

    def finish(self, within_s: float) -> bool:
        """Wait until all that has happened by now is sent; False where it takes longer.

        Where another process exports, there is nothing to wait for.
        """
        head = self._of.log.head()
        with self._moved:
            return self._moved.wait_for(
                lambda: self._written >= head or self.status.state in ("waiting", "ended"), within_s
            )

    def close(self) -> None:
        """End the thread; what it has not sent is sent by whoever exports next."""
        self._thread.close(self._of.collector.close)

    # ---- the thread ---------------------------------------------------------------------------------

    def _tell(self, state: str, error: Exception | None) -> None:
        if error is not None:
            self._trouble(str(error))
        else:
            self.status = ExporterStatus(state)

    def _serve(self) -> None:
        """Export until the end, an error, or the lease is lost."""
        of = self._of
        self._jobs.clear()
        self._written = self._followed = of.place.begin(of.store.id, of.log.head)
        with self._thread.following(of.store.follower(self._written)) as follower:
            self._well()
            while self._thread.goes_on:
                self._take(follower.next_batch(IDLE_S))

    def _take(self, batch: Sequence[Notification]) -> None:
        spans = list(self._spans(batch))
        for first in range(0, len(spans), AT_ONCE):
            if not self._send(spans[first : first + AT_ONCE]):
                return  # it ends here; the position stays where it was
        self._followed = batch[-1].id if batch else self._followed
        quiet = not batch and self._followed > self._written
        if spans or quiet or self._followed >= self._written + UNWRITTEN:
            self._of.place.advance(self._written, self._followed)
            with self._moved:
                self._written = self._followed
                self._moved.notify_all()

    # ---- from the log -------------------------------------------------------------------------------

    def _spans(self, batch: Sequence[Notification]) -> Iterator[Span]:
        told = [one for one in batch if one.topic.startswith(_OURS) and one.topic not in _OF_NO_SPAN]
        for recorded in self._of.log.decode(told):
            job_id = recorded.event.job_id
            if job_id is None or job_id in self._aside:
                continue
            try:
                job = self._job(job_id, recorded)
                yield from self._ended(job_id, job, recorded)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                # One job that cannot be understood keeps no other from being told of.
                logger.warning("no more spans of job %s: %s", job_id, error, exc_info=error)
                self._aside.add(job_id)
                self._jobs.pop(job_id, None)

    def _ended(self, job_id: UUID, job: JobSpans, recorded: Recorded) -> Sequence[Span]:
        ended = job.take(recorded.event)
        if job.is_idle:
            self._jobs.pop(job_id, None)
        return [span for span in ended if self._of.collector.is_sampled(span.origin)]

    def _job(self, job_id: UUID, recorded: Recorded) -> JobSpans:
        """What of a job has begun before this event."""
        if isinstance(recorded.event, Unreadable):
            raise UnreadableEventError(recorded.position, recorded.event)
        job = self._jobs.get(job_id)
        if job is None:
            job = JobSpans()
            if not isinstance(recorded.event, Job.Submitted):
                for earlier in self._before(job_id, recorded.position):
                    job.take(earlier.event)
            self._jobs[job_id] = job
        self._jobs.move_to_end(job_id)
        while len(self._jobs) > MOST_KEPT:
            self._jobs.popitem(last=False)
        return job

    def _before(self, job_id: UUID, position: int) -> list[Recorded]:
        readers = self._of.readers
        if not readers.wait_for(position - 1, PROJECTION_WAIT_S):
            raise NotProjectedError(f"the read models do not hold what came before position {position} yet")
        return readers.events_of(job_id, position - 1)

    # ---- to the collector ---------------------------------------------------------------------------

    def _send(self, spans: list[Span]) -> bool:
        """Send them, as often as it takes; False when it ends before."""
        tries = 0
        while self._thread.goes_on:
            outcome = self._of.collector.send(spans)
            if outcome.taken or outcome.refused:
                self.sent += len(spans) - outcome.refused
                self.refused += outcome.refused
                if outcome.refused:
                    logger.warning("%s spans are refused for ever: %s", outcome.refused, outcome.reason)
                self._well()
                return True
            if self._thread.goes_on:
                self._trouble(outcome.reason)
            self._thread.ending.wait(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1
        return False

    def _trouble(self, reason: str) -> None:
        self.status = ExporterStatus("retrying", reason)
        if reason != self._said:
            self._said = reason
            logger.warning("spans are not exported, and tried again: %s", reason)

    def _well(self) -> None:
        if self._said is not None:
            logger.info("spans are exported again")
        self._said = None
        self.status = ExporterStatus("exporting")
