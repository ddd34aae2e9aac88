"""How light changes over a shot: windows and stars twinkle, fire glows, water glints, smoke and mist drift.

Answers a factor and a colour to add for each point of the small copy, none at the first frame.
"""

from collections.abc import Callable

import cv2
import numpy as np

from actors.emulator.shots.seen import Field, Seen
from actors.emulator.shots.words import Motions

TURN = 2 * np.pi
SMOKE = (0.62, 0.6, 0.6)
NIGHT_SMOKE = (0.36, 0.31, 0.29)
MIST = (0.8, 0.83, 0.87)
NIGHT_MIST = (0.16, 0.2, 0.28)
LARGEST_LIGHT = 60
"""Points of the small copy: what is larger is lit, and shines on its own."""
_TILE = 256


class Lights:
    """All changes of light in one shot; ``at`` gives them at a moment."""

    def __init__(self, seen: Seen, motions: Motions, rng: np.random.Generator) -> None:
        self._seen, self._rng, self._night = seen, rng, motions.night
        self._gains: list[Callable[[float], Field]] = []
        self._veils: list[tuple[Callable[[float], Field], tuple[float, float, float]]] = []
        gains = {
            "twinkle": self._twinkle,
            "glow": self._glow,
            "fire": self._glow,
            "water": self._glints,
            "shimmer": self._glints,
        }
        for make in dict.fromkeys(make for name, make in gains.items() if name in motions):
            if (gain := make()) is not None:
                self._gains.append(gain)
        if "smoke" in motions and (smoke := self._smoke()) is not None:
            self._veils.append((smoke, NIGHT_SMOKE if self._night else SMOKE))
        if "mist" in motions:
            self._veils.append((self._mist(), NIGHT_MIST if self._night else MIST))

    def gain(self, t: float) -> Field | None:
        """What to multiply the picture with."""
        if not self._gains:
            return None
        total = self._gains[0](t)
        for each in self._gains[1:]:
            total = total * each(t)
        return total

    def veils(self, t: float) -> list[tuple[Field, tuple[float, float, float]]]:
        """What lies before the picture: how thick, and of what colour."""
        return [(veil(t), colour) for veil, colour in self._veils]

    def _cells(self, cells: int) -> Field:
        small = self._rng.random((max(2, cells * 9 // 16), cells)).astype(np.float32) * np.float32(TURN)
        size = (self._seen.width, self._seen.height)
        return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)

    def _twinkle(self) -> Callable[[float], Field]:
        """Each small light in its own time, by a third at most."""
        seen = self._seen
        count, labels, stats, _ = cv2.connectedComponentsWithStats((seen.lights > 0.15).astype(np.uint8))
        grown = cv2.dilate(labels.astype(np.float32), np.ones((5, 5), np.uint8)).astype(np.int32)
        small = (stats[:, cv2.CC_STAT_AREA] <= LARGEST_LIGHT).astype(np.float32)
        small[0] = 0
        phase = (self._rng.random(count) * TURN).astype(np.float32)[grown]
        pace = (0.35 + 0.9 * self._rng.random(count)).astype(np.float32)[grown]
        strength = np.clip(seen.lights * 1.5, 0, 1) * small[grown] * 0.3
        first = np.sin(phase)

        def gain(t: float) -> Field:
            now = np.sin(phase + np.float32(TURN * t) * pace) - first
            return np.asarray(1 + strength * now * 0.8, np.float32)

        return gain

    def _glow(self) -> Callable[[float], Field] | None:
        """What burns or shines lights its surroundings, unsteadily."""
        seen = self._seen
        source = np.maximum(seen.fire, seen.lights * 0.5)
        around = np.asarray(cv2.GaussianBlur(source, (0, 0), 22), np.float32)
        most = float(around.max())
        if most < 1e-3:
            return None
        reach = np.clip(around / most, 0, 1) ** 0.7

        def gain(t: float) -> Field:
            flicker = (
                0.5 * np.sin(TURN * 1.9 * t) + 0.3 * np.sin(TURN * 3.1 * t + 0) + 0.2 * np.sin(TURN * 0.7 * t)
            )
            return np.asarray(1 + reach * np.float32(0.13 * flicker), np.float32)

        return gain

    def _glints(self) -> Callable[[float], Field] | None:
        """Crests catch the light as they pass."""
        seen = self._seen
        if float(seen.water.mean()) < 0.02:
            return None
        near = np.clip((seen.ys - seen.horizon) / max(0.05, 1 - seen.horizon), 0, 1)
        wide = 0.03 + 0.16 * near
        rows = np.log(wide) / 0.16 * np.float32((1 - seen.horizon) * TURN)
        across = (seen.xs - 0.5) * seen.width / seen.height / wide
        phase = rows + across * 0.3 + self._cells_soft(9)
        other = rows * 0.7 - across * 0.4 + self._cells_soft(7)
        strength = seen.water * (0.03 + 0.035 * near)

        def crest(t: float) -> Field:
            turn = np.float32(TURN * t)
            return np.asarray(np.sin(phase - turn / 2.2) + np.sin(other - turn / 1.6), np.float32)

        first = crest(0.0)
        return lambda t: np.asarray(1 + strength * (crest(t) - first), np.float32)

    def _cells_soft(self, cells: int) -> Field:
        return np.asarray(cv2.GaussianBlur(self._cells(cells), (0, 0), 9), np.float32)

    def _cloud(self, octaves: int = 4) -> Field:
        """A tile of cloudy noise that joins itself at its edges."""
        total = np.zeros((_TILE, _TILE), np.float32)
        for octave in range(octaves):
            cells = 4 * 2**octave
            small = self._rng.random((cells, cells)).astype(np.float32)
            wrapped = np.pad(small, 2, mode="wrap")
            step = _TILE // cells
            big = cv2.resize(wrapped, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
            total += big[2 * step : 2 * step + _TILE, 2 * step : 2 * step + _TILE] / 2**octave
        return np.asarray(np.clip((total / 1.9 - 0.5) * 2.2 + 0.5, 0, 1), np.float32)

    def _drifting(self, tile: Field, x: Field, y: Field) -> Field:
        """The tile at shares ``x``, ``y`` of itself."""
        at_x, at_y = (np.mod(x, 1) * _TILE).astype(np.float32), (np.mod(y, 1) * _TILE).astype(np.float32)
        return np.asarray(
            cv2.remap(tile, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32
        )

    def _smoke(self) -> Callable[[float], Field] | None:
        """A plume from what burns, leaning with the wind; it gathers in the first second."""
        seen = self._seen
        source = seen.centre_of(seen.fire) or seen.centre_of(seen.lights * (seen.ys > seen.horizon))
        if source is None:
            return None
        x, y = source
        above = np.clip(y - seen.ys, 0, 1)
        middle = x + above * 0.25
        breadth = 0.015 + above * 0.22
        ratio = seen.width / seen.height
        plume = np.exp(-((((seen.xs - middle) * ratio) / breadth) ** 2))
        plume *= np.clip(above * 14, 0, 1) * np.clip(1.15 - above / max(0.2, y), 0, 1)
        plume = plume.astype(np.float32)
        tile = self._cloud()
        xs, ys = seen.xs * ratio * 0.9, seen.ys * 0.9

        def veil(t: float) -> Field:
            fine = self._drifting(tile, xs - np.float32(0.03 * t), ys + np.float32(0.16 * t))
            broad = self._drifting(tile, xs * 0.5 + 0.3, ys * 0.5 + np.float32(0.09 * t))
            body = np.clip(fine * 0.9 + broad * 0.8 - 0.4, 0, 1)
            return np.asarray(plume * body * np.float32(0.55 * min(1.0, t / 1.2)), np.float32)

        return veil

    def _mist(self) -> Callable[[float], Field]:
        seen = self._seen
        band = np.exp(-(((seen.ys - seen.horizon - 0.06) / 0.16) ** 2)).astype(np.float32)
        tile = self._cloud(3)
        xs, ys = seen.xs * 0.5, seen.ys * 0.9

        def veil(t: float) -> Field:
            now = self._drifting(tile, xs - np.float32(0.022 * t), ys)
            back = self._drifting(tile, xs * 0.6 + np.float32(0.012 * t), ys * 0.7 + 0.4)
            body = np.clip(now * 0.6 + back * 0.6 - 0.3, 0, 1)
            return np.asarray(band * body * np.float32(0.5 * min(1.0, t / 1.5)), np.float32)

        return veil
