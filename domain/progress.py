"""How far a job is: counted from finished work, weighted by measured durations.

The weights (seconds that one asset of a kind takes) and an expected number of scenes and pictures are fixed
when the job is submitted. What is learnt later (the true numbers, a revision that makes work anew) only
scales what remains: finishing an asset moves the value by that asset's share of the *remaining* work, times
the remaining distance. So the value never falls within a run and reaches 1 exactly when the job completes,
whatever the order of events. Rejected: done / total, which falls whenever the total grows.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.analysis_facts import analysis_facts
from domain.asset import Asset, AssetKey
from domain.film_graph import LATEST_GRAPH, Graph, Scene, guessed_scenes, scenes_of
from domain.job import Job
from domain.script import Kind
from domain.submission import Options, Weights
from domain.topic import ScriptOrigin

ALMOST = 0.999
"""The most that is shown before the job has completed."""


@dataclass
class Progress:
    """A fold over one job's events; feed it every event once, in order.

    ``weights`` are as accepted with the job. ``value`` is 0 to 1; ``eta_s`` is seconds, or None while nothing
    measured supports a figure.
    """

    weights: Weights
    options: Options
    graph_version: int = LATEST_GRAPH
    song: bool = False
    """Whether a model composes the music."""
    script: ScriptOrigin = "submitted"
    value: float = 0.0
    eta_s: float | None = None
    _found: bool = False  # whether the scenes are known
    _graph: Graph = field(init=False)
    _weights: dict[Kind, float] = field(init=False)
    _scenes_expected: tuple[Scene, ...] = ()
    _done: set[AssetKey] = field(default_factory=set)
    _left: dict[AssetKey, float] = field(default_factory=dict)  # what is to be made, in order, and its weight
    _run_started: datetime | None = None
    _work_done_s: float = 0.0
    _completed: bool = False

    def __post_init__(self) -> None:
        seconds = self.weights["seconds"]
        # Every asset weighs something, or finishing it would not count.
        self._weights = {kind: max(0.001, float(seconds.get(kind.value, 0.0))) for kind in Kind}
        scenes = max(1, int(self.weights["scenes"]))
        self._expect(guessed_scenes(scenes, int(self.weights.get("images", scenes))))

    def stage_started(self, at: datetime) -> None:
        self._run_started = self._run_started or at

    def made(
        self,
        key: AssetKey,
        at: datetime,
        scenes: tuple[Scene, ...] | None = None,
        *,
        reused: bool = False,
        current: Collection[AssetKey] | None = None,
    ) -> None:
        """An asset was generated or reused; ``scenes`` with the analysis.

        ``current``: with a document that is made anew, what is made from the latest of its inputs all the
        same, as it uses none of what has changed.
        """
        if scenes is not None:
            self._found = True
            # A picture that is drawn again because its reference was is undone when it is asked for, so that
            # the graph of progress knows of no references.
            self._expect(tuple(Scene(scene.number, scene.beats, motion=scene.motion) for scene in scenes))
        if current is not None and self._found:
            # What a person writes takes no time: it is done, and no part of the work that is counted.
            self._done = {other for other in current if reused or other != key}
            self._list_what_is_left()
        if key in self._done:
            return
        # Remaining work is counted with the scenes known by now, and before this asset leaves it.
        remaining = self._remaining_s()
        weight = self._weights[key.kind]
        self._done.add(key)
        self._left.pop(key, None)
        if remaining > 0:
            self.value = min(1.0, self.value + (1.0 - self.value) * min(1.0, weight / remaining))
        if not reused:
            # What is taken over took no time: it leaves what remains, and says nothing of the pace.
            self._work_done_s += weight
        self._estimate(at)

    def requested(self, key: AssetKey, revision: int) -> None:
        """A new revision undoes the asset and everything that is made from it."""
        if revision == 1 or not self._found:
            return
        undone = self._done.intersection([key, *self._graph.dependents(key)])
        if undone:
            self._done -= undone
            self._list_what_is_left()

    def reopened(self, graph_version: int = LATEST_GRAPH) -> None:
        """A new run begins at 0, by the graph of its time."""
        if graph_version != self.graph_version:
            self.graph_version = graph_version
            self._expect(self._scenes_expected)
        self.value = 0.0
        self.eta_s = None
        self._run_started = None
        self._work_done_s = 0.0
        self._completed = False

    def completed(self) -> None:
        self.value = 1.0
        self.eta_s = 0.0
        self._completed = True

    def resumed(self, at: datetime) -> None:
        """Goes on after a review: the time that a person took says nothing of the pace."""
        self._run_started = at
        self._work_done_s = 0.0

    def stopped(self) -> None:
        """Failed, cancelled, or waiting for a person: the value stays, nothing more will come by itself."""
        self.eta_s = None

    @property
    def shown(self) -> float:
        """The value as it is published: rounded down, and 1 only at the end."""
        return 1.0 if self._completed else min(ALMOST, int(self.value * 1000) / 1000)

    def _remaining_s(self) -> float:
        return sum(self._left.values())

    def _expect(self, scenes: tuple[Scene, ...]) -> None:
        self._scenes_expected = scenes
        self._graph = Graph.of(self.options, scenes, self.graph_version, song=self.song, script=self.script)
        self._list_what_is_left()

    def _list_what_is_left(self) -> None:
        self._left = {key: self._weights[key.kind] for key in self._graph.nodes if key not in self._done}

    def _estimate(self, at: datetime) -> None:
        if not self.weights.get("measured") or self._run_started is None or self._work_done_s <= 0:
            return
        # Stages overlap, so the pace so far, not the plain sum of seconds, tells how long the rest will take.
        pace = (at - self._run_started).total_seconds() / self._work_done_s
        self.eta_s = round(self._remaining_s() * max(0.0, pace), 1)


Current = Collection[AssetKey] | None


def advance(progress: Progress, event: Any, key: AssetKey | None, current: Current = None) -> None:
    """Feed one event of the job to its progress; ``key`` is the asset that it is about.

    ``current`` as `Progress.made` takes it.
    """
    change = _CHANGES.get(type(event))
    if change is not None:
        change(progress, event, key, current)


def _made(progress: Progress, event: Any, key: AssetKey | None, current: Current) -> None:
    assert key is not None
    scenes = scenes_of(analysis_facts(event.facts)) if key.kind is Kind.ANALYSIS else None
    taken_over = type(event) is not Asset.Generated
    progress.made(key, event.timestamp, scenes, reused=taken_over, current=current)


def _requested(progress: Progress, event: Any, key: AssetKey | None, _: Current) -> None:
    assert key is not None
    progress.requested(key, event.revision)


def _provided(progress: Progress, event: Any, key: AssetKey | None, current: Current) -> None:
    assert key is not None
    progress.requested(key, event.revision)
    _made(progress, event, key, current)


_CHANGES: dict[type, Callable[[Progress, Any, AssetKey | None, Current], None]] = {
    Job.StageStarted: lambda progress, event, *_: progress.stage_started(event.timestamp),
    Job.Reopened: lambda progress, event, *_: progress.reopened(event.graph),
    Job.Completed: lambda progress, *_: progress.completed(),
    Job.Approved: lambda progress, event, *_: progress.resumed(event.timestamp),
    Job.Changed: lambda progress, event, *_: progress.resumed(event.timestamp),
    Job.Failed: lambda progress, *_: progress.stopped(),
    Job.Cancelled: lambda progress, *_: progress.stopped(),
    Job.ReviewRequested: lambda progress, *_: progress.stopped(),
    Asset.Requested: _requested,
    Asset.Provided: _provided,
    Asset.Generated: _made,
    Asset.Reused: _made,
}
"""Of the events that change it: most do not."""
