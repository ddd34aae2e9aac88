"""The Preset aggregate: values of a submission, or a cast, that are kept under a name and used again.

Not of any job: its events carry no ``job_id``, so that the Director, the folds of jobs and the streams pass
them over. What a job uses of it stands in that job's own events, as it was when the job was submitted. A
preset is its caller's; what is stored under the name later is its next version.
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, CanInitAggregate, CanMutateAggregate

from domain.plain import PlainEvents

_PRESETS = UUID("f3b0c1de-5a0b-5b6e-8f57-0a6a1c2d9e44")


class PresetKind(StrEnum):
    PRESET = "preset"
    CAST = "cast"


def preset_id(caller: str, kind: PresetKind, name: str) -> UUID:
    return uuid5(_PRESETS, f"{kind.value} {name} {caller}")


class Preset(PlainEvents, Aggregate):
    TOPIC = "preset"

    # ---- events -------------------------------------------------------------------------------------

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

        def apply(self, aggregate: "Preset") -> None:
            aggregate.evolve(self)

    class Created(Event, Aggregate.Created):
        """May be the first of its stream, or come again with other values."""

        TOPIC: ClassVar[str] = "preset.created"

        def mutate(self, aggregate: Any) -> Any:
            if aggregate is None:
                return CanInitAggregate.mutate(self, None)
            return CanMutateAggregate.mutate(self, aggregate)

    class Stored(Created):
        TOPIC: ClassVar[str] = "preset.stored"
        caller: str
        kind: str
        name: str
        values: Any  # of a submission, by field; of a cast, its members

    class Removed(Event):
        TOPIC: ClassVar[str] = "preset.removed"

    # ---- state --------------------------------------------------------------------------------------

    def __init__(self, caller: str, kind: str, name: str, values: Any) -> None:
        self.caller = caller
        self.kind = PresetKind(kind)
        self.name = name
        self.values = values
        self.edition = 0  # its first event is counted, too
        self.is_kept = True
        self.stored_at = self.created_on

    def evolve(self, event: Any) -> None:
        match event.TOPIC:
            case "preset.stored":
                self.values = event.values
                self.edition += 1
                self.is_kept = True
                self.stored_at = event.timestamp
            case "preset.removed":
                self.is_kept = False

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def store(cls, caller: str, kind: PresetKind, name: str, values: Any, *, now: datetime) -> "Preset":
        of = preset_id(caller, kind, name)
        return cls._create(
            cls.Stored, id=of, timestamp=now, caller=caller, kind=kind.value, name=name, values=values
        )

    def store_again(self, values: Any, *, now: datetime) -> bool:
        """Other values under the same name; False (and no event) where they are the same."""
        # As JSON has them: for Python true is 1, and 24.0 is 24.
        if self.is_kept and _written(self.values) == _written(values):
            return False
        self.trigger_event(
            self.Stored,
            timestamp=now,
            originator_topic=self.TOPIC,
            caller=self.caller,
            kind=self.kind.value,
            name=self.name,
            values=values,
        )
        return True

    def remove(self, *, now: datetime) -> bool:
        if not self.is_kept:
            return False
        self.trigger_event(self.Removed, timestamp=now)
        return True


def _written(values: Any) -> str:
    return json.dumps(values, sort_keys=True)
