"""The Key aggregate: what a program may ask for, how often, and for how much a day.

Not of any job: its events carry no ``job_id``, so that the Director, the folds of jobs and the streams pass
them over. The secret is in no event, only its SHA-256: it has 256 random bits, so its digest leads nowhere.

A key with a budget has each job of its caller on record while it is unfinished, with what that may still cost
at the most (``key.reserved``), and what it cost once it has ended (``key.settled``). Both are saved in one
transaction with what they are about, under the version that was decided from, so two submissions at once
cannot both have the last dollar. What an ended job cost counts on the day on which it ended: so what is
spent on any day is never more than the budget.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from domain.callers import LOCAL
from domain.first_or_later import FirstOrLater
from domain.plain import PlainEvents

_KEYS = UUID("8d0c7c55-3a57-5b1e-9d61-2f4b6c1a7e90")
KEY_LIST = uuid5(_KEYS, "/")
"""No name of a key has a slash."""


class Scope(StrEnum):
    """What may be asked for; each includes those before it."""

    READ = "read"
    SUBMIT = "submit"
    ALL = "all"
    ADMINISTRATOR = "administrator"
    """Of REELOG_API_KEY alone: what is of all callers, and the keys themselves."""

    def includes(self, other: "Scope") -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Caller:
    """Who asks, and what they may ask for."""

    name: str
    scope: Scope

    @property
    def is_administrator(self) -> bool:
        return self.scope is Scope.ADMINISTRATOR


ADMINISTRATOR = Caller(LOCAL, Scope.ADMINISTRATOR)


def key_id(name: str) -> UUID:
    """Names that differ in capitals alone would be taken for each other, so they are the same."""
    return uuid5(_KEYS, name.casefold())


class KeyList(PlainEvents, Aggregate):
    """Which keys were given and revoked, in one stream: so no other event need be looked at to find them."""

    TOPIC = "key_list"

    class Created(Aggregate.Created):
        """Never stored: the library derives a class of this name, and wants its topic named too."""

        TOPIC: ClassVar[str] = "key_list.created"

    class Changed(FirstOrLater, Created):
        TOPIC: ClassVar[str] = "key.changed"
        name: str  # of the key whose own stream says what became of it

    def __init__(self, name: str) -> None:
        """Nothing is kept of them here."""

    @classmethod
    def begin(cls, name: str, *, now: datetime) -> "KeyList":
        return cls._create(cls.Changed, id=KEY_LIST, timestamp=now, name=name)

    def note(self, name: str, *, now: datetime) -> None:
        self.trigger_event(self.Changed, timestamp=now, originator_topic=self.TOPIC, name=name)


class Key(PlainEvents, Aggregate):
    TOPIC = "key"

    # ---- events -------------------------------------------------------------------------------------

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

        def apply(self, aggregate: "Key") -> None:
            aggregate.evolve(self)

    class Created(Event, Aggregate.Created):
        """Never stored: the library derives a class of this name, and wants its topic named too."""

        TOPIC: ClassVar[str] = "key.created"

    class Added(Created):
        TOPIC: ClassVar[str] = "key.added"
        name: str
        scope: str
        digest: str  # SHA-256 of the secret, in hexadecimal digits
        rate: int | None  # requests a minute
        usd_per_day: float | None

    class Revoked(Event):
        TOPIC: ClassVar[str] = "key.revoked"

    class Reserved(Event):
        TOPIC: ClassVar[str] = "key.reserved"
        job: str  # not job_id: this is no event of a job
        usd: float  # what the job may cost from here on, at the most

    class Settled(Event):
        TOPIC: ClassVar[str] = "key.settled"
        job: str
        usd: float  # what it cost since it was reserved
        ended_at: datetime

    # ---- state --------------------------------------------------------------------------------------

    def __init__(
        self, name: str, scope: str, digest: str, rate: int | None, usd_per_day: float | None
    ) -> None:
        self.name = name
        self.scope = Scope(scope)
        self.digest = digest
        self.rate = rate
        self.usd_per_day = usd_per_day
        self.revoked_at: datetime | None = None
        self.reserved: dict[UUID, float] = {}  # by job: what each unfinished one may still cost
        self.settled: dict[UUID, float] = {}  # by job: what those that ended on the day have cost
        self.day = self.created_on.astimezone(UTC).date()  # of what is settled

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None

    @property
    def caller(self) -> Caller:
        return Caller(self.name, self.scope)

    def spent_usd(self, today: date) -> float:
        """What the jobs cost that ended today."""
        return sum(self.settled.values()) if self.day == today else 0.0

    @property
    def reserved_usd(self) -> float:
        return sum(self.reserved.values())

    def evolve(self, event: Any) -> None:
        match event.TOPIC:
            case "key.revoked":
                self.revoked_at = event.timestamp
            case "key.reserved":
                self.reserved[UUID(event.job)] = event.usd
            case "key.settled":
                job = UUID(event.job)
                self.reserved.pop(job, None)
                self._count(job, event.usd, event.ended_at.astimezone(UTC).date())

    def _count(self, job: UUID, usd: float, day: date) -> None:
        if day > self.day:
            self.day, self.settled = day, {}
        if day == self.day:
            # Of a job that ended, was begun again and ended again, both counts.
            self.settled[job] = self.settled.get(job, 0.0) + usd

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def add(
        cls,
        name: str,
        scope: Scope,
        digest: str,
        *,
        now: datetime,
        rate: int | None = None,
        usd_per_day: float | None = None,
    ) -> "Key":
        return cls._create(
            cls.Added,
            id=key_id(name),
            timestamp=now,
            name=name,
            scope=scope.value,
            digest=digest,
            rate=rate,
            usd_per_day=usd_per_day,
        )

    def revoke(self, *, now: datetime) -> bool:
        """False (and no event) where it is revoked already."""
        if self.is_good:
            self.trigger_event(self.Revoked, timestamp=now)
            return True
        return False

    def settle(self, ended: Mapping[UUID, tuple[float, datetime]], *, now: datetime) -> None:
        """What reserved jobs that have ended cost, and when each ended."""
        for job, (usd, ended_at) in ended.items():
            if job in self.reserved:
                self.trigger_event(self.Settled, timestamp=now, job=str(job), usd=usd, ended_at=ended_at)

    def left_usd(self, today: date, *, besides: UUID | None = None) -> float | None:
        """What is left of the budget of a day, without what is reserved for ``besides``. None: no budget."""
        if self.usd_per_day is None:
            return None
        others = sum(usd for job, usd in self.reserved.items() if job != besides)
        # What is rounded away would buy nothing, and sums of fractions leave some of it.
        return max(0.0, round(self.usd_per_day - self.spent_usd(today) - others, 6))

    def reserve(self, job: UUID, usd: float, *, now: datetime) -> None:
        if self.reserved.get(job) != usd:
            self.trigger_event(self.Reserved, timestamp=now, job=str(job), usd=usd)
