"""The File aggregate: bytes that a person brought, to be used in films.

Not of any job: its events carry no ``job_id``, so that the Director, the folds of jobs and the streams pass
them over. What a job uses of a file stands in that job's own events, by digest. A file is its caller's; the
same bytes of two callers are two files that share one place in the blob store.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, CanInitAggregate, CanMutateAggregate

from domain.plain import PlainEvents

_FILES = UUID("8a1f6c52-7d0e-5c43-9b0a-4f4c1e2d7b61")

LEAST_KEPT = 0.5
"""The share of a picture or a clip that must be left where it is cut to a film's shape."""
LONGEST_OUTRO_S = 60


class FileKind(StrEnum):
    """What a file is by what is inside. Whether sound is a voice or music, its use tells."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


def file_id(caller: str, digest: str) -> UUID:
    return uuid5(_FILES, f"{digest} {caller}")


class File(PlainEvents, Aggregate):
    TOPIC = "file"

    # ---- events -------------------------------------------------------------------------------------

    class Event(Aggregate.Event):
        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

        def apply(self, aggregate: "File") -> None:
            aggregate.evolve(self)

    class Created(Event, Aggregate.Created):
        """May be the first of its stream, or come again after the bytes were removed."""

        TOPIC: ClassVar[str] = "file.created"

        def mutate(self, aggregate: Any) -> Any:
            if aggregate is None:
                return CanInitAggregate.mutate(self, None)
            return CanMutateAggregate.mutate(self, aggregate)

    class Added(Created):
        TOPIC: ClassVar[str] = "file.added"
        caller: str
        digest: str  # of the bytes as they are kept: cleaned, without personal metadata
        kind: str
        media_type: str
        bytes: int
        facts: dict[str, Any]  # width, height, duration_s …
        notes: list[str]  # what was changed on the way in

    class Removed(Event):
        """Nothing used it, and its bytes went."""

        TOPIC: ClassVar[str] = "file.removed"
        freed_bytes: int

    # ---- state --------------------------------------------------------------------------------------

    def __init__(
        self,
        caller: str,
        digest: str,
        kind: str,
        media_type: str,
        bytes: int,  # noqa: A002 - as it stands in events
        facts: dict[str, Any],
        notes: list[str],
    ) -> None:
        self.caller = caller
        self.digest = digest
        self.kind = FileKind(kind)
        self.media_type = media_type
        self.bytes = bytes
        self.facts = facts
        self.notes = notes
        self.is_kept = True
        self.added_at = self.created_on

    def evolve(self, event: Any) -> None:
        match event.TOPIC:
            case "file.added":
                self.is_kept = True
                self.added_at = event.timestamp
                self.kind, self.media_type, self.bytes = FileKind(event.kind), event.media_type, event.bytes
                self.facts, self.notes = event.facts, event.notes
            case "file.removed":
                self.is_kept = False

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def add(
        cls,
        caller: str,
        digest: str,
        kind: FileKind,
        *,
        now: datetime,
        media_type: str,
        size: int,
        facts: dict[str, Any],
        notes: list[str],
    ) -> "File":
        return cls._create(
            cls.Added,
            id=file_id(caller, digest),
            timestamp=now,
            caller=caller,
            digest=digest,
            kind=kind.value,
            media_type=media_type,
            bytes=size,
            facts=facts,
            notes=notes,
        )

    def add_again(self, *, now: datetime) -> bool:
        """The same bytes came again; False (and no event) while they are kept."""
        if self.is_kept:
            return False
        self.trigger_event(
            self.Added,
            timestamp=now,
            originator_topic=self.TOPIC,
            caller=self.caller,
            digest=self.digest,
            kind=self.kind.value,
            media_type=self.media_type,
            bytes=self.bytes,
            facts=self.facts,
            notes=self.notes,
        )
        return True

    def remove(self, freed_bytes: int, *, now: datetime) -> bool:
        if not self.is_kept:
            return False
        self.trigger_event(self.Removed, timestamp=now, freed_bytes=freed_bytes)
        return True
