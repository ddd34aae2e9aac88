"""Which of several free places an order goes to: spread over the nodes, and near to what it is made from.

What was made where is remembered by this process alone: knowing it saves some reading of bytes, and nothing
depends on it.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from actors.work.pools.place import Place
from actors.work.stage import Order

REMEMBERED: Final = 10_000
"""Assets; some dozens a film."""


class Locality:
    def __init__(self) -> None:
        self._made_at: OrderedDict[tuple[UUID, str], str] = OrderedDict()

    def note(self, order: Order, place: Place) -> None:
        """Remember that this order's asset was made there."""
        if place.node is None:
            return
        self._made_at[order.brief.job_id, order.key.name] = place.node
        self._made_at.move_to_end((order.brief.job_id, order.key.name))
        if len(self._made_at) > REMEMBERED:
            self._made_at.popitem(last=False)

    def choose(self, order: Order, free: Sequence[Place], places: Iterable[Place]) -> Place:
        """The free place on the node that makes least of this film now; of several, where most inputs are."""
        job_id = order.brief.job_id
        of_job: Counter[str | None] = Counter()
        busy: Counter[str | None] = Counter()
        for place in places:
            busy[place.node] += len(place.running)
            of_job[place.node] += sum(job == job_id for job in place.running.values())
        inputs = Counter(self._made_at.get((job_id, source.name)) for source in order.sources)
        return min(
            free,
            key=lambda place: (of_job[place.node], -inputs[place.node], busy[place.node], len(place.running)),
        )
