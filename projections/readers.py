"""What the read models can be asked. Everything is answered from one consistent state of the tables.

Bodies are handed out as the bytes that were stored; nothing is decoded on the way to a client.
All methods block; async callers go through a thread.
Longer than other modules, since all that may be asked of them stands here.
"""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

from domain.expectation import Sample, Tokens
from domain.ports import Unfinished
from domain.script import Kind
from domain.statuses import JobStatus
from domain.store import Due, EventLog, EventStore, NotProjectedError, Recorded
from domain.submission import Options, Weights
from domain.topic import ScriptOrigin
from projections import calls, tables, timings
from projections.calls import Call
from projections.database import Database, ReadModelsUnavailableError, Transaction
from projections.job_filter import JobFilter
from projections.job_fold import Aside, Entry, JobFold, has_gap, with_scenes
from projections.projector import SIGNAL
from projections.totals import Total, Totals
from projections.wire import iso

SAFETY_POLL_S = 0.25
_BEYOND_ALL = 2**62
EVERY_JOB = JobFilter()


@dataclass(frozen=True)
class Page:
    """Some of a list: encoded items, and where the next page begins (None: there is none)."""

    items: list[bytes]
    next: int | None
    position: int


@dataclass(frozen=True)
class Projected:
    """How far the live tables are; ``stopped`` says why they will get no further."""

    generation: int
    position: int
    stopped: str | None
    fold: str | None = None
    """The version of the folds that the tables were begun with."""


@dataclass(frozen=True)
class JobSummary:
    """``aside``: an event of the job could not be folded, and nothing of it will be told any more."""

    job_id: str
    status: str
    position: int
    aside: bool = False

    @property
    def ended(self) -> bool:
        return JobStatus(self.status).ended


class BehindError(NotProjectedError):
    """The tables do not hold a position that is asked for; whoever would answer from them would be wrong."""

    def __init__(self, position: int, projected: int) -> None:
        super().__init__(position)
        self.projected = projected


