"""Small things in the air: rain, snow, sparks, dust, leaves, bubbles, birds.

Each has a place that follows from the moment alone, so nothing jumps, and what leaves the frame comes back
where nobody sees it. They gather in the first half second: the first frame is the picture.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from actors.emulator.shots.encode import Frame
from actors.emulator.shots.seen import Seen
from actors.emulator.shots.words import Motions

GATHER_S = 0.5
SHIFT = 4
"""Bits behind the point that OpenCV draws with."""
TURN = 2 * np.pi


class Kind(NamedTuple):
    """How a kind of particle looks and goes; lengths are shares of the height, speeds of it a second."""

    many: int
    size: tuple[float, float]
    fall: tuple[float, float]
    drift: tuple[float, float]
    wobble: float
    colour: tuple[int, int, int]
    light: tuple[float, float]
    streak: float = 0.0


KINDS = {
    "rain": Kind(420, (0.0011, 0.002), (1.5, 2.4), (-0.16, -0.1), 0, (205, 218, 235), (0.12, 0.42), 0.045),
    "snow": Kind(380, (0.0018, 0.006), (0.05, 0.16), (-0.05, 0.03), 0.02, (255, 255, 255), (0.35, 0.9)),
    "dust": Kind(90, (0.001, 0.0028), (-0.016, 0.01), (-0.014, 0.016), 0.012, (255, 236, 200), (0.12, 0.5)),
    "leaves": Kind(26, (0.003, 0.006), (0.05, 0.12), (-0.12, -0.04), 0.05, (190, 170, 70), (0.5, 0.95)),
    "bubbles": Kind(70, (0.002, 0.006), (-0.16, -0.06), (-0.01, 0.01), 0.012, (190, 230, 245), (0.2, 0.6)),
}
SPARKS, SPARK_LIFE_S, SPARK_RISE = 60, (1.2, 2.6), (0.16, 0.34)
BIRDS = 5


@dataclass(frozen=True)
class _Cloud:
    """One kind's particles: arrays of what each has of its own."""

    kind: Kind
    x: np.ndarray
    y: np.ndarray
    size: np.ndarray
    fall: np.ndarray
    drift: np.ndarray
    phase: np.ndarray
    light: np.ndarray


class Particles:
    """All that is in the air of one shot; ``draw`` lays it over a frame."""

    def __init__(self, seen: Seen, motions: Motions, rng: np.random.Generator) -> None:
        self._clouds = [_cloud(kind, rng) for name, kind in KINDS.items() if name in motions]
        self._source = seen.centre_of(seen.fire) if "sparks" in motions else None
        self._sparks = rng.random((SPARKS, 6))
        sky = float(seen.sky.mean())
        self._birds = rng.random((BIRDS, 4)) if "birds" in motions and sky > 0.15 else None
        self._horizon = seen.horizon

    def draw(self, frame: Frame, t: float) -> Frame:
        """The frame with them, the frame itself where there are none."""
        if t <= 0:
            return frame
        gathered = min(1.0, t / GATHER_S)
        for cloud in self._clouds:
            frame = _lit(frame, _drawn(cloud, frame.shape[:2], t), cloud.kind.colour, gathered)
        if self._source is not None:
            layer = self._sparks_at(frame.shape[:2], t, self._source)
            frame = _lit(frame, layer, (255, 176, 80), gathered)
        if self._birds is not None:
            self._draw_birds(frame, t, self._birds)
        return frame

    def _sparks_at(self, shape: tuple[int, int], t: float, source: tuple[float, float]) -> Frame:
        height, width = shape
        layer = np.zeros(shape, np.uint8)
        for begin, life, rise, aside, phase, size in self._sparks:
            lasts = SPARK_LIFE_S[0] + life * (SPARK_LIFE_S[1] - SPARK_LIFE_S[0])
            # Each is thrown again and again; which turn it is decides how it goes.
            turn, age = divmod(t + begin * lasts, lasts)
            if turn == 0 and t < begin * 0.4:
                continue
            gone = age / lasts
            spread = aside - 0.5 + 0.31 * np.sin(turn * 2.4 + phase * TURN)
            x = source[0] * width + height * (
                spread * (0.03 + 0.26 * gone) + 0.012 * np.sin(age * 5 + phase * TURN)
            )
            speed = SPARK_RISE[0] + rise * (SPARK_RISE[1] - SPARK_RISE[0])
            y = source[1] * height - height * speed * age * (1.25 - 0.35 * gone)
            radius = height * (0.0011 + 0.0018 * size) * (1 - 0.5 * gone)
            _dot(layer, x, y, radius, int(255 * np.sin(np.pi * min(1.0, 0.1 + gone)) ** 0.6))
        return layer

    def _draw_birds(self, frame: Frame, t: float, birds: np.ndarray) -> None:
        height, width = frame.shape[:2]
        for n, (start, level, pace, phase) in enumerate(birds):
            # They come in from the left, one after the other.
            x = -0.03 - 0.035 * n - 0.05 * start + t * (0.085 + 0.03 * pace)
            y = self._horizon * (0.2 + 0.5 * level) + 0.012 * np.sin(t * 0.9 + phase * TURN)
            beat = np.sin(TURN * (1.5 + 0.6 * pace) * t + phase * TURN)
            span = height * (0.011 + 0.009 * level)
            lift = span * (0.12 + 0.5 * beat)
            points = [(-1.0, -lift), (-0.5, -lift * 0.8 - span * 0.2), (0, 0)]
            points += [(-px, py) for px, py in reversed(points[:-1])]
            path = (
                np.array([(x * width + px * span, y * height + py) for px, py in points], np.float64)
                * 2**SHIFT
            )
            wide = max(1, round(height / 420))
            cv2.polylines(
                frame, [path.round().astype(np.int32)], False, (30, 28, 40), wide, cv2.LINE_AA, SHIFT
            )


