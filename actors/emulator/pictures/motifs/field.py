"""Wheat to the horizon, with a track through it and a far farmhouse."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import house, pines


def field(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Wheat to the horizon, with a track through it and a far farmhouse."""
    horizon = c.h * 0.52
    paint_sky(c, lighting, horizon, clouds=0.7)
    gold = mix(rgb("#e3b23c"), lighting.horizon, 0.2) if not lighting.dark else rgb("#4c5a72")
    shade = mix(rgb("#7c5a1e"), lighting.near, 0.4)
    far = c.line(horizon, c.h * 0.035, c.w * 0.3, 4)
    c.below(far, lighting.land(0.3), lighting.land(0.45), c.h * 0.05)
    pines(c, far, int(c.w / 15), c.u * 2.1, lighting.land(0.5))
    start = horizon + c.u * 1.5
    under = np.clip((c.ys - start) / (c.h - start), 0, 1)
    c.below(
        np.full(c.w, start, np.float32), mix(gold, lighting.light, 0.4), mix(gold, shade, 0.5), c.h - start
    )
    waves = c.noise(c.u * 30, 5, 3.4, 0.6)
    c.blend(smooth(0.48, 0.7, waves) * smooth(0, 0.3, under + 0 * c.xs), mix(gold, lighting.light, 0.6), 0.5)
    c.blend(smooth(0.5, 0.3, waves) * smooth(0, 0.3, under + 0 * c.xs), mix(gold, shade, 0.75), 0.45)
    c.glow(lighting.sun[0] * c.w, start, c.u * 38, lighting.light, 0.35, 1.8)
    focus = c.w * 0.5
    for offset in (-1, 1):
        near = focus + offset * c.u * 15
        c.polygon(
            [
                (focus + offset * 2, start),
                (focus + offset * 5, start),
                (near + offset * c.u * 9, c.h + 5),
                (near, c.h + 5),
            ],
            shade,
            0.5,
            blur=c.u * 0.3,
        )
    house(c, c.w * 0.7, start + c.u * 0.8, c.u * 5.2, lighting, lit=lighting.hour in {"dusk", "night"})
    for band in range(9):
        t = band / 8
        y = start + (c.h - start) * (0.1 + 0.98 * t**1.4)
        _ears(
            c,
            y,
            c.u * (1.4 + 12 * t**1.2),
            mix(gold, shade, 0.55 * t),
            mix(gold, lighting.light, 0.55),
            focus,
        )


def _ears(c: Canvas, y: float, tall: float, colour: Colour, lit: Colour, focus: float) -> None:
    stalks, ears = [], []
    for x in c.rng.uniform(-10, c.w + 10, int(c.w / (tall * 0.17 + 1.2))):
        clear = c.u * 15 * ((y - c.h * 0.5) / (c.h * 0.5))
        if clear * 0.8 < abs(x - focus) < clear * 1.75:
            continue
        lean = float(c.rng.normal(0.18, 0.14)) * tall
        high = tall * float(c.rng.uniform(0.7, 1.1))
        top = (float(x) + lean, y - high)
        stalks.append([(float(x), y + tall * 0.3), top])
        ears.append(
            [
                (top[0] - tall * 0.03, top[1]),
                (top[0] + lean * 0.15, top[1] - tall * 0.24),
                (top[0] + tall * 0.055, top[1] - tall * 0.02),
            ]
        )
    c.lines(stalks, colour, max(0.7, tall * 0.016), 0.7)
    c.polygons(ears, lit, 0.8)