class ReadModels:
    """Implements ``ports.ActiveJobs`` besides all that the API asks."""

    def __init__(self, store: EventStore, log: EventLog, database: Database) -> None:
        self._log = log
        self._database = database
        self._signal = store.signal(SIGNAL)

    # ---- where the tables are -----------------------------------------------------------------------

    def projected(self) -> Projected:
        with self._database.read() as transaction:
            return _projected(transaction)

    def position(self) -> int:
        return self.projected().position

    def are_of_another_version(self) -> bool:
        """Whether the tables are of other folds than these, and nobody builds them anew."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            newest = max((row[0] for row in transaction.all(tables.GENERATIONS)), default=0)
        return live.fold not in (None, tables.FOLD) and newest == live.generation

    def wait_for(self, position: int, timeout_s: float, *, current: bool = False) -> bool:
        """Wait until the tables hold the event at ``position``; False when the time is over before.

        ``current``: and until they are of this version of the folds.
        """
        deadline = time.monotonic() + timeout_s
        waiter = self._signal.waiter()
        try:
            while not _holds(self.projected(), position, current=current):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                waiter.wait(min(remaining, SAFETY_POLL_S))
            return True
        finally:
            waiter.close()

    # ---- jobs ---------------------------------------------------------------------------------------

    def jobs(
        self,
        wanted: JobFilter = EVERY_JOB,
        *,
        limit: int = 100,
        before: int | None = None,
        scenes: bool = True,
    ) -> Page:
        """Jobs, newest first; ``before`` is the ``next`` of the page before. ``scenes``: with those."""
        start = _BEYOND_ALL if before is None else before
        with self._database.read() as transaction:
            live = _projected(transaction)
            if wanted.needs_index and live.fold not in (None, tables.FOLD):
                raise ReadModelsUnavailableError("they are built anew, and lists by this are not there yet")
            sql, values = wanted.statement(start, limit + 1)
            rows = _all(transaction, live, sql, *values)
            more = len(rows) > limit
            rows = rows[:limit]
            found = {row[2]: row[1] for row in rows}
            pages = _pages(transaction, live, found) if scenes else list(found.values())
        return Page(pages, rows[-1][0] if more else None, live.position)

    def job(self, job_id: UUID) -> bytes | None:
        found = self.job_with_version(job_id)
        return found[0] if found else None

    def job_with_version(self, job_id: UUID) -> tuple[bytes, str] | None:
        """The job and its version: two states that have the same are the same."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            rows = _all(transaction, live, tables.JOB, str(job_id))
            if not rows:
                return None
            [page] = _pages(transaction, live, {str(job_id): rows[0][0]})
            aside = _is_aside(transaction, live, job_id)
        return page, f"{rows[0][1]}-{live.fold}{'-aside' if aside else ''}"

    def job_status(self, *job_ids: UUID) -> list[JobSummary]:
        """The status and last position of each job that exists."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            found = [_all(transaction, live, tables.JOB_STATUS, str(job_id)) for job_id in job_ids]
            aside = {one.job_id for one in _aside(transaction, live)}
        known = [rows[0] for rows in found if rows]
        return [JobSummary(job_id, status, at, job_id in aside) for job_id, status, at in known]

    def set_aside(self) -> list[Aside]:
        """The jobs with an event that cannot be folded, in the order of those events."""
        with self._database.read() as transaction:
            return _aside(transaction, _projected(transaction))

    def job_at(self, job_id: UUID, position: int) -> JobFold | None:
        """The job as it was when the event at ``position`` had happened; None when it did not exist yet.

        BehindError while the tables do not hold that position.
        """
        events = self.events_of(job_id, position)
        if not events:
            return None
        fold = JobFold.of(events)
        asides = {one.job_id: one for one in self.set_aside()}
        aside = asides.get(str(job_id))
        fold.aside = aside if aside is not None and aside.position <= position else None
        return fold

    def events_of(self, job_id: UUID, until: int) -> list[Recorded]:
        """The job's events up to a position, as they are in the log; BehindError as above."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            if live.position < until:
                raise BehindError(until, live.position)
            rows = _all(transaction, live, tables.POSITIONS_OF_JOB, str(job_id), until)
        return self._log.at([row[0] for row in rows]) if rows else []

    def job_counts(self) -> dict[str, int]:
        """How many jobs have each status."""
        with self._database.read() as transaction:
            rows = _all(transaction, _projected(transaction), tables.TOTALS_OF, Total.JOBS.value)
        return {status: jobs for status, jobs in _totals(rows).jobs.items() if jobs}

    def totals(self) -> Totals:
        """All that is counted over all jobs."""
        with self._database.read() as transaction:
            return _totals(_all(transaction, _projected(transaction), tables.TOTALS))

    def unfinished(self) -> Unfinished:
        with self._database.read() as transaction:
            live = _projected(transaction)
            rows = _all(transaction, live, tables.UNFINISHED)
        latest = {UUID(job_id): position for job_id, position in rows}
        return Unfinished(tuple(latest), live.position, latest)

    # ---- retention ----------------------------------------------------------------------------------

    def due(self, ended_before: datetime) -> list[Due]:
        """Jobs whose pruning was begun, then those that ended before and are whole; in order of the end."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            going = _all(transaction, live, tables.DUE, "going", iso(datetime.max.replace(tzinfo=UTC)))
            whole = _all(transaction, live, tables.DUE, "whole", iso(ended_before))
        return [Due(UUID(job_id), datetime.fromisoformat(ended)) for job_id, ended in going + whole]

    def is_used(self, digest: str, *, besides: Collection[UUID]) -> bool:
        """Whether the events of another job name the digest, and that job is not pruned."""
        with self._database.read() as transaction:
            # Of one more than these, one is another.
            rows = _all(transaction, _projected(transaction), tables.USERS, digest, len(besides) + 1)
        return any(UUID(row[0]) not in besides for row in rows)

    def positions_of(self, job_id: UUID) -> list[int]:
        """The positions of all of a job's events, ascending."""
        with self._database.read() as transaction:
            rows = _all(
                transaction, _projected(transaction), tables.POSITIONS_OF_JOB, str(job_id), _BEYOND_ALL
            )
        return [row[0] for row in rows]

    # ---- assets -------------------------------------------------------------------------------------

    def assets(self, job_id: UUID) -> list[bytes]:
        """The assets of a job with their latest revision, in the order in which a film comes about."""
        with self._database.read() as transaction:
            return [row[0] for row in _all(transaction, _projected(transaction), tables.ASSETS, str(job_id))]

    def asset(self, asset_id: UUID) -> tuple[bytes, bytes] | None:
        """An asset with its latest revision, and the list of all its revisions."""
        with self._database.read() as transaction:
            rows = _all(transaction, _projected(transaction), tables.ASSET, str(asset_id))
        return (rows[0][0], rows[0][1]) if rows else None

    def assets_with_revisions(self, job_id: UUID) -> list[tuple[bytes, bytes]]:
        with self._database.read() as transaction:
            rows = _all(transaction, _projected(transaction), tables.ASSETS_WITH_REVISIONS, str(job_id))
        return [(row[0], row[1]) for row in rows]

    # ---- timeline -----------------------------------------------------------------------------------

    def entries(
        self,
        *,
        after: int,
        limit: int,
        job_ids: Collection[UUID] | None = None,
        caller: str | None = None,
    ) -> tuple[list[Entry], int]:
        """At most ``limit`` entries beyond ``after``, and the position up to which the tables were looked at.

        The second is where to go on: beyond it nothing was seen, and up to it nothing is missing.
        """
        with self._database.read() as transaction:
            live = _projected(transaction)
            if job_ids is None and caller is not None:
                rows = _all(transaction, live, tables.ENTRIES_OF_CALLER, after, caller, limit)
            elif job_ids is None:
                rows = _all(transaction, live, tables.ENTRIES, after, limit)
            else:
                rows = sorted(
                    row
                    for job_id in job_ids
                    for row in _all(transaction, live, tables.ENTRIES_OF_JOB, str(job_id), after, limit)
                )[:limit]
        entries = [Entry(*row) for row in rows]
        seen = entries[-1].position if len(entries) == limit else max(after, live.position)
        return entries, seen

    # ---- timings ------------------------------------------------------------------------------------

    def weights(
        self,
        script: str,
        models: dict[str, str],
        options: Options,
        provider: str,
        origin: ScriptOrigin = "submitted",
    ) -> Weights:
        """The weights that a new job is accepted with, from what was measured so far."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            latest = partial(_latest, transaction, live, provider)
            return timings.weights(script, models, options, latest, origin)

    def seconds(self, models: dict[str, str], options: Options, provider: str) -> dict[Kind, float]:
        """The measured seconds of one asset of each kind; a kind that was never measured is missing."""
        with self._database.read() as transaction:
            live = _projected(transaction)
            makers = {kind: timings.maker(kind, models, options) for kind in Kind}
            found = {
                kind: _latest(transaction, live, provider, kind, maker) for kind, maker in makers.items()
            }
        return {kind: median(measured) for kind, measured in found.items() if measured}

    # ---- calls --------------------------------------------------------------------------------------

    def calls(self, provider: str, model: str, kind: Kind, limit: int = calls.RECENT) -> list[Call]:
        """The newest paid calls of a model for one kind of asset, newest first."""
        with self._database.read() as transaction:
            rows = _all(
                transaction, _projected(transaction), tables.CALLS, provider, model, kind.value, limit
            )
        return [Call(row[0], row[1], row[2], Sample(row[3], row[4], Tokens(*row[5:8]))) for row in rows]


def _holds(projected: Projected, position: int, *, current: bool) -> bool:
    return projected.position >= position and (not current or projected.fold in (None, tables.FOLD))


def _projected(transaction: Transaction) -> Projected:
    row = transaction.one(tables.LIVE)
    return Projected(row[0], row[1], row[3], row[2]) if row else Projected(0, 0, None)


def _aside(transaction: Transaction, live: Projected) -> list[Aside]:
    return [Aside(*row) for row in transaction.all(tables.ASIDE, live.generation)]


def _is_aside(transaction: Transaction, live: Projected, job_id: UUID) -> bool:
    return any(one.job_id == str(job_id) for one in _aside(transaction, live))


def _all(transaction: Transaction, live: Projected, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    if live.generation == 0:
        return []  # nothing has been projected yet
    return transaction.all(sql.format(g=live.generation), *values)


def _pages(transaction: Transaction, live: Projected, bodies: dict[str, bytes]) -> list[bytes]:
    """Whole pages of jobs, of what is stored of them by id."""
    wanted = [job_id for job_id, body in bodies.items() if has_gap(body)]
    scenes: dict[str, list[bytes]] = {job_id: [] for job_id in wanted}
    if wanted:
        sql = tables.SCENES.format(g=live.generation, jobs=", ".join("?" * len(wanted)))
        for job_id, scene in transaction.all(sql, *wanted):
            scenes[job_id].append(scene)
    return [with_scenes(body, scenes[one]) if one in scenes else body for one, body in bodies.items()]


def _latest(transaction: Transaction, live: Projected, provider: str, kind: Kind, maker: str) -> list[float]:
    """The latest measured seconds of a kind by its maker."""
    rows = _all(transaction, live, tables.TIMINGS, provider, kind.value, maker, timings.SAMPLES)
    return [row[0] for row in rows]


def _totals(rows: list[tuple[Any, ...]]) -> Totals:
    found = Totals()
    for name, labels, value in rows:
        found.put(name, json.loads(labels), value)
    return found
