"""Deliveries as rows: what is to be told to whom, when it is tried, and what came of each try.

In tables of their own, which no rebuild of the read models touches. Which deliveries there are follows from
the log alone, in one transaction with the position that it was followed to, so none is lost or begun twice;
should the tables themselves be lost, they are made again from the log, and what had ended stays ended, as
that is an event. Only when it was tried, and what is due when, are nowhere else.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from domain.callers import LOCAL
from domain.job import Job
from domain.webhook import Delivery, Endpoint, delivery_id
from projections.database import Database, Transaction
from projections.wire import iso

PENDING, DELIVERED, FAILED, DROPPED = "pending", "delivered", "failed", "dropped"
STATUSES = (PENDING, DELIVERED, FAILED, DROPPED)
KEPT_DAYS = 30
"""So long an ended delivery can be looked at, and asked for again."""
_BEYOND_ALL = 2**62

_FOLLOWED = "SELECT store, position FROM webhook_follower WHERE id = 1"
_BEGIN = "INSERT INTO webhook_follower (id, store, position) VALUES (1, ?, ?)"
_EMPTY = "DELETE FROM {table}"
_ALL = ("webhook_follower", "webhook_endpoints", "webhook_deliveries", "webhook_tries", "webhook_counts")
_ADVANCE = "UPDATE webhook_follower SET position = ? WHERE id = 1 AND position = ?"
_ADD_ENDPOINT = (
    "INSERT INTO webhook_endpoints (id, caller, job, lane, events, enabled) VALUES (?, ?, ?, ?, ?, 1) "
    "ON CONFLICT (id) DO NOTHING"
)
_ENABLE = "UPDATE webhook_endpoints SET enabled = ? WHERE id = ?"
_SET_EVENTS = "UPDATE webhook_endpoints SET events = ? WHERE id = ?"
_CONCERNED = (
    "SELECT id, caller, lane, events FROM webhook_endpoints "
    "WHERE enabled = 1 AND (job = ? OR job IS NULL) ORDER BY id"
)
_WANTED = "SELECT DISTINCT events FROM webhook_endpoints WHERE enabled = 1"
_ADD = (
    "INSERT INTO webhook_deliveries "
    "(endpoint, lane, id, position, job, type, status, turn, tries, due, created, ended) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0, ?, ?, NULL) ON CONFLICT (id) DO NOTHING"
)
_END = "UPDATE webhook_deliveries SET status = ?, turn = ?, tries = ?, ended = ? WHERE id = ? AND turn <= ?"
_DROP = "UPDATE webhook_deliveries SET status = ?, ended = ? WHERE endpoint = ? AND status = ?"
_COUNT = (
    "INSERT INTO webhook_counts (outcome, deliveries) VALUES (?, 1) "
    "ON CONFLICT (outcome) DO UPDATE SET deliveries = webhook_counts.deliveries + 1"
)
_COUNTS = "SELECT outcome, deliveries FROM webhook_counts"
_ITS_TURN = (
    "NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.endpoint = d.endpoint AND e.job = d.job "
    "AND e.status = 'pending' AND e.position < d.position)"
)
"""Nothing earlier of its job waits at the same endpoint; for that it waits, whenever it is due itself."""
_WAITING = (
    "SELECT count(*), count(CASE WHEN d.tries > 0 THEN 1 END), "  # noqa: S608 - our own
    f"min(CASE WHEN {_ITS_TURN} THEN d.due END) FROM webhook_deliveries d WHERE d.status = ?"
)
_LAST_FAILURE = (
    "SELECT t.at, d.endpoint, d.id, d.job, t.status, t.error FROM webhook_tries t "
    "JOIN webhook_deliveries d ON d.id = t.delivery WHERE t.error IS NOT NULL ORDER BY t.at DESC LIMIT 1"
)
# Of each lane the first few, so that one with thousands waiting does not stand before all others.
_DUE = f"""
    SELECT id, endpoint, position, job, type, turn, tries FROM (
        SELECT d.*, row_number() OVER (PARTITION BY d.lane ORDER BY d.due, d.position) AS place
        FROM webhook_deliveries d
        WHERE d.status = 'pending' AND d.due <= ? AND {_ITS_TURN}
    ) AS waiting WHERE place <= ? ORDER BY due, position LIMIT ?
