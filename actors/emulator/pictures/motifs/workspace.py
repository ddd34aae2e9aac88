"""A loft with tall windows, long desks, screens, lamps, plants and people at work."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point, curve
from actors.emulator.pictures.lighting import Lighting, paint_clouds


def workspace(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A loft with tall windows, long desks, screens, lamps, plants and people at work."""
    evening = lighting.hour in {"dusk", "night"}
    wall = mix(rgb("#e9dfcf"), lighting.far, 0.2) if not evening else mix(rgb("#5a4a52"), lighting.near, 0.35)
    floor = mix(rgb("#a9784f"), lighting.near, 0.15 if not evening else 0.55)
    ground = c.h * 0.7
    c.gradient(
        [(0, mix(wall, lighting.near, 0.35)), (0.5, wall), (1, mix(wall, lighting.light, 0.1))], bottom=ground
    )
    top, sill = c.h * 0.1, c.h * 0.57
    bays = 4 if c.w > c.h else 2
    wide = c.w * 0.92 / bays
    panes = [
        (c.w * 0.04 + wide * n + c.u * 1.4, c.w * 0.04 + wide * (n + 1) - c.u * 1.4) for n in range(bays)
    ]
    view_outside(c, lighting, (c.w * 0.03, top, c.w * 0.97, sill))
    c.rects(
        [
            (0, top, panes[0][0], sill),
            (panes[-1][1], top, c.w, sill),
            *[(panes[n][1], top, panes[n + 1][0], sill) for n in range(bays - 1)],
        ],
        wall,
    )
    frame = mix(rgb("#2b2b33"), lighting.near, 0.4)
    bars: list[list[Point]] = []
    for a, b in panes:
        bars += [
            [(a, top), (b, top), (b, sill), (a, sill), (a, top)],
            [((a + b) / 2, top), ((a + b) / 2, sill)],
        ]
        bars += [[(a, top + (sill - top) * f), (b, top + (sill - top) * f)] for f in (0.28, 0.64)]
    c.lines(bars, frame, c.u * 0.42)
    c.gradient([(0, mix(floor, lighting.horizon, 0.25)), (1, mix(floor, lighting.near, 0.55))], top=ground)
    boards: list[list[Point]] = [
        [(c.w * (0.5 + k * 0.09), ground), (c.w * (0.5 + k * 0.26), c.h + 4)] for k in range(-12, 13)
    ]
    c.lines(boards, mix(floor, lighting.near, 0.7), c.u * 0.12, 0.5)
    for a, b in panes:
        c.polygon(
            [
                (a, ground),
                (b, ground),
                (b - c.w * 0.05 + (b - c.w / 2) * 0.6, c.h),
                (a - c.w * 0.05 + (a - c.w / 2) * 0.6, c.h),
            ],
            lighting.light,
            0.24 if not evening else 0.1,
            blur=c.u * 1.2,
            lit=True,
        )
    for n in range(5):
        x = c.w * (0.14 + 0.18 * n)
        _pendant(c, x, c.h * 0.2, c.u * 2.6, frame, evening)
    _desk(c, c.w * 0.5, ground + c.h * 0.02, c.u * 46, 0.55, lighting, frame)
    _desk(c, c.w * 0.46, ground + c.h * 0.2, c.u * 78, 1.0, lighting, frame)
    _plant(c, c.w * 0.93, c.h * 0.98, c.u * 30, lighting)
    _plant(c, c.w * 0.03, c.h * 0.86, c.u * 22, lighting)
    if not evening:
        c.glow(c.w * 0.55, c.h * 0.3, c.u * 50, lighting.light, 0.22, 1.3)


