"""A sailing ship under full sail, heeling a little."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import glitter, gulls, swell


def ship(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A sailing ship under full sail, heeling a little."""
    horizon = c.h * 0.6
    paint_sky(c, lighting, horizon, clouds=0.8)
    tint = mix(mix(rgb("#1f5670"), lighting.middle, 0.3), lighting.top, 0.35)
    swell(c, lighting, horizon, 0.9, tint)
    glitter(c, lighting.sun[0] * c.w, horizon, c.h, lighting.light, 0.8, 0.08)
    x, y, s = c.w * 0.52, horizon + c.h * 0.13, min(c.h * 0.0062, c.w * 0.0062)
    _full_rigged(c, x, y, s, lighting)
    c.haze(horizon, c.u * 1.6, lighting.horizon, 0.35)
    foam = [
        (
            x + s * float(c.rng.uniform(-46, 44)),
            y + s * float(c.rng.uniform(6, 10)),
            c.u * float(c.rng.uniform(0.3, 0.9)),
        )
        for _ in range(70)
    ]
    c.ellipse(x, y + s * 10, s * 52, s * 4.5, mix(tint, lighting.near, 0.55), 0.85, blur=s * 1.6)
    c.circles(foam, mix(lighting.light, (1, 1, 1), 0.4), 0.55, blur=c.u * 0.3)
    gulls(c, mix(lighting.near, lighting.top, 0.3), 5)


def _full_rigged(c: Canvas, x: float, y: float, s: float, lighting: Lighting) -> None:
    def at(px: float, py: float) -> Point:
        # A heel of three degrees to leeward.
        return (x + s * (px + py * -0.05), y + s * (py + px * 0.03))

    hull = mix(lighting.near, rgb("#3b2418"), 0.45)
    sail = mix(rgb("#f4e6c8"), lighting.light, 0.4) if not lighting.dark else rgb("#8b97b5")
    shade = mix(sail, lighting.far, 0.55)
    c.polygon(
        [
            at(*p)
            for p in [
                (-44, -12),
                (-40, 3),
                (-30, 8),
                (26, 8),
                (38, 2),
                (47, -11),
                (30, -7),
                (-26, -6),
                (-32, -13),
            ]
        ],
        hull,
    )
    c.polygon(
        [at(*p) for p in [(-41, -7), (-26, -2), (30, -3), (44, -8), (43, -6), (30, -1), (-26, 0), (-41, -4)]],
        mix(rgb("#d8a657"), lighting.near, 0.4),
        0.9,
    )
    c.lines([[at(47, -11), at(68, -22)]], hull, s * 1.3)
    for mast, tall in ((-24, 70), (2, 84), (27, 68)):
        c.lines([[at(mast, -4), at(mast, -tall)]], hull, s * 1.2)
        levels = (0.12, 0.42, 0.66, 0.84)
        for n, low in enumerate(levels):
            high = (0.38, 0.63, 0.82, 0.95)[n]
            half_low, half_high = 15 - 2.6 * n, 13 - 2.6 * n
            bulge = 4.5
            outline = [(mast - half_high, -tall * high), (mast + half_high, -tall * high)]
            outline += [
                (mast + half_low + bulge * np.sin(k * np.pi) * 0.6, -tall * (high + (low - high) * k))
                for k in (0.3, 0.6, 1.0)
            ]
            outline += [
                (mast + half_low * (1 - 2 * k), -tall * low - bulge * np.sin(k * np.pi))
                for k in (0.25, 0.5, 0.75)
            ]
            outline += [
                (mast - half_low + bulge * np.sin(k * np.pi) * 0.9, -tall * (low + (high - low) * k))
                for k in (0.0, 0.4, 0.7)
            ]
            c.polygon([at(*p) for p in outline], sail)
            c.polygon(
                [
                    at(*p)
                    for p in [
                        (mast + half_high * 0.2, -tall * high),
                        (mast + half_high, -tall * high),
                        (mast + half_low + 2, -tall * low),
                        (mast + half_low * 0.4, -tall * low - 4),
                    ]
                ],
                shade,
                0.55,
                blur=s * 2,
            )
    for jib in (((30, -58), (64, -21), (34, -16)), ((29, -44), (54, -18), (33, -14))):
        c.polygon([at(*p) for p in jib], mix(sail, lighting.light, 0.2), 0.92)
    ropes = [
        [at(-24, -70), at(-44, -12)],
        [at(2, -84), at(-24, -8)],
        [at(2, -84), at(27, -66)],
        [at(27, -68), at(68, -22)],
    ]
    c.lines(ropes, hull, max(0.6, s * 0.3), 0.7)
    flag = [at(2, -84), at(-9, -87), at(-7, -82), at(2, -80)]
    c.polygon(flag, rgb("#b8392f"))