def _cloud(kind: Kind, rng: np.random.Generator) -> _Cloud:
    near = rng.random(kind.many) ** 2

    def between(bounds: tuple[float, float]) -> np.ndarray:
        return bounds[0] + (bounds[1] - bounds[0]) * near

    return _Cloud(
        kind,
        rng.random(kind.many),
        rng.random(kind.many),
        between(kind.size),
        between(kind.fall),
        kind.drift[0] + (kind.drift[1] - kind.drift[0]) * rng.random(kind.many),
        rng.random(kind.many) * TURN,
        between(kind.light),
    )


def _drawn(cloud: _Cloud, shape: tuple[int, int], t: float) -> Frame:
    """Where they are now, as a layer of light."""
    height, width = shape
    ratio = width / height
    layer = np.zeros(shape, np.uint8)
    room = 1.0 + 2 * (0.02 + cloud.kind.streak)
    gone = cloud.y + cloud.fall * t / room
    # What leaves below comes in above in another column.
    turns = np.floor(gone)
    ys = (gone - turns) * room - room / 2 + 0.5
    xs = np.mod(cloud.x + turns * 0.618 + cloud.drift * t / ratio, 1.0) * 1.1 - 0.05
    xs = xs + cloud.kind.wobble * np.sin(cloud.phase + t * 1.3) / ratio
    if cloud.kind.streak:
        length = cloud.kind.streak * height * (0.4 + 0.6 * cloud.fall / cloud.kind.fall[1])
        lean = cloud.drift / cloud.fall
        for x, y, tall, aside, size, light in zip(
            xs * width, ys * height, length, lean, cloud.size, cloud.light, strict=True
        ):
            ends = [
                (round(px * 2**SHIFT), round(py * 2**SHIFT))
                for px, py in ((x, y), (x - aside * tall, y - tall))
            ]
            wide = max(1, round(size * height))
            cv2.line(layer, ends[0], ends[1], int(255 * light), wide, cv2.LINE_AA, SHIFT)
        return layer
    for x, y, size, light in zip(xs * width, ys * height, cloud.size, cloud.light, strict=True):
        _dot(layer, x, y, size * height, int(255 * light))
    return layer


def _dot(layer: Frame, x: float, y: float, radius: float, light: int) -> None:
    centre = (round(float(x) * 2**SHIFT), round(float(y) * 2**SHIFT))
    cv2.circle(layer, centre, max(8, round(float(radius) * 2**SHIFT)), light, -1, cv2.LINE_AA, SHIFT)


def _lit(frame: Frame, layer: Frame, colour: tuple[int, int, int], share: float) -> Frame:
    """The layer as light in a colour over the frame, its edges softened."""
    soft = cv2.GaussianBlur(layer, (3, 3), 0.7)
    tinted = cv2.merge([cv2.convertScaleAbs(soft, alpha=each / 255 * share) for each in colour])
    return np.asarray(cv2.add(frame, tinted), np.uint8)
