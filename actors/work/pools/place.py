"""A place in a pool: one worker process, and the requests that begin and end it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Start:
    """A place is needed: a worker of this seat with so many CPUs reserved."""

    place: str
    seat: str
    cpus: float


@dataclass(frozen=True)
class End:
    """A place is no longer needed, or its worker is gone."""

    place: str


@dataclass(eq=False)
class Place:
    id: str
    cpus: float
    since: float
    """When it was asked for, or was last restarted."""
    idle_since: float
    asked_at: float
    worker: Any = None
    running: dict[str, UUID] = field(default_factory=dict)
    """What is made there: the orders' names, and the jobs that they are for."""
    node: str | None = None
    placed_at: float | None = None
    """Since when it has a node and has not answered; a start has failed when that takes too long."""
    incarnation: int = 0
    """How often Ray has started its worker again."""
    answered: bool = False
    boot: dict[str, Any] = field(default_factory=dict)
    """What its worker told of itself when it had started."""