"""  # noqa: S608 - our own
_NEXT_DUE = "SELECT min(due) FROM webhook_deliveries WHERE status = 'pending' AND due > ?"
_TRY_AGAIN = (
    "UPDATE webhook_deliveries SET tries = ?, due = ? WHERE id = ? AND turn = ? AND status = 'pending'"
)
_ADD_TRY = (
    "INSERT INTO webhook_tries (delivery, turn, number, at, status, error, elapsed_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery, turn, number) DO NOTHING"
)
_TRIES = (
    "SELECT turn, number, at, status, error, elapsed_ms FROM webhook_tries WHERE delivery = ? "
    "ORDER BY turn, number"
)
_ROWS = (
    "SELECT d.id, d.position, d.job, d.type, d.status, d.turn, d.tries, "  # noqa: S608 - our own
    f"CASE WHEN d.status = 'pending' AND {_ITS_TURN} THEN d.due END, d.created, d.ended, "
    "t.at, t.status, t.error, t.elapsed_ms FROM webhook_deliveries d LEFT JOIN webhook_tries t "
    "ON t.delivery = d.id AND t.turn = d.turn AND t.number = d.tries WHERE d.endpoint = ? "
)
_LIST = f"{_ROWS} AND d.position < ?"
_NEWEST_FIRST = " ORDER BY d.position DESC LIMIT ?"
_ONE = f"{_ROWS} AND d.id = ?"
_AGAIN = (
    "UPDATE webhook_deliveries SET status = 'pending', due = ?, ended = NULL, "
    "turn = turn + CASE WHEN status = 'pending' THEN 0 ELSE 1 END, "
    "tries = CASE WHEN status = 'pending' THEN tries ELSE 0 END WHERE id = ?"
)
_FORGET_TRIES = (
    "DELETE FROM webhook_tries WHERE delivery IN (SELECT id FROM webhook_deliveries WHERE ended < ?)"
)
_FORGET = "DELETE FROM webhook_deliveries WHERE ended < ?"


class OvertakenError(RuntimeError):
    """Another process has followed the log further: this one is not the sender any more."""


@dataclass(frozen=True)
class DueDelivery:
    """``turn`` counts how often it was asked for, ``tries`` those of this turn."""

    id: UUID
    endpoint: UUID
    position: int
    job: UUID
    type: str
    turn: int
    tries: int


@dataclass(frozen=True)
class Try:
    number: int
    at: datetime
    status: int | None
    error: str | None
    elapsed_s: float


@dataclass(frozen=True)
class DeliveryRow:
    """As it is shown; ``due``, in milliseconds, is that of one whose turn it is. Last: the latest try."""

    id: str
    position: int
    job: str
    type: str
    status: str
    turn: int
    tries: int
    due: int | None
    created: str
    ended: str | None
    tried_at: str | None
    answer: int | None
    error: str | None
    elapsed_ms: int | None


@dataclass(frozen=True)
class FailedTry:
    at: str
    endpoint: str
    delivery: str
    job: str
    status: int | None
    error: str


@dataclass(frozen=True)
class Waiting:
    """What is to be told: how many deliveries, how many of them failed so far, when the next is due."""

    deliveries: int
    failing: int
    due: int | None
    last_failure: FailedTry | None


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def milliseconds_to_iso(milliseconds: int) -> str | None:
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))


def lane_of(endpoint_id: UUID, url: str, job: str | None) -> str:
    """What is sent side by side only a few at a time: an endpoint, or all jobs' own at one origin."""
    if job is None:
        return str(endpoint_id)
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Deliveries:
    """``caller_of`` tells whose a job is."""

    def __init__(self, database: Database, caller_of: Callable[[UUID], str]) -> None:
        self._database = database
        self._caller_of = caller_of

    def close(self) -> None:
        self._database.close()

    # ---- following the log --------------------------------------------------------------------------

    def begin(self, store: UUID, head: int, beginning: Callable[[], int]) -> int:
        """Where the log is to be followed from; ``beginning`` tells where, when it is for the first time.

        So it is too where the rows are of another log: the folder was reset, or a backup put back.
        """
        with self._database.write() as transaction:
            followed = transaction.one(_FOLLOWED)
            if followed is not None and followed[0] == str(store) and followed[1] <= head:
                return int(followed[1])
            for table in _ALL:
                transaction.run(_EMPTY.format(table=table))
            position = beginning()
            transaction.run(_BEGIN, str(store), position)
        return position

    def advance(self, before: int, after: int, events: Iterable[tuple[int, Any]]) -> None:
        """Take in what happened beyond ``before``, up to ``after``: positions and events."""
        with self._database.write() as transaction:
            if not transaction.run(_ADVANCE, after, before):
                raise OvertakenError
            for position, event in events:
                self._take_in(transaction, position, event)

    def _take_in(self, transaction: Transaction, position: int, event: Any) -> None:
        at = iso(event.timestamp)
        match event:
            case Endpoint.Created():
                lane = lane_of(event.originator_id, event.url, event.job)
                told = str(event.originator_id), event.caller, event.job, lane, json.dumps(event.events)
                transaction.run(_ADD_ENDPOINT, *told)
            case Endpoint.Changed():
                transaction.run(_SET_EVENTS, json.dumps(event.events), str(event.originator_id))
            case Endpoint.Enabled():
                transaction.run(_ENABLE, 1, str(event.originator_id))
            case Endpoint.Disabled() | Endpoint.Removed():
                transaction.run(_ENABLE, 0, str(event.originator_id))
                transaction.run(_DROP, DROPPED, at, str(event.originator_id), PENDING)
            case Delivery.Ended():
                of, turn = str(event.originator_id), event.turn
                transaction.run(_END, event.outcome, turn, event.tries, at, of, turn)
                transaction.run(_COUNT, event.outcome)
            case Job.Event():
                self._add(transaction, position, event, at)

    def _add(self, transaction: Transaction, position: int, event: Any, at: str | None) -> None:
        for endpoint, caller, lane, events in transaction.all(_CONCERNED, str(event.job_id)):
            if event.TOPIC not in json.loads(events):
                continue
            # The administrator is told of everybody's jobs, as it sees them.
            if caller not in (LOCAL, self._caller_of(event.job_id)):
                continue
            of = str(delivery_id(UUID(endpoint), position))
            told = of, position, str(event.job_id), event.TOPIC, PENDING
            transaction.run(_ADD, endpoint, lane, *told, milliseconds(event.timestamp), at)

    def wanted(self) -> frozenset[str]:
        """The types of events that anybody is told of."""
        with self._database.read() as transaction:
            rows = transaction.all(_WANTED)
        return frozenset(name for (events,) in rows for name in json.loads(events))

    # ---- sending ------------------------------------------------------------------------------------

    def due(self, now: datetime, of_a_lane: int, most: int) -> list[DueDelivery]:
        """What is to be tried now, also what is being tried."""
        with self._database.read() as transaction:
            rows = transaction.all(_DUE, milliseconds(now), of_a_lane, most)
        return [
            DueDelivery(UUID(of), UUID(endpoint), position, UUID(job), *rest)
            for of, endpoint, position, job, *rest in rows
        ]

    def next_due(self, now: datetime) -> int | None:
        """When something is to be tried next after now, in milliseconds."""
        with self._database.read() as transaction:
            row = transaction.one(_NEXT_DUE, milliseconds(now))
        return row[0] if row else None

    def record(self, delivery: DueDelivery, tried: Try, due: datetime | None = None) -> None:
        """A try, and when the next one is due; None: how it ended is told by an event, which follows."""
        of, turn = str(delivery.id), delivery.turn
        told = iso(tried.at), tried.status, tried.error, round(tried.elapsed_s * 1000)
        with self._database.write() as transaction:
            transaction.run(_ADD_TRY, of, turn, tried.number, *told)
            if due is not None:
                transaction.run(_TRY_AGAIN, tried.number, milliseconds(due), of, turn)

    def settle(self, delivery: DueDelivery, outcome: str, tries: int, at: datetime) -> None:
        """How it ended, as soon as the event is recorded: the log is followed a moment later."""
        of, turn = str(delivery.id), delivery.turn
        with self._database.write() as transaction:
            transaction.run(_END, outcome, turn, tries, iso(at), of, turn)

    def drop(self, endpoint: UUID, now: datetime) -> None:
        """What waits for an endpoint that is told of nothing any more."""
        with self._database.write() as transaction:
            transaction.run(_DROP, DROPPED, iso(now), str(endpoint), PENDING)

    def forget(self, ended_before: datetime) -> None:
        with self._database.write() as transaction:
            transaction.run(_FORGET_TRIES, iso(ended_before))
            transaction.run(_FORGET, iso(ended_before))

    # ---- looking, and asking for it again -----------------------------------------------------------

    def page(
        self, endpoint: UUID, *, status: str | None, job: UUID | None, before: int | None, limit: int
    ) -> tuple[list[DeliveryRow], bool]:
        """Those of an endpoint, newest first; and whether there are more."""
        sql, values = _LIST, [str(endpoint), _BEYOND_ALL if before is None else before]
        for column, value in (("status", status), ("job", job)):
            if value is not None:
                sql, values = f"{sql} AND d.{column} = ?", [*values, str(value)]
        with self._database.read() as transaction:
            rows = transaction.all(sql + _NEWEST_FIRST, *values, limit + 1)
        return [DeliveryRow(*row) for row in rows[:limit]], len(rows) > limit

    def find(self, endpoint: UUID, of: UUID) -> DeliveryRow | None:
        with self._database.read() as transaction:
            row = transaction.one(_ONE, str(endpoint), str(of))
        return DeliveryRow(*row) if row else None

    def tries(self, of: str) -> Sequence[tuple[int, int, str, int | None, str | None, int]]:
        """Turn, number, time, status, error and milliseconds of each try."""
        with self._database.read() as transaction:
            rows: list[Any] = transaction.all(_TRIES, of)
        return rows

    def redeliver(self, of: UUID, now: datetime) -> None:
        """Have it tried at once: a new turn where it had ended."""
        with self._database.write() as transaction:
            transaction.run(_AGAIN, milliseconds(now), str(of))

    def counts(self) -> dict[str, int]:
        """How many deliveries have ended how, and how many are pending."""
        with self._database.read() as transaction:
            ended = dict.fromkeys((DELIVERED, FAILED), 0) | dict(map(tuple, transaction.all(_COUNTS)))
            waiting = transaction.one(_WAITING, PENDING)
        return ended | {PENDING: waiting[0] if waiting else 0}

    def waiting(self) -> Waiting:
        """What is to be told still, and the latest try that failed."""
        with self._database.read() as transaction:
            waiting = transaction.one(_WAITING, PENDING)
            failed = transaction.one(_LAST_FAILURE)
        deliveries, failing, due = waiting or (0, 0, None)
        return Waiting(deliveries, failing, due, FailedTry(*failed) if failed else None)
