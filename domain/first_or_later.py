"""For streams that nobody creates: whichever event comes first begins one, and all are of one kind."""

from datetime import datetime
from typing import Any

from eventsourcing.domain import CanInitAggregate, CanMutateAggregate


class FirstOrLater:
    """An event that may be the first of its stream, or follow others. Stands before ``Created``."""

    timestamp: datetime

    @property
    def occurred_at(self) -> datetime:
        return self.timestamp

    def mutate(self, aggregate: Any) -> Any:
        kind: Any = CanInitAggregate if aggregate is None else CanMutateAggregate
        return kind.mutate(self, aggregate)
