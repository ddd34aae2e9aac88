"""A film: one job, its assets, and where each of them stands in the graph of what is made from what.

The one fold of a job's events. Whoever asks about a job walks this object: the workflow, its explanation,
revisions and forks, the Director's desk, the pages of the read models, and every look into the past.

It is kept up to date as events come, so that neither an event nor a decision costs more for a long film than
for a short one: an event changes the books of its own asset, and a question asks only of what has changed
since the last one, and of what is made from it, whether it is still current. Rejected: working all of it out
at each question (a decision of a film of a hundred scenes took 0.2 s), and caching answers by what was asked
(they would all go at every event).
Longer than other modules, as its books are kept in step by what is written side by side.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from math import fsum
from typing import Any, Self, cast
from uuid import UUID

from domain.analysis_facts import SceneFacts
from domain.asset import Asset, AssetKey, Attempt, InputRef
from domain.failures import Failure
from domain.film_graph import (
    ANALYSIS,
    DRAWN,
    STORYBOARD,
    Graph,
    Scene,
    scenes_in,
    words_in,
    written_script,
)
from domain.film_standings import Standings
from domain.inputs import is_made_from, references_to
from domain.job import Job
from domain.script import Stage


@dataclass
class Tally:
    """What some assets have come to: how many are made, and what they took."""

    done: int = 0
    requests: int = 0
    tokens: int = 0
    spent_usd: float = 0.0
    unknown_usd: float = 0.0
    unpriced: int = 0
    lost_calls: int = 0

    def change(self, before: "_Counts", now: "_Counts") -> None:
        for name, was, is_now in zip(_COUNTED, before, now, strict=True):
            if was != is_now:
                setattr(self, name, getattr(self, name) + (is_now - was))


_COUNTED = tuple(field.name for field in fields(Tally))
_Counts = tuple[float, ...]
"""The figures of one asset, in the order of a tally's."""
_NOTHING: _Counts = (0,) * len(_COUNTED)


def _counts(asset: Asset) -> _Counts:
    return (
        asset.product is not None,
        asset.requests,
        asset.tokens,
        asset.spent_usd,
        asset.unknown_usd,
        asset.unpriced,
        asset.lost_calls,
    )


