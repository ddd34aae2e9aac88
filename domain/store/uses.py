"""Which jobs use which bytes: what removing them asks of the read models."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

PROJECTION_WAIT_S = 60.0


@dataclass(frozen=True)
class Due:
    """A job that ended long enough ago, or one whose pruning was begun."""

    job_id: UUID
    ended_at: datetime


class Uses(Protocol):
    """What the read models know of jobs and digests."""

    def due(self, ended_before: datetime) -> list[Due]:
        """Jobs to be pruned, those first that ended first."""
        ...

    def is_used(self, digest: str, *, besides: Collection[UUID]) -> bool:
        """Whether a job that is not pruned uses the digest, and is none of these."""
        ...

    def positions_of(self, job_id: UUID) -> list[int]: ...

    def wait_for(self, position: int, timeout_s: float) -> bool: ...


class NotProjectedError(RuntimeError):
    """The read models are behind the log: what is asked of them cannot be told."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"the read models have not reached position {position}; see that the projector runs")


def catch_up(uses: Uses, position: int) -> None:
    """Wait until the read models hold this position; NotProjectedError where they do not in time."""
    if not uses.wait_for(position, PROJECTION_WAIT_S):
        raise NotProjectedError(position)
