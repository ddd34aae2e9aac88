"""The streams that begin with events of one topic: read from the log once, and remembered.

For aggregates of no job, which have no read model.
"""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.store.log import BATCH_LIMIT, EventLog, NotificationSource
from domain.store.studio import Studio


class KnownStreams:
    """``note`` is told of each such event once, in order."""

    def __init__(
        self, studio: Studio, log: EventLog, topic: str, note: Callable[[Notification], None] | None = None
    ) -> None:
        self._studio = studio
        self._log = log
        self._topic = topic
        self._note = note
        self._known: dict[UUID, None] = {}
        self._seen = 0

    def ids(self) -> list[UUID]:
        """Every stream in which such an event stands by now, in the order in which they began."""
        source = cast("NotificationSource", self._studio.recorder)
        head = self._log.head()
        while self._seen < head:
            batch = source.select_notifications(
                self._seen, BATCH_LIMIT, head, [self._topic], inclusive_of_start=False
            )
            for event in batch:
                self._known[cast("UUID", event.originator_id)] = None
                if self._note is not None:
                    self._note(event)
            self._seen = batch[-1].id if len(batch) == BATCH_LIMIT else head
        return list(self._known)
