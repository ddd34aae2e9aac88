"""A river winding from the mountains through a valley to the viewer."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import pine


def river(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A river winding from the mountains through a valley to the viewer."""
    horizon = c.h * 0.5
    paint_sky(c, lighting, horizon)
    for n in range(3):
        line = c.line(horizon + c.h * 0.02 * n, c.h * (0.2 - 0.06 * n), c.w * 0.3, 6, sharp=True)
        c.below(
            line,
            lighting.land(0.1 + 0.16 * n),
            mix(lighting.land(0.2 + 0.15 * n), lighting.horizon, 0.45),
            c.h * 0.2,
        )
        c.haze(horizon, c.h * 0.05, lighting.horizon, 0.5)
    green = mix(rgb("#6f9a4d"), lighting.horizon, 0.25) if not lighting.dark else lighting.land(0.6)
    plain = horizon + c.u * 3
    c.below(
        np.full(c.w, plain, np.float32),
        mix(green, lighting.horizon, 0.45),
        mix(green, lighting.near, 0.75),
        c.h - plain,
    )
    patches = c.noise(c.u * 16, 4, 4.0)
    under = smooth(0, 0.2, (c.ys - plain) / (c.h - plain) + 0 * c.xs)
    c.blend(smooth(0.5, 0.75, patches) * under, mix(green, lighting.light, 0.4), 0.3)
    left: list[Point] = []
    right: list[Point] = []
    for n in range(80):
        t = n / 79
        y = plain + (c.h - plain + 8) * t**1.9
        middle = c.w * (0.5 + 0.21 * np.sin(2.2 + 7.5 * t**0.55) * (0.15 + 0.85 * t))
        wide = c.u * (0.5 + 17 * t**1.8)
        left.append((middle - wide, y))
        right.append((middle + wide, y))
    bank = mix(green, lighting.near, 0.6)
    c.polygon(
        [*((x - c.u * 0.7, y) for x, y in left), *((x + c.u * 0.7, y) for x, y in right[::-1])],
        bank,
        0.7,
        blur=c.u * 0.3,
    )
    water = mix(mix(rgb("#3f86b5"), lighting.middle, 0.4), lighting.top, 0.2)
    c.polygon([*left, *right[::-1]], water)
    sheen = c.noise(c.u * 3, 3, 7.0)
    found = c.outline([*left, *right[::-1]])
    if found:
        mask, at = found
        c.light(
            mask * smooth(0.5, 0.7, sheen[at[1] : at[1] + mask.shape[0], at[0] : at[0] + mask.shape[1]]),
            lighting.light,
            0.55,
            at,
        )
        c.blend(
            mask * smooth(0.35, 0.1, sheen[at[1] : at[1] + mask.shape[0], at[0] : at[0] + mask.shape[1]]),
            lighting.top,
            0.4,
            at,
        )
    for band in range(5):
        t = band / 4
        y = plain + (c.h - plain) * (0.05 + 0.95 * t**1.7)
        shapes = []
        for _ in range(int(26 - 17 * t)):
            x = float(c.rng.uniform(-0.05, 1.05)) * c.w
            n = int(np.argmin([abs(p[1] - y) for p in left]))
            if left[n][0] - c.u * (2 + 4 * t) < x < right[n][0] + c.u * (2 + 4 * t):
                continue
            shapes.append(
                pine(
                    x,
                    y + float(c.rng.uniform(0, 2)) * c.u,
                    c.u * (2.4 + 13 * t) * float(c.rng.uniform(0.6, 1.2)),
                    c.rng,
                )
            )
        c.polygons(shapes, mix(mix(green, lighting.near, 0.45 + 0.5 * t), lighting.horizon, 0.25 * (1 - t)))