def view_outside(c: Canvas, lighting: Lighting, box: tuple[float, float, float, float]) -> None:
    """The sky behind a window, with far towers or hills."""
    x0, y0, x1, y1 = (int(v) for v in box)
    kept = c.px.copy()
    c.gradient([(0, lighting.top), (0.55, lighting.middle), (1, lighting.horizon)], top=y0, bottom=y1)
    sun = ((x0 + x1) / 2 + (x1 - x0) * 0.12, y0 + (y1 - y0) * 0.5)
    c.glow(*sun, c.u * 26, lighting.light, 0.75)
    paint_clouds(c, lighting, y1, 0.6, sun)
    for n in range(3):
        t = n / 2
        shapes, x = [], float(x0)
        while x < x1:
            wide = c.u * float(c.rng.uniform(3, 7))
            tall = (y1 - y0) * float(c.rng.uniform(0.12, 0.42)) * (1 - 0.25 * t)
            shapes.append([(x, y1), (x, y1 - tall), (x + wide, y1 - tall), (x + wide, y1)])
            x += wide * 1.1
        c.polygons(shapes, mix(lighting.land(0.12 + 0.3 * t), lighting.horizon, 0.45 - 0.25 * t))
    inside = np.zeros((c.h, c.w, 1), np.float32)
    inside[max(0, y0) : y1, max(0, x0) : x1] = 1
    c.px = kept * (1 - inside) + c.px * inside


def _pendant(c: Canvas, x: float, y: float, r: float, frame: Colour, lit: bool) -> None:
    c.lines([[(x, 0), (x, y - r)]], frame, c.u * 0.18)
    c.polygon([(x - r * 0.25, y - r), (x + r * 0.25, y - r), (x + r, y), (x - r, y)], frame)
    c.ellipse(x, y, r * 0.55, r * 0.3, rgb("#ffe6a8"))
    c.glow(x, y + r * 0.3, r * 3.2, rgb("#ffcf87"), 0.7 if lit else 0.28)


def _desk(c: Canvas, x: float, y: float, wide: float, near: float, lighting: Lighting, frame: Colour) -> None:
    wood = mix(rgb("#d0a06a"), lighting.near, 0.12 if not lighting.dark else 0.4)
    deep = c.u * 5.5 * near
    c.ellipse(x, y + c.u * 19 * near, wide * 0.56, c.u * 2.2 * near, lighting.near, 0.4, blur=c.u * near)
    seats = 3
    for n in range(seats):
        sx = x + wide * (n - 1) * 0.32
        hue = rgb(("#c65d4a", "#3c7f8c", "#d9a13b", "#6d5a8d")[int(c.rng.integers(4))])
        _sitter(
            c, sx, y, c.u * 15 * near, mix(hue, lighting.near, 0.25 if not lighting.dark else 0.45), lighting
        )
    c.polygon(
        [
            (x - wide * 0.47, y),
            (x + wide * 0.47, y),
            (x + wide * 0.53, y + deep),
            (x - wide * 0.53, y + deep),
        ],
        mix(wood, lighting.light, 0.2),
    )
    c.rects(
        [(x - wide * 0.53, y + deep, x + wide * 0.53, y + deep + c.u * 1.1 * near)],
        mix(wood, lighting.near, 0.4),
    )
    c.lines(
        [
            [(x + k * wide * 0.49, y + deep + c.u * near), (x + k * wide * 0.47, y + c.u * 19 * near)]
            for k in (-1, 1)
        ],
        frame,
        c.u * 0.8 * near,
    )
    for n in range(seats):
        sx = x + wide * (n - 1) * 0.32
        w, h = c.u * 6.2 * near, c.u * 4 * near
        base = y + deep * 0.55
        c.polygon(
            [
                (sx - w * 0.62, base + h * 0.26),
                (sx + w * 0.62, base + h * 0.26),
                (sx + w * 0.5, base),
                (sx - w * 0.5, base),
            ],
            mix(frame, (1, 1, 1), 0.45),
        )
        c.rects([(sx - w * 0.5, base - h, sx + w * 0.5, base)], mix(rgb("#c9ced6"), lighting.near, 0.25))
        c.circles([(sx, base - h * 0.5, h * 0.1)], (1, 1, 1), 0.85)
        c.glow(sx, base - h * 0.9, c.u * 4.4 * near, rgb("#a9dcff"), 0.3)
    cup = x + wide * 0.17
    c.rects(
        [
            (
                cup - c.u * 0.8 * near,
                y + deep * 0.35 - c.u * 1.5 * near,
                cup + c.u * 0.8 * near,
                y + deep * 0.35,
            )
        ],
        rgb("#f3efe6"),
    )
    book = x - wide * 0.17
    c.polygons(
        [
            [
                (book - c.u * 2.4 * near, y + deep * (0.5 - 0.16 * k)),
                (book + c.u * 2.4 * near, y + deep * (0.5 - 0.16 * k)),
                (book + c.u * 2.4 * near, y + deep * (0.36 - 0.16 * k)),
                (book - c.u * 2.4 * near, y + deep * (0.36 - 0.16 * k)),
            ]
            for k in range(3)
        ],
        mix(rgb("#b5523f"), lighting.near, 0.2),
    )


