"""The two aggregates of webhooks: an endpoint that is told of jobs, and a delivery to it that has ended.

Not of any job: their events carry no ``job_id``, so that the Director, the folds of jobs and the streams pass
them over, and no delivery is ever the cause of another. Secrets stand in no event: they are derived from a
key of the server (``api/webhooks/signing.py``), and an event only says which edition of them is in force.
What was tried of a delivery, and when it is tried again, are rows of the sender; here stands how it ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, get_args
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, CanInitAggregate, CanMutateAggregate

from domain.plain import PlainEvents

OLD_SECRET_FOR = timedelta(days=1)
"""So long what is sent is signed with the secret of before as well, once there is a new one."""

JobEventType = Literal[
    "job.submitted",
    "job.stage_started",
    "job.stage_completed",
    "job.cancel_requested",
    "job.review_requested",
    "job.approved",
    "job.changed",
    "job.completed",
    "job.failed",
    "job.cancelled",
    "job.reopened",
    "job.resumed",
    "job.renamed",
    "job.prune_started",
    "job.pruned",
]
EVENT_TYPES: tuple[JobEventType, ...] = get_args(JobEventType)
"""What an endpoint may be told of."""
DEFAULT_EVENTS: tuple[JobEventType, ...] = (
    "job.completed",
    "job.failed",
    "job.cancelled",
    "job.review_requested",
)

_OF_JOBS = UUID("c6a0f7b4-41f3-5a0e-8a52-9d3c0e1b7f65")


def job_endpoint_id(job_id: UUID) -> UUID:
    """The endpoint that a submission named for its own job."""
    return uuid5(_OF_JOBS, str(job_id))


def delivery_id(endpoint_id: UUID, position: int) -> UUID:
    """One event, one endpoint, one delivery, however often it is tried."""
    return uuid5(endpoint_id, str(position))


class Endpoint(PlainEvents, Aggregate):
    TOPIC = "webhook"

    # ---- events -------------------------------------------------------------------------------------

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

        def apply(self, aggregate: "Endpoint") -> None:
            aggregate.evolve(self)

    class Created(Event, Aggregate.Created):
        TOPIC: ClassVar[str] = "webhook.created"
        caller: str
        url: str
        events: list[str]
        job: str | None  # the only one it is told of; None: all of its caller's
        key: str  # which key of the server its secret is derived from, as that key's fingerprint

    class Changed(Event):
        TOPIC: ClassVar[str] = "webhook.changed"
        url: str
        events: list[str]

    class Enabled(Event):
        TOPIC: ClassVar[str] = "webhook.enabled"

    class Disabled(Event):
        """What was not delivered by then is dropped."""

        TOPIC: ClassVar[str] = "webhook.disabled"
        reason: str  # asked, or gone: it answered 410

    class SecretRotated(Event):
        TOPIC: ClassVar[str] = "webhook.secret_rotated"
        key: str

    class Removed(Event):
        TOPIC: ClassVar[str] = "webhook.removed"

    # ---- state --------------------------------------------------------------------------------------

    def __init__(self, caller: str, url: str, events: list[str], job: str | None, key: str) -> None:
        self.caller = caller
        self.url = url
        self.events = list(events)
        self.job = UUID(job) if job else None
        self.key = key
        self.edition = 1  # of its secret
        self.rotated_at: datetime | None = None
        self.is_enabled = True
        self.disabled_for: str | None = None
        self.is_kept = True

    def evolve(self, event: Any) -> None:
        match event.TOPIC:
            case "webhook.changed":
                self.url, self.events = event.url, list(event.events)
            case "webhook.enabled":
                self.is_enabled, self.disabled_for = True, None
            case "webhook.disabled":
                self.is_enabled, self.disabled_for = False, event.reason
            case "webhook.secret_rotated":
                self.edition += 1
                self.rotated_at, self.key = event.timestamp, event.key
            case "webhook.removed":
                self.is_kept = self.is_enabled = False

    def editions_at(self, now: datetime) -> list[int]:
        """Of its secret, those that sign what is sent now; the newest first."""
        if self.rotated_at is not None and now < self.rotated_at + OLD_SECRET_FOR:
            return [self.edition, self.edition - 1]
        return [self.edition]

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        endpoint_id: UUID,
        caller: str,
        url: str,
        events: Sequence[str],
        *,
        now: datetime,
        key: str,
        job_id: UUID | None = None,
    ) -> "Endpoint":
        return cls._create(
            cls.Created,
            id=endpoint_id,
            timestamp=now,
            caller=caller,
            url=url,
            events=list(events),
            job=str(job_id) if job_id else None,
            key=key,
        )

    def change(self, url: str | None, events: Sequence[str] | None, *, now: datetime) -> None:
        url, events = url or self.url, list(self.events if events is None else events)
        if (url, events) != (self.url, self.events):
            self.trigger_event(self.Changed, timestamp=now, url=url, events=events)

    def enable(self, *, now: datetime) -> None:
        if self.is_kept and not self.is_enabled:
            self.trigger_event(self.Enabled, timestamp=now)

    def disable(self, reason: str, *, now: datetime) -> None:
        if self.is_enabled:
            self.trigger_event(self.Disabled, timestamp=now, reason=reason)

    def rotate_secret(self, key: str, *, now: datetime) -> None:
        self.trigger_event(self.SecretRotated, timestamp=now, key=key)

    def remove(self, *, now: datetime) -> None:
        if self.is_kept:
            self.trigger_event(self.Removed, timestamp=now)


class Delivery(PlainEvents, Aggregate):
    """Begins with its end, and ends again for each time that it is asked for anew by hand."""

    TOPIC = "webhook_delivery"

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

    class Created(Event, Aggregate.Created):
        """May be the first of its stream, or come again."""

        TOPIC: ClassVar[str] = "webhook.delivery_created"

        def mutate(self, aggregate: Any) -> Any:
            if aggregate is None:
                return CanInitAggregate.mutate(self, None)
            return CanMutateAggregate.mutate(self, aggregate)

    class Ended(Created):
        TOPIC: ClassVar[str] = "webhook.delivery_ended"
        endpoint: str
        position: int  # of the event that is told
        turn: int  # 1, and one more each time that it is asked for by hand
        outcome: str  # delivered or failed
        tries: int
        status: int | None  # of the last answer
        error: str | None  # why the last try failed

        def apply(self, aggregate: "Delivery") -> None:
            aggregate.turn, aggregate.outcome, aggregate.tries = self.turn, self.outcome, self.tries
            aggregate.status, aggregate.error = self.status, self.error

    def __init__(
        self,
        endpoint: str,
        position: int,
        turn: int,
        outcome: str,
        tries: int,
        status: int | None,
        error: str | None,
    ) -> None:
        self.endpoint = endpoint
        self.position = position
        self.turn = turn
        self.outcome = outcome
        self.tries = tries
        self.status = status
        self.error = error

    @classmethod
    def end(cls, delivery: UUID, *, now: datetime, **told: Any) -> "Delivery":
        return cls._create(cls.Ended, id=delivery, timestamp=now, **told)

    def end_again(self, *, now: datetime, **told: Any) -> None:
        self.trigger_event(self.Ended, timestamp=now, originator_topic=self.TOPIC, **told)
