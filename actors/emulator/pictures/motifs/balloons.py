"""Hot-air balloons among high clouds, hills far below."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky

BRIGHT = ("#e4572e", "#f3a712", "#2e86ab", "#7a4ea3", "#3a9d7a", "#d1495b")


def balloons(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Hot-air balloons among high clouds, hills far below."""
    paint_sky(c, lighting, c.h, clouds=0.9)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.84 + 0.09 * t), c.h * 0.13, c.w * 0.3, 5)
        c.below(
            line,
            lighting.land(0.1 + 0.35 * t),
            mix(lighting.land(0.2 + 0.35 * t), lighting.horizon, 0.5),
            c.h * 0.14,
        )
        c.haze(c.h * (0.87 + 0.07 * t), c.h * 0.05, mix(lighting.horizon, lighting.light, 0.5), 0.6)
    plan = (
        (0.3, 0.47, 5),
        (0.62, 0.38, 11.5),
        (0.84, 0.56, 4),
        (0.17, 0.63, 3),
        (0.47, 0.66, 2.6),
        (0.74, 0.68, 2.2),
        (0.92, 0.35, 2.0),
    )
    order = c.rng.permutation(len(BRIGHT))
    for n, (px, py, size) in enumerate(sorted(plan, key=lambda each: each[2])):
        hue = rgb(BRIGHT[int(order[n % len(BRIGHT)])])
        _balloon(c, px * c.w + c.u * float(c.rng.normal(0, 1.5)), py * c.h, c.u * size, hue, lighting)


def _balloon(c: Canvas, x: float, y: float, r: float, hue: Colour, lighting: Lighting) -> None:
    far = max(0.0, 0.55 - r / (c.u * 14))
    cream = mix(rgb("#f8ead0"), lighting.horizon, far)
    hue = mix(hue, lighting.horizon, far)

    def edge(v: float) -> float:
        # Half width at height v: 0 crown, 1 mouth.
        return float(
            r
            * (np.sin(np.pi * min(1.0, v * 0.72 + 0.001) / 1.0) ** 0.62)
            * (1 if v < 0.62 else 1 - ((v - 0.62) / 0.38) ** 1.6 * 0.55)
        )

    rows = np.linspace(0, 1, 26)
    tall = r * 2.35
    gores = 9
    for n in range(gores):
        a0, a1 = np.cos(np.pi * n / gores), np.cos(np.pi * (n + 1) / gores)
        left = [(x + edge(v) * a0, y - r + tall * v) for v in rows]
        right = [(x + edge(v) * a1, y - r + tall * v) for v in rows]
        c.polygon([*left, *right[::-1]], hue if n % 2 == 0 else cream)
    side = 1 if lighting.sun[0] * c.w > x else -1
    outline = [
        *((x - edge(v), y - r + tall * v) for v in rows),
        *((x + edge(v), y - r + tall * v) for v in rows[::-1]),
    ]
    found = c.outline(outline)
    if found:
        mask, (x0, y0) = found
        h, w = mask.shape
        across = (c.xs[:, x0 : x0 + w] - x) / r * side + 0 * c.ys[y0 : y0 + h]
        c.blend(mask * smooth(0.1, -1.0, across), mix(lighting.near, lighting.top, 0.4), 0.5, (x0, y0))
        c.light(mask * smooth(0.2, 1.0, across), lighting.light, 0.35, (x0, y0))
    foot = y - r + tall
    basket = r * 0.2
    c.lines(
        [
            [(x - edge(1) * 0.8, foot), (x - basket, foot + r * 0.34)],
            [(x + edge(1) * 0.8, foot), (x + basket, foot + r * 0.34)],
        ],
        mix(lighting.near, hue, 0.3),
        max(0.6, r * 0.022),
    )
    c.rects(
        [(x - basket, foot + r * 0.34, x + basket, foot + r * 0.62)], mix(rgb("#7a4e2d"), lighting.near, 0.25)
    )
    c.glow(x, foot + r * 0.05, r * 0.3, rgb("#ffc46b"), 0.6)