def _sitter(c: Canvas, x: float, y: float, tall: float, hue: Colour, lighting: Lighting) -> None:
    """Someone at the far side of a desk, seen from the front."""
    skin = mix(
        rgb(("#e8b998", "#b97f5a", "#8a5a3c", "#f0c8a6")[int(c.rng.integers(4))]),
        lighting.near,
        0.15 if not lighting.dark else 0.4,
    )
    hair = mix(rgb(("#2c1d18", "#5a3a22", "#1a1a22", "#a8763e")[int(c.rng.integers(4))]), lighting.near, 0.2)
    s = tall / 100
    c.polygon(
        curve(
            [
                (x - s * 30, y + s * 8),
                (x - s * 27, y - s * 28),
                (x - s * 10, y - s * 40),
                (x + s * 10, y - s * 40),
                (x + s * 27, y - s * 28),
                (x + s * 30, y + s * 8),
            ],
            6,
        ),
        hue,
    )
    c.rects([(x - s * 5, y - s * 48, x + s * 5, y - s * 34)], mix(skin, lighting.near, 0.2))
    c.ellipse(x, y - s * 60, s * 13, s * 16, skin)
    c.polygon(
        curve(
            [
                (x - s * 14, y - s * 58),
                (x - s * 15, y - s * 74),
                (x, y - s * 82),
                (x + s * 15, y - s * 74),
                (x + s * 14, y - s * 58),
                (x + s * 8, y - s * 69),
                (x - s * 6, y - s * 70),
            ],
            6,
        ),
        hair,
    )


def _plant(c: Canvas, x: float, base: float, tall: float, lighting: Lighting) -> None:
    green = mix(rgb("#3f7d4c"), lighting.near, 0.2 if not lighting.dark else 0.55)
    pot = mix(rgb("#c98d5e"), lighting.near, 0.25)
    for shade, share in ((mix(green, lighting.near, 0.35), 1.0), (mix(green, lighting.light, 0.2), 0.7)):
        leaves = []
        for _ in range(15):
            angle = np.pi * float(c.rng.uniform(0.12, 0.88))
            reach = tall * float(c.rng.uniform(0.45, 0.95)) * share
            tip = (x + np.cos(angle) * reach * 0.7, base - tall * 0.25 - np.sin(angle) * reach)
            mid = ((x + tip[0]) / 2, (base - tall * 0.2 + tip[1]) / 2 - tall * 0.04)
            across = tall * 0.06
            leaves.append([(x, base - tall * 0.2), (mid[0] - across, mid[1]), tip, (mid[0] + across, mid[1])])
        c.polygons([curve(leaf, 5) for leaf in leaves], shade, 0.95)
    c.polygon(
        [
            (x - tall * 0.14, base - tall * 0.26),
            (x + tall * 0.14, base - tall * 0.26),
            (x + tall * 0.1, base),
            (x - tall * 0.1, base),
        ],
        pot,
    )
