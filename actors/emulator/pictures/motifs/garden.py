"""Flowers to the horizon, a path, an arch of roses, butterflies."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point, curve
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import flower, leafy


def garden(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Flowers to the horizon, a path, an arch of roses, butterflies."""
    horizon = c.h * 0.5
    paint_sky(c, lighting, horizon)
    green = mix(rgb("#6fa052"), lighting.near, 0.05 if not lighting.dark else 0.55)
    far = c.line(horizon, c.h * 0.08, c.w * 0.3, 4)
    c.below(far, mix(green, lighting.horizon, 0.5), mix(green, lighting.horizon, 0.3), c.h * 0.1)
    for k in range(9):
        x = c.w * (k / 8 + float(c.rng.uniform(-0.04, 0.04)))
        leafy(
            c,
            x,
            horizon + c.u * 3.4,
            c.u * float(c.rng.uniform(13, 22)),
            mix(mix(green, lighting.near, 0.35), lighting.horizon, 0.3),
            mix(green, lighting.light, 0.5),
            lighting.sun[0] * c.w,
        )
    c.gradient(
        [(0, mix(green, lighting.light, 0.25)), (1, mix(green, lighting.near, 0.5))], top=horizon + c.u * 3
    )
    focus = c.w * 0.5
    path = [
        (focus - c.u, horizon + c.u * 3),
        (focus + c.u, horizon + c.u * 3),
        (focus + c.u * 9, c.h * 0.78),
        (focus + c.u * 24, c.h + 5),
        (focus - c.u * 18, c.h + 5),
        (focus - c.u * 8, c.h * 0.76),
    ]
    c.polygon(
        path, mix(rgb("#e9d3a9"), lighting.near, 0.12 if not lighting.dark else 0.55), 0.9, blur=c.u * 0.5
    )
    _arch(c, focus, horizon + c.u * 10, c.u * 22, green, lighting)
    hues = ("#f25c78", "#f7a1b5", "#fff3dc", "#f9c440", "#9a6fd0", "#ff8552", "#6f8ff0")
    for row in range(9):
        t = row / 8
        y = horizon + c.h * 0.06 + (c.h - horizon) * 0.95 * t**1.5
        size = c.u * (0.35 + 2.5 * t**1.3)
        _bed(
            c,
            y,
            size,
            focus,
            c.u * (2.5 + 20 * t**1.35),
            mix(green, lighting.near, 0.15 + 0.25 * t),
            hues,
            lighting,
        )
    for _ in range(6):
        butterfly(
            c,
            c.w * float(c.rng.uniform(0.2, 0.8)),
            c.h * float(c.rng.uniform(0.42, 0.7)),
            c.u * float(c.rng.uniform(0.9, 1.9)),
            rgb(hues[int(c.rng.integers(7))]),
        )


def _arch(c: Canvas, x: float, base: float, tall: float, green: Colour, lighting: Lighting) -> None:
    points = [
        (x + np.cos(a) * tall * 0.5, base - tall * 0.5 - np.sin(a) * tall * 0.5)
        for a in np.linspace(0, np.pi, 40)
    ]
    points = [(x + tall * 0.5, base), *points, (x - tall * 0.5, base)]
    leaves, roses = [], []
    for px, py in points:
        leaves += [
            (
                px + c.u * float(c.rng.normal(0, 1)),
                py + c.u * float(c.rng.normal(0, 1.2)),
                c.u * float(c.rng.uniform(0.4, 1)),
            )
            for _ in range(9)
        ]
        roses.append(
            (
                px + c.u * float(c.rng.normal(0, 0.9)),
                py + c.u * float(c.rng.normal(0, 1)),
                c.u * float(c.rng.uniform(0.5, 0.85)),
            )
        )
    for k in np.linspace(0, 1, 16):
        for side in (-1, 1):
            leaves += [
                (
                    x + side * tall * 0.5 + c.u * float(c.rng.normal(0, 0.9)),
                    base - tall * 0.5 * float(k),
                    c.u * float(c.rng.uniform(0.5, 1.1)),
                )
                for _ in range(5)
            ]
    c.circles(leaves, mix(green, lighting.near, 0.45))
    c.circles(
        [(a - c.u * 0.2, b - c.u * 0.3, r * 0.6) for a, b, r in leaves], mix(green, lighting.light, 0.25), 0.6
    )
    c.circles(roses, rgb("#e8506e"))
    c.circles([(a - r * 0.2, b - r * 0.25, r * 0.5) for a, b, r in roses], rgb("#ffb3c1"), 0.8)


def _bed(
    c: Canvas,
    y: float,
    size: float,
    focus: float,
    clear: float,
    leaf: Colour,
    hues: tuple[str, ...],
    lighting: Lighting,
) -> None:
    stems: list[list[Point]] = []
    by_hue: dict[str, list[tuple[float, float, float]]] = {}
    count = int(c.w / (size * 2.2))
    for _ in range(count):
        x = c.w * float(c.rng.uniform(-0.02, 1.02))
        if abs(x - focus - (clear - c.u * 2.5) * 0.12) < clear:
            continue
        py = y + size * float(c.rng.uniform(-1.2, 1.2))
        stems.append([(x + size * 0.3, py + size * 2.6), (x, py)])
        hue = hues[int((x / c.w * 9 + c.rng.integers(2)) % len(hues))]
        by_hue.setdefault(hue, []).append((x, py, size * float(c.rng.uniform(0.6, 1.05))))
    c.lines(stems, leaf, max(0.8, size * 0.22), 0.9)
    c.circles(
        [(a + size * 0.4, b + size * 1.6, s * 0.6) for blooms in by_hue.values() for a, b, s in blooms],
        mix(leaf, lighting.light, 0.12),
        0.85,
    )
    for hue, blooms in by_hue.items():
        tone = mix(rgb(hue), lighting.near, 0.05 if not lighting.dark else 0.45)
        if size > c.u * 1.9:
            for a, b, s in blooms:
                flower(c, a, b, s, tone, 7)
        else:
            c.circles(blooms, tone)
            c.circles(
                [(a - s * 0.2, b - s * 0.25, s * 0.45) for a, b, s in blooms], mix(tone, (1, 1, 1), 0.5), 0.7
            )


def butterfly(c: Canvas, x: float, y: float, s: float, hue: Colour) -> None:
    tilt = float(c.rng.uniform(-0.4, 0.4))
    for side in (-1, 1):
        wing = [
            (0, 0),
            (side * 1.3, -1.5),
            (side * 2.1, -1.1),
            (side * 1.3, -0.1),
            (side * 1.5, 0.9),
            (side * 0.5, 0.8),
        ]
        c.polygon(
            curve(
                [
                    (
                        x + s * (a * np.cos(tilt) - b * np.sin(tilt)),
                        y + s * (a * np.sin(tilt) + b * np.cos(tilt)),
                    )
                    for a, b in wing
                ],
                5,
            ),
            hue,
        )
    c.lines([[(x, y - s * 0.5), (x, y + s * 0.8)]], (0.1, 0.08, 0.1), s * 0.2)
