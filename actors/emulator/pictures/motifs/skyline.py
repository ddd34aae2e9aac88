"""A great city by night across the water, neon mirrored in it."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky

NEON = ("#ff2e88", "#22d3ee", "#a855f7", "#facc15", "#34d399", "#fb7185")
Box = tuple[float, float, float, float]


def skyline(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A great city by night across the water, neon mirrored in it."""
    lighting = lighting._replace(sun=(lighting.sun[0], 0.2)) if lighting.dark else lighting
    shore = c.h * 0.7
    paint_sky(c, lighting, shore, clouds=0.7, orb=not lighting.dark, stars=0.5)
    glow = rgb("#ff5fa2") if lighting.dark else lighting.light
    c.glow(c.w * 0.5, shore, c.u * 60, mix(glow, rgb("#5b7cff"), 0.35), 0.55, 1.9)
    for layer in range(4):
        t = layer / 3
        tone = mix(
            mix(lighting.middle, lighting.horizon, 0.25),
            mix(lighting.near, rgb("#0a0f24"), 0.5),
            0.3 + 0.68 * t,
        )
        shapes, lights, x = [], [], -c.u * 4
        while x < c.w:
            wide = c.u * float(c.rng.uniform(3.6, 7.4)) * (0.75 + 0.6 * t)
            middle = np.exp(-(((x + wide / 2 - c.w * 0.52) / (c.w * 0.27)) ** 2))
            tall = c.h * float(c.rng.uniform(0.13, 0.28)) * (0.75 + 1.2 * float(middle)) * (1.15 - 0.5 * t)
            shapes += block(c, x, shore, wide, tall)
            lights += windows(c, x, shore, wide, tall, c.u * (0.36 + 0.3 * t), 0.3 - 0.06 * t)
            if layer >= 2 and c.rng.random() < 0.5:
                _sign(c, x, shore, wide, tall)
            x += wide * float(c.rng.uniform(0.92, 1.25))
        c.polygons(shapes, tone)
        split = len(lights) // 3
        order = c.rng.permutation(len(lights))
        groups = (order[:split], order[split : 2 * split], order[2 * split :])
        for group, hue in zip(groups, ("#ffd9a0", "#fff1d0", "#a9d6ff"), strict=True):
            c.rects([lights[n] for n in group], rgb(hue), 0.4 + 0.5 * t, lit=True)
        if layer >= 1:
            _signs(c, shore, t)
        c.haze(shore, c.h * 0.08, mix(glow, lighting.middle, 0.55), 0.3 * (1 - t))
    c.reflect(shore, c.u * 2.6, mix(lighting.near, rgb("#060a1c"), 0.4), 0.4)
    c.haze(shore + 1, c.u * 0.8, mix(glow, lighting.horizon, 0.4), 0.35)


def block(c: Canvas, x: float, base: float, wide: float, tall: float) -> list[list[Point]]:
    """The outline of a high-rise, with one of several tops."""
    top = base - tall
    shapes: list[list[Point]] = [[(x, base), (x, top), (x + wide, top), (x + wide, base)]]
    kind = int(c.rng.integers(5))
    if kind == 0:
        shapes.append(
            [
                (x + wide * 0.2, top),
                (x + wide * 0.2, top - wide * 0.35),
                (x + wide * 0.8, top - wide * 0.35),
                (x + wide * 0.8, top),
            ]
        )
    elif kind == 1:
        shapes.append([(x, top), (x + wide, top - wide * 0.5), (x + wide, top)])
    elif kind == 2:
        shapes.append([(x + wide * 0.25, top), (x + wide / 2, top - wide * 0.9), (x + wide * 0.75, top)])
    if kind in {0, 2, 3}:
        mast = x + wide / 2
        shapes.append(
            [
                (mast - 1, top - wide * 0.3),
                (mast - 0.4, top - wide * 1.5),
                (mast + 0.4, top - wide * 1.5),
                (mast + 1, top - wide * 0.3),
            ]
        )
    return shapes


def windows(
    c: Canvas, x: float, base: float, wide: float, tall: float, pane: float, share: float
) -> list[Box]:
    """Lit windows of one building."""
    boxes = []
    columns, rows = max(1, int(wide / (pane * 1.7))), max(1, int(tall / (pane * 2.1)))
    step_x, step_y = wide / (columns + 0.5), tall / (rows + 0.7)
    lit = c.rng.random((rows, columns)) < share
    for row, column in np.argwhere(lit):
        left, upper = x + step_x * (column + 0.45), base - tall + step_y * (row + 0.6)
        boxes.append((left, upper, left + pane * 0.85, upper + pane * 1.05))
    return boxes


def _sign(c: Canvas, x: float, shore: float, wide: float, tall: float) -> None:
    hue = rgb(NEON[int(c.rng.integers(len(NEON)))])
    side = x + wide * float(c.rng.uniform(0.1, 0.8))
    c.glow(side, shore - tall * 0.6, c.u * 5, hue, 0.4, 0.7)


def _signs(c: Canvas, shore: float, t: float) -> None:
    for _ in range(int(5 + 7 * t)):
        hue = rgb(NEON[int(c.rng.integers(len(NEON)))])
        x = float(c.rng.uniform(0.04, 0.96)) * c.w
        near = float(np.exp(-(((x - c.w * 0.52) / (c.w * 0.3)) ** 2)))
        y = shore - c.h * float(c.rng.uniform(0.03, 0.1 + 0.22 * near))
        wide, tall = c.u * float(c.rng.uniform(0.5, 0.95)), c.u * float(c.rng.uniform(3.5, 9))
        if c.rng.random() < 0.35:
            wide, tall = c.u * float(c.rng.uniform(3, 6)), c.u * float(c.rng.uniform(0.7, 1.1))
        c.glow(x, y, c.u * 4.2, hue, 0.5)
        c.rects([(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)], hue, 0.9, blur=c.u * 0.12)
        c.rects(
            [(x - wide / 5, y - tall / 2.4, x + wide / 5, y + tall / 2.4)],
            mix(hue, (1, 1, 1), 0.75),
            0.9,
            blur=c.u * 0.1,
        )
