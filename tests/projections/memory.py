"""The library's store in memory, which is gone with its object, reading what both of ours read."""

from collections.abc import Collection, Sequence
from itertools import chain
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder, POPOFactory


class Recorder(POPOApplicationRecorder):
    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        return list(chain.from_iterable(self.select_events(one) for one in originator_ids))

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]:
        outcomes: list[Sequence[int] | Exception] = []
        for events in appends:
            try:
                outcomes.append(list(self.insert_events(events) or []))
            except IntegrityError as error:
                outcomes.append(error)
        return outcomes


class Factory(POPOFactory):
    def application_recorder(self) -> Recorder:
        return Recorder()
