"""Village, garden, castle, campfire, train: places with a story in them."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Point, curve, mix, rgb, smooth
from actors.gemini.emulator.pictures.land import house, leafy, pine, pines
from actors.gemini.emulator.pictures.look import Look, paint_sky, paint_stars
from actors.gemini.emulator.pictures.rooms import flower


def village(c: Canvas, look: Look, _words: str) -> None:
    """Small houses on a slope, windows lit, smoke rising; snow when the words speak of it."""
    snow = look.weather == "snow"
    horizon = c.h * 0.6
    paint_sky(c, look, horizon)
    lit = look.hour != "day"
    white = mix(rgb("#eef3fb"), look.middle, 0.22 if not look.dark else 0.62)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.52 + 0.06 * n), c.h * 0.22, c.w * 0.36, 6, sharp=n == 0)
        tone = mix(look.land(0.14 + 0.26 * t), white, 0.45 if snow else 0)
        c.below(line, tone, mix(tone, look.horizon, 0.4), c.h * 0.2)
        pines(
            c,
            line,
            int(c.w / 22) * n,
            c.u * (2.4 + 1.6 * n),
            mix(look.land(0.4 + 0.2 * t), white, 0.12 if snow else 0),
        )
        c.haze(c.h * 0.62, c.h * 0.06, look.horizon, 0.45)
    green = mix(rgb("#7d9a4e"), look.near, 0.15 if not look.dark else 0.6)
    ground = white if snow else green
    slope = c.line(c.h * 0.67, c.h * 0.05, c.w * 0.6, 2)
    c.below(slope, mix(ground, look.light, 0.15), mix(ground, look.near, 0.4), c.h * 0.36)
    c.light(
        smooth(0.5, 0.85, c.noise(c.u * 22, 3, 3.0)) * smooth(0, c.u * 5, c.ys - slope[None, :]),
        look.light,
        0.15,
    )
    plan = []
    for row, count in ((0, 7), (1, 5), (2, 4)):
        for k in range(count):
            x = c.w * ((k + 0.5) / count + float(c.rng.uniform(-0.035, 0.035)))
            y = c.h * (0.675 + 0.085 * row) + c.u * float(c.rng.uniform(-0.6, 1.4))
            plan.append((y, x, c.u * (6.2 + 3.6 * row)))
    church = c.w * float(c.rng.uniform(0.44, 0.56))
    _church(c, church, c.h * 0.69, c.u * 6, look, lit)
    for y, x, size in sorted(plan):
        if abs(x - c.w * 0.5) < size * 0.75 and y > c.h * 0.8:
            continue
        if lit:
            c.glow(x, y - size * 0.1, size * 0.8, rgb("#ffb861"), 0.3, 1.4)
        house(c, x, y, size, look, lit=lit, snow=snow)
        _chimney_smoke(c, x + size * 0.24, y - size * 1.1, size, look)
    trees = []
    for _ in range(12):
        x = c.w * float(c.rng.choice([c.rng.uniform(-0.02, 0.22), c.rng.uniform(0.78, 1.02)]))
        trees.append(
            pine(x, c.h * float(c.rng.uniform(0.86, 1.02)), c.u * float(c.rng.uniform(14, 28)), c.rng)
        )
    c.polygons(trees, mix(look.near, rgb("#17342c"), 0.4))
    if snow:
        c.polygons(
            [[(a, b - c.u * 0.5) for a, b in tree[: len(tree) // 2]] for tree in trees],
            white,
            0.2,
            blur=c.u * 0.3,
        )


def _church(c: Canvas, x: float, base: float, size: float, look: Look, lit: bool) -> None:
    wall = mix(rgb("#e5dccb"), look.land(0.5), 0.35 if not look.dark else 0.72)
    roof = mix(rgb("#53616f"), look.near, 0.35)
    c.rects([(x - size * 0.2, base - size * 1.7, x + size * 0.2, base)], wall)
    c.polygon(
        [
            (x - size * 0.27, base - size * 1.66),
            (x, base - size * 3.1),
            (x + size * 0.27, base - size * 1.66),
        ],
        roof,
    )
    c.rects(
        [(x - size * 0.05, base - size * 1.5, x + size * 0.05, base - size * 1.2)],
        rgb("#ffcf73") if lit else look.near,
    )


def _chimney_smoke(c: Canvas, x: float, y: float, size: float, look: Look) -> None:
    puffs = []
    for k in range(9):
        t = k / 8
        puffs.append(
            (x + size * (0.35 * t + 0.12 * np.sin(t * 7)), y - size * 1.25 * t, size * (0.06 + 0.12 * t))
        )
    c.circles(puffs, mix(look.horizon, (1, 1, 1), 0.35), 0.2, blur=size * 0.09)


def garden(c: Canvas, look: Look, _words: str) -> None:
    """Flowers to the horizon, a path, an arch of roses, butterflies."""
    horizon = c.h * 0.5
    paint_sky(c, look, horizon)
    green = mix(rgb("#6fa052"), look.near, 0.05 if not look.dark else 0.55)
    far = c.line(horizon, c.h * 0.08, c.w * 0.3, 4)
    c.below(far, mix(green, look.horizon, 0.5), mix(green, look.horizon, 0.3), c.h * 0.1)
    for k in range(9):
        x = c.w * (k / 8 + float(c.rng.uniform(-0.04, 0.04)))
        leafy(
            c,
            x,
            horizon + c.u * 3.4,
            c.u * float(c.rng.uniform(13, 22)),
            mix(mix(green, look.near, 0.35), look.horizon, 0.3),
            mix(green, look.light, 0.5),
            look.sun[0] * c.w,
        )
    c.gradient([(0, mix(green, look.light, 0.25)), (1, mix(green, look.near, 0.5))], top=horizon + c.u * 3)
    focus = c.w * 0.5
    path = [
        (focus - c.u, horizon + c.u * 3),
        (focus + c.u, horizon + c.u * 3),
        (focus + c.u * 9, c.h * 0.78),
        (focus + c.u * 24, c.h + 5),
        (focus - c.u * 18, c.h + 5),
        (focus - c.u * 8, c.h * 0.76),
    ]
    c.polygon(path, mix(rgb("#e9d3a9"), look.near, 0.12 if not look.dark else 0.55), 0.9, blur=c.u * 0.5)
    _arch(c, focus, horizon + c.u * 10, c.u * 22, green, look)
    hues = ("#f25c78", "#f7a1b5", "#fff3dc", "#f9c440", "#9a6fd0", "#ff8552", "#6f8ff0")
    for row in range(9):
        t = row / 8
        y = horizon + c.h * 0.06 + (c.h - horizon) * 0.95 * t**1.5
        size = c.u * (0.35 + 2.5 * t**1.3)
        _bed(
            c, y, size, focus, c.u * (2.5 + 20 * t**1.35), mix(green, look.near, 0.15 + 0.25 * t), hues, look
        )
    for _ in range(6):
        butterfly(
            c,
            c.w * float(c.rng.uniform(0.2, 0.8)),
            c.h * float(c.rng.uniform(0.42, 0.7)),
            c.u * float(c.rng.uniform(0.9, 1.9)),
            rgb(hues[int(c.rng.integers(7))]),
        )


def _arch(c: Canvas, x: float, base: float, tall: float, green: Colour, look: Look) -> None:
    points = [
        (x + np.cos(a) * tall * 0.5, base - tall * 0.5 - np.sin(a) * tall * 0.5)
        for a in np.linspace(0, np.pi, 40)
    ]
    points = [(x + tall * 0.5, base), *points, (x - tall * 0.5, base)]
    leaves, roses = [], []
    for px, py in points:
        leaves += [
            (
                px + c.u * float(c.rng.normal(0, 1)),
                py + c.u * float(c.rng.normal(0, 1.2)),
                c.u * float(c.rng.uniform(0.4, 1)),
            )
            for _ in range(9)
        ]
        roses.append(
            (
                px + c.u * float(c.rng.normal(0, 0.9)),
                py + c.u * float(c.rng.normal(0, 1)),
                c.u * float(c.rng.uniform(0.5, 0.85)),
            )
        )
    for k in np.linspace(0, 1, 16):
        for side in (-1, 1):
            leaves += [
                (
                    x + side * tall * 0.5 + c.u * float(c.rng.normal(0, 0.9)),
                    base - tall * 0.5 * float(k),
                    c.u * float(c.rng.uniform(0.5, 1.1)),
                )
                for _ in range(5)
            ]
    c.circles(leaves, mix(green, look.near, 0.45))
    c.circles(
        [(a - c.u * 0.2, b - c.u * 0.3, r * 0.6) for a, b, r in leaves], mix(green, look.light, 0.25), 0.6
    )
    c.circles(roses, rgb("#e8506e"))
    c.circles([(a - r * 0.2, b - r * 0.25, r * 0.5) for a, b, r in roses], rgb("#ffb3c1"), 0.8)


def _bed(
    c: Canvas,
    y: float,
    size: float,
    focus: float,
    clear: float,
    leaf: Colour,
    hues: tuple[str, ...],
    look: Look,
) -> None:
    stems: list[list[Point]] = []
    by_hue: dict[str, list[tuple[float, float, float]]] = {}
    count = int(c.w / (size * 2.2))
    for _ in range(count):
        x = c.w * float(c.rng.uniform(-0.02, 1.02))
        if abs(x - focus - (clear - c.u * 2.5) * 0.12) < clear:
            continue
        py = y + size * float(c.rng.uniform(-1.2, 1.2))
        stems.append([(x + size * 0.3, py + size * 2.6), (x, py)])
        hue = hues[int((x / c.w * 9 + c.rng.integers(2)) % len(hues))]
        by_hue.setdefault(hue, []).append((x, py, size * float(c.rng.uniform(0.6, 1.05))))
    c.lines(stems, leaf, max(0.8, size * 0.22), 0.9)
    c.circles(
        [(a + size * 0.4, b + size * 1.6, s * 0.6) for blooms in by_hue.values() for a, b, s in blooms],
        mix(leaf, look.light, 0.12),
        0.85,
    )
    for hue, blooms in by_hue.items():
        tone = mix(rgb(hue), look.near, 0.05 if not look.dark else 0.45)
        if size > c.u * 1.9:
            for a, b, s in blooms:
                flower(c, a, b, s, tone, 7)
        else:
            c.circles(blooms, tone)
            c.circles(
                [(a - s * 0.2, b - s * 0.25, s * 0.45) for a, b, s in blooms], mix(tone, (1, 1, 1), 0.5), 0.7
            )


def butterfly(c: Canvas, x: float, y: float, s: float, hue: Colour) -> None:
    tilt = float(c.rng.uniform(-0.4, 0.4))
    for side in (-1, 1):
        wing = [
            (0, 0),
            (side * 1.3, -1.5),
            (side * 2.1, -1.1),
            (side * 1.3, -0.1),
            (side * 1.5, 0.9),
            (side * 0.5, 0.8),
        ]
        c.polygon(
            curve(
                [
                    (
                        x + s * (a * np.cos(tilt) - b * np.sin(tilt)),
                        y + s * (a * np.sin(tilt) + b * np.cos(tilt)),
                    )
                    for a, b in wing
                ],
                5,
            ),
            hue,
        )
    c.lines([[(x, y - s * 0.5), (x, y + s * 0.8)]], (0.1, 0.08, 0.1), s * 0.2)


def castle(c: Canvas, look: Look, _words: str) -> None:
    """A castle on its rock above a sea of mist."""
    horizon = c.h * 0.75
    paint_sky(c, look, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.66 + 0.06 * n), c.h * 0.3, c.w * 0.36, 6, sharp=True)
        c.below(
            line,
            mix(look.land(0.1 + 0.16 * t), look.horizon, 0.15),
            mix(look.land(0.2), look.horizon, 0.6),
            c.h * 0.3,
        )
        c.haze(c.h * 0.72, c.h * 0.09, mix(look.horizon, look.light, 0.35), 0.6)
    x, base, s = c.w * 0.52, c.h * 0.66, c.u * 0.62
    stone = mix(mix(rgb("#8e8595"), look.far, 0.45), look.near, 0.35 if not look.dark else 0.6)
    cliff: list[Point] = [(x - s * 46, base + s * 2)]
    cliff += [
        (x + s * 44, base),
        (x + s * 50, base + s * 14),
        (x + s * 60, base + s * 30),
        (x + s * 74, base + s * 70),
        (x - s * 78, base + s * 70),
        (x - s * 64, base + s * 36),
        (x - s * 52, base + s * 16),
    ]
    c.polygon(cliff, mix(stone, look.near, 0.45))
    found = c.outline(cliff)
    if found:
        mask, (mx, my) = found
        h, w = mask.shape
        rough = c.noise(c.u * 8, 5, 0.55, 0.62)[my : my + h, mx : mx + w]
        c.blend(mask * smooth(0.5, 0.75, rough), mix(stone, look.light, 0.3), 0.5, (mx, my))
    roof = mix(rgb("#37568a"), look.near, 0.3)
    for dx, wide, tall, cone in (
        (-36, 9, 30, 15),
        (34, 10, 34, 17),
        (-16, 8, 46, 17),
        (18, 9, 52, 20),
        (0, 13, 66, 24),
        (-27, 6, 38, 13),
        (28, 6, 44, 14),
    ):
        _turret(c, x + s * dx, base + s * 4, s * wide, s * tall, s * cone, stone, roof, look)
    c.rects([(x - s * 42, base - s * 17, x + s * 40, base + s * 5)], mix(stone, look.near, 0.12))
    c.rects(
        [
            (x + s * (k * 5.4 - 42), base - s * 20, x + s * (k * 5.4 - 39.2), base - s * 16.8)
            for k in range(16)
        ],
        mix(stone, look.near, 0.12),
    )
    gate = [
        (x - s * 5, base + s * 5),
        (x - s * 5, base - s * 5),
        *((x - s * 5 * np.cos(a), base - s * 5 - s * 5 * np.sin(a)) for a in np.linspace(0, np.pi, 14)),
        (x + s * 5, base + s * 5),
    ]
    c.polygon(gate, mix(look.near, (0, 0, 0), 0.3))
    c.glow(x, base, s * 7, rgb("#ffb861"), 0.6)
    c.haze(c.h * 0.9, c.h * 0.1, mix(look.horizon, look.light, 0.45), 0.9)
    front = c.line(c.h * 0.97, c.h * 0.09, c.w * 0.3, 5)
    c.below(front, look.land(0.85), look.near, c.h * 0.1)
    pines(c, front, int(c.w / 24), c.u * 8, look.land(0.95))
    birds = []
    for _ in range(9):
        bx, by, w = (
            x + s * float(c.rng.normal(20, 26)),
            c.h * float(c.rng.uniform(0.22, 0.42)),
            c.u * float(c.rng.uniform(0.5, 1)),
        )
        birds.append([(bx - w * 1.4, by - w * 0.5), (bx, by), (bx + w * 1.4, by - w * 0.5)])
    c.lines(birds, look.near, c.u * 0.18, 0.8)


def _turret(
    c: Canvas,
    x: float,
    base: float,
    wide: float,
    tall: float,
    cone: float,
    stone: Colour,
    roof: Colour,
    look: Look,
) -> None:
    top = base - tall
    c.rects([(x - wide / 2, top, x + wide / 2, base)], stone)
    side = 1 if look.sun[0] * c.w < x else -1
    c.polygon(
        [
            (x + side * wide * 0.08, top),
            (x + side * wide / 2, top),
            (x + side * wide / 2, base),
            (x + side * wide * 0.08, base),
        ],
        look.near,
        0.35,
        blur=wide * 0.06,
    )
    c.rects([(x - side * wide / 2, top, x - side * wide * 0.36, base)], look.light, 0.3)
    c.rects(
        [(x - wide * 0.62, top - wide * 0.1, x + wide * 0.62, top + wide * 0.14)], mix(stone, look.near, 0.25)
    )
    c.polygon(
        [(x - wide * 0.68, top - wide * 0.08), (x, top - cone), (x + wide * 0.68, top - wide * 0.08)], roof
    )
    c.polygon(
        [
            (x, top - cone),
            (x - side * wide * 0.68, top - wide * 0.08),
            (x - side * wide * 0.2, top - wide * 0.08),
        ],
        look.light,
        0.25,
    )
    c.lines([[(x, top - cone), (x, top - cone - wide * 0.5)]], look.near, max(0.7, wide * 0.06))
    c.polygon(
        [
            (x, top - cone - wide * 0.5),
            (x + wide * 0.5, top - cone - wide * 0.4),
            (x, top - cone - wide * 0.26),
        ],
        rgb("#c43d3d"),
    )
    panes = [
        (x - wide * 0.09, top + tall * f, x + wide * 0.09, top + tall * f + wide * 0.34) for f in (0.14, 0.42)
    ]
    c.rects(panes, rgb("#ffd07a") if look.hour != "day" else mix(look.near, look.top, 0.3))


def campfire(c: Canvas, look: Look, _words: str) -> None:
    """A fire with sparks rising, people around it, tall trees and stars behind."""
    night = mix(rgb("#081226"), look.top, 0.35)
    horizon = c.h * 0.66
    c.gradient(
        [(0, night), (0.7, mix(night, rgb("#2c4a78"), 0.6)), (1, mix(rgb("#8a5a56"), night, 0.4))],
        bottom=horizon + 2,
    )
    paint_stars(c, horizon, 0.9)
    for n in range(3):
        t = n / 2
        line = c.line(horizon + c.u * 2 * n, c.h * 0.05, c.w * 0.3, 4)
        tone = mix(mix(night, rgb("#35527a"), 0.5 * (1 - t)), (0.01, 0.02, 0.03), 0.3 + 0.5 * t)
        c.below(line, tone, tone)
        pines(c, line, int(c.w / (20 + 22 * t)), c.u * (11 + 15 * t), tone, 0.4)
    ground = c.h * 0.72
    c.gradient([(0, mix(rgb("#2b1d18"), night, 0.4)), (1, (0.02, 0.02, 0.03))], top=ground)
    x, y = c.w * 0.5, c.h * 0.84
    c.glow(x, y - c.u * 4, c.u * 36, rgb("#ff8a3c"), 0.75, 1.5)
    c.ellipse(x, y + c.u, c.u * 34, c.u * 6, rgb("#ff9a4a"), 0.35, blur=c.u * 3, lit=True)
    tent = [(c.w * 0.74, y - c.u * 2), (c.w * 0.83, y - c.u * 23), (c.w * 0.97, y - c.u * 2)]
    c.polygon(tent, mix(rgb("#c8743a"), night, 0.4))
    c.polygon([tent[0], tent[1], (c.w * 0.8, y - c.u * 2)], rgb("#ffb565"), 0.55)
    c.polygon([(c.w * 0.775, y - c.u * 2), tent[1], (c.w * 0.81, y - c.u * 2)], mix(night, (0, 0, 0), 0.5))
    _flames(c, x, y, c.u)
    for dx, flip in ((-22, 1), (-13.5, 1), (14, -1), (22.5, -1)):
        _seated(c, x + c.u * dx, y + c.u * (3.4 - abs(dx) * 0.12), c.u * 15, flip)
    sparks = []
    for _ in range(90):
        t = float(c.rng.random()) ** 1.4
        sparks.append(
            (
                x + c.u * float(c.rng.normal(0, 1 + 9 * t)),
                y - c.u * (6 + 56 * t),
                c.u * float(c.rng.uniform(0.08, 0.24)) * (1.2 - t),
            )
        )
    c.circles(sparks, rgb("#ffd27a"), 0.95, lit=True)
    for a, b, r in sparks[::4]:
        c.glow(a, b, r * 4, rgb("#ff8a3c"), 0.5)


def _flames(c: Canvas, x: float, y: float, u: float) -> None:
    log = rgb("#3a2217")
    for a, b in (((-8, 1), (5, -2.4)), ((8, 1), (-5, -2.4)), ((-6, 2), (7, 1.4))):
        c.lines([[(x + u * a[0], y + u * a[1]), (x + u * b[0], y + u * b[1])]], log, u * 1.8)
    for wide, tall, hue in (
        (6.4, 19, "#ff5a1f"),
        (4.8, 14.5, "#ff9a2e"),
        (3.1, 10, "#ffd15c"),
        (1.6, 5.6, "#fff6d8"),
    ):
        tongue = [
            (-wide, 0),
            (-wide * 0.9, -tall * 0.28),
            (-wide * 0.5, -tall * 0.42),
            (-wide * 0.62, -tall * 0.7),
            (-wide * 0.08, -tall * 0.6),
            (wide * 0.1, -tall),
            (wide * 0.42, -tall * 0.58),
            (wide * 0.7, -tall * 0.66),
            (wide * 0.66, -tall * 0.36),
            (wide, -tall * 0.22),
            (wide * 0.8, 0),
        ]
        c.polygon(
            curve([(x + u * a + u * float(c.rng.normal(0, 0.2)), y + u * b) for a, b in tongue], 6),
            rgb(hue),
            0.92,
            blur=u * 0.35,
        )
    c.glow(x, y - u * 6, u * 8, rgb("#ffd98a"), 0.9)


def _seated(c: Canvas, x: float, base: float, tall: float, flip: int) -> None:
    """Someone sitting on a log, turned to the fire."""
    s, dark = tall / 100, (0.03, 0.025, 0.04)
    body = [
        (-26, 0),
        (-30, 18),
        (-20, 52),
        (-8, 66),
        (8, 64),
        (12, 46),
        (8, 30),
        (30, 30),
        (38, 26),
        (36, 0),
        (28, 0),
        (27, 18),
        (4, 12),
        (0, 0),
    ]
    c.lines([[(x - s * 44, base + s * 4), (x + s * 20, base + s * 4)]], (0.1, 0.06, 0.04), s * 16)
    c.polygon(curve([(x + s * a * flip, base - s * b) for a, b in body], 5), dark)
    c.circles([(x + s * 4 * flip, base - s * 80, s * 13)], dark)
    rim = curve(
        [
            (x + s * a * flip, base - s * b)
            for a, b in [(9, 92), (17, 80), (13, 68), (13, 48), (10, 32), (30, 31), (38, 26)]
        ],
        6,
        closed=False,
    )
    c.lines([rim], rgb("#ff9a4a"), s * 3, 0.8, blur=s * 0.8, lit=True)


def train(c: Canvas, look: Look, _words: str) -> None:
    """A steam train over a viaduct in the evening, windows lit, its steam drifting back."""
    horizon = c.h * 0.66
    paint_sky(c, look, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.6 + 0.07 * n), c.h * 0.24, c.w * 0.36, 6, sharp=n == 0)
        c.below(
            line, look.land(0.12 + 0.26 * t), mix(look.land(0.2 + 0.2 * t), look.horizon, 0.5), c.h * 0.25
        )
        c.haze(c.h * 0.7, c.h * 0.08, mix(look.horizon, look.light, 0.3), 0.5)
    rail = c.h * 0.64
    stone = mix(mix(rgb("#a08d7c"), look.far, 0.3), look.near, 0.4 if not look.dark else 0.65)
    _viaduct(c, rail, stone, look)
    u = c.u * 0.92
    front = c.w * 0.8
    _engine(c, front, rail, u, look)
    for n in range(5):
        _carriage(c, front - u * (39 + 27 * n), rail, u, look, rgb(("#8c2f2b", "#2f5d62")[n % 2]))
    _steam(c, front + u * 0, rail - u * 13.6, u, look)
    floor = c.line(c.h * 0.95, c.h * 0.07, c.w * 0.3, 5)
    c.below(floor, look.land(0.85), look.near, c.h * 0.1)
    pines(c, floor, int(c.w / 24), c.u * 8.5, look.land(0.95))
    c.haze(c.h * 0.86, c.h * 0.06, mix(look.horizon, look.light, 0.2), 0.4)


def _viaduct(c: Canvas, rail: float, stone: Colour, look: Look) -> None:
    span, top = c.u * 17, rail + c.u * 1
    c.rects([(0, rail, c.w, rail + c.u * 4)], stone)
    shapes = []
    x = -span * 0.3
    while x < c.w + span:
        pier = span * 0.2
        arch = [
            (x + pier, c.h),
            (x + pier, top + span * 0.75),
            *(
                (
                    x + pier + (span - pier) / 2 * (1 - np.cos(a)),
                    top + span * 0.75 - (span - pier) / 2 * np.sin(a),
                )
                for a in np.linspace(0, np.pi, 18)
            ),
            (x + span, c.h),
        ]
        shapes.append((x, pier, arch))
        x += span
    for left, pier, arch in shapes:
        c.polygon(
            [
                (left, rail + c.u * 3),
                (left + span, rail + c.u * 3),
                (left + span, c.h),
                *arch[::-1],
                (left, c.h),
            ],
            stone,
        )
        c.rects([(left + pier * 0.55, rail + c.u * 4, left + pier, c.h)], look.near, 0.3)
    c.rects([(0, rail - c.u * 0.3, c.w, rail + c.u * 0.4)], mix(stone, look.light, 0.4))
    c.rects([(0, rail + c.u * 2.6, c.w, rail + c.u * 3.1)], look.near, 0.35)


def _engine(c: Canvas, x: float, rail: float, u: float, look: Look) -> None:
    black, red, brass = mix(rgb("#1d2027"), look.near, 0.4), rgb("#a8322c"), rgb("#d9a441")
    c.rects([(x - u * 10, rail - u * 8.6, x + u * 10, rail - u * 3.2)], black)
    c.ellipse(x + u * 10, rail - u * 5.9, u * 1.4, u * 2.7, mix(black, (1, 1, 1), 0.12))
    c.rects([(x - u * 10, rail - u * 7.9, x + u * 10, rail - u * 7.2)], (1, 1, 1), 0.25, blur=u * 0.2)
    c.rects([(x - u * 22, rail - u * 11.4, x - u * 10, rail - u * 3)], mix(red, look.near, 0.2))
    c.rects([(x - u * 23, rail - u * 12.4, x - u * 9, rail - u * 11.2)], black)
    c.rects([(x - u * 20, rail - u * 10, x - u * 15.6, rail - u * 6.8)], rgb("#ffd68a"))
    c.glow(x - u * 18, rail - u * 8.4, u * 3.4, rgb("#ffb861"), 0.7)
    c.polygon(
        [
            (x + u * 5.4, rail - u * 8.4),
            (x + u * 4.6, rail - u * 13.4),
            (x + u * 9.2, rail - u * 13.4),
            (x + u * 8.2, rail - u * 8.4),
        ],
        black,
    )
    c.rects([(x - u * 3.4, rail - u * 10.4, x - u * 0.4, rail - u * 8.4)], brass)
    c.lines(
        [[(x + k * u, rail - u * 8.6), (x + k * u, rail - u * 3.2)] for k in (-5, 0, 5)], brass, u * 0.3, 0.8
    )
    c.rects([(x - u * 22, rail - u * 3.2, x + u * 11.4, rail - u * 2.2)], red)
    c.polygon([(x + u * 11, rail - u * 3), (x + u * 14.4, rail), (x + u * 10, rail)], red)
    for k, r in ((-18, 1.5), (-9.5, 2.2), (-4.4, 2.2), (0.8, 2.2), (6.2, 1.4), (9.6, 1.4)):
        c.circles([(x + u * k, rail - u * r, u * r)], black)
        c.circles([(x + u * k, rail - u * r, u * r * 0.72)], red)
        c.circles([(x + u * k, rail - u * r, u * r * 0.3)], black)
    c.lines(
        [[(x - u * 9.5, rail - u * 2.2), (x + u * 3, rail - u * 2)]], mix(brass, (1, 1, 1), 0.4), u * 0.45
    )
    c.glow(x + u * 12, rail - u * 8, u * 2, rgb("#fff4cf"), 1.0)
    c.polygon(
        [
            (x + u * 12, rail - u * 8.4),
            (x + u * 60, rail - u * 14),
            (x + u * 60, rail + u * 2),
            (x + u * 12, rail - u * 7.6),
        ],
        rgb("#ffefc0"),
        0.3,
        blur=u * 1.4,
        lit=True,
    )


def _carriage(c: Canvas, x: float, rail: float, u: float, look: Look, hue: Colour) -> None:
    tone = mix(hue, look.near, 0.3 if not look.dark else 0.5)
    c.rects([(x - u * 12.4, rail - u * 9.4, x + u * 12.4, rail - u * 2)], tone)
    c.polygon(
        curve(
            [
                (x - u * 12.9, rail - u * 9.2),
                (x - u * 11.5, rail - u * 10.8),
                (x + u * 11.5, rail - u * 10.8),
                (x + u * 12.9, rail - u * 9.2),
            ],
            4,
        ),
        mix(look.near, rgb("#4a4a52"), 0.3),
    )
    panes = [
        (x + u * (k * 3.9 - 1.35), rail - u * 8, x + u * (k * 3.9 + 1.35), rail - u * 5.2)
        for k in range(-2, 3)
    ]
    c.rects(panes, rgb("#ffd88f"))
    c.rects([(x - u * 12.4, rail - u * 4.4, x + u * 12.4, rail - u * 3.9)], rgb("#e3c07a"), 0.7)
    c.glow(x, rail - u * 6.6, u * 7, rgb("#ffb861"), 0.35, 1.7)
    c.circles([(x + u * k, rail - u * 1.3, u * 1.3) for k in (-9, -6, 6, 9)], mix(look.near, (0, 0, 0), 0.3))
    c.lines([[(x - u * 14.4, rail - u * 2.6), (x - u * 12, rail - u * 2.6)]], look.near, u * 0.7)


def _steam(c: Canvas, x: float, y: float, u: float, look: Look) -> None:
    for tone, opacity, shift in (
        (mix(look.middle, look.horizon, 0.4), 0.5, 1.0),
        (mix(look.horizon, (1, 1, 1), 0.45), 0.6, 0.75),
    ):
        puffs = []
        for _ in range(120):
            t = float(c.rng.random()) ** 0.8
            px = x + u * 7 - u * 96 * t
            py = y - u * (1 + 15 * t**0.7) + u * float(c.rng.normal(0, 0.7 + 3.4 * t))
            puffs.append((px, py, u * (1 + 5.4 * t) * float(c.rng.uniform(0.5, 1.1)) * shift))
        c.circles(puffs, tone, opacity, blur=u * 1.1)


PLACES: dict[str, Any] = {
    "village": village,
    "garden": garden,
    "castle": castle,
    "campfire": campfire,
    "train": train,
}
