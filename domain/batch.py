"""The Batch aggregate: several jobs that were submitted together, under one cap.

Not of any job: its event carries no ``job_id``, so that the Director, the folds of jobs and the streams pass
it over. It is saved in one transaction with its jobs, so all of them are there or none. What becomes of
them stands in their own streams; a batch only says which they are.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from domain.plain import PlainEvents


class Batch(PlainEvents, Aggregate):
    TOPIC = "batch"

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

    class Created(Event, Aggregate.Created):
        """Never stored: the library derives a class of this name, and wants its topic named too."""

        TOPIC: ClassVar[str] = "batch.created"

    class Submitted(Created):
        TOPIC: ClassVar[str] = "batch.submitted"
        caller: str
        jobs: list[str]  # their ids, in the order of the submissions
        max_cost_usd: float | None  # of all together; each job has its share as its own
        fingerprint: str | None  # of the request body, where an idempotency key came with it

    def __init__(
        self, caller: str, jobs: list[str], max_cost_usd: float | None, fingerprint: str | None
    ) -> None:
        self.caller = caller
        self.jobs = [UUID(job) for job in jobs]
        self.max_cost_usd = max_cost_usd
        self.fingerprint = fingerprint

    @classmethod
    def submit(
        cls,
        batch_id: UUID,
        caller: str,
        jobs: list[UUID],
        *,
        now: datetime,
        max_cost_usd: float | None,
        fingerprint: str | None,
    ) -> "Batch":
        return cls._create(
            cls.Submitted,
            id=batch_id,
            timestamp=now,
            caller=caller,
            jobs=[str(job) for job in jobs],
            max_cost_usd=max_cost_usd,
            fingerprint=fingerprint,
        )


def job_id_in(batch_id: UUID, number: int) -> UUID:
    """The id of the job of one submission, counted from 0: the same batch, the same jobs."""
    return uuid5(batch_id, str(number))
