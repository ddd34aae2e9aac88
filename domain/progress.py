"""How far a job is: counted from finished work, weighted by measured durations.

The weights (seconds that one asset of a kind takes) and an expected number of scenes are fixed when the job
is submitted. What is learnt later (the true number of scenes, a revision that makes work anew) only scales
what remains: finishing an asset moves the value by that asset's share of the *remaining* work, times the
remaining distance. So the value never falls within a run and reaches 1 exactly when the job completes,
whatever the order of events. Rejected: done / total, which falls whenever the total grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.asset import AssetKey
from domain.film_plan import expected_assets, inputs_of
from domain.submission import Options

ALMOST = 0.999
"""The most that is shown before the job has completed."""


@dataclass
class Progress:
    """A fold over one job's events; feed it every event once, in order.

    ``weights`` is ``{"seconds": {kind: seconds}, "scenes": expected, "measured": bool}`` as accepted with the
    job. ``value`` is 0 to 1; ``eta_s`` is seconds, or None while nothing measured supports a figure.
    """

    weights: Mapping[str, Any]
    options: Options
    value: float = 0.0
    eta_s: float | None = None
    _scenes: int | None = None
    _done: set[AssetKey] = field(default_factory=set)
    _run_started: datetime | None = None
    _work_done_s: float = 0.0
    _completed: bool = False

    def stage_started(self, at: datetime) -> None:
        self._run_started = self._run_started or at

    def made(self, key: AssetKey, at: datetime, scenes: int | None = None, *, reused: bool = False) -> None:
        """An asset was generated or reused; ``scenes`` with the analysis."""
        if scenes is not None:
            self._scenes = scenes
        if key in self._done:
            return
        # Remaining work is counted with the scenes known by now, and before this asset leaves it.
        remaining = self._remaining_s()
        weight = self._weight(key)
        self._done.add(key)
        if remaining > 0:
            self.value = min(1.0, self.value + (1.0 - self.value) * min(1.0, weight / remaining))
        if not reused:
            # What is taken over took no time: it leaves what remains, and says nothing of the pace.
            self._work_done_s += weight
        self._estimate(at)

    def requested(self, key: AssetKey, revision: int) -> None:
        """A new revision undoes the asset and everything that is made from it."""
        if revision == 1 or self._scenes is None:
            return
        undone = {key}
        for other in expected_assets(self.options, self._scenes):
            # A picture that is drawn again because its reference was is undone when it is asked for.
            if undone & set(inputs_of(other, self.options, self._scenes, {})):
                undone.add(other)
        self._done -= undone

    def reopened(self) -> None:
        """A new run begins at 0."""
        self.value = 0.0
        self.eta_s = None
        self._run_started = None
        self._work_done_s = 0.0
        self._completed = False

    def completed(self) -> None:
        self.value = 1.0
        self.eta_s = 0.0
        self._completed = True

    def stopped(self) -> None:
        """Failed or cancelled: the value stays, nothing more will come."""
        self.eta_s = None

    @property
    def shown(self) -> float:
        """The value as it is published: rounded down, and 1 only at the end."""
        return 1.0 if self._completed else min(ALMOST, int(self.value * 1000) / 1000)

    def _weight(self, key: AssetKey) -> float:
        # Every asset weighs something, or finishing it would not count.
        return max(0.001, float(self.weights["seconds"].get(key.kind.value, 0.0)))

    def _remaining_s(self) -> float:
        scenes = self._scenes or max(1, int(self.weights["scenes"]))
        return sum(self._weight(k) for k in expected_assets(self.options, scenes) if k not in self._done)

    def _estimate(self, at: datetime) -> None:
        if not self.weights.get("measured") or self._run_started is None or self._work_done_s <= 0:
            return
        # Stages overlap, so the pace so far, not the plain sum of seconds, tells how long the rest will take.
        pace = (at - self._run_started).total_seconds() / self._work_done_s
        self.eta_s = round(self._remaining_s() * max(0.0, pace), 1)


def expected_scenes(script: str, max_scenes: int) -> int:
    """A guess from the script's length, used only until the analysis is made: about 30 words a scene."""
    words = max(len(script.split()), len(script) // 12)
    return max(1, min(max_scenes, round(words / 30)))
