"""The milky way over dark hills, and someone small looking up."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_stars
from actors.emulator.pictures.shapes import pines


def stars(c: Canvas, lighting: Lighting, _words: str) -> None:
    """The milky way over dark hills, and someone small looking up."""
    top, low = mix(rgb("#040818"), lighting.top, 0.3), mix(rgb("#1c4f7a"), lighting.middle, 0.3)
    horizon = c.h * 0.8
    c.gradient([(0, top), (0.6, mix(top, low, 0.55)), (1, mix(low, rgb("#f0a87a"), 0.28))])
    slope = float(c.rng.choice([-1, 1])) * 0.75
    across = (c.ys - c.h * 0.4) - (c.xs - c.w * 0.5) * slope * c.h / c.w * 1.25
    band = np.exp(-((across / (c.h * 0.19)) ** 2)).astype(np.float32)
    dust = c.noise(c.u * 22, 6, 1.3, 0.62)
    c.light(band * smooth(0.25, 0.85, dust), rgb("#b9a6ff"), 0.4)
    core = np.exp(-((across / (c.h * 0.085)) ** 2)).astype(np.float32)
    c.light(core * smooth(0.3, 0.8, dust), rgb("#ffdcb8"), 0.5)
    c.blend(core * smooth(0.58, 0.72, c.noise(c.u * 13, 5, 1.6, 0.6)), top, 0.6)
    paint_stars(c, horizon, 1.0)
    paint_stars(c, horizon, 0.8)
    along = c.rng.normal(0, 1, 900)
    xs = c.rng.uniform(0, c.w, 900)
    ys = c.h * 0.4 + (xs - c.w * 0.5) * slope * c.h / c.w * 1.25 + along * c.h * 0.1
    c.circles(
        [(float(x), float(y), 0.5) for x, y in zip(xs, ys, strict=True) if y < horizon],
        (1, 0.96, 0.9),
        0.6,
        lit=True,
    )
    x, y = c.w * float(c.rng.uniform(0.55, 0.75)), c.h * 0.2
    c.lines([[(x, y), (x + c.u * 15, y + c.u * 5)]], (1, 1, 1), c.u * 0.18, 0.8, blur=0.6, lit=True)
    c.glow(x + c.u * 15, y + c.u * 5, c.u * 1.2, (1, 1, 1), 0.9)
    far = c.line(horizon, c.h * 0.13, c.w * 0.4, 5)
    c.below(far, mix(top, low, 0.35), mix(top, low, 0.15), c.h * 0.2)
    near = c.line(c.h * 0.92, c.h * 0.12, c.w * 0.5, 5)
    c.below(near, mix(top, (0, 0, 0), 0.5), (0.004, 0.006, 0.015), c.h * 0.1)
    pines(c, near, int(c.w / 30), c.u * 6, mix(top, (0, 0, 0), 0.55))
    px = c.w * 0.42
    base = float(near[int(px)]) + c.u * 0.6
    s = c.u * 0.085
    c.polygon(
        [(px + s * a, base - s * b) for a, b in [(-11, 0), (-14, 44), (-9, 66), (9, 66), (14, 44), (11, 0)]],
        (0.004, 0.006, 0.015),
    )
    c.circles([(px + s * 2, base - s * 76, s * 10)], (0.004, 0.006, 0.015))
