"""The rows of a long log, made in bulk for a rebuild: a range of positions at a time, without a database.

What an event says is added at once; what is shown of a job, which changes with each of its events, only when
the job has ended and others have come since, or at the log's end. So each page is made once, and what is kept
in memory does not grow with the log.

The jobs may be divided into *shares*, each made by a process of its own, which reads the log by itself: to
hand the events over would cost more than to read them twice.

Whatever is out of the ordinary is *left* to the live projection's way, which is slower and meets all of it:
an event that cannot be folded, and whatever follows in its job; a job whose texts were pruned; one that goes
on when it has been out of memory already.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol
from uuid import UUID

from domain.job import Job
from domain.store import EventLog, Recorded, Studio, open_event_store
from projections.job_fold import JobFold
from projections.rows import Rows, concerns_a_job

SPAN = 500
"""How many positions a range has; few, as live projection waits while its rows are stored."""
ENDED_JOBS = 16
"""How many jobs are kept that have ended; something may follow soon."""
UNENDED_JOBS = 1024
MOST_PROCESSES = 4
WORTH_PROCESSES = 20_000
"""A log of fewer events is built before other processes have started."""
COLLECT_AFTER = 50_000, 20, 100
"""For Python's collector: folds hold no rings, and it would walk over all of them every moment."""
GIVES_WAY = 10
"""How nice these processes are: whoever reads or works meanwhile goes first."""
_AHEAD = 2
"""How many ranges a process works ahead of what is stored."""


class NotInBulkError(Exception):
    """The log holds something that only the live projection's way can deal with."""


@dataclass
class Made:
    """What a range of the log adds, and the positions of what was left."""

    rows: Rows = field(default_factory=Rows)
    left: list[int] = field(default_factory=list)
    events: int = 0

    def add(self, other: "Made") -> None:
        self.rows.add(other.rows)
        self.left += other.left
        self.events += other.events


class Bulk:
    """Makes the rows of one share of the jobs; ranges are to be asked for in order."""

    def __init__(self, log: EventLog, share: int = 0, shares: int = 1) -> None:
        self._log = log
        self._share, self._shares = share, shares
        self._unended: OrderedDict[UUID, JobFold] = OrderedDict()
        self._ended: OrderedDict[UUID, JobFold] = OrderedDict()

    def make(self, after: int, until: int) -> Made:
        """The rows of the events beyond ``after`` and up to ``until``."""
        made = Made()
        touched: dict[UUID, JobFold] = {}
        for recorded in self._log.share(after, until, self._share, self._shares):
            made.events += 1
            if concerns_a_job(recorded):
                self._add(made, touched, recorded)
        for job_id, fold in touched.items():
            (self._ended if fold.job.ended else self._unended)[job_id] = fold
        while len(self._ended) > ENDED_JOBS:
            made.rows.add_pages(self._ended.popitem(last=False)[1])
        while len(self._unended) > UNENDED_JOBS:
            made.rows.add_pages(self._unended.popitem(last=False)[1])
        return made

    def finish(self) -> Made:
        """The pages of all jobs that are still in memory."""
        made = Made()
        for folds in (self._ended, self._unended):
            for fold in folds.values():
                made.rows.add_pages(fold)
            folds.clear()
        return made

    def _add(self, made: Made, touched: dict[UUID, JobFold], recorded: Recorded) -> None:
        event = recorded.event
        job_id = getattr(event, "job_id", None)
        if type(job_id) is not UUID:
            raise NotInBulkError(f"event {recorded.position} ({event.TOPIC}) does not say whose it is")
        fold = touched.get(job_id)
        if fold is None:
            fold = self._unended.pop(job_id, None) or self._ended.pop(job_id, None)
            if fold is None and isinstance(event, Job.Submitted):
                fold = JobFold()
            if fold is not None:
                touched[job_id] = fold
        if fold is None or isinstance(event, Job.PruneStarted):
            touched.pop(job_id, None)
            made.left.append(recorded.position)
            return
        try:
            made.rows.add_event(fold, recorded)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - it is met again, and told, where its job is set aside
            del touched[job_id]
            made.left.append(recorded.position)


class Makers(Protocol):
    """Whoever makes the rows of the whole log."""

    def ranges(self, after: int, head: int) -> Iterator[tuple[int, Made]]:
        """Each range's end and what it adds, in order; at the end, what is still to be shown."""
        ...


def _spans(after: int, head: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(after, head, SPAN), head]))


class Here:
    """All is made in the thread that asks."""

    def __init__(self, log: EventLog) -> None:
        self._bulk = Bulk(log)

    def ranges(self, after: int, head: int) -> Iterator[tuple[int, Made]]:
        for start, end in _spans(after, head):
            yield end, self._bulk.make(start, end)
        yield head, self._bulk.finish()


class Processes:
    """Several processes make a share each, some ranges ahead of what is stored."""

    def __init__(self, store_url: str, count: int) -> None:
        # Neither threads nor connections of this process are to be met in those.
        fresh = multiprocessing.get_context("spawn")
        self._each = [
            ProcessPoolExecutor(1, mp_context=fresh, initializer=_begin, initargs=(store_url, share, count))
            for share in range(count)
        ]

    def ranges(self, after: int, head: int) -> Iterator[tuple[int, Made]]:
        spans = _spans(after, head)
        asked: OrderedDict[int, list[Future[Made]]] = OrderedDict()
        for start, end in spans:
            asked[end] = [one.submit(_make, start, end) for one in self._each]
            if len(asked) > _AHEAD:
                yield _joined(*asked.popitem(last=False))
        for end, parts in asked.items():
            yield _joined(end, parts)
        yield _joined(head, [one.submit(_finish) for one in self._each])

    def close(self) -> None:
        for one in self._each:
            one.shutdown(cancel_futures=True)


def _joined(end: int, parts: list["Future[Made]"]) -> tuple[int, Made]:
    made = Made()
    for part in parts:
        made.add(part.result())
    made.left.sort()
    return end, made


@contextmanager
def makers(store_url: str, log: EventLog, processes: int) -> Iterator[Makers]:
    """Those of a rebuild; without ``processes``, or for a short log, this thread."""
    if not processes or log.head() < WORTH_PROCESSES:
        yield Here(log)
        return
    others = Processes(store_url, processes)
    try:
        yield others
    finally:
        others.close()


def processes_here() -> int:
    """As many as this machine has cores for."""
    return min(MOST_PROCESSES, os.cpu_count() or 1)


# ---- in a process that makes a share --------------------------------------------------------------------

_own: list[Any] = []


def _begin(store_url: str, share: int, shares: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the one that asks
    os.nice(GIVES_WAY)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*COLLECT_AFTER)
    studio = Studio(open_event_store(store_url))
    _own[:] = [Bulk(EventLog(studio), share, shares), studio]


def _end_with_parent() -> None:
    """The library's processes would outlive one that is killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _make(after: int, until: int) -> Made:
    made: Made = _own[0].make(after, until)
    return made


def _finish() -> Made:
    made: Made = _own[0].finish()
    return made
