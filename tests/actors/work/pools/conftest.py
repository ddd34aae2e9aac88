import itertools
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.work.crew import Seat
from actors.work.pools.locality import Locality
from actors.work.pools.machines import Machines, Node
from actors.work.pools.place import End, Place, Start
from actors.work.pools.pool import Pool
from actors.work.stage import Resume
from domain.asset import AssetKey
from domain.script import Kind, Stage


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


RENDERERS = Seat("renderers", (Stage.MUSIC, Stage.COMPOSITION), attempts=1, cpus=2, large_cpus=4)
ARTISTS = Seat("artists", (Stage.IMAGE_GENERATION,), attempts=3)

_numbers = itertools.count(1)


def order(
    job_id: UUID | None = None,
    *,
    resolution: str = "1080p",
    priority: str = "normal",
    sources: tuple[str, ...] = (),
    key: AssetKey | None = None,
    resume: Resume | None = None,
) -> Any:
    """As much of an order as a pool looks at."""
    options = SimpleNamespace(resolution=resolution)
    key = key or AssetKey(Kind.CLIP, next(_numbers))
    brief = SimpleNamespace(job_id=job_id or uuid4(), priority=priority, options=options)
    named = tuple(SimpleNamespace(name=name) for name in sources)
    name = f"{brief.job_id}/{key.name}/1/1"
    return SimpleNamespace(brief=brief, key=key, sources=named, name=name, resume=resume)


def machines(*cpus: float, most: float = 0.0) -> Machines:
    """Nodes ``a``, ``b``, … with so many CPUs; an autoscaler may add up to ``most`` in all."""
    nodes = {
        name: Node(f"10.0.0.{n}", has, has)
        for n, (name, has) in enumerate(zip("abcdefgh", cpus, strict=False), 1)
    }
    return Machines(nodes, most_cpus=max(most, sum(cpus)), largest=max(cpus, default=0.0))


class Room:
    """A pool, the machines that it is on, and what it has asked for."""

    def __init__(self, seat: Seat, on: Machines, clock: Clock, limit: int | None = None) -> None:
        self.machines = on
        self.asked: list[Start | End] = []
        self.locality = Locality()
        self.pool = Pool(seat, limit, self.asked.append, lambda: self.machines, self.locality, clock)

    @property
    def starts(self) -> list[Start]:
        return [one for one in self.asked if isinstance(one, Start)]

    @property
    def ended(self) -> set[str]:
        return {one.place for one in self.asked if isinstance(one, End)}

    def seat(self, start: Start, node: str | None = "a") -> Place:
        """Somebody sits there, on this node, and has answered; with None nobody finds room for it."""
        place = self.pool.take_seat(start.place, start.cpus, object())
        if node is not None:
            place.node = node
            self.pool.has_answered(place, {"worker": f"worker:{start.place}", "pid": 1})
        return place