class Film:
    """Feed it every event of one job once, in order; or begin with aggregates as they were loaded."""

    def __init__(self, events: Iterable[Any] = ()) -> None:
        self.assets: dict[AssetKey, Asset] = {}
        self.at: datetime | None = None
        """When the last event happened."""
        self.cause: int | None = None
        """The position of what happened last: it causes what follows."""
        self.causes: dict[AssetKey, int] = {}
        self.obstacle: Failure | None = None
        """What keeps an asset from being planned; the job fails with it."""
        self.tallies: dict[Stage, Tally] = {}
        self._job: Job | None = None
        self._graph: Graph | None = None
        self._left_out: list[AssetKey] = []  # what the graph has no longer
        self._keys: dict[UUID, AssetKey] = {}
        self._standings = Standings()
        self._counted: dict[AssetKey, _Counts] = {}
        self._digests: dict[AssetKey, str | None] = {}
        self._current: set[AssetKey] = set()
        self._ready: set[AssetKey] = set()
        self._unsettled: set[AssetKey] = set()  # of which nobody has asked since they changed
        self._missing: dict[AssetKey, int] = {}  # of each node, how many of its inputs are not current
        self._behind: Counter[Stage] = Counter()  # of each stage, how many of its assets are not
        for event in events:
            self.evolve(event)

    @classmethod
    def of(cls, job: Job, assets: Iterable[Asset] = ()) -> Self:
        """From aggregates as they were loaded."""
        film = cls()
        film.take_job(job)
        for asset in assets:
            film.take(asset)
        return film

    # ---- evolution ----------------------------------------------------------------------------------

    def evolve(self, event: Any) -> Asset | None:
        """Take in the next event; gives the asset that it is about, None where it is about the job."""
        self.at = event.timestamp
        if isinstance(event, Job.Event):
            self.take_job(cast("Job", event.mutate(self._job)))
            return None
        if self._job is None:
            raise ValueError(f"job {event.job_id} does not begin with job.submitted")
        known = self._keys.get(event.originator_id)
        asset: Asset = event.mutate(self.assets[known] if known else None)
        self.take(asset)
        return asset

    def missed_before(self, event: Any) -> int:
        """How many events of its stream are missing before this one; less than 0 where it is known itself."""
        aggregate = self._job if isinstance(event, Job.Event) else self.find(event.originator_id)
        return int(event.originator_version) - 1 - (aggregate.version if aggregate is not None else 0)

    def happened(self, originator_id: UUID, position: int) -> None:
        """Note where in the log something happened, to an asset or to the job."""
        if self.cause is None or position > self.cause:
            self.cause = position
        key = self._keys.get(originator_id)
        if key is not None and (key not in self.causes or position > self.causes[key]):
            self.causes[key] = position

    def take_job(self, job: Job) -> None:
        """Note that the job is now so."""
        self._job = job
        self._standings.change_run()
        if self._graph is None or job.graph != self._graph.version:
            self._compile()

    def take(self, asset: Asset) -> None:
        """Note that this asset is now so, whether it was changed in place or read anew."""
        key = asset.key
        if self.assets.get(key) is not asset:
            self._keys[asset.id] = key
            self.assets[key] = asset
        self._standings.change(key)
        self._count(asset)
        graph = self.graph
        if key == ANALYSIS and scenes_in(self.assets) != graph.scenes:
            self._compile()
        elif key in graph.nodes:
            self._unsettled.add(key)
            if key.kind in DRAWN and STORYBOARD in graph.nodes:
                self._unsettled.add(STORYBOARD)

    def _count(self, asset: Asset) -> None:
        before, now = self._counted.get(asset.key, _NOTHING), _counts(asset)
        if now != before:
            self.tallies.setdefault(asset.key.stage, Tally()).change(before, now)
            self._counted[asset.key] = now

    # ---- what is current ----------------------------------------------------------------------------

    def _compile(self) -> None:
        """Begin with another graph: other scenes were found, none are known any more, or it is newer."""
        job, scenes = self.job, scenes_in(self.assets)
        song, origin = bool(job.models.get("music")), job.script_origin
        graph = self._graph = Graph.of(job.options, scenes, job.graph, song=song, script=origin)
        self._left_out = [key for key in self.assets if key not in graph.nodes]
        self._current.clear()
        self._ready.clear()
        self._missing = {key: len(graph.awaited(key)) for key in graph.nodes}
        self._behind = Counter({stage: len(members) for stage, members in graph.members.items()})
        self._unsettled = set(graph.nodes)

    def _settle(self) -> None:
        """Ask of what has changed whether it is current, and of what is made from it where that differs.

        Before a question, not at each event: who only shows a film never asks. In the film's order, so that
        whatever is asked has all of its inputs settled, and is asked once.
        """
        if not self._unsettled:
            return
        nodes = self.graph.nodes
        queue = [(nodes[key].place, key) for key in self._unsettled]
        self._unsettled.clear()
        heapq.heapify(queue)
        queued = {key for _, key in queue}
        while queue:
            _, key = heapq.heappop(queue)
            asset = self.assets.get(key)
            product = asset.product if asset is not None else None
            digest = product.digest if product is not None else None
            if self._settle_one(key, asset) or digest != self._digests.get(key):
                self._digests[key] = digest
                for other in nodes[key].dependents:
                    if other not in queued:
                        queued.add(other)
                        heapq.heappush(queue, (nodes[other].place, other))

    def _settle_one(self, key: AssetKey, asset: Asset | None) -> bool:
        """Whether it became current, or ceased to be."""
        if asset is None:
            now = key == STORYBOARD and self.is_spared(key)
        else:  # what is given waits for nothing
            ready = asset.product is not None and (asset.product.provided or not self._missing[key])
            now = ready and not self.is_outdated(asset)
        was = key in self._current
        if now != was:
            step = -1 if now else 1
            (self._current.add if now else self._current.discard)(key)
            self._behind[key.stage] += step
            for other in self.graph.nodes[key].dependents:
                self._missing[other] += step
        (self._ready.discard if now or self._missing[key] else self._ready.add)(key)
        return now != was

    def is_spared(self, key: AssetKey) -> bool:
        """Whether nobody needs it: the storyboard of a film whose pictures a person gave, all of them."""
        if key != STORYBOARD or key in self.assets:
            return False
        drawn = [self.assets.get(other) for other in self.graph.nodes[key].dependents]
        return bool(drawn) and all(asset is not None and asset.is_provided for asset in drawn)

    def is_made_here(self, key: AssetKey) -> bool:
        """Whether it is made anew with what it is made from: no person gave it, and somebody needs it."""
        given = key in self.assets and self.assets[key].is_provided
        return not given and not self.is_spared(key)

    def is_outdated(self, asset: Asset) -> bool:
        """Whether what it was asked for from differs from what it would be asked for from now."""
        inputs = () if asset.is_provided else self.graph.nodes[asset.key].inputs
        return not is_made_from(asset, inputs, self.digest)

    def digest(self, key: AssetKey, part: str | None = None) -> str | None:
        """Of what is made, or of a part of it; None while it is not."""
        asset = self.assets.get(key)
        product = asset.product if asset is not None else None
        if product is None:
            return None
        return product.digest if part is None else product.part(part)

    # ---- questions ----------------------------------------------------------------------------------

    @property
    def open(self) -> set[AssetKey]:
        """What has an attempt under way."""
        return self._standings.of(self.assets, self.job.run).open

    @property
    def unstarted(self) -> set[AssetKey]:
        """What is asked for and has none, also between two attempts."""
        return self._standings.of(self.assets, self.job.run).unstarted

    @property
    def waiting(self) -> set[AssetKey]:
        """What has none since an attempt ended."""
        return self._standings.of(self.assets, self.job.run).waiting

    @property
    def begun(self) -> bool:
        return self._job is not None

    @property
    def job(self) -> Job:
        assert self._job is not None, "the film has no event yet"
        return self._job

    @property
    def graph(self) -> Graph:
        assert self._graph is not None, "the film has no event yet"
        return self._graph

    @property
    def scenes(self) -> tuple[Scene, ...] | None:
        """The scenes in the order in which they play; None while the analysis is unmade."""
        return self.graph.scenes

    @property
    def title(self) -> str | None:
        """What it is called: as a person named it, else as its analysis did, in the film's words."""
        learnt = words_in(self.assets)
        return self.job.title or (learnt.get("title") if learnt is not None else None)

    @property
    def script(self) -> str:
        """What the film says: as it was submitted, or written here; empty before that."""
        return written_script(self.assets) or self.job.script

    def scene_facts(self, number: int) -> SceneFacts | None:
        """What was found of this scene, in the film's words; None where there is none of this number."""
        place, learnt = self.graph.scene_places.get(number), words_in(self.assets)
        return learnt["scenes"][place] if learnt is not None and place is not None else None

    @property
    def expected(self) -> list[AssetKey]:
        """Every asset that the film needs, each after its inputs; no scene of it before the analysis."""
        return self.graph.keys

    def find(self, asset_id: UUID) -> Asset | None:
        key = self._keys.get(asset_id)
        return self.assets[key] if key else None

    def open_attempts(self) -> list[tuple[Asset, Attempt]]:
        """What is under way."""
        found = (
            (asset, asset.open_attempt) for asset in (self.assets[key] for key in self.in_order(self.open))
        )
        return [(asset, attempt) for asset, attempt in found if attempt is not None]

    def inputs(self, key: AssetKey) -> list[AssetKey]:
        return self.graph.inputs(key)

    def inputs_with_digests(self, key: AssetKey) -> tuple[InputRef, ...]:
        """The inputs as they are now; all of them must be made."""
        return references_to(self.graph.nodes[key].inputs, self.assets)

    def dependents(self, key: AssetKey) -> list[AssetKey]:
        """All that is made from it, directly or not, in order."""
        return self.graph.dependents(key)

    def in_order(self, keys: Iterable[AssetKey]) -> list[AssetKey]:
        return self.graph.in_order(keys)

    @property
    def current(self) -> set[AssetKey]:
        """What is made from the latest of its inputs, all of which are current too."""
        self._settle()
        return self._current

    @property
    def ready(self) -> set[AssetKey]:
        """What is not current, and could be made now: all of its inputs are."""
        self._settle()
        return self._ready

    def is_current(self, key: AssetKey) -> bool:
        """Whether its latest revision is made from the latest of its inputs, and these are current too."""
        return key in self.current

    @property
    def is_complete(self) -> bool:
        self._settle()
        return self.scenes is not None and not any(self._behind.values())

    def stages_made(self) -> list[Stage]:
        """The stages of which everything is current."""
        self._settle()
        return [stage for stage, behind in self._behind.items() if not behind]

    def is_busy(self, stage: Stage) -> bool:
        """Whether something of it is under way."""
        return any(key.stage is stage and key in self.graph.nodes for key in self.open)

    @property
    def failed(self) -> list[Asset]:
        """What failed for good in this run, the first one first. Failures of earlier runs are work to do."""
        failed = [self.assets[key] for key in self._standings.of(self.assets, self.job.run).failed]
        return sorted(failed, key=lambda asset: asset.modified_on)

    def tally(self, stage: Stage) -> Tally:
        return self.tallies.get(stage) or Tally()

    def made(self, stage: Stage) -> int:
        """How many of the film's assets of a stage are made; what it has no longer does not count."""
        apart = [self.assets[key] for key in self._left_out if key.stage == stage]
        return self.tally(stage).done - sum(asset.product is not None for asset in apart)

    @property
    def spent_usd(self) -> float:
        return sum((tally.spent_usd for tally in self.tallies.values()), 0.0)

    @property
    def unknown_usd(self) -> float:
        """Reserved for calls of which nobody knows what they cost."""
        return sum((tally.unknown_usd for tally in self.tallies.values()), 0.0)

    @property
    def counted_usd(self) -> float:
        """What it has cost, as limits count it: a call of which nobody knows at what was reserved for it."""
        return self.spent_usd + self.unknown_usd

    @property
    def reserved_usd(self) -> float:
        """For the attempts that are under way."""
        return fsum(self.assets[key].reserved_usd for key in self.open)
