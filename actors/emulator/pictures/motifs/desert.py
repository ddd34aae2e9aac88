"""Dunes with sharp crests: one side in the light, the other in shadow."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky


def desert(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Dunes with sharp crests: one side in the light, the other in shadow."""
    horizon = c.h * 0.55
    paint_sky(c, lighting, horizon, clouds=0.25)
    sand = mix(rgb("#e7b06a"), lighting.horizon, 0.3) if not lighting.dark else rgb("#3d4e74")
    dark = mix(mix(rgb("#8a4b2d"), lighting.near, 0.45), lighting.top, 0.15)
    sun_x = lighting.sun[0] * c.w
    side = 1 if sun_x > c.w / 2 else -1
    for n in range(4):
        t = n / 3
        line = c.line(c.h * (0.6 + 0.24 * t), c.h * (0.07 + 0.1 * t), c.w * (0.45 + 0.25 * t), 2, gain=0.3)
        c.below(line, mix(sand, lighting.horizon, 0.55 * (1 - t)), mix(sand, dark, 0.3 + 0.3 * t), c.h * 0.34)
        # A crest runs down from the summit; what lies behind it, seen from the sun, is dark.
        top = int(np.argmin(line[c.w // 5 : c.w * 4 // 5])) + c.w // 5
        fall = c.h * 1.1 - float(line[top])
        steps = np.linspace(0, 1, 30)
        bend = c.w * (0.16 + 0.1 * t)
        crest = [
            (float(top + side * bend * (np.sin(s * 4.2) * 0.5 - s * 0.6)), float(line[top]) + fall * float(s))
            for s in steps
        ]
        away = np.linspace(top, -4 if side > 0 else c.w + 4, 60)
        edge = [(float(x), float(line[int(np.clip(x, 0, c.w - 1))])) for x in away]
        c.polygon([*crest, (edge[-1][0], c.h * 1.1), *edge[::-1]], dark, 0.4 + 0.14 * t, blur=0.6)
        ripples = c.noise(c.u * 2.4, 2, 5.0)
        under = smooth(0, c.u * 6, c.ys - line[None, :])
        c.blend(smooth(0.52, 0.62, ripples) * under, mix(sand, lighting.light, 0.5), 0.05 + 0.03 * t)
        c.haze(c.h * (0.62 + 0.2 * t), c.h * 0.04, lighting.horizon, 0.4 * (1 - t))
    _caravan(c, lighting, c.w * (0.4 if side > 0 else 0.6), c.h * 0.64)


def _caravan(c: Canvas, lighting: Lighting, x: float, y: float) -> None:
    dark = mix(lighting.near, (0, 0, 0), 0.2)
    for n in range(4):
        u = c.u * 0.62
        cx, cy = x + n * u * 8.4, y + np.sin(n * 1.3) * u
        c.ellipse(cx, cy - u * 3.2, u * 2, u * 1.05, dark)
        c.ellipse(cx, cy - u * 4.2, u * 0.9, u * 0.9, dark)
        legs = [[(cx + k * u, cy - u * 2.6), (cx + k * u + u * 0.1, cy)] for k in (-1.5, -1.0, 1.0, 1.5)]
        c.lines(
            [*legs, [(cx - u * 1.9, cy - u * 3.2), (cx - u * 3, cy - u * 4.8), (cx - u * 3.7, cy - u * 4.7)]],
            dark,
            u * 0.42,
        )
