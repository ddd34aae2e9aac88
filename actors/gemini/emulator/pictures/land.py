"""Mountains, hills, forest, field, desert, river: land under a sky."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Field, Point, mix, rgb, smooth
from actors.gemini.emulator.pictures.look import Look, paint_sky


def pine(x: float, base: float, height: float, rng: np.random.Generator, width: float = 0.42) -> list[Point]:
    """The outline of a conifer, its boughs hanging unevenly."""
    tiers = max(5, int(height / 9))
    left, right = [], []
    for n in range(tiers):
        t = (n + 1) / tiers
        y = base - height * (1 - t) - height * 0.02
        reach = height * width * 0.5 * t**0.85
        jag = rng.uniform(0.72, 1.08, 2)
        left += [(x - reach * jag[0], y), (x - reach * 0.45, y - height * 0.02)]
        right += [(x + reach * jag[1], y), (x + reach * 0.45, y - height * 0.02)]
    return [(x, base - height), *right, (x + height * 0.02, base), (x - height * 0.02, base), *left[::-1]]


def pines(c: Canvas, line: Field, count: int, height: float, colour: Colour, spread: float = 0.5) -> None:
    """A wood along a ridge."""
    shapes = []
    for x in np.sort(c.rng.uniform(-10, c.w + 10, count)):
        base = float(line[int(np.clip(x, 0, c.w - 1))]) + height * 0.12
        shapes.append(pine(float(x), base, height * float(c.rng.uniform(1 - spread, 1 + spread)), c.rng))
    c.polygons(shapes, colour)


def leafy(c: Canvas, x: float, base: float, height: float, colour: Colour, lit: Colour, sun_x: float) -> None:
    """A broad-leaved tree: trunk, boughs and a crown of clumps, lighter on the side of the sun."""
    trunk = height * 0.055
    c.polygon(
        [
            (x - trunk, base),
            (x - trunk * 0.45, base - height * 0.5),
            (x + trunk * 0.45, base - height * 0.5),
            (x + trunk, base),
        ],
        mix(colour, (0, 0, 0), 0.3),
    )
    side = 1 if sun_x > x else -1
    clumps = []
    for _ in range(90):
        angle, far = c.rng.uniform(0, 2 * np.pi), np.sqrt(c.rng.uniform(0, 1))
        cx = x + np.cos(angle) * far * height * 0.36
        cy = base - height * 0.68 + np.sin(angle) * far * height * 0.28
        clumps.append((float(cx), float(cy), float(height * c.rng.uniform(0.035, 0.085))))
    c.circles(clumps, colour)
    # Each clump is lit on its sunward shoulder, the more the nearer it is to the sun.
    for share, opacity in ((0.35, 0.3), (0.6, 0.4)):
        shoulders = [
            (cx + side * r * share * 0.6, cy - r * share, r * (1.05 - share * 0.75))
            for cx, cy, r in clumps
            if (cx - x) * side - (cy - base + height * 0.68) * 0.8 > height * (share * 0.5 - 0.3)
        ]
        c.circles(shoulders, lit, opacity, blur=height * 0.006)


def mountains(c: Canvas, look: Look, _words: str) -> None:
    """Ridge behind ridge, each paler; snow on the highest, woods on the nearest."""
    horizon = c.h * 0.74
    paint_sky(c, look, horizon)
    sun_x = look.sun[0] * c.w
    snow = mix(look.light, (1, 1, 1), 0.4) if not look.dark else rgb("#8fa6cf")
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
        tone = look.land(0.1 + 0.84 * t)
        c.below(line, tone, mix(tone, look.horizon, 0.6 * (1 - t)), c.h * 0.34)
        if sharp:
            _facets(c, line, snow, look, sun_x, t)
        c.haze(c.h * (0.7 + 0.14 * t), c.h * 0.07, mix(look.horizon, look.light, 0.3), 0.62 * (1 - t))
        if t > 0.4:
            tall = c.u * (3.0 + 7.5 * (t - 0.4) / 0.6)
            pines(c, line, int(c.w / (7 + 12 * t)), tall, look.land(0.35 + 0.65 * t))
    c.glow(sun_x, horizon * 0.8, c.u * 34, look.light, 0.16)


def _facets(c: Canvas, line: Field, snow: Colour, look: Look, sun_x: float, t: float) -> None:
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
        mix(look.near, look.top, 0.5),
        0.5 * (1 - 0.6 * t),
    )
    snow_line = c.h * (0.5 + 0.05 * t) + (spurs - 0.5) * c.h * 0.22
    cap = inside * smooth(0.0, -c.h * 0.045, (c.ys - snow_line).astype(np.float32))
    c.blend((cap * (0.55 + 0.45 * smooth(-0.2, 0.25, side))).astype(np.float32), snow, 0.92 - 0.3 * t)
    c.light(
        (inside * depth * smooth(0.05, 0.4, side)).astype(np.float32),
        mix(look.light, look.horizon, 0.3),
        0.45 * (1 - t),
    )


def hills(c: Canvas, look: Look, _words: str) -> None:
    """Rolling country with a lone tree against the light."""
    horizon = c.h * 0.66
    paint_sky(c, look, horizon)
    sun_x = look.sun[0] * c.w
    green = mix(rgb("#7fa650"), look.horizon, 0.25) if look.hour in {"day", "dawn"} else look.land(0.6)
    lines = []
    for n in range(5):
        t = n / 4
        line = c.line(c.h * (0.66 + 0.3 * t), c.h * (0.24 + 0.06 * t), c.w * (0.42 + 0.22 * t), 2, gain=0.3)
        tone = mix(look.land(0.1 + 0.75 * t), green, 0.5 * (1 - abs(t - 0.5)))
        c.below(line, mix(tone, look.light, 0.25 * (1 - t) + 0.08), mix(tone, look.near, 0.45), c.h * 0.26)
        rim = np.exp(-(((c.ys - line[None, :]) / (c.u * 0.9)) ** 2)) * np.exp(
            -(((c.xs - sun_x) / (c.w * 0.3)) ** 2)
        )
        c.light(rim.astype(np.float32), look.light, 0.5 * (1 - 0.6 * t))
        c.haze(c.h * (0.66 + 0.25 * t), c.h * 0.045, look.horizon, 0.42 * (1 - t))
        lines.append(line)
    x = c.w * (0.66 if sun_x < c.w / 2 else 0.34)
    base = float(lines[3][int(x)]) + c.u * 1.2
    leafy(c, x, base, c.h * 0.3, mix(look.near, green, 0.22), mix(look.light, green, 0.4), sun_x)
    c.ellipse(x - (sun_x - x) * 0.16, base + c.u * 0.8, c.u * 13, c.u * 1.1, look.near, 0.4, blur=c.u * 0.8)
    _grass(c, c.h * 0.95, mix(look.near, green, 0.3), mix(look.light, green, 0.5))


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


def forest(c: Canvas, look: Look, _words: str) -> None:
    """A path between tall trunks, light falling in shafts."""
    glow = mix(look.light, rgb("#f7e9a8"), 0.4) if not look.dark else rgb("#a9c8ff")
    leaf = rgb("#5f8f4a") if not look.dark else rgb("#274a5c")
    deep = mix(rgb("#12291f"), look.near, 0.45)
    pale = mix(mix(leaf, glow, 0.62), look.horizon, 0.3)
    focus = c.w * float(c.rng.uniform(0.42, 0.58))
    eye = c.h * 0.56
    c.gradient(
        [(0, mix(leaf, deep, 0.35)), (0.45, pale), (0.62, mix(pale, glow, 0.4)), (1, mix(deep, leaf, 0.25))]
    )
    c.glow(focus, eye - c.h * 0.06, c.u * 40, glow, 0.85, 0.9)
    leaves = c.noise(c.u * 7, 5, 1.1, 0.7)
    canopy = smooth(0.42, 0.86, (leaves + 0.55 * np.clip(1 - c.ys / (c.h * 0.5), -1, 1)).astype(np.float32))
    c.blend(
        canopy * smooth(0.0, 0.5, np.abs((c.xs - focus) / c.w * 2 + 0 * c.ys).astype(np.float32) + 0.25),
        mix(leaf, deep, 0.4),
        0.55,
    )
    for n in range(6):
        t = n / 5
        ground = eye + (c.h - eye) * (0.06 + 0.8 * t**1.6)
        _trunks(c, focus, ground, t, mix(mix(pale, deep, 0.3 + 0.7 * t), look.horizon, 0.25 * (1 - t)))
        if t < 0.9:
            line = c.line(ground + c.u, c.u * (2 + 5 * t), c.w * 0.2, 4)
            c.below(
                line,
                mix(mix(leaf, pale, 0.6 * (1 - t)), deep, 0.2 + 0.5 * t),
                mix(leaf, deep, 0.35 + 0.5 * t),
                c.h * 0.2,
            )
        c.haze(ground - c.u * 2, c.h * 0.07, mix(pale, glow, 0.4), 0.34 * (1 - t))
    _path(c, focus, eye + (c.h - eye) * 0.1, mix(pale, rgb("#d9b98a"), 0.55), deep)
    _shafts(c, focus, glow)
    _ferns(c, deep, mix(leaf, glow, 0.35))


def _trunks(c: Canvas, focus: float, ground: float, t: float, colour: Colour) -> None:
    shapes, shade = [], []
    count = int(16 - 9 * t)
    gap = c.w * (0.07 + 0.13 * t)
    for _ in range(count):
        side = 1 if c.rng.random() < 0.5 else -1
        x = focus + side * (gap + float(c.rng.uniform(0, 1)) ** 0.8 * c.w * 0.62)
        if not -c.w * 0.1 < x < c.w * 1.1:
            continue
        wide = c.u * (0.55 + 3.6 * t**1.7) * float(c.rng.uniform(0.7, 1.35))
        lean = float(c.rng.normal(0, 0.6)) * wide
        base = ground + c.u * float(c.rng.uniform(0, 3)) * (0.5 + t)
        shapes.append(
            [
                (x - wide * 1.5, base),
                (x - wide * 0.8, base - wide * 2.6),
                (x + lean - wide * 0.5, -5),
                (x + lean + wide * 0.5, -5),
                (x + wide * 0.8, base - wide * 2.6),
                (x + wide * 1.5, base),
            ]
        )
        inner = -side
        shade.append(
            [
                (x + inner * wide * 0.75, base - wide),
                (x + lean + inner * wide * 0.46, -5),
                (x + lean + inner * wide * 0.2, -5),
                (x + inner * wide * 0.35, base - wide),
            ]
        )
        if t > 0.35:
            for _ in range(3):
                y = float(c.rng.uniform(0.02, 0.45)) * base
                reach = side * float(c.rng.uniform(0.6, 1.2)) * wide * -3.2
                shapes.append(
                    [
                        (x, y),
                        (x + reach, y - wide * 1.6),
                        (x + reach * 0.98, y - wide * 1.4),
                        (x, y + wide * 0.5),
                    ]
                )
    c.polygons(shapes, colour)
    c.polygons(shade, mix(colour, (1, 0.95, 0.8), 0.4), 0.35, blur=c.u * 0.15)


def _path(c: Canvas, focus: float, start: float, colour: Colour, deep: Colour) -> None:
    left, right = [], []
    for n in range(31):
        t = n / 30
        y = start + (c.h - start + 4) * t
        x = focus + np.sin(t * 3.4 + 0.5) * c.w * 0.045 * t - np.sin(0.5) * 0
        wide = c.u * (0.7 + 24 * t**1.7)
        left.append((float(x - wide), float(y)))
        right.append((float(x + wide), float(y)))
    c.polygon([*left, *right[::-1]], colour, 0.75, blur=c.u * 0.9)
    grain = c.noise(c.u * 3, 3, 3.5)
    below = smooth(start, c.h, c.ys + 0 * c.xs)
    c.blend(smooth(0.5, 0.8, grain) * below, deep, 0.3)


def _shafts(c: Canvas, focus: float, glow: Colour) -> None:
    rays = []
    for _ in range(8):
        x = focus + float(c.rng.normal(0.12, 0.2)) * c.w
        wide = c.u * float(c.rng.uniform(1.2, 4.5))
        foot = x - c.w * 0.24
        rays.append([(x, -5), (x + wide, -5), (foot + wide * 2.4, c.h * 0.86), (foot, c.h * 0.86)])
    for ray in rays:
        c.polygon(ray, glow, 0.13, blur=c.u * 1.1, lit=True)
    motes = [
        (
            float(c.rng.uniform(0.1, 0.9)) * c.w,
            float(c.rng.uniform(0.2, 0.85)) * c.h,
            c.u * float(c.rng.uniform(0.08, 0.3)),
        )
        for _ in range(70)
    ]
    c.circles(motes, glow, 0.55, blur=c.u * 0.12, lit=True)


def _ferns(c: Canvas, deep: Colour, lit: Colour) -> None:
    for colour, opacity, shift in ((deep, 0.95, 0.0), (lit, 0.4, 0.4)):
        shapes = []
        for side in (-1, 1):
            for _ in range(26):
                x = c.w * (0.5 + side * (0.2 + 0.34 * float(c.rng.random())))
                base = c.h + c.u * 2
                tall = c.u * float(c.rng.uniform(5, 14)) * (1.1 - shift)
                lean = float(c.rng.normal(0, 0.7)) * tall
                shapes.append(
                    [
                        (x - c.u * 0.5, base),
                        (x + lean * 0.35, base - tall * 0.62),
                        (x + lean, base - tall),
                        (x + lean * 0.5 + c.u * 0.8, base - tall * 0.5),
                        (x + c.u * 0.5, base),
                    ]
                )
        c.polygons(shapes, colour, opacity)


def desert(c: Canvas, look: Look, _words: str) -> None:
    """Dunes with sharp crests: one side in the light, the other in shadow."""
    horizon = c.h * 0.55
    paint_sky(c, look, horizon, clouds=0.25)
    sand = mix(rgb("#e7b06a"), look.horizon, 0.3) if not look.dark else rgb("#3d4e74")
    dark = mix(mix(rgb("#8a4b2d"), look.near, 0.45), look.top, 0.15)
    sun_x = look.sun[0] * c.w
    side = 1 if sun_x > c.w / 2 else -1
    for n in range(4):
        t = n / 3
        line = c.line(c.h * (0.6 + 0.24 * t), c.h * (0.07 + 0.1 * t), c.w * (0.45 + 0.25 * t), 2, gain=0.3)
        c.below(line, mix(sand, look.horizon, 0.55 * (1 - t)), mix(sand, dark, 0.3 + 0.3 * t), c.h * 0.34)
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
        c.blend(smooth(0.52, 0.62, ripples) * under, mix(sand, look.light, 0.5), 0.05 + 0.03 * t)
        c.haze(c.h * (0.62 + 0.2 * t), c.h * 0.04, look.horizon, 0.4 * (1 - t))
    _caravan(c, look, c.w * (0.4 if side > 0 else 0.6), c.h * 0.64)


def _caravan(c: Canvas, look: Look, x: float, y: float) -> None:
    dark = mix(look.near, (0, 0, 0), 0.2)
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


def field(c: Canvas, look: Look, _words: str) -> None:
    """Wheat to the horizon, with a track through it and a far farmhouse."""
    horizon = c.h * 0.52
    paint_sky(c, look, horizon, clouds=0.7)
    gold = mix(rgb("#e3b23c"), look.horizon, 0.2) if not look.dark else rgb("#4c5a72")
    shade = mix(rgb("#7c5a1e"), look.near, 0.4)
    far = c.line(horizon, c.h * 0.035, c.w * 0.3, 4)
    c.below(far, look.land(0.3), look.land(0.45), c.h * 0.05)
    pines(c, far, int(c.w / 15), c.u * 2.1, look.land(0.5))
    start = horizon + c.u * 1.5
    under = np.clip((c.ys - start) / (c.h - start), 0, 1)
    c.below(np.full(c.w, start, np.float32), mix(gold, look.light, 0.4), mix(gold, shade, 0.5), c.h - start)
    waves = c.noise(c.u * 30, 5, 3.4, 0.6)
    c.blend(smooth(0.48, 0.7, waves) * smooth(0, 0.3, under + 0 * c.xs), mix(gold, look.light, 0.6), 0.5)
    c.blend(smooth(0.5, 0.3, waves) * smooth(0, 0.3, under + 0 * c.xs), mix(gold, shade, 0.75), 0.45)
    c.glow(look.sun[0] * c.w, start, c.u * 38, look.light, 0.35, 1.8)
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
    house(c, c.w * 0.7, start + c.u * 0.8, c.u * 5.2, look, lit=look.hour in {"dusk", "night"})
    for band in range(9):
        t = band / 8
        y = start + (c.h - start) * (0.1 + 0.98 * t**1.4)
        _ears(c, y, c.u * (1.4 + 12 * t**1.2), mix(gold, shade, 0.55 * t), mix(gold, look.light, 0.55), focus)


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


def house(
    c: Canvas,
    x: float,
    base: float,
    size: float,
    look: Look,
    *,
    lit: bool,
    wall: Colour | None = None,
    snow: bool = False,
) -> None:
    """A small house: gabled roof, chimney, window and door; ``size`` is its width."""
    wall = wall or mix(rgb("#e8dcc8"), look.land(0.6), 0.35 if not look.dark else 0.75)
    roof = mix(rgb("#8c4a3a"), look.near, 0.35 if not look.dark else 0.7)
    tall = size * 0.52
    c.rects(
        [(x + size * 0.18, base - tall * 2.05, x + size * 0.3, base - tall * 1.1)], mix(roof, look.near, 0.3)
    )
    c.rects([(x - size / 2, base - tall, x + size / 2, base)], wall)
    c.rects([(x, base - tall, x + size / 2, base)], look.near, 0.22)
    shape = [
        (x - size * 0.6, base - tall * 0.95),
        (x - size * 0.36, base - tall * 1.75),
        (x + size * 0.36, base - tall * 1.75),
        (x + size * 0.6, base - tall * 0.95),
    ]
    c.polygon(
        shape, mix((0.93, 0.95, 1.0), look.land(0.4), 0.25 if not look.dark else 0.45) if snow else roof
    )
    panes = [
        (x - size * 0.34, base - tall * 0.68, x - size * 0.16, base - tall * 0.32),
        (x + size * 0.16, base - tall * 0.68, x + size * 0.34, base - tall * 0.32),
    ]
    c.rects(panes, rgb("#ffcf73") if lit else mix(look.top, look.near, 0.3))
    c.rects([(x - size * 0.07, base - tall * 0.6, x + size * 0.07, base)], mix(roof, (0, 0, 0), 0.35))
    if lit:
        for a, b, d, e in panes:
            c.glow((a + d) / 2, (b + e) / 2, size * 0.3, rgb("#ffb347"), 0.5)


def river(c: Canvas, look: Look, _words: str) -> None:
    """A river winding from the mountains through a valley to the viewer."""
    horizon = c.h * 0.5
    paint_sky(c, look, horizon)
    for n in range(3):
        line = c.line(horizon + c.h * 0.02 * n, c.h * (0.2 - 0.06 * n), c.w * 0.3, 6, sharp=True)
        c.below(
            line, look.land(0.1 + 0.16 * n), mix(look.land(0.2 + 0.15 * n), look.horizon, 0.45), c.h * 0.2
        )
        c.haze(horizon, c.h * 0.05, look.horizon, 0.5)
    green = mix(rgb("#6f9a4d"), look.horizon, 0.25) if not look.dark else look.land(0.6)
    plain = horizon + c.u * 3
    c.below(
        np.full(c.w, plain, np.float32),
        mix(green, look.horizon, 0.45),
        mix(green, look.near, 0.75),
        c.h - plain,
    )
    patches = c.noise(c.u * 16, 4, 4.0)
    under = smooth(0, 0.2, (c.ys - plain) / (c.h - plain) + 0 * c.xs)
    c.blend(smooth(0.5, 0.75, patches) * under, mix(green, look.light, 0.4), 0.3)
    left: list[Point] = []
    right: list[Point] = []
    for n in range(80):
        t = n / 79
        y = plain + (c.h - plain + 8) * t**1.9
        middle = c.w * (0.5 + 0.21 * np.sin(2.2 + 7.5 * t**0.55) * (0.15 + 0.85 * t))
        wide = c.u * (0.5 + 17 * t**1.8)
        left.append((middle - wide, y))
        right.append((middle + wide, y))
    bank = mix(green, look.near, 0.6)
    c.polygon(
        [*((x - c.u * 0.7, y) for x, y in left), *((x + c.u * 0.7, y) for x, y in right[::-1])],
        bank,
        0.7,
        blur=c.u * 0.3,
    )
    water = mix(mix(rgb("#3f86b5"), look.middle, 0.4), look.top, 0.2)
    c.polygon([*left, *right[::-1]], water)
    sheen = c.noise(c.u * 3, 3, 7.0)
    found = c.outline([*left, *right[::-1]])
    if found:
        mask, at = found
        c.light(
            mask * smooth(0.5, 0.7, sheen[at[1] : at[1] + mask.shape[0], at[0] : at[0] + mask.shape[1]]),
            look.light,
            0.55,
            at,
        )
        c.blend(
            mask * smooth(0.35, 0.1, sheen[at[1] : at[1] + mask.shape[0], at[0] : at[0] + mask.shape[1]]),
            look.top,
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
        c.polygons(shapes, mix(mix(green, look.near, 0.45 + 0.5 * t), look.horizon, 0.25 * (1 - t)))


LAND: dict[str, Any] = {
    "mountains": mountains,
    "hills": hills,
    "forest": forest,
    "desert": desert,
    "field": field,
    "river": river,
}
