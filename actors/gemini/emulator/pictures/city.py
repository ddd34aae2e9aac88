"""Skyline, towers, street, bridge, market: what people built."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Point, mix, rgb, smooth
from actors.gemini.emulator.pictures.look import Look, paint_sky

NEON = ("#ff2e88", "#22d3ee", "#a855f7", "#facc15", "#34d399", "#fb7185")
Box = tuple[float, float, float, float]


def block(c: Canvas, x: float, base: float, wide: float, tall: float) -> list[list[Point]]:
    """The outline of a high-rise, with one of several tops."""
    top = base - tall
    shapes: list[list[Point]] = [[(x, base), (x, top), (x + wide, top), (x + wide, base)]]
    kind = int(c.rng.integers(5))
    if kind == 0:
        shapes.append(
            [
                (x + wide * 0.2, top),
                (x + wide * 0.2, top - wide * 0.35),
                (x + wide * 0.8, top - wide * 0.35),
                (x + wide * 0.8, top),
            ]
        )
    elif kind == 1:
        shapes.append([(x, top), (x + wide, top - wide * 0.5), (x + wide, top)])
    elif kind == 2:
        shapes.append([(x + wide * 0.25, top), (x + wide / 2, top - wide * 0.9), (x + wide * 0.75, top)])
    if kind in {0, 2, 3}:
        mast = x + wide / 2
        shapes.append(
            [
                (mast - 1, top - wide * 0.3),
                (mast - 0.4, top - wide * 1.5),
                (mast + 0.4, top - wide * 1.5),
                (mast + 1, top - wide * 0.3),
            ]
        )
    return shapes


def windows(
    c: Canvas, x: float, base: float, wide: float, tall: float, pane: float, share: float
) -> list[Box]:
    """Lit windows of one building."""
    boxes = []
    columns, rows = max(1, int(wide / (pane * 1.7))), max(1, int(tall / (pane * 2.1)))
    step_x, step_y = wide / (columns + 0.5), tall / (rows + 0.7)
    lit = c.rng.random((rows, columns)) < share
    for row, column in np.argwhere(lit):
        left, upper = x + step_x * (column + 0.45), base - tall + step_y * (row + 0.6)
        boxes.append((left, upper, left + pane * 0.85, upper + pane * 1.05))
    return boxes


def skyline(c: Canvas, look: Look, _words: str) -> None:
    """A great city by night across the water, neon mirrored in it."""
    look = look._replace(sun=(look.sun[0], 0.2)) if look.dark else look
    shore = c.h * 0.7
    paint_sky(c, look, shore, clouds=0.7, orb=not look.dark, stars=0.5)
    glow = rgb("#ff5fa2") if look.dark else look.light
    c.glow(c.w * 0.5, shore, c.u * 60, mix(glow, rgb("#5b7cff"), 0.35), 0.55, 1.9)
    for layer in range(4):
        t = layer / 3
        tone = mix(mix(look.middle, look.horizon, 0.25), mix(look.near, rgb("#0a0f24"), 0.5), 0.3 + 0.68 * t)
        shapes, lights, x = [], [], -c.u * 4
        while x < c.w:
            wide = c.u * float(c.rng.uniform(3.6, 7.4)) * (0.75 + 0.6 * t)
            middle = np.exp(-(((x + wide / 2 - c.w * 0.52) / (c.w * 0.27)) ** 2))
            tall = c.h * float(c.rng.uniform(0.13, 0.28)) * (0.75 + 1.2 * float(middle)) * (1.15 - 0.5 * t)
            shapes += block(c, x, shore, wide, tall)
            lights += windows(c, x, shore, wide, tall, c.u * (0.36 + 0.3 * t), 0.3 - 0.06 * t)
            if layer >= 2 and c.rng.random() < 0.5:
                _sign(c, x, shore, wide, tall)
            x += wide * float(c.rng.uniform(0.92, 1.25))
        c.polygons(shapes, tone)
        split = len(lights) // 3
        order = c.rng.permutation(len(lights))
        groups = (order[:split], order[split : 2 * split], order[2 * split :])
        for group, hue in zip(groups, ("#ffd9a0", "#fff1d0", "#a9d6ff"), strict=True):
            c.rects([lights[n] for n in group], rgb(hue), 0.4 + 0.5 * t, lit=True)
        if layer >= 1:
            _signs(c, shore, t)
        c.haze(shore, c.h * 0.08, mix(glow, look.middle, 0.55), 0.3 * (1 - t))
    c.reflect(shore, c.u * 2.6, mix(look.near, rgb("#060a1c"), 0.4), 0.4)
    c.haze(shore + 1, c.u * 0.8, mix(glow, look.horizon, 0.4), 0.35)


def _sign(c: Canvas, x: float, shore: float, wide: float, tall: float) -> None:
    hue = rgb(NEON[int(c.rng.integers(len(NEON)))])
    side = x + wide * float(c.rng.uniform(0.1, 0.8))
    c.glow(side, shore - tall * 0.6, c.u * 5, hue, 0.4, 0.7)


def _signs(c: Canvas, shore: float, t: float) -> None:
    for _ in range(int(5 + 7 * t)):
        hue = rgb(NEON[int(c.rng.integers(len(NEON)))])
        x = float(c.rng.uniform(0.04, 0.96)) * c.w
        near = float(np.exp(-(((x - c.w * 0.52) / (c.w * 0.3)) ** 2)))
        y = shore - c.h * float(c.rng.uniform(0.03, 0.1 + 0.22 * near))
        wide, tall = c.u * float(c.rng.uniform(0.5, 0.95)), c.u * float(c.rng.uniform(3.5, 9))
        if c.rng.random() < 0.35:
            wide, tall = c.u * float(c.rng.uniform(3, 6)), c.u * float(c.rng.uniform(0.7, 1.1))
        c.glow(x, y, c.u * 4.2, hue, 0.5)
        c.rects([(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)], hue, 0.9, blur=c.u * 0.12)
        c.rects(
            [(x - wide / 5, y - tall / 2.4, x + wide / 5, y + tall / 2.4)],
            mix(hue, (1, 1, 1), 0.75),
            0.9,
            blur=c.u * 0.1,
        )


def towers(c: Canvas, look: Look, _words: str) -> None:
    """Glass towers seen from below, sky and sun in their panes."""
    paint_sky(c, look, c.h, clouds=0.75)
    vanish = (c.w * float(c.rng.uniform(0.46, 0.54)), -c.h * 0.55)
    plan = (
        (-0.16, 0.2, 0.34, 0.75),
        (0.8, 1.18, 0.28, 0.8),
        (0.2, 0.36, 0.12, 0.5),
        (0.64, 0.79, 0.02, 0.55),
        (0.37, 0.47, 0.42, 0.35),
        (0.52, 0.63, 0.34, 0.3),
    )
    for left, right, top, near in sorted(plan, key=lambda each: each[3]):
        _glass_tower(c, look, vanish, (left * c.w, right * c.w), c.h * (top - 0.06), near)
    c.haze(c.h * 0.98, c.h * 0.2, mix(look.horizon, look.light, 0.4), 0.5)
    c.glow(look.sun[0] * c.w, look.sun[1] * c.h, c.u * 26, look.light, 0.35)


def _glass_tower(
    c: Canvas, look: Look, vanish: Point, foot: tuple[float, float], top: float, near: float
) -> None:
    base = c.h * 1.04

    def lean(x: float, y: float) -> Point:
        t = (base - y) / (base - vanish[1])
        return (x + (vanish[0] - x) * t, y)

    a, b = foot
    middle = (a + b) / 2
    edge = a + (b - a) * (0.72 if middle < c.w / 2 else 0.28)
    faces = ((a, edge), (edge, b))
    bright = 0 if (look.sun[0] * c.w < middle) else 1
    for n, (x0, x1) in enumerate(faces):
        outline = [lean(x0, base), lean(x0, top), lean(x1, top), lean(x1, base)]
        dark = mix(mix(look.top, look.near, 0.3 + 0.3 * near), look.middle, 0.25)
        c.polygon(outline, mix(dark, look.horizon, 0.35 * (1 - near)))
        found = c.outline(outline)
        if not found:
            continue
        mask, (mx, my) = found
        h, w = mask.shape
        sky = c.noise(c.u * 24, 4, 1.4)[my : my + h, mx : mx + w]
        fade = smooth(base, top, c.ys[my : my + h] + 0 * sky)
        lit = mix(look.middle, look.light, 0.55 if n == bright else 0.1)
        c.blend(
            mask * (0.2 + 0.5 * fade) * smooth(0.3, 0.75, sky), lit, 0.8 if n == bright else 0.45, (mx, my)
        )
        columns, rows = 9 if n else 6, int(46 - 18 * near)
        grid = [
            [lean(x0 + (x1 - x0) * k / columns, base), lean(x0 + (x1 - x0) * k / columns, top)]
            for k in range(columns + 1)
        ]
        floors = [
            [lean(x0, y), lean(x1, y)] for y in (top + (base - top) * (k / rows) ** 1.25 for k in range(rows))
        ]
        c.lines([*grid, *floors], mix(dark, look.near, 0.5), c.u * (0.12 + 0.12 * near), 0.55)
        panes = []
        for _ in range(int(18 + 20 * near)):
            k, r = int(c.rng.integers(columns)), int(c.rng.integers(rows - 1))
            y0, y1 = (top + (base - top) * ((r + d) / rows) ** 1.25 for d in (0.1, 0.92))
            u0, u1 = x0 + (x1 - x0) * (k + 0.08) / columns, x0 + (x1 - x0) * (k + 0.92) / columns
            panes.append([lean(u0, y0), lean(u1, y0), lean(u1, y1), lean(u0, y1)])
        c.polygons(panes, mix(look.light, rgb("#ffe2a6"), 0.4), 0.5, lit=True)
    c.lines([[lean(edge, base), lean(edge, top)]], mix(look.light, (1, 1, 1), 0.3), c.u * 0.25, 0.5)


def street(c: Canvas, look: Look, _words: str) -> None:
    """A street in the rain by night: windows, lamps, someone under an umbrella, all mirrored in the wet."""
    look = look._replace(weather="rain")
    night = mix(rgb("#0b1226"), look.top, 0.4)
    horizon = c.h * 0.56
    focus = c.w * 0.5
    c.gradient(
        [(0, night), (0.6, mix(night, rgb("#3d4a78"), 0.55)), (1, mix(rgb("#e08a5a"), night, 0.35))],
        bottom=horizon + 1,
    )
    c.px[int(horizon) :] = np.asarray(mix(night, (0, 0, 0), 0.2), np.float32)
    c.glow(focus, horizon - c.u * 6, c.u * 26, rgb("#ffb27a"), 0.6)
    for side in (-1, 1):
        for n in range(6):
            t = (n + 1) / 6
            near, far = focus + side * c.w * 0.6 * t**1.5, focus + side * c.w * 0.6 * (n / 6) ** 1.5
            gap = c.u * 3.5
            near, far = near + side * gap, far + side * gap
            roof_n, roof_f = (
                horizon - c.h * 0.62 * t**1.25 - c.h * 0.05,
                horizon - c.h * 0.62 * max(0.03, n / 6) ** 1.25 - c.h * 0.05,
            )
            foot_n, foot_f = horizon + c.h * 0.1 * t**1.5, horizon + c.h * 0.1 * (n / 6) ** 1.5
            tone = mix(mix(rgb("#46507c"), rgb("#e08a5a"), 0.25), night, 0.25 + 0.65 * t)
            c.polygon(
                [(near, roof_n), (far, roof_n * 0.25 + roof_f * 0.75), (far, foot_f), (near, foot_n)], tone
            )
            _fronts(c, near, far, roof_n, roof_f, foot_n, foot_f)
    road = [
        (focus - c.u * 3.5, horizon),
        (focus + c.u * 3.5, horizon),
        (c.w * 1.1, c.h * 0.74),
        (c.w * 1.1, c.h * 1.05),
        (-c.w * 0.1, c.h * 1.05),
        (-c.w * 0.1, c.h * 0.74),
    ]
    c.polygon(road, mix(night, (0, 0, 0), 0.2))
    for side in (-1, 1):
        for n in range(5):
            t = ((n + 1) / 5) ** 1.6
            _lamp(
                c,
                focus + side * (c.u * 5 + c.w * 0.32 * t),
                horizon + c.h * 0.09 * t,
                c.u * (4 + 38 * t),
                side,
            )
    floor = horizon + c.h * 0.035
    c.reflect(floor, c.u * 2.2, mix(night, (0, 0, 0), 0.25), 0.42)
    wet = smooth(0.42, 0.66, c.noise(c.u * 14, 4, 3.0))
    c.blend(wet * smooth(floor, floor + c.u * 14, c.ys + 0 * c.xs), mix(night, (0, 0, 0), 0.3), 0.55)
    walker(c, c.w * 0.44, c.h * 0.84, c.u * 24, mix(night, (0, 0, 0), 0.5), rgb("#d94f4f"))
    _rain(c)


def _fronts(
    c: Canvas, near: float, far: float, roof_n: float, roof_f: float, foot_n: float, foot_f: float
) -> None:
    """Lit windows on a wall that runs away from the viewer."""
    hues = ("#ffcf87", "#ffe3ad", "#8fd3ff", "#ff7aa8")

    def at(u: float, v: float) -> Point:
        x = near + (far - near) * u
        upper, lower = roof_n + (roof_f - roof_n) * u, foot_n + (foot_f - foot_n) * u
        return (x, upper + (lower - upper) * v)

    by_hue: dict[str, list[list[Point]]] = {}
    for row in range(7):
        for column in range(3):
            if c.rng.random() < (0.85 if row == 6 else 0.42):
                u, v = 0.1 + column * 0.3, 0.06 + row * 0.13
                deep = 0.12 if row == 6 else 0.075
                hue = hues[int(c.rng.integers(4 if row == 6 else 2))]
                by_hue.setdefault(hue, []).append(
                    [at(u, v), at(u + 0.2, v), at(u + 0.2, v + deep), at(u, v + deep)]
                )
    for hue, shapes in by_hue.items():
        c.polygons(shapes, rgb(hue), 0.75)


def _lamp(c: Canvas, x: float, base: float, tall: float, side: int) -> None:
    dark = rgb("#0a0e1a")
    c.lines(
        [[(x, base), (x, base - tall), (x - side * tall * 0.14, base - tall * 1.04)]],
        dark,
        max(1.0, tall * 0.022),
    )
    lx, ly = x - side * tall * 0.16, base - tall * 1.02
    c.circles([(lx, ly, tall * 0.035)], rgb("#fff0cf"))
    c.glow(lx, ly, tall * 0.13, rgb("#ffd08a"), 0.9)
    c.glow(lx, ly, tall * 0.42, rgb("#ffb463"), 0.28)


def walker(c: Canvas, x: float, base: float, tall: float, dark: Colour, bright: Colour) -> None:
    """Someone walking away under an umbrella."""
    s = tall / 100

    def at(points: list[Point]) -> list[Point]:
        return [(x + s * a, base - s * b) for a, b in points]

    c.ellipse(x, base + s * 2, s * 16, s * 2.6, (0, 0, 0), 0.4, blur=s * 2)
    c.polygons([at([(-9, 0), (-4, 34), (2, 34), (-3, 0)]), at([(4, 2), (2, 34), (9, 34), (10, 2)])], dark)
    c.polygon(at([(-14, 28), (-11, 62), (-5, 70), (7, 70), (12, 62), (15, 28)]), dark)
    c.circles([(x + s, base - s * 77, s * 7)], dark)
    c.lines([at([(12, 56), (15, 100)])], dark, s * 1.8)
    dome = [(15 + 34 * np.cos(a), 84 + 27 * np.sin(a)) for a in np.linspace(0, np.pi, 24)]
    scallops = [
        (15 - 34 + 68 * k / 16, 84 + (3.2 if k % 4 else 0) * abs(np.sin(k * np.pi / 4))) for k in range(17)
    ]
    c.polygon(at([*dome, *scallops]), bright)
    c.polygon(
        at(
            [(15 + 34 * np.cos(a), 84 + 27 * np.sin(a)) for a in np.linspace(0, np.pi * 0.4, 10)]
            + [(20, 86), (15, 111)]
        ),
        (0, 0, 0),
        0.25,
        blur=s * 1.5,
    )
    c.polygon(
        at([(15 + 30 * np.cos(a), 86 + 23 * np.sin(a)) for a in np.linspace(np.pi * 0.55, np.pi * 0.9, 10)]),
        (1, 1, 1),
        0.25,
        blur=s,
    )


def _rain(c: Canvas) -> None:
    drops = []
    for _ in range(int(c.w * c.h / 3000)):
        px, py = float(c.rng.uniform(-20, c.w)), float(c.rng.uniform(-20, c.h))
        length = float(c.rng.uniform(1.6, 5)) * c.u
        drops.append([(px, py), (px - length * 0.14, py + length)])
    c.lines(drops, (0.82, 0.88, 0.98), 0.8, 0.22, lit=True)


def bridge(c: Canvas, look: Look, _words: str) -> None:
    """A suspension bridge running into the mist."""
    horizon = c.h * 0.62
    paint_sky(c, look, horizon, clouds=0.6)
    for n in range(2):
        line = c.line(horizon, c.h * (0.17 - 0.05 * n), c.w * 0.34, 5)
        c.below(line, look.land(0.16 + 0.16 * n), mix(look.land(0.2), look.horizon, 0.5), c.h * 0.18)
        c.haze(horizon, c.h * 0.07, mix(look.horizon, look.light, 0.3), 0.65)
    c.reflect(horizon, c.u * 2.2, mix(look.top, look.near, 0.4), 0.5)
    red = mix(mix(rgb("#c4452f"), look.near, 0.25 if not look.dark else 0.55), look.horizon, 0.08)
    ends = ((c.w * 1.12, c.h * 0.86, 3.4), (c.w * 0.12, horizon - c.u * 1.2, 0.42))

    def deck(t: float) -> tuple[float, float, float]:
        # Perspective: equal steps along the deck shrink with distance.
        k = t / (t + (1 - t) * ends[1][2] / ends[0][2] * 2.2) if t < 1 else 1.0
        return tuple(a + (b - a) * (1 - (1 - k)) for a, b in zip(ends[0], ends[1], strict=True))  # type: ignore[return-value]

    points = [deck(t) for t in np.linspace(0, 1, 60)]
    upper, lower = [(x, y) for x, y, _ in points], [(x, y + c.u * 1.3 * s) for x, y, s in points]
    masts = (0.22, 0.74)
    tops = {}
    for m in sorted(masts, reverse=True):
        x, y, s = deck(m)
        tall, wide = c.u * 19 * s, c.u * 1.05 * s
        tops[m] = (x, y - tall)
        c.rects(
            [
                (x - wide * 2.4, y - tall, x - wide * 1.4, c.h * 0.62 + (y - horizon) * 1.3 + c.u * 3 * s),
                (x + wide * 1.4, y - tall, x + wide * 2.4, c.h * 0.62 + (y - horizon) * 1.3 + c.u * 3 * s),
            ],
            red,
        )
        c.rects(
            [
                (x - wide * 2.4, y - tall * f, x + wide * 2.4, y - tall * f + wide)
                for f in (1.0, 0.74, 0.48, 0.24)
            ],
            red,
        )
        c.glow(x, y - tall, c.u * 2.4 * s, rgb("#ff6a4a"), 0.5)
    hung: list[list[Point]] = []
    for a, b in ((-0.12, masts[0]), masts, (masts[1], 1.0)):
        cable = []
        for k in np.linspace(0, 1, 41):
            t = a + (b - a) * k
            x, y, s = deck(max(0.0, t)) if t >= 0 else (c.w * 1.12 - t * c.w, c.h * 0.86, 3.4)
            high_a = c.u * 19 * deck(max(0.0, a))[2] if a in masts else 0.0
            high_b = c.u * 19 * deck(b)[2] if b in masts else 0.0
            sag = (
                high_a * (1 - k) ** 2.2 + high_b * k**2.2
                if a in masts and b in masts
                else high_b * k**1.6 + high_a * (1 - k) ** 1.6
            )
            cable.append((x, y - max(sag, c.u * 0.5 * s)))
            if len(cable) % 2:
                hung.append([(x, y - max(sag, c.u * 0.5 * s)), (x, y)])
        c.lines([cable], red, c.u * 0.5)
    c.lines(hung, mix(red, look.horizon, 0.25), max(0.8, c.u * 0.13), 0.75)
    c.polygon([*upper, *lower[::-1]], mix(red, look.near, 0.45))
    c.lines([upper], mix(red, look.light, 0.35), c.u * 0.3)
    lamps = [(x, y - c.u * 0.9 * s, c.u * 0.2 * s) for x, y, s in points[::3]]
    c.circles(lamps, rgb("#fff0c4"))
    for x, y, r in lamps:
        c.glow(x, y, r * 6, rgb("#ffcf87"), 0.45)
    c.haze(horizon, c.h * 0.07, mix(look.horizon, look.light, 0.4), 0.5)


def market(c: Canvas, look: Look, _words: str) -> None:
    """A night market: strings of lanterns over stalls and people."""
    night = mix(rgb("#141233"), look.top, 0.4)
    ground = c.h * 0.72
    c.gradient(
        [(0, night), (0.55, mix(night, rgb("#5a2d5c"), 0.6)), (1, mix(rgb("#d9773f"), night, 0.2))],
        bottom=ground,
    )
    c.gradient([(0, mix(rgb("#b3622f"), night, 0.3)), (1, mix(night, (0, 0, 0), 0.3))], top=ground)
    c.glow(c.w * 0.5, ground - c.u * 4, c.u * 48, rgb("#ffb054"), 0.7, 1.5)
    roofs = []
    for n in range(9):
        x = c.w * (n / 8 - 0.06)
        roofs.append(
            [
                (x, ground),
                (x, ground - c.h * float(c.rng.uniform(0.26, 0.4))),
                (x + c.w * 0.07, ground - c.h * float(c.rng.uniform(0.36, 0.48))),
                (x + c.w * 0.15, ground - c.h * 0.3),
                (x + c.w * 0.15, ground),
            ]
        )
    c.polygons(roofs, mix(night, rgb("#7a3b4a"), 0.4), 0.75, blur=c.u * 0.3)
    for n in range(6):
        side = -1 if n % 2 else 1
        t = (n // 2) / 2
        _stall(
            c,
            c.w * (0.5 + side * (0.16 + 0.22 * t)),
            ground + c.h * (0.02 + 0.12 * t),
            c.u * (15 + 15 * t),
            night,
        )
    for row in range(4):
        t = row / 3
        y0, sag = c.h * (0.34 - 0.27 * t), c.h * (0.07 + 0.06 * t)
        string = [(c.w * k, y0 + sag * (1 - (2 * k - 1) ** 2) * 1.0) for k in np.linspace(-0.02, 1.02, 40)]
        c.lines([string], mix(night, (0, 0, 0), 0.4), max(0.8, c.u * 0.16))
        for n in range(int(10 - 3 * t)):
            px, py = string[int((n + 0.5) / (10 - 3 * t) * 39)]
            _lantern(
                c,
                px,
                py,
                c.u * (1.5 + 2.1 * t),
                rgb(("#ff5a3c", "#ffb02e", "#ffd76a", "#ff7a59")[int(c.rng.integers(4))]),
            )
    people = []
    for _ in range(26):
        t = float(c.rng.random())
        people.append(
            (float(c.rng.uniform(0.1, 0.9)) * c.w, ground + c.h * (0.03 + 0.2 * t), c.u * (7 + 9 * t))
        )
    for x, y, tall in sorted(people, key=lambda each: each[1]):
        person(c, x, y, tall, mix(night, rgb("#2a1424"), 0.6))
    c.haze(ground, c.h * 0.1, rgb("#ffb56b"), 0.22)


def person(c: Canvas, x: float, base: float, tall: float, colour: Colour) -> None:
    """A standing figure in silhouette, ``tall`` pixels high."""
    s = tall / 100
    body = [
        (-12, 0),
        (-15, 45),
        (-17, 70),
        (-10, 80),
        (10, 80),
        (17, 70),
        (15, 45),
        (12, 0),
        (2, 0),
        (0, 30),
        (-2, 0),
    ]
    c.polygon([(x + s * a, base - s * b) for a, b in body], colour)
    c.circles([(x, base - s * 90, s * 9)], colour)


def _stall(c: Canvas, x: float, base: float, wide: float, night: Colour) -> None:
    tall = wide * 0.62
    hue = rgb(("#c8453b", "#2f7f86", "#d99a2b", "#7d4fa0")[int(c.rng.integers(4))])
    c.rects([(x - wide / 2, base - tall, x + wide / 2, base - tall * 0.34)], mix(rgb("#ffc873"), hue, 0.15))
    c.glow(x, base - tall * 0.7, wide * 0.5, rgb("#ffcf7d"), 0.55)
    goods = [
        (x + wide * float(c.rng.uniform(-0.45, 0.45)), base - tall * 0.36, wide * 0.035) for _ in range(22)
    ]
    for n, fruit in enumerate(("#e2562e", "#f0b33a", "#6fae4a")):
        c.circles(goods[n::3], rgb(fruit))
    c.rects([(x - wide * 0.53, base - tall * 0.34, x + wide * 0.53, base)], mix(night, rgb("#7a4a2c"), 0.55))
    c.lines(
        [[(x + k * wide * 0.5, base), (x + k * wide * 0.5, base - tall)] for k in (-1, 1)],
        mix(night, rgb("#4a2c1c"), 0.6),
        wide * 0.03,
    )
    stripes = 8
    for n in range(stripes):
        a, b = x - wide * 0.58 + wide * 1.16 * n / stripes, x - wide * 0.58 + wide * 1.16 * (n + 1) / stripes
        top_a, top_b = x + (a - x) * 0.8, x + (b - x) * 0.8
        tone = hue if n % 2 else rgb("#f3e3c8")
        c.polygon(
            [
                (top_a, base - tall * 1.3),
                (top_b, base - tall * 1.3),
                (b, base - tall * 0.98),
                ((a + b) / 2, base - tall * 0.9),
                (a, base - tall * 0.98),
            ],
            mix(tone, night, 0.25),
        )


def _lantern(c: Canvas, x: float, y: float, size: float, hue: Colour) -> None:
    y += size * 1.3
    c.glow(x, y, size * 3.2, hue, 0.5)
    c.ellipse(x, y, size, size * 1.15, hue)
    c.ellipse(x, y, size * 0.55, size * 0.85, mix(hue, (1, 0.95, 0.75), 0.75), 0.9, blur=size * 0.25)
    c.lines(
        [[(x + k * size * 0.5, y - size), (x + k * size * 0.5, y + size)] for k in (-1, 0, 1)],
        mix(hue, (0.4, 0, 0), 0.4),
        max(0.6, size * 0.06),
        0.5,
    )
    c.rects(
        [
            (x - size * 0.4, y - size * 1.3, x + size * 0.4, y - size * 1.05),
            (x - size * 0.4, y + size * 1.05, x + size * 0.4, y + size * 1.25),
        ],
        mix(hue, (0.15, 0.05, 0.05), 0.8),
    )


CITY: dict[str, Any] = {
    "skyline": skyline,
    "towers": towers,
    "street": street,
    "bridge": bridge,
    "market": market,
}
