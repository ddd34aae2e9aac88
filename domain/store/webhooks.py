"""Webhook endpoints as the log has them, and the ends of deliveries.

No read model: an endpoint is found by its id, and all are few.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError

from domain.store.known import KnownStreams
from domain.store.log import EventLog, NotificationSource
from domain.store.studio import CONFLICT_RETRIES, ConflictError, Studio
from domain.webhook import Delivery, Endpoint


class Endpoints:
    def __init__(self, studio: Studio, log: EventLog) -> None:
        self._studio = studio
        self._log = log
        self._known = KnownStreams(studio, log, Endpoint.Created.TOPIC)
        self._lock = threading.Lock()

    def get(self, endpoint_id: UUID) -> Endpoint | None:
        """An endpoint, also one that is removed."""
        found = self._load(endpoint_id)
        return found if isinstance(found, Endpoint) else None

    def find(self, caller: str, endpoint_id: UUID) -> Endpoint | None:
        """The caller's endpoint, while it is kept."""
        found = self.get(endpoint_id)
        return found if found is not None and found.is_kept and found.caller == caller else None

    def all(self, caller: str) -> list[Endpoint]:
        """Every one that the caller keeps for all jobs, in the order in which they were added."""
        return [one for one in self._of(caller) if one.job is None]

    def remove_all(self, caller: str, *, now: datetime) -> None:
        """Nothing more is sent to any endpoint of the caller, those of single jobs included."""
        for one in self._of(caller):
            self.change(one.id, lambda endpoint: endpoint.remove(now=now))

    def _of(self, caller: str) -> list[Endpoint]:
        with self._lock:
            known = self._known.ids()
        found = [cast("Endpoint", self._studio.repository.get(of)) for of in known]
        return [one for one in found if one.is_kept and one.caller == caller]

    def add(self, endpoint: Endpoint) -> None:
        self._studio.append(endpoint)

    def change(self, endpoint_id: UUID, decide: Callable[[Endpoint], None]) -> Endpoint:
        for _ in range(CONFLICT_RETRIES):
            endpoint = cast("Endpoint", self._studio.repository.get(endpoint_id))
            decide(endpoint)
            try:
                self._studio.append(endpoint)
            except IntegrityError:
                continue
            return endpoint
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def end_delivery(self, delivery_id: UUID, *, now: datetime, **told: Any) -> None:
        """Record how a delivery ended."""
        for _ in range(CONFLICT_RETRIES):
            delivery: Any = self._load(delivery_id)
            if delivery is None:
                delivery = Delivery.end(delivery_id, now=now, **told)
            else:
                delivery.end_again(now=now, **told)
            try:
                self._studio.append(delivery)
            except IntegrityError:
                continue
            return
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def beginning(self) -> int:
        """The position before the first endpoint of all: nothing earlier is told to anybody."""
        source = cast("NotificationSource", self._studio.recorder)
        head = self._log.head()
        topics = [Endpoint.Created.TOPIC]
        found = source.select_notifications(0, 1, head, topics, inclusive_of_start=False)
        return found[0].id - 1 if found else head

    def _load(self, aggregate_id: UUID) -> Any:
        try:
            return self._studio.repository.get(aggregate_id)
        except AggregateNotFoundError:
            return None
