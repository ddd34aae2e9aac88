"""Stretches of a film in which nothing is to be seen, or nothing moves.

Frames come one by one as coarse luma grids (limited range). A frame is black when nothing in it is brighter
than a dark room, flat when it has no structure, frozen when it equals the frame half a second before it;
a moment of it is part of a film, a stretch is a fault.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLACK_MEAN: Final = 19.0
_BLACK_MOST: Final = 30.0
_FLAT_SPREAD: Final = 1.5
_FROZEN_LEAST: Final = 0.0005
"""Mean change of luma over half a second that is always a standstill: the encoder repeats a still frame
exactly, while a slow move along an empty sky was measured at 0.001 and above."""
_FROZEN_SHARE: Final = 0.02
"""The same in pixels of movement, for pictures with structure, in which a coarse encoder flickers."""
_GRID: Final = 4
"""Pixels between the samples of a grid."""
_APART_S: Final = 0.5
_SHORTEST_S: Final = {"black": 0.5, "flat": 0.5, "frozen": 1.4}
"""After a movement the encoder refines a still picture for a second or two, which hides its beginning."""


class Looks:
    """Collects what frames look like; ask for ``stretches`` at the end."""

    def __init__(self) -> None:
        self._moments: list[tuple[float, frozenset[str]]] = []
        self._earlier: list[tuple[float, NDArray[np.int16]]] = []

    def see(self, at_s: float, luma: NDArray[np.uint8]) -> None:
        """Take in one frame, in order of time."""
        grid = luma.astype(np.int16)
        kinds = set()
        if grid.mean() < _BLACK_MEAN and np.percentile(grid, 99.5) < _BLACK_MOST:
            kinds.add("black")
        elif grid.std() < _FLAT_SPREAD:
            kinds.add("flat")
        while len(self._earlier) > 1 and at_s - self._earlier[1][0] >= _APART_S:
            self._earlier.pop(0)
        if self._earlier and at_s - self._earlier[0][0] >= _APART_S:
            change = np.abs(grid - self._earlier[0][1])
            if change.mean() < max(_FROZEN_LEAST, _FROZEN_SHARE * _steepness(grid)):
                kinds.add("frozen")
        self._earlier.append((at_s, grid))
        self._moments.append((at_s, frozenset(kinds)))

    def stretches(self, end_s: float) -> Iterator[tuple[str, float, float]]:
        """(kind, start, end) in seconds of every stretch that is long enough to be a fault."""
        for kind, shortest in _SHORTEST_S.items():
            # A frozen frame equals one half a second before it: that is where the standstill began.
            back = _APART_S if kind == "frozen" else 0.0
            for start, end in self._runs(kind, end_s):
                if end - start + back >= shortest:
                    yield kind, max(0.0, start - back), end

    def _runs(self, kind: str, end_s: float) -> list[tuple[float, float]]:
        """Where frames of a kind follow each other.

        A key frame draws a still picture anew, a little differently: that is no movement, so standstills
        before and after it are one.
        """
        bridged = _APART_S + 0.2 if kind == "frozen" else 0.0
        ends = [at for at, _ in self._moments[1:]] + [end_s] * bool(self._moments)
        runs: list[tuple[float, float]] = []
        for (at, kinds), end in zip(self._moments, ends, strict=True):
            if kind not in kinds:
                continue
            if runs and at - runs[-1][1] <= bridged:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((at, end))
        return runs


def _steepness(grid: NDArray[np.int16]) -> float:
    """Change of luma per pixel along the axis on which it changes less."""
    return float(min(np.abs(np.diff(grid, axis=axis)).mean() for axis in (0, 1))) / _GRID
