"""The library's store in memory, which is gone with its object, reading what both of ours read."""

from collections.abc import Collection
from itertools import chain
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.popo import POPOApplicationRecorder, POPOFactory


class Recorder(POPOApplicationRecorder):
    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]:
        return list(chain.from_iterable(self.select_events(one) for one in originator_ids))


class Factory(POPOFactory):
    def application_recorder(self) -> Recorder:
        return Recorder()
