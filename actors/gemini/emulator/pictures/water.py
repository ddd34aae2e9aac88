"""Lake, sea, lighthouse, ship, island, under water."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Point, curve, mix, rgb, smooth
from actors.gemini.emulator.pictures.land import pines
from actors.gemini.emulator.pictures.look import Look, paint_sky


def glitter(
    c: Canvas, x: float, top: float, bottom: float, colour: Colour, strength: float = 1.0, width: float = 0.1
) -> None:
    """The path of light that sun or moon lays on water."""
    y0, y1 = int(top), int(bottom)
    depth = (c.ys[y0:y1] - top) / max(1.0, bottom - top)
    near = np.exp(-(((c.xs - x) / (c.w * width * (0.35 + 1.1 * depth))) ** 2))
    ripples = c.noise(c.u * 2.2, 3, 9.0)[y0:y1]
    c.light((smooth(0.47, 0.72, ripples) * near).astype(np.float32), colour, strength, (0, y0))


def swell(c: Canvas, look: Look, top: float, rough: float, tint: Colour) -> None:
    """Open water: bands of waves that grow towards the viewer, crests catching the light."""
    deep = mix(tint, look.near, 0.55)
    c.gradient([(0, mix(tint, look.horizon, 0.55)), (0.25, tint), (1, deep)], top=top)
    sun_x = look.sun[0] * c.w
    bands = 13
    for n in range(bands):
        t = (n + 0.5) / bands
        y = top + (c.h - top) * t**1.55
        tall = c.u * (0.5 + 7.5 * t**1.4) * rough
        line = c.line(y + tall * 0.5, tall, c.u * (5 + 44 * t), 3, gain=0.42)
        body = mix(mix(tint, look.middle, 0.3 * (1 - t)), deep, 0.15 + 0.75 * t)
        c.below(line, mix(body, look.light, 0.16 * (1 - 0.5 * t)), body, tall * 2.6 + 2, 0.85)
        crest = np.exp(-(((c.ys - line[None, :] - c.u * 0.16) / (c.u * (0.14 + 0.3 * t))) ** 2))
        near = 0.25 + 0.75 * np.exp(-(((c.xs - sun_x) / (c.w * (0.14 + 0.25 * t))) ** 2))
        broken = smooth(0.36, 0.66, c.noise(c.u * (3 + 9 * t), 2, 4.0))
        c.light((crest * near * broken).astype(np.float32), mix(look.light, (1, 1, 1), 0.2), 0.62)


def lake(c: Canvas, look: Look, _words: str) -> None:
    """Still water that mirrors hills, woods and sky; a jetty leads into it."""
    horizon = c.h * 0.56
    paint_sky(c, look, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(horizon - c.h * 0.02, c.h * (0.34 - 0.12 * n), c.w * (0.36 - 0.06 * n), 6, sharp=n == 0)
        tone = look.land(0.12 + 0.3 * t)
        c.below(line, tone, mix(tone, look.horizon, 0.55), c.h * 0.22)
        c.haze(horizon - c.u * 2, c.h * 0.06, mix(look.horizon, look.light, 0.3), 0.5)
    shore = c.line(horizon - c.u * 0.6, c.u * 2.6, c.w * 0.2, 4)
    c.below(shore, look.land(0.62), look.land(0.7), c.h * 0.1)
    pines(c, shore, int(c.w / 13), c.u * 5, look.land(0.68), 0.45)
    c.reflect(horizon, c.u * 0.9, mix(look.top, look.near, 0.35), 0.42)
    c.haze(horizon, c.u * 1.5, mix(look.horizon, look.light, 0.5), 0.5)
    glitter(c, look.sun[0] * c.w, horizon + 2, c.h, look.light, 0.75, 0.07)
    _jetty(c, horizon, look)
    _reeds(c, look)


def _jetty(c: Canvas, horizon: float, look: Look) -> None:
    wood = mix(look.near, rgb("#6b4a36"), 0.35)
    x0, x1 = c.w * 0.7, c.w * 0.55
    y0, y1 = c.h * 1.02, horizon + (c.h - horizon) * 0.3
    c.polygon(
        [(x0 - c.u * 9, y0), (x1 - c.u * 1.6, y1), (x1 + c.u * 1.6, y1), (x0 + c.u * 9, y0)],
        mix(wood, look.light, 0.12),
    )
    seams = []
    for n in range(1, 16):
        t = (n / 16) ** 0.62
        y = y0 + (y1 - y0) * t
        x, half = x0 + (x1 - x0) * t, c.u * (9 - 7.4 * t)
        seams.append([(x - half, y), (x + half, y)])
    c.lines(seams, look.near, c.u * 0.2, 0.7)
    posts = []
    for t in (0.25, 0.55, 0.78, 0.98):
        y, x, half = y0 + (y1 - y0) * t, x0 + (x1 - x0) * t, c.u * (9 - 7.4 * t)
        for side in (-1, 1):
            px = x + side * half
            wide, tall = c.u * (1.1 - 0.75 * t), c.u * (6 - 4.4 * t)
            posts.append((px - wide, y - tall * 0.5, px + wide, y + tall))
    c.rects(posts, wood)


def _reeds(c: Canvas, look: Look) -> None:
    stems, heads = [], []
    for side, count in ((0.0, 70), (1.0, 26)):
        for _ in range(count):
            x = c.w * (side + (0.17 if side == 0 else -0.1) * float(c.rng.random()) ** 1.6)
            tall = c.u * float(c.rng.uniform(9, 30)) * (1 - abs(x / c.w - side) * 3)
            lean = float(c.rng.normal(0.12, 0.1)) * tall
            stems.append([(x, c.h + 5), (x + lean * 0.4, c.h - tall * 0.6), (x + lean, c.h - tall)])
            if c.rng.random() < 0.3:
                heads.append([(x + lean * 0.86, c.h - tall * 0.92), (x + lean, c.h - tall)])
    c.lines(stems, look.near, c.u * 0.22)
    c.lines(heads, mix(look.near, rgb("#6b4426"), 0.4), c.u * 0.75)


def sea(c: Canvas, look: Look, _words: str) -> None:
    """The open sea, long waves, a path of light, gulls."""
    horizon = c.h * 0.47
    paint_sky(c, look, horizon, clouds=0.8)
    tint = mix(mix(rgb("#1f5f7a"), look.middle, 0.3), look.top, 0.35)
    swell(c, look, horizon, 1.25 if look.mood == "tense" or look.weather == "rain" else 0.85, tint)
    glitter(c, look.sun[0] * c.w, horizon, c.h, look.light, 0.8, 0.08)
    c.haze(horizon, c.u * 2, look.horizon, 0.5)
    gulls(c, mix(look.near, look.top, 0.3))


def gulls(c: Canvas, colour: Colour, count: int = 7) -> None:
    paths = []
    for _ in range(count):
        x, y = float(c.rng.uniform(0.3, 0.85)) * c.w, float(c.rng.uniform(0.28, 0.44)) * c.h
        s = c.u * float(c.rng.uniform(0.7, 1.9))
        paths.append(
            [
                (x - s * 1.5, y - s * 0.35),
                (x - s * 0.6, y - s * 0.5),
                (x, y),
                (x + s * 0.7, y - s * 0.55),
                (x + s * 1.6, y - s * 0.2),
            ]
        )
    c.lines(paths, colour, c.u * 0.22, 0.85)


def rocks(c: Canvas, look: Look, outline: list[Point], grain: float = 0.5) -> None:
    """A mass of rock with light catching its broken faces."""
    dark = mix(look.near, rgb("#2c2a33"), 0.4)
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    found = c.outline(outline)
    if not found:
        return
    mask, (x0, y0) = found
    h, w = mask.shape
    face = c.noise(c.u * 7, 5, 0.8, 0.66)[y0 : y0 + h, x0 : x0 + w]
    slant = np.gradient(face, axis=1) * (1 if look.sun[0] * c.w > (min(xs) + max(xs)) / 2 else -1)
    c.blend(mask, dark, 1, (x0, y0))
    c.blend(
        mask * smooth(0.0, 0.035, slant.astype(np.float32)), mix(look.far, look.light, 0.45), grain, (x0, y0)
    )
    c.blend(
        mask * smooth(0.4, 0.9, (c.ys[y0 : y0 + h] - min(ys)) / max(1.0, max(ys) - min(ys)) + 0 * face),
        look.near,
        0.55,
        (x0, y0),
    )


def lighthouse(c: Canvas, look: Look, _words: str) -> None:
    """A lighthouse on a headland, its beam over the sea."""
    horizon = c.h * 0.62
    paint_sky(c, look, horizon, clouds=0.85)
    tint = mix(mix(rgb("#1d4d68"), look.middle, 0.3), look.top, 0.4)
    swell(c, look, horizon, 1.1, tint)
    glitter(c, look.sun[0] * c.w, horizon, c.h, look.light, 0.7, 0.07)
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
    _beam(c, x, lamp_y, look)
    rocks(c, look, outline)
    _tower(c, x, foot, lamp_y, look)
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
    gulls(c, mix(look.near, look.top, 0.2), 5)


def _beam(c: Canvas, x: float, y: float, look: Look) -> None:
    strength = 0.55 if look.hour in {"night", "dusk"} else 0.3
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


def _tower(c: Canvas, x: float, foot: float, lamp: float, look: Look) -> None:
    white = mix(rgb("#f3efe6"), look.middle, 0.28 if not look.dark else 0.62)
    red = mix(rgb("#b8392f"), look.near, 0.2 if not look.dark else 0.5)
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
    side = -1 if look.sun[0] * c.w > x else 1
    c.polygon(
        [
            (x + side * neck * 0.15, top),
            (x + side * neck, top),
            (x + side * base, foot + c.u * 2),
            (x + side * base * 0.1, foot + c.u * 2),
        ],
        look.near,
        0.45,
        blur=c.u * 0.7,
    )
    dark = mix(look.near, (0.1, 0.1, 0.12), 0.4)
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


def ship(c: Canvas, look: Look, _words: str) -> None:
    """A sailing ship under full sail, heeling a little."""
    horizon = c.h * 0.6
    paint_sky(c, look, horizon, clouds=0.8)
    tint = mix(mix(rgb("#1f5670"), look.middle, 0.3), look.top, 0.35)
    swell(c, look, horizon, 0.9, tint)
    glitter(c, look.sun[0] * c.w, horizon, c.h, look.light, 0.8, 0.08)
    x, y, s = c.w * 0.52, horizon + c.h * 0.13, min(c.h * 0.0062, c.w * 0.0062)
    _full_rigged(c, x, y, s, look)
    c.haze(horizon, c.u * 1.6, look.horizon, 0.35)
    foam = [
        (
            x + s * float(c.rng.uniform(-46, 44)),
            y + s * float(c.rng.uniform(6, 10)),
            c.u * float(c.rng.uniform(0.3, 0.9)),
        )
        for _ in range(70)
    ]
    c.ellipse(x, y + s * 10, s * 52, s * 4.5, mix(tint, look.near, 0.55), 0.85, blur=s * 1.6)
    c.circles(foam, mix(look.light, (1, 1, 1), 0.4), 0.55, blur=c.u * 0.3)
    gulls(c, mix(look.near, look.top, 0.3), 5)


def _full_rigged(c: Canvas, x: float, y: float, s: float, look: Look) -> None:
    def at(px: float, py: float) -> Point:
        # A heel of three degrees to leeward.
        return (x + s * (px + py * -0.05), y + s * (py + px * 0.03))

    hull = mix(look.near, rgb("#3b2418"), 0.45)
    sail = mix(rgb("#f4e6c8"), look.light, 0.4) if not look.dark else rgb("#8b97b5")
    shade = mix(sail, look.far, 0.55)
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
        mix(rgb("#d8a657"), look.near, 0.4),
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
        c.polygon([at(*p) for p in jib], mix(sail, look.light, 0.2), 0.92)
    ropes = [
        [at(-24, -70), at(-44, -12)],
        [at(2, -84), at(-24, -8)],
        [at(2, -84), at(27, -66)],
        [at(27, -68), at(68, -22)],
    ]
    c.lines(ropes, hull, max(0.6, s * 0.3), 0.7)
    flag = [at(2, -84), at(-9, -87), at(-7, -82), at(2, -80)]
    c.polygon(flag, rgb("#b8392f"))


def island(c: Canvas, look: Look, _words: str) -> None:
    """A small island with palms above a lagoon."""
    horizon = c.h * 0.5
    paint_sky(c, look, horizon, clouds=0.7)
    shallow = mix(rgb("#4fd0c8"), look.horizon, 0.15) if not look.dark else rgb("#1f5a6e")
    deep = mix(mix(rgb("#12708c"), look.middle, 0.2), look.top, 0.25)
    c.gradient(
        [
            (0, mix(deep, look.horizon, 0.4)),
            (0.2, deep),
            (0.5, shallow),
            (1, mix(shallow, rgb("#f2e2b8"), 0.35)),
        ],
        top=horizon,
    )
    ripple = c.noise(c.u * 1.3, 3, 7.0)
    under = smooth(horizon, horizon + c.u * 5, c.ys + 0 * c.xs)
    c.light(smooth(0.56, 0.75, ripple) * under, mix(look.light, (1, 1, 1), 0.3), 0.4)
    glitter(c, look.sun[0] * c.w, horizon, c.h, look.light, 0.6, 0.07)
    x, y = c.w * 0.46, c.h * 0.66
    sand = mix(rgb("#f3dfae"), look.light, 0.2) if not look.dark else rgb("#7d86a0")
    c.ellipse(x, y + c.u * 1.4, c.u * 37, c.u * 3.6, mix(shallow, (1, 1, 1), 0.4), 0.5, blur=c.u * 0.7)
    c.ellipse(x, y, c.u * 33, c.u * 4.2, sand)
    c.ellipse(
        x - c.u * 3, y - c.u * 1.6, c.u * 25, c.u * 4.4, mix(sand, look.light, 0.35), 0.8, blur=c.u * 0.5
    )
    green = mix(rgb("#2f7d4f"), look.near, 0.25 if not look.dark else 0.6)
    bushes = [
        (
            x + c.u * float(c.rng.normal(-2, 8)),
            y - c.u * float(c.rng.uniform(2, 5)),
            c.u * float(c.rng.uniform(1.4, 3.2)),
        )
        for _ in range(34)
    ]
    c.circles(bushes, mix(green, look.near, 0.3))
    c.circles(
        [(a - c.u * 0.5, b - c.u * 0.7, r * 0.66) for a, b, r in bushes],
        mix(green, look.light, 0.3),
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
            mix(rgb("#6d4a2f"), look.near, 0.3),
            mix(green, look.light, 0.45),
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


def underwater(c: Canvas, look: Look, _words: str) -> None:
    """Rays of light falling past a whale and a shoal."""
    top = mix(rgb("#6fd3dc"), look.light, 0.25) if not look.dark else rgb("#2a7f95")
    middle, deep = rgb("#137099"), rgb("#04203f")
    c.gradient([(0, top), (0.35, middle), (1, deep)])
    sun_x = look.sun[0] * c.w
    c.glow(sun_x, -c.u * 4, c.u * 46, (0.9, 1, 0.95), 0.75, 1.4)
    for _ in range(14):
        x = sun_x + float(c.rng.normal(0, 0.16)) * c.w
        foot = x + (x - sun_x) * 1.3 + c.w * 0.05
        wide = c.u * float(c.rng.uniform(1, 5))
        c.polygon(
            [
                (x, -5),
                (x + wide, -5),
                (foot + wide * 3, c.h * float(c.rng.uniform(0.7, 1))),
                (foot, c.h * 0.9),
            ],
            (0.75, 1, 0.98),
            0.09,
            blur=c.u * 1.3,
            lit=True,
        )
    _whale(
        c,
        c.w * 0.5,
        c.h * 0.46,
        min(c.w * 0.0052, c.h * 0.0075),
        mix(deep, rgb("#24506f"), 0.55),
        mix(middle, top, 0.5),
    )
    fishes = []
    for _ in range(46):
        x, y = c.w * float(c.rng.normal(0.3, 0.12)), c.h * float(c.rng.normal(0.74, 0.05))
        s = c.u * float(c.rng.uniform(0.5, 1.1))
        fishes.append(
            [
                (x + s * 1.6, y),
                (x + s * 0.3, y - s * 0.55),
                (x - s * 1.0, y - s * 0.1),
                (x - s * 1.7, y - s * 0.55),
                (x - s * 1.5, y),
                (x - s * 1.7, y + s * 0.5),
                (x - s * 1.0, y + s * 0.12),
                (x + s * 0.3, y + s * 0.5),
            ]
        )
    c.polygons(fishes, mix(top, middle, 0.3), 0.75)
    bed = c.line(c.h * 0.94, c.h * 0.1, c.w * 0.3, 4)
    c.below(bed, mix(deep, middle, 0.3), deep, c.h * 0.1)
    weeds = []
    for x in c.rng.uniform(0, c.w, 60):
        tall = c.u * float(c.rng.uniform(4, 17))
        sway = float(c.rng.uniform(0, 6))
        weeds.append(
            [
                (float(x + np.sin(sway + t * 4) * c.u * 0.9 * t), float(c.h - tall * t + 4))
                for t in np.linspace(0, 1, 10)
            ]
        )
    c.lines(weeds, mix(deep, rgb("#0d5a52"), 0.4), c.u * 0.55)
    bubbles = [
        (c.w * float(c.rng.random()), c.h * float(c.rng.random()), c.u * float(c.rng.uniform(0.1, 0.5)))
        for _ in range(120)
    ]
    c.circles(bubbles, (0.85, 1, 1), 0.3, blur=0.5, lit=True)


def _whale(c: Canvas, x: float, y: float, s: float, dark: Colour, lit: Colour) -> None:
    back = [
        (60, 4),
        (56, -8),
        (40, -17),
        (18, -21),
        (-8, -19),
        (-32, -11),
        (-52, -3),
        (-66, -4),
        (-80, -15),
        (-90, -14),
        (-83, -4),
        (-90, 8),
        (-78, 5),
        (-64, 3),
    ]
    belly = [(-48, 7), (-20, 15), (10, 19), (36, 18), (54, 12)]
    c.polygon(curve([(x + s * a, y + s * b) for a, b in [*back, *belly]], 6), dark, blur=0.6)
    c.polygon(
        [
            (x + s * a, y + s * b)
            for a, b in [(60, 5), (50, 8), (20, 11), (-18, 9), (-20, 15), (10, 19), (36, 18), (54, 12)]
        ],
        mix(dark, lit, 0.6),
        0.8,
        blur=s * 0.8,
    )
    c.lines(
        [
            [(x + s * (56 - k * 2), y + s * (8 + k * 1.5)), (x + s * (16 - k * 5), y + s * (12 + k * 1.4))]
            for k in range(5)
        ],
        dark,
        s * 0.5,
        0.6,
    )
    c.polygon(
        [(x + s * a, y + s * b) for a, b in [(24, 13), (14, 32), (2, 40), (0, 34), (8, 14)]],
        mix(dark, (0, 0, 0), 0.2),
    )
    c.polygon([(x + s * a, y + s * b) for a, b in [(-24, -14), (-32, -22), (-36, -21), (-34, -10)]], dark)
    c.lines(
        [[(x + s * a, y + s * b) for a, b in [(54, -9), (40, -17), (18, -21), (-8, -19), (-32, -11)]]],
        lit,
        s * 1.6,
        0.45,
        blur=s * 0.7,
    )
    c.circles([(x + s * 43, y + s * 3, s * 1.1)], lit, 0.9)


WATER: dict[str, Any] = {
    "lake": lake,
    "sea": sea,
    "lighthouse": lighthouse,
    "ship": ship,
    "island": island,
    "underwater": underwater,
}
