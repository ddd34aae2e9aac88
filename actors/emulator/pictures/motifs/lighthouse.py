"""A lighthouse on a headland, its beam over the sea."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import glitter, gulls, swell


def lighthouse(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A lighthouse on a headland, its beam over the sea."""
    horizon = c.h * 0.62
    paint_sky(c, lighting, horizon, clouds=0.85)
    tint = mix(mix(rgb("#1d4d68"), lighting.middle, 0.3), lighting.top, 0.4)
    swell(c, lighting, horizon, 1.1, tint)
    glitter(c, lighting.sun[0] * c.w, horizon, c.h, lighting.light, 0.7, 0.07)
    x = c.w * 0.68
    foot = c.h * 0.66
    outline: list[Point] = [(c.w * 0.36, c.h * 0.86)]
    for n in range(26):
        t = n / 25
        rise = np.sin(min(1.0, t * 1.6) * np.pi / 2) ** 1.3
        outline.append(
            (c.w * (0.36 + 0.7 * t), c.h * (0.86 - 0.2 * rise) + c.u * float(c.rng.uniform(-1, 1.2)))
        )
    outline += [(c.w * 1.06, c.h * 1.05), (c.w * 0.28, c.h * 1.05)]
    lamp_y = foot - c.h * 0.42
    _beam(c, x, lamp_y, lighting)
    rocks(c, lighting, outline)
    _tower(c, x, foot, lamp_y, lighting)
    foam = []
    for _ in range(130):
        t = float(c.rng.random())
        foam.append(
            (
                c.w * (0.27 + 0.13 * t) + c.u * float(c.rng.normal(0, 1.6)),
                c.h * (1.02 - 0.16 * t) + c.u * float(c.rng.normal(0, 0.8)),
                c.u * float(c.rng.uniform(0.15, 0.7)),
            )
        )
    c.circles(foam, (0.93, 0.96, 1.0), 0.5, blur=c.u * 0.25)
    gulls(c, mix(lighting.near, lighting.top, 0.2), 5)


def rocks(c: Canvas, lighting: Lighting, outline: list[Point], grain: float = 0.5) -> None:
    """A mass of rock with light catching its broken faces."""
    dark = mix(lighting.near, rgb("#2c2a33"), 0.4)
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    found = c.outline(outline)
    if not found:
        return
    mask, (x0, y0) = found
    h, w = mask.shape
    face = c.noise(c.u * 7, 5, 0.8, 0.66)[y0 : y0 + h, x0 : x0 + w]
    slant = np.gradient(face, axis=1) * (1 if lighting.sun[0] * c.w > (min(xs) + max(xs)) / 2 else -1)
    c.blend(mask, dark, 1, (x0, y0))
    c.blend(
        mask * smooth(0.0, 0.035, slant.astype(np.float32)),
        mix(lighting.far, lighting.light, 0.45),
        grain,
        (x0, y0),
    )
    c.blend(
        mask * smooth(0.4, 0.9, (c.ys[y0 : y0 + h] - min(ys)) / max(1.0, max(ys) - min(ys)) + 0 * face),
        lighting.near,
        0.55,
        (x0, y0),
    )


def _beam(c: Canvas, x: float, y: float, lighting: Lighting) -> None:
    strength = 0.55 if lighting.hour in {"night", "dusk"} else 0.3
    warm = rgb("#fff2c2")
    for reach, rise, wide in ((-1.3, -0.06, 0.16), (0.9, -0.05, 0.13)):
        end = x + reach * c.w
        c.polygon(
            [
                (x, y - c.u * 0.4),
                (end, y + rise * c.h - wide * c.h),
                (end, y + rise * c.h + wide * c.h),
                (x, y + c.u * 0.4),
            ],
            warm,
            strength * 0.45,
            blur=c.u * 2.2,
            lit=True,
        )
        c.polygon(
            [
                (x, y - c.u * 0.3),
                (end, y + rise * c.h - wide * c.h * 0.4),
                (end, y + rise * c.h + wide * c.h * 0.4),
                (x, y + c.u * 0.3),
            ],
            warm,
            strength * 0.6,
            blur=c.u * 1.4,
            lit=True,
        )


def _tower(c: Canvas, x: float, foot: float, lamp: float, lighting: Lighting) -> None:
    white = mix(rgb("#f3efe6"), lighting.middle, 0.28 if not lighting.dark else 0.62)
    red = mix(rgb("#b8392f"), lighting.near, 0.2 if not lighting.dark else 0.5)
    base, neck, top = c.u * 5.0, c.u * 3.1, lamp + c.u * 3.4
    height = foot + c.u * 2 - top
    for n in range(5):
        a, b = n / 5, (n + 1) / 5
        wa, wb = neck + (base - neck) * a, neck + (base - neck) * b
        c.polygon(
            [
                (x - wa, top + height * a),
                (x + wa, top + height * a),
                (x + wb, top + height * b + 1),
                (x - wb, top + height * b + 1),
            ],
            red if n % 2 == 0 else white,
        )
    side = -1 if lighting.sun[0] * c.w > x else 1
    c.polygon(
        [
            (x + side * neck * 0.15, top),
            (x + side * neck, top),
            (x + side * base, foot + c.u * 2),
            (x + side * base * 0.1, foot + c.u * 2),
        ],
        lighting.near,
        0.45,
        blur=c.u * 0.7,
    )
    dark = mix(lighting.near, (0.1, 0.1, 0.12), 0.4)
    c.rects([(x - neck * 1.35, top - c.u * 0.7, x + neck * 1.35, top + c.u * 0.3)], dark)
    c.rects([(x - neck * 0.72, lamp - c.u * 2.2, x + neck * 0.72, top - c.u * 0.5)], rgb("#ffe9a8"))
    c.lines(
        [
            [(x + k * neck * 0.72, lamp - c.u * 2.2), (x + k * neck * 0.72, top - c.u * 0.5)]
            for k in (-1, -0.34, 0.34, 1)
        ],
        dark,
        c.u * 0.28,
    )
    c.polygon(
        [(x - neck * 0.95, lamp - c.u * 2), (x, lamp - c.u * 5.4), (x + neck * 0.95, lamp - c.u * 2)], red
    )
    c.lines([[(x, lamp - c.u * 5.4), (x, lamp - c.u * 7.2)]], dark, c.u * 0.3)
    c.rects(
        [
            (x - c.u * 0.55, top + height * f, x + c.u * 0.55, top + height * f + c.u * 1.5)
            for f in (0.3, 0.62)
        ],
        rgb("#ffd98a"),
    )
    c.glow(x, lamp, c.u * 6, rgb("#fff0b8"), 0.95)
    c.glow(x, lamp, c.u * 20, rgb("#ffdf9a"), 0.4)
