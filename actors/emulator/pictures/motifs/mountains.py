"""Ridge behind ridge, each paler; snow on the highest, woods on the nearest."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, Field, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import pines


def mountains(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Ridge behind ridge, each paler; snow on the highest, woods on the nearest."""
    horizon = c.h * 0.74
    paint_sky(c, lighting, horizon)
    sun_x = lighting.sun[0] * c.w
    snow = mix(lighting.light, (1, 1, 1), 0.4) if not lighting.dark else rgb("#8fa6cf")
    layers = 5
    for n in range(layers):
        t = n / (layers - 1)
        sharp = t < 0.6
        line = c.line(
            c.h * (0.68 + 0.2 * t),
            c.h * ((0.34 - 0.2 * t) if sharp else 0.16),
            c.w * (0.3 - 0.06 * t),
            7,
            sharp=sharp,
            gain=0.44,
        )
        if n == 0:
            x = c.w * (0.62 if sun_x < c.w / 2 else 0.36)
            peak = np.clip(1 - np.abs(c.xs[0] - x) / (c.w * 0.3), 0, 1) ** 1.15
            line = (line * (1 - 0.75 * peak) + (c.h * 0.26 + (line - c.h * 0.5) * 0.3) * 0.75 * peak).astype(
                np.float32
            )
        tone = lighting.land(0.1 + 0.84 * t)
        c.below(line, tone, mix(tone, lighting.horizon, 0.6 * (1 - t)), c.h * 0.34)
        if sharp:
            _facets(c, line, snow, lighting, sun_x, t)
        c.haze(c.h * (0.7 + 0.14 * t), c.h * 0.07, mix(lighting.horizon, lighting.light, 0.3), 0.62 * (1 - t))
        if t > 0.4:
            tall = c.u * (3.0 + 7.5 * (t - 0.4) / 0.6)
            pines(c, line, int(c.w / (7 + 12 * t)), tall, lighting.land(0.35 + 0.65 * t))
    c.glow(sun_x, horizon * 0.8, c.u * 34, lighting.light, 0.16)


def _facets(c: Canvas, line: Field, snow: Colour, lighting: Lighting, sun_x: float, t: float) -> None:
    """Snow down from the summits, and each spur lit on the side of the sun and shaded on the other."""
    under = c.ys - line[None, :]
    inside = np.clip(under + 0.5, 0, 1)
    # Spurs run down the face: noise stretched along the slope, seen from the side as light and shade.
    spurs = c.noise(c.u * 11, 5, 0.55, 0.6)
    shift = np.clip((under * 0.35).astype(int) + np.arange(c.w)[None, :], 0, c.w - 1)
    spurs = np.take_along_axis(spurs, shift, axis=1)
    side = np.gradient(spurs, axis=1) * np.sign(sun_x - c.xs - 1) * c.u * 1.6
    depth = np.exp(-np.clip(under, 0, None) / (c.h * 0.2))
    c.blend(
        (inside * depth * smooth(0.02, 0.3, -side)).astype(np.float32),
        mix(lighting.near, lighting.top, 0.5),
        0.5 * (1 - 0.6 * t),
    )
    snow_line = c.h * (0.5 + 0.05 * t) + (spurs - 0.5) * c.h * 0.22
    cap = inside * smooth(0.0, -c.h * 0.045, (c.ys - snow_line).astype(np.float32))
    c.blend((cap * (0.55 + 0.45 * smooth(-0.2, 0.25, side))).astype(np.float32), snow, 0.92 - 0.3 * t)
    c.light(
        (inside * depth * smooth(0.05, 0.4, side)).astype(np.float32),
        mix(lighting.light, lighting.horizon, 0.3),
        0.45 * (1 - t),
    )
