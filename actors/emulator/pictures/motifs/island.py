"""A small island with palms above a lagoon."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import glitter


def island(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A small island with palms above a lagoon."""
    horizon = c.h * 0.5
    paint_sky(c, lighting, horizon, clouds=0.7)
    shallow = mix(rgb("#4fd0c8"), lighting.horizon, 0.15) if not lighting.dark else rgb("#1f5a6e")
    deep = mix(mix(rgb("#12708c"), lighting.middle, 0.2), lighting.top, 0.25)
    c.gradient(
        [
            (0, mix(deep, lighting.horizon, 0.4)),
            (0.2, deep),
            (0.5, shallow),
            (1, mix(shallow, rgb("#f2e2b8"), 0.35)),
        ],
        top=horizon,
    )
    ripple = c.noise(c.u * 1.3, 3, 7.0)
    under = smooth(horizon, horizon + c.u * 5, c.ys + 0 * c.xs)
    c.light(smooth(0.56, 0.75, ripple) * under, mix(lighting.light, (1, 1, 1), 0.3), 0.4)
    glitter(c, lighting.sun[0] * c.w, horizon, c.h, lighting.light, 0.6, 0.07)
    x, y = c.w * 0.46, c.h * 0.66
    sand = mix(rgb("#f3dfae"), lighting.light, 0.2) if not lighting.dark else rgb("#7d86a0")
    c.ellipse(x, y + c.u * 1.4, c.u * 37, c.u * 3.6, mix(shallow, (1, 1, 1), 0.4), 0.5, blur=c.u * 0.7)
    c.ellipse(x, y, c.u * 33, c.u * 4.2, sand)
    c.ellipse(
        x - c.u * 3, y - c.u * 1.6, c.u * 25, c.u * 4.4, mix(sand, lighting.light, 0.35), 0.8, blur=c.u * 0.5
    )
    green = mix(rgb("#2f7d4f"), lighting.near, 0.25 if not lighting.dark else 0.6)
    bushes = [
        (
            x + c.u * float(c.rng.normal(-2, 8)),
            y - c.u * float(c.rng.uniform(2, 5)),
            c.u * float(c.rng.uniform(1.4, 3.2)),
        )
        for _ in range(34)
    ]
    c.circles(bushes, mix(green, lighting.near, 0.3))
    c.circles(
        [(a - c.u * 0.5, b - c.u * 0.7, r * 0.66) for a, b, r in bushes],
        mix(green, lighting.light, 0.3),
        0.5,
        blur=c.u * 0.2,
    )
    for dx, tall, lean in ((-9, 34, -0.35), (-2, 44, 0.25), (6, 32, 0.5), (-5, 27, 0.1)):
        palm(
            c,
            x + c.u * dx,
            y - c.u * 2.4,
            c.u * tall,
            lean,
            green,
            mix(rgb("#6d4a2f"), lighting.near, 0.3),
            mix(green, lighting.light, 0.45),
        )


def palm(
    c: Canvas, x: float, base: float, tall: float, lean: float, leaf: Colour, trunk: Colour, lit: Colour
) -> None:
    spine = [(x + lean * tall * (t**1.7) * 0.5, base - tall * t) for t in np.linspace(0, 1, 12)]
    wide = tall * 0.028
    c.polygon(
        [
            *((a - wide * (1.5 - n / 13), b) for n, (a, b) in enumerate(spine)),
            *((a + wide * (1.5 - n / 13), b) for n, (a, b) in reversed(list(enumerate(spine)))),
        ],
        trunk,
    )
    cx, cy = spine[-1]
    for shade, share in ((leaf, 1.0), (lit, 0.55)):
        fronds = []
        for n in range(11 if share == 1.0 else 5):
            angle = (
                np.pi * (0.02 + 0.96 * (n + float(c.rng.uniform(0, 0.6))) / 11)
                if share == 1.0
                else np.pi * float(c.rng.uniform(0.15, 0.7))
            )
            reach = tall * float(c.rng.uniform(0.34, 0.48))
            upper, lower = [], []
            for t in np.linspace(0, 1, 9):
                px = cx + np.cos(angle) * reach * t
                py = cy - np.sin(angle) * reach * t * 0.62 + reach * 0.72 * t**2.1
                thick = reach * 0.1 * np.sin(np.pi * min(1.0, t * 0.9 + 0.1)) * share
                upper.append((float(px), float(py - thick * 0.4)))
                lower.append((float(px + (2 * (n % 2) - 1) * thick * 0.2), float(py + thick)))
            fronds.append([*upper, *lower[::-1]])
        c.polygons(fronds, shade, 0.98 if share == 1.0 else 0.55)
