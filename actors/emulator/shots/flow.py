"""How parts of the picture move in place: water, grass, cloth, people, clouds, flames, smoke.

Each motion is a field of displacements that is nothing at the first frame, by taking off what it was there:
so the shot begins with the very picture, and at once in full motion. Lengths are shares of the height.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.emulator.shots.seen import Field, Seen
from actors.emulator.shots.words import Motions

Displacement = tuple[Field, Field]
Wave = Callable[[float], Field]
TURN = 2 * np.pi


class Flow:
    """All motions of one shot, made ready once; ``at`` gives their sum at a moment."""

    def __init__(self, seen: Seen, motions: Motions, rng: np.random.Generator) -> None:
        self._seen, self._rng = seen, rng
        self._movers: list[Callable[[float], Displacement]] = []
        makers = {
            "water": self._water,
            "shimmer": self._shimmer,
            "sway": self._sway,
            "people": self._people,
            "lanterns": self._lanterns,
            "clouds": self._clouds,
            "fire": self._fire,
            "billow": self._billow,
            "heat": self._heat,
            "swim": self._swim,
            "bob": self._bob,
            "shake": self._shake,
        }
        for name, make in makers.items():
            if name in motions and (mover := make()) is not None:
                self._movers.append(mover)

    def at(self, t: float) -> Displacement | None:
        """Columns' and rows' displacement at ``t`` seconds; None when nothing moves in place."""
        if not self._movers:
            return None
        total_x, total_y = self._movers[0](t)
        for mover in self._movers[1:]:
            x, y = mover(t)
            total_x, total_y = total_x + x, total_y + y
        return total_x, total_y

    def _phases(self, cells: int) -> Field:
        """Smooth random phases over the picture: neighbours move nearly alike."""
        small = self._rng.random((max(2, cells * 9 // 16), cells)).astype(np.float32) * np.float32(TURN)
        size = (self._seen.width, self._seen.height)
        return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)

    def _swing(self, phase: Field, period: float) -> Wave:
        """A sway whose sum of two periods does not come back soon, nothing at the beginning."""
        first = np.sin(phase) + 0.5 * np.sin(1.7 * phase + 1)

        def wave(t: float) -> Field:
            turn = np.float32(TURN * t / period)
            now = np.sin(turn + phase) + 0.5 * np.sin(1.618 * turn + 1.7 * phase + 1)
            return np.asarray(now - first, np.float32)

        return wave

    def _water(self) -> Callable[[float], Displacement] | None:
        return self._waves(self._seen.water, 1.0)

    def _shimmer(self) -> Callable[[float], Displacement] | None:
        """What a wet street or a river mirrors: small and quick."""
        return self._waves(self._seen.water, 0.35)

    def _waves(self, mask: Field, strength: float) -> Callable[[float], Displacement] | None:
        seen = self._seen
        if float(mask.mean()) < 0.02:
            return None
        near = np.clip((seen.ys - seen.horizon) / max(0.05, 1 - seen.horizon), 0, 1)
        wide = 0.035 + 0.2 * near
        rows = np.log(wide) / 0.2 * np.float32(1 - seen.horizon)
        across = (seen.xs - 0.5) * seen.width / seen.height / wide
        tall = (0.0015 + 0.0095 * near) * mask * strength
        trains = [
            (rows * TURN + across * turn, period, share)
            for turn, period, share in ((0.25, 2.6, 0.5), (-0.6, 3.7, 0.32), (1.3, 1.9, 0.18))
        ]
        lumps = self._phases(7)

        def move(t: float) -> Displacement:
            x, y = np.zeros_like(mask), np.zeros_like(mask)
            for phase, period, share in trains:
                turn = np.float32(TURN * t / period)
                x += share * (np.cos(phase + lumps - turn) - np.cos(phase + lumps))
                y += share * (np.sin(phase + lumps - turn) - np.sin(phase + lumps))
            return x * tall * np.float32(1.4), y * tall

        return move

    def _sway(self) -> Callable[[float], Displacement]:
        """Grass and trees in gusts that cross the picture; most where they are near or high."""
        seen = self._seen
        # A trunk bends as one: its parts differ in how far, not in when.
        gust = np.repeat((seen.xs * 9 + self._phases(6) * 0.5)[-1:], seen.height, axis=0)
        free = (1 - seen.sky) * (1 - seen.water)
        if float(seen.sky.mean()) > 0.1:
            strength = np.clip((seen.ys - seen.horizon) * 3, 0.25, 1) * 0.0028
        else:
            strength = 0.0012 + 0.0045 * np.clip(1 - seen.ys, 0, 1)
        wave = self._swing(gust.astype(np.float32), 3.4)
        strength = (strength * free).astype(np.float32)
        return lambda t: (wave(t) * strength, wave(t * 0.8) * strength * np.float32(0.15))

    def _people(self) -> Callable[[float], Displacement] | None:
        """Figures shift their weight, each in its own time; what they stand on stays."""
        seen = self._seen
        standing = seen.dark * np.clip((seen.ys - 0.35) * 4, 0, 1) * (1 - seen.sky * 0.5)
        if float(standing.mean()) < 0.004:
            return None
        wave, nod = self._swing(self._phases(26), 2.3), self._swing(self._phases(26), 1.6)
        strength = (standing * 0.0055).astype(np.float32)
        return lambda t: (wave(t) * strength, nod(t) * strength * np.float32(0.3))

    def _lanterns(self) -> Callable[[float], Displacement]:
        """What hangs swings, the lower the more."""
        seen = self._seen
        hanging = np.clip(1.1 - np.abs(seen.ys - 0.24) * 4.2, 0, 1)
        wave = self._swing(self._phases(11), 2.8)
        strength = (hanging * (0.0015 + 0.012 * np.clip(seen.ys, 0, 0.4))).astype(np.float32)
        return lambda t: (wave(t) * strength, wave(t * 1.3) * strength * np.float32(0.2))

    def _clouds(self) -> Callable[[float], Displacement] | None:
        seen = self._seen
        if float(seen.sky.mean()) < 0.1:
            return None
        speed = -0.011 * (0.4 + 0.6 * np.clip(1 - seen.ys / max(0.1, seen.horizon), 0, 1))
        field = (np.asarray(cv2.GaussianBlur(seen.sky, (0, 0), 7), np.float32) ** 2 * speed).astype(
            np.float32
        )
        still = np.zeros_like(field)
        return lambda t: (field * np.float32(t), still)

    def _fire(self) -> Callable[[float], Displacement] | None:
        seen = self._seen
        if seen.centre_of(seen.fire) is None:
            return None
        mask = np.clip(np.asarray(cv2.GaussianBlur(seen.fire, (0, 0), 3), np.float32) * 1.6, 0, 1)
        return self._rising(mask, 0.006, 0.55)

    def _billow(self) -> Callable[[float], Displacement] | None:
        """Smoke that is in the picture rolls: around what burns."""
        seen = self._seen
        around = np.asarray(cv2.GaussianBlur(seen.fire, (0, 0), 16), np.float32) * 3
        if float(around.max(initial=0)) < 0.02:
            return None
        return self._rising(np.clip(around, 0, 1).astype(np.float32), 0.006, 0.16)

    def _rising(self, mask: Field, size: float, speed: float) -> Callable[[float], Displacement]:
        """Turbulence that goes up: swirls of several sizes, each at its own pace."""
        seen = self._seen
        xs, ys = seen.xs * seen.width / seen.height, seen.ys
        swirls = [
            (TURN * (np.cos(angle) * xs + np.sin(angle) * 0.4 * ys) / wide, TURN * ys / wide, wide, share)
            for wide, angle, share in ((0.12, 0.3, 0.5), (0.07, 2.2, 0.3), (0.045, 4.0, 0.2))
        ]
        strength = (mask * size).astype(np.float32)

        def move(t: float) -> Displacement:
            x, y = np.zeros_like(mask), np.zeros_like(mask)
            for aslant, up, wide, share in swirls:
                turn = np.float32(TURN * speed * t / wide)
                x += share * (np.sin(aslant + up + turn) - np.sin(aslant + up))
                y += share * (np.cos(up + turn + aslant * 0.7) - np.cos(up + aslant * 0.7))
            return x * strength, y * strength

        return move

    def _heat(self) -> Callable[[float], Displacement]:
        seen = self._seen
        band = np.exp(-(((seen.ys - seen.horizon) / 0.08) ** 2)).astype(np.float32)
        return self._rising(band, 0.0016, 0.1)

    def _swim(self) -> Callable[[float], Displacement]:
        """Everything under water gives way a little."""
        mask = np.ones_like(self._seen.xs)
        wave, other = self._swing(self._phases(5), 4.4), self._swing(self._phases(5), 5.2)
        return lambda t: (wave(t) * mask * np.float32(0.004), other(t) * mask * np.float32(0.004))

    def _bob(self) -> Callable[[float], Displacement]:
        """What floats in the middle rises and falls with the swell."""
        seen = self._seen
        away = ((seen.xs - 0.5) / 0.34) ** 2 + ((seen.ys - 0.5) / 0.42) ** 2
        middle = np.exp(-(away**2)).astype(np.float32)
        roll = (0.5 - seen.ys) * middle

        def move(t: float) -> Displacement:
            heave = np.float32(np.sin(TURN * t / 3.9))
            lean = np.float32(np.sin(TURN * t / 5.1))
            return roll * lean * np.float32(0.02), middle * heave * np.float32(0.006)

        return move

    def _shake(self) -> Callable[[float], Displacement]:
        """The whole frame trembles a little, as near a launch; it begins from rest."""
        one = np.ones_like(self._seen.xs)

        def move(t: float) -> Displacement:
            grown = min(1.0, t / 0.6) * 0.0009
            x = np.sin(TURN * 5.3 * t) + 0.6 * np.sin(TURN * 7.9 * t)
            y = np.sin(TURN * 6.1 * t + 1) + 0.6 * np.sin(TURN * 8.7 * t)
            return one * np.float32(grown * x), one * np.float32(grown * y)

        return move


def grid(width: int, height: int, seen: Seen) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the small copy's points stand in the full frame, in pixels."""
    return (seen.xs * width - 0.5).astype(np.float32), (seen.ys * height - 0.5).astype(np.float32)
