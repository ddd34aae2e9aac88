"""Small houses on a slope, windows lit, smoke rising; snow when the words speak of it."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import house, pine, pines


def village(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Small houses on a slope, windows lit, smoke rising; snow when the words speak of it."""
    snow = lighting.weather == "snow"
    horizon = c.h * 0.6
    paint_sky(c, lighting, horizon)
    lit = lighting.hour != "day"
    white = mix(rgb("#eef3fb"), lighting.middle, 0.22 if not lighting.dark else 0.62)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.52 + 0.06 * n), c.h * 0.22, c.w * 0.36, 6, sharp=n == 0)
        tone = mix(lighting.land(0.14 + 0.26 * t), white, 0.45 if snow else 0)
        c.below(line, tone, mix(tone, lighting.horizon, 0.4), c.h * 0.2)
        pines(
            c,
            line,
            int(c.w / 22) * n,
            c.u * (2.4 + 1.6 * n),
            mix(lighting.land(0.4 + 0.2 * t), white, 0.12 if snow else 0),
        )
        c.haze(c.h * 0.62, c.h * 0.06, lighting.horizon, 0.45)
    green = mix(rgb("#7d9a4e"), lighting.near, 0.15 if not lighting.dark else 0.6)
    ground = white if snow else green
    slope = c.line(c.h * 0.67, c.h * 0.05, c.w * 0.6, 2)
    c.below(slope, mix(ground, lighting.light, 0.15), mix(ground, lighting.near, 0.4), c.h * 0.36)
    c.light(
        smooth(0.5, 0.85, c.noise(c.u * 22, 3, 3.0)) * smooth(0, c.u * 5, c.ys - slope[None, :]),
        lighting.light,
        0.15,
    )
    plan = []
    for row, count in ((0, 7), (1, 5), (2, 4)):
        for k in range(count):
            x = c.w * ((k + 0.5) / count + float(c.rng.uniform(-0.035, 0.035)))
            y = c.h * (0.675 + 0.085 * row) + c.u * float(c.rng.uniform(-0.6, 1.4))
            plan.append((y, x, c.u * (6.2 + 3.6 * row)))
    church = c.w * float(c.rng.uniform(0.44, 0.56))
    _church(c, church, c.h * 0.69, c.u * 6, lighting, lit)
    for y, x, size in sorted(plan):
        if abs(x - c.w * 0.5) < size * 0.75 and y > c.h * 0.8:
            continue
        if lit:
            c.glow(x, y - size * 0.1, size * 0.8, rgb("#ffb861"), 0.3, 1.4)
        house(c, x, y, size, lighting, lit=lit, snow=snow)
        _chimney_smoke(c, x + size * 0.24, y - size * 1.1, size, lighting)
    trees = []
    for _ in range(12):
        x = c.w * float(c.rng.choice([c.rng.uniform(-0.02, 0.22), c.rng.uniform(0.78, 1.02)]))
        trees.append(
            pine(x, c.h * float(c.rng.uniform(0.86, 1.02)), c.u * float(c.rng.uniform(14, 28)), c.rng)
        )
    c.polygons(trees, mix(lighting.near, rgb("#17342c"), 0.4))
    if snow:
        c.polygons(
            [[(a, b - c.u * 0.5) for a, b in tree[: len(tree) // 2]] for tree in trees],
            white,
            0.2,
            blur=c.u * 0.3,
        )


def _church(c: Canvas, x: float, base: float, size: float, lighting: Lighting, lit: bool) -> None:
    wall = mix(rgb("#e5dccb"), lighting.land(0.5), 0.35 if not lighting.dark else 0.72)
    roof = mix(rgb("#53616f"), lighting.near, 0.35)
    c.rects([(x - size * 0.2, base - size * 1.7, x + size * 0.2, base)], wall)
    c.polygon(
        [
            (x - size * 0.27, base - size * 1.66),
            (x, base - size * 3.1),
            (x + size * 0.27, base - size * 1.66),
        ],
        roof,
    )
    c.rects(
        [(x - size * 0.05, base - size * 1.5, x + size * 0.05, base - size * 1.2)],
        rgb("#ffcf73") if lit else lighting.near,
    )


def _chimney_smoke(c: Canvas, x: float, y: float, size: float, lighting: Lighting) -> None:
    puffs = []
    for k in range(9):
        t = k / 8
        puffs.append(
            (x + size * (0.35 * t + 0.12 * np.sin(t * 7)), y - size * 1.25 * t, size * (0.06 + 0.12 * t))
        )
    c.circles(puffs, mix(lighting.horizon, (1, 1, 1), 0.35), 0.2, blur=size * 0.09)
