"""Rolling country with a lone tree against the light."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import leafy


def hills(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Rolling country with a lone tree against the light."""
    horizon = c.h * 0.66
    paint_sky(c, lighting, horizon)
    sun_x = lighting.sun[0] * c.w
    green = (
        mix(rgb("#7fa650"), lighting.horizon, 0.25)
        if lighting.hour in {"day", "dawn"}
        else lighting.land(0.6)
    )
    lines = []
    for n in range(5):
        t = n / 4
        line = c.line(c.h * (0.66 + 0.3 * t), c.h * (0.24 + 0.06 * t), c.w * (0.42 + 0.22 * t), 2, gain=0.3)
        tone = mix(lighting.land(0.1 + 0.75 * t), green, 0.5 * (1 - abs(t - 0.5)))
        c.below(
            line, mix(tone, lighting.light, 0.25 * (1 - t) + 0.08), mix(tone, lighting.near, 0.45), c.h * 0.26
        )
        rim = np.exp(-(((c.ys - line[None, :]) / (c.u * 0.9)) ** 2)) * np.exp(
            -(((c.xs - sun_x) / (c.w * 0.3)) ** 2)
        )
        c.light(rim.astype(np.float32), lighting.light, 0.5 * (1 - 0.6 * t))
        c.haze(c.h * (0.66 + 0.25 * t), c.h * 0.045, lighting.horizon, 0.42 * (1 - t))
        lines.append(line)
    x = c.w * (0.66 if sun_x < c.w / 2 else 0.34)
    base = float(lines[3][int(x)]) + c.u * 1.2
    leafy(c, x, base, c.h * 0.3, mix(lighting.near, green, 0.22), mix(lighting.light, green, 0.4), sun_x)
    c.ellipse(
        x - (sun_x - x) * 0.16, base + c.u * 0.8, c.u * 13, c.u * 1.1, lighting.near, 0.4, blur=c.u * 0.8
    )
    _grass(c, c.h * 0.95, mix(lighting.near, green, 0.3), mix(lighting.light, green, 0.5))


def _grass(c: Canvas, height: float, dark: Colour, lit: Colour, length: float = 5) -> None:
    """Blades at the lower edge, some catching the light."""
    for colour, share, opacity in ((dark, 1.0, 0.95), (lit, 0.25, 0.5)):
        blades = []
        for x in c.rng.uniform(-5, c.w + 5, int(c.w * 0.9 * share)):
            tall = float(c.rng.uniform(0.35, 1)) * length * c.u
            lean = float(c.rng.normal(0.15, 0.3)) * tall
            root = height + float(c.rng.uniform(0, 0.09)) * c.h
            blades.append(
                [(float(x), root), (float(x) + lean * 0.4, root - tall * 0.6), (float(x) + lean, root - tall)]
            )
        c.lines(blades, colour, 0.9, opacity)
