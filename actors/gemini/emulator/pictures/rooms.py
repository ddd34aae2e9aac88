"""Workspace, library, table, workshop, stage: indoors."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Point, curve, mix, rgb, smooth
from actors.gemini.emulator.pictures.look import Look, paint_clouds


def view_outside(c: Canvas, look: Look, box: tuple[float, float, float, float]) -> None:
    """The sky behind a window, with far towers or hills."""
    x0, y0, x1, y1 = (int(v) for v in box)
    kept = c.px.copy()
    c.gradient([(0, look.top), (0.55, look.middle), (1, look.horizon)], top=y0, bottom=y1)
    sun = ((x0 + x1) / 2 + (x1 - x0) * 0.12, y0 + (y1 - y0) * 0.5)
    c.glow(*sun, c.u * 26, look.light, 0.75)
    paint_clouds(c, look, y1, 0.6, sun)
    for n in range(3):
        t = n / 2
        shapes, x = [], float(x0)
        while x < x1:
            wide = c.u * float(c.rng.uniform(3, 7))
            tall = (y1 - y0) * float(c.rng.uniform(0.12, 0.42)) * (1 - 0.25 * t)
            shapes.append([(x, y1), (x, y1 - tall), (x + wide, y1 - tall), (x + wide, y1)])
            x += wide * 1.1
        c.polygons(shapes, mix(look.land(0.12 + 0.3 * t), look.horizon, 0.45 - 0.25 * t))
    inside = np.zeros((c.h, c.w, 1), np.float32)
    inside[max(0, y0) : y1, max(0, x0) : x1] = 1
    c.px = kept * (1 - inside) + c.px * inside


def workspace(c: Canvas, look: Look, _words: str) -> None:
    """A loft with tall windows, long desks, screens, lamps, plants and people at work."""
    evening = look.hour in {"dusk", "night"}
    wall = mix(rgb("#e9dfcf"), look.far, 0.2) if not evening else mix(rgb("#5a4a52"), look.near, 0.35)
    floor = mix(rgb("#a9784f"), look.near, 0.15 if not evening else 0.55)
    ground = c.h * 0.7
    c.gradient([(0, mix(wall, look.near, 0.35)), (0.5, wall), (1, mix(wall, look.light, 0.1))], bottom=ground)
    top, sill = c.h * 0.1, c.h * 0.57
    bays = 4 if c.w > c.h else 2
    wide = c.w * 0.92 / bays
    panes = [
        (c.w * 0.04 + wide * n + c.u * 1.4, c.w * 0.04 + wide * (n + 1) - c.u * 1.4) for n in range(bays)
    ]
    view_outside(c, look, (c.w * 0.03, top, c.w * 0.97, sill))
    c.rects(
        [
            (0, top, panes[0][0], sill),
            (panes[-1][1], top, c.w, sill),
            *[(panes[n][1], top, panes[n + 1][0], sill) for n in range(bays - 1)],
        ],
        wall,
    )
    frame = mix(rgb("#2b2b33"), look.near, 0.4)
    bars: list[list[Point]] = []
    for a, b in panes:
        bars += [
            [(a, top), (b, top), (b, sill), (a, sill), (a, top)],
            [((a + b) / 2, top), ((a + b) / 2, sill)],
        ]
        bars += [[(a, top + (sill - top) * f), (b, top + (sill - top) * f)] for f in (0.28, 0.64)]
    c.lines(bars, frame, c.u * 0.42)
    c.gradient([(0, mix(floor, look.horizon, 0.25)), (1, mix(floor, look.near, 0.55))], top=ground)
    boards: list[list[Point]] = [
        [(c.w * (0.5 + k * 0.09), ground), (c.w * (0.5 + k * 0.26), c.h + 4)] for k in range(-12, 13)
    ]
    c.lines(boards, mix(floor, look.near, 0.7), c.u * 0.12, 0.5)
    for a, b in panes:
        c.polygon(
            [
                (a, ground),
                (b, ground),
                (b - c.w * 0.05 + (b - c.w / 2) * 0.6, c.h),
                (a - c.w * 0.05 + (a - c.w / 2) * 0.6, c.h),
            ],
            look.light,
            0.24 if not evening else 0.1,
            blur=c.u * 1.2,
            lit=True,
        )
    for n in range(5):
        x = c.w * (0.14 + 0.18 * n)
        _pendant(c, x, c.h * 0.2, c.u * 2.6, frame, evening)
    _desk(c, c.w * 0.5, ground + c.h * 0.02, c.u * 46, 0.55, look, frame)
    _desk(c, c.w * 0.46, ground + c.h * 0.2, c.u * 78, 1.0, look, frame)
    _plant(c, c.w * 0.93, c.h * 0.98, c.u * 30, look)
    _plant(c, c.w * 0.03, c.h * 0.86, c.u * 22, look)
    if not evening:
        c.glow(c.w * 0.55, c.h * 0.3, c.u * 50, look.light, 0.22, 1.3)


def _pendant(c: Canvas, x: float, y: float, r: float, frame: Colour, lit: bool) -> None:
    c.lines([[(x, 0), (x, y - r)]], frame, c.u * 0.18)
    c.polygon([(x - r * 0.25, y - r), (x + r * 0.25, y - r), (x + r, y), (x - r, y)], frame)
    c.ellipse(x, y, r * 0.55, r * 0.3, rgb("#ffe6a8"))
    c.glow(x, y + r * 0.3, r * 3.2, rgb("#ffcf87"), 0.7 if lit else 0.28)


def _desk(c: Canvas, x: float, y: float, wide: float, near: float, look: Look, frame: Colour) -> None:
    wood = mix(rgb("#d0a06a"), look.near, 0.12 if not look.dark else 0.4)
    deep = c.u * 5.5 * near
    c.ellipse(x, y + c.u * 19 * near, wide * 0.56, c.u * 2.2 * near, look.near, 0.4, blur=c.u * near)
    seats = 3
    for n in range(seats):
        sx = x + wide * (n - 1) * 0.32
        hue = rgb(("#c65d4a", "#3c7f8c", "#d9a13b", "#6d5a8d")[int(c.rng.integers(4))])
        _sitter(c, sx, y, c.u * 15 * near, mix(hue, look.near, 0.25 if not look.dark else 0.45), look)
    c.polygon(
        [
            (x - wide * 0.47, y),
            (x + wide * 0.47, y),
            (x + wide * 0.53, y + deep),
            (x - wide * 0.53, y + deep),
        ],
        mix(wood, look.light, 0.2),
    )
    c.rects(
        [(x - wide * 0.53, y + deep, x + wide * 0.53, y + deep + c.u * 1.1 * near)], mix(wood, look.near, 0.4)
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
        c.rects([(sx - w * 0.5, base - h, sx + w * 0.5, base)], mix(rgb("#c9ced6"), look.near, 0.25))
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
        mix(rgb("#b5523f"), look.near, 0.2),
    )


def _sitter(c: Canvas, x: float, y: float, tall: float, hue: Colour, look: Look) -> None:
    """Someone at the far side of a desk, seen from the front."""
    skin = mix(
        rgb(("#e8b998", "#b97f5a", "#8a5a3c", "#f0c8a6")[int(c.rng.integers(4))]),
        look.near,
        0.15 if not look.dark else 0.4,
    )
    hair = mix(rgb(("#2c1d18", "#5a3a22", "#1a1a22", "#a8763e")[int(c.rng.integers(4))]), look.near, 0.2)
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
    c.rects([(x - s * 5, y - s * 48, x + s * 5, y - s * 34)], mix(skin, look.near, 0.2))
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


def _plant(c: Canvas, x: float, base: float, tall: float, look: Look) -> None:
    green = mix(rgb("#3f7d4c"), look.near, 0.2 if not look.dark else 0.55)
    pot = mix(rgb("#c98d5e"), look.near, 0.25)
    for shade, share in ((mix(green, look.near, 0.35), 1.0), (mix(green, look.light, 0.2), 0.7)):
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


def library(c: Canvas, look: Look, _words: str) -> None:
    """Shelves running to a tall arched window, a reading lamp and an open book."""
    wood = mix(rgb("#5b351f"), look.near, 0.2)
    dark = mix(wood, (0, 0, 0), 0.62)
    horizon = c.h * 0.6
    focus = c.w * 0.5
    c.gradient([(0, dark), (0.6, mix(wood, dark, 0.4)), (1, mix(rgb("#7a4a2a"), dark, 0.3))])
    wide, top = c.u * 13, c.h * 0.16
    arch = [
        (focus - wide, horizon),
        (focus - wide, top + wide),
        *((focus - wide * np.cos(a), top + wide - wide * np.sin(a)) for a in np.linspace(0, np.pi, 24)),
        (focus + wide, top + wide),
        (focus + wide, horizon),
    ]
    c.polygon(arch, mix(look.middle, look.light, 0.25 if not look.dark else 0.05))
    c.glow(focus, c.h * 0.36, c.u * 20, look.light, 0.8 if not look.dark else 0.35)
    bars: list[list[Point]] = [
        [(focus + k * wide, top + 4), (focus + k * wide, horizon)] for k in (-0.5, 0, 0.5)
    ]
    bars += [
        [(focus - wide, horizon - (horizon - top) * f), (focus + wide, horizon - (horizon - top) * f)]
        for f in (0.25, 0.5, 0.75)
    ]
    c.lines(bars, dark, c.u * 0.45)
    for side in (-1, 1):
        _shelves(c, focus, side, wide * 1.12, horizon, wood, dark)
    c.polygon(
        [
            (focus - wide * 1.1, horizon),
            (focus + wide * 1.1, horizon),
            (c.w * 1.1, c.h + 5),
            (-c.w * 0.1, c.h + 5),
        ],
        mix(rgb("#6e3f26"), dark, 0.35),
    )
    c.polygon(
        [
            (focus - wide * 0.5, horizon),
            (focus + wide * 0.5, horizon),
            (focus + c.w * 0.3, c.h + 5),
            (focus - c.w * 0.3, c.h + 5),
        ],
        mix(rgb("#8e2f2f"), dark, 0.2),
        0.85,
    )
    for k in range(-2, 4):
        x = focus + k * wide * 0.4
        c.polygon(
            [
                (x, top),
                (x + wide * 0.22, top),
                (x + c.w * 0.2 + k * c.w * 0.03, c.h * 0.94),
                (x + c.w * 0.1 + k * c.w * 0.02, c.h * 0.94),
            ],
            look.light,
            0.1,
            blur=c.u * 1.4,
            lit=True,
        )
    _reading_table(c, wood, dark)
    motes = [
        (
            c.w * float(c.rng.uniform(0.25, 0.8)),
            c.h * float(c.rng.uniform(0.2, 0.8)),
            c.u * float(c.rng.uniform(0.06, 0.2)),
        )
        for _ in range(110)
    ]
    c.circles(motes, mix(look.light, (1, 0.9, 0.7), 0.5), 0.55, lit=True)


SPINES = (
    "#8c2f2b",
    "#2f5d62",
    "#c28b3b",
    "#3b4a6b",
    "#6b7a3d",
    "#a85b3c",
    "#e0c9a0",
    "#5a3a5c",
    "#27414f",
    "#b9433c",
)


def _shelves(
    c: Canvas, focus: float, side: int, start: float, horizon: float, wood: Colour, dark: Colour
) -> None:
    """A wall of books in perspective, from the window to the viewer."""

    def at(u: float, v: float) -> Point:
        # u: 0 at the window, 1 beside the viewer; v: 0 at the floor, 1 at the top of the case.
        k = u**1.9
        x = focus + side * (start + (c.w * 0.56 - start) * k)
        floor, top = horizon + c.h * 0.36 * k, horizon - c.h * 0.44 - c.h * 0.5 * k
        return (x, floor + (top - floor) * v)

    c.polygon([at(0, 0), at(0, 1), at(1.15, 1), at(1.15, 0)], mix(wood, dark, 0.45))
    by_hue: dict[str, list[list[Point]]] = {}
    rows = 7
    for row in range(rows):
        u = 0.0
        while u < 1.1:
            step = float(c.rng.uniform(0.008, 0.017)) * (1.25 - 0.35 * u)
            low, high = (row + 0.1) / rows, (row + 0.1 + float(c.rng.uniform(0.55, 0.78))) / rows
            if c.rng.random() > 0.06:
                hue = SPINES[int(c.rng.integers(len(SPINES)))]
                by_hue.setdefault(hue, []).append(
                    [at(u, low), at(u, high), at(u + step * 0.88, high), at(u + step * 0.88, low)]
                )
            u += step
    for hue, shapes in by_hue.items():
        c.polygons(shapes, mix(rgb(hue), dark, 0.34))
    boards = [
        [at(0, row / rows), at(0, (row + 0.09) / rows), at(1.15, (row + 0.09) / rows), at(1.15, row / rows)]
        for row in range(rows + 1)
    ]
    posts = [[at(u, 0), at(u, 1), at(u + 0.022, 1), at(u + 0.022, 0)] for u in (0.0, 0.3, 0.55, 0.78, 1.0)]
    c.polygons([*boards, *posts], mix(wood, rgb("#a06a3c"), 0.3))


def _reading_table(c: Canvas, wood: Colour, dark: Colour) -> None:
    x, y = c.w * 0.5, c.h * 0.82
    top = mix(wood, rgb("#a5672f"), 0.45)
    c.ellipse(x, y + c.u * 2.4, c.u * 36, c.u * 5.2, dark, 0.8, blur=c.u)
    c.ellipse(x, y + c.u * 1.2, c.u * 34, c.u * 5.4, mix(top, dark, 0.5))
    c.ellipse(x, y, c.u * 34, c.u * 5.2, top)
    bx, by, s = x + c.u * 3, y - c.u * 0.6, c.u * 0.5
    paper = rgb("#f4e8cd")
    for side in (-1, 1):
        page = [(0, 0), (side * 8, -2.6), (side * 17, -0.8), (side * 19, 4.4), (side * 9, 2.6), (0, 5)]
        c.polygon([(bx + s * a, by + s * (b + 1)) for a, b in page], mix(paper, dark, 0.4))
        c.polygon([(bx + s * a, by + s * b) for a, b in page], paper)
        c.lines(
            [
                [(bx + s * side * 3, by + s * (k - 0.6)), (bx + s * side * 14, by + s * (k - 1.2))]
                for k in (0.6, 1.6, 2.6)
            ],
            mix(paper, dark, 0.45),
            s * 0.22,
            0.7,
        )
    lx, ly = x - c.u * 17, y - c.u * 1
    c.lines([[(lx, ly), (lx, ly - c.u * 12)]], rgb("#b58a3c"), c.u * 0.7)
    c.ellipse(lx, ly, c.u * 3.4, c.u * 0.9, rgb("#8f6a2b"))
    c.polygon(
        curve(
            [
                (lx - c.u * 6, ly - c.u * 11),
                (lx - c.u * 4.4, ly - c.u * 15),
                (lx + c.u * 4.4, ly - c.u * 15),
                (lx + c.u * 6, ly - c.u * 11),
            ],
            5,
        ),
        rgb("#2f7a55"),
    )
    c.ellipse(lx, ly - c.u * 11, c.u * 5.4, c.u * 0.8, rgb("#fff0bf"))
    c.glow(lx, ly - c.u * 9, c.u * 11, rgb("#ffcf7d"), 0.8)
    c.glow(lx + c.u * 5, ly, c.u * 22, rgb("#ffb65c"), 0.35, 1.6)


def table(c: Canvas, look: Look, _words: str) -> None:
    """A table by the window: a steaming cup, bread, flowers, the weather outside."""
    wall = mix(rgb("#d8c3a5"), look.near, 0.25 if not look.dark else 0.6)
    c.gradient([(0, mix(wall, look.near, 0.3)), (1, wall)])
    board = c.h * 0.72
    x0, x1, y0 = c.w * 0.2, c.w * 0.8, c.h * 0.06
    c.gradient([(0, look.top), (0.5, look.middle), (1, look.horizon)], top=y0, bottom=board)
    c.glow(c.w * 0.58, c.h * 0.4, c.u * 32, look.light, 0.7)
    for n in range(3):
        line = c.line(c.h * (0.5 + 0.08 * n), c.h * 0.12, c.w * 0.25, 5)
        c.below(
            line,
            mix(look.land(0.15 + 0.2 * n), look.horizon, 0.2),
            mix(look.land(0.3 + 0.2 * n), look.horizon, 0.3),
            c.h * 0.2,
        )
    frame = mix(rgb("#f2ebdf"), look.near, 0.2 if not look.dark else 0.55)
    c.px[:, : int(x0)] = np.asarray(wall, np.float32)
    c.px[:, int(x1) :] = np.asarray(wall, np.float32)
    c.px[: int(y0)] = np.asarray(mix(wall, look.near, 0.2), np.float32)
    c.lines([[(x0, y0), (x1, y0), (x1, board), (x0, board), (x0, y0)]], frame, c.u * 2.4)
    c.lines([[(c.w * 0.5, y0), (c.w * 0.5, board)], [(x0, c.h * 0.3), (x1, c.h * 0.3)]], frame, c.u * 1.1)
    for side, edge in ((-1, x0), (1, x1)):
        folds = []
        for k in range(7):
            a = edge + side * c.u * (k * 3.2 - 6)
            folds.append(
                [
                    (a, 0),
                    (a + side * c.u * 3.6, 0),
                    (a + side * c.u * (3.4 + k * 0.5), board),
                    (a + side * c.u * k * 0.4, board),
                ]
            )
        for n, fold in enumerate(folds):
            c.polygon(
                fold,
                mix(
                    mix(rgb("#e9d9c0"), look.light, 0.2),
                    look.near,
                    0.12 + 0.16 * (n % 2) + (0.3 if look.dark else 0),
                ),
                0.94,
                blur=c.u * 0.2,
            )
    wood = mix(rgb("#b57a45"), look.near, 0.15 if not look.dark else 0.5)
    c.gradient([(0, mix(wood, look.light, 0.35)), (1, mix(wood, look.near, 0.45))], top=board)
    grain = c.noise(c.u * 2.2, 3, 16.0)
    c.blend(
        smooth(0.45, 0.7, grain) * smooth(board, board + 6, c.ys + 0 * c.xs), mix(wood, look.near, 0.5), 0.3
    )
    c.glow(c.w * 0.56, board + c.u * 4, c.u * 24, look.light, 0.4, 2.2)
    _cup(c, c.w * 0.46, c.h * 0.86, c.u * 10, look)
    _loaf(c, c.w * 0.68, c.h * 0.87, c.u * 12, look)
    _vase(c, c.w * 0.29, c.h * 0.84, c.u * 7, look)


def _cup(c: Canvas, x: float, base: float, r: float, look: Look) -> None:
    china = mix(rgb("#f7f3ea"), look.near, 0.06 if not look.dark else 0.3)
    c.ellipse(x - r * 0.3, base + r * 0.1, r * 1.9, r * 0.36, look.near, 0.4, blur=r * 0.12)
    c.ellipse(x, base, r * 1.6, r * 0.36, mix(china, look.near, 0.16))
    c.ellipse(x, base - r * 0.06, r * 1.5, r * 0.31, china)
    c.lines(
        [
            curve(
                [
                    (x + r * 0.9, base - r * 0.95),
                    (x + r * 1.5, base - r * 0.9),
                    (x + r * 1.45, base - r * 0.45),
                    (x + r * 0.75, base - r * 0.35),
                ],
                8,
                closed=False,
            )
        ],
        china,
        r * 0.17,
    )
    c.polygon(
        curve(
            [
                (x - r, base - r * 1.25),
                (x - r * 0.88, base - r * 0.5),
                (x - r * 0.5, base - r * 0.05),
                (x + r * 0.5, base - r * 0.05),
                (x + r * 0.88, base - r * 0.5),
                (x + r, base - r * 1.25),
            ],
            8,
        ),
        china,
    )
    c.polygon(
        [
            (x + r * 0.2, base - r * 1.2),
            (x + r, base - r * 1.25),
            (x + r * 0.85, base - r * 0.5),
            (x + r * 0.45, base - r * 0.06),
            (x, base - r * 0.06),
        ],
        look.near,
        0.17,
        blur=r * 0.2,
    )
    c.ellipse(x, base - r * 1.25, r, r * 0.27, mix(china, (1, 1, 1), 0.5))
    c.ellipse(x, base - r * 1.22, r * 0.88, r * 0.21, rgb("#4a2a18"))
    c.ellipse(x - r * 0.2, base - r * 1.26, r * 0.4, r * 0.08, rgb("#8a5a36"), 0.8, blur=r * 0.05)
    for k in (-0.35, 0.05, 0.4):
        path = [
            (x + r * (k + 0.22 * np.sin(t * 5 + k * 9)), base - r * (1.35 + 2.1 * t))
            for t in np.linspace(0, 1, 22)
        ]
        c.lines([path], (1, 1, 1), r * 0.15, 0.32, blur=r * 0.16, lit=True)


def _loaf(c: Canvas, x: float, base: float, r: float, look: Look) -> None:
    crust = mix(rgb("#b8692c"), look.near, 0.1 if not look.dark else 0.4)
    c.ellipse(x, base + r * 0.06, r * 1.2, r * 0.22, look.near, 0.4, blur=r * 0.1)
    c.polygon(
        [
            (x - r * 1.25, base - r * 0.05),
            (x + r * 1.25, base - r * 0.05),
            (x + r * 1.15, base + r * 0.14),
            (x - r * 1.15, base + r * 0.14),
        ],
        mix(rgb("#7a4a28"), look.near, 0.2),
    )
    c.polygon(
        curve(
            [
                (x - r, base - r * 0.1),
                (x - r * 0.8, base - r * 0.6),
                (x, base - r * 0.78),
                (x + r * 0.8, base - r * 0.6),
                (x + r, base - r * 0.1),
                (x, base),
            ],
            8,
        ),
        crust,
    )
    c.ellipse(
        x - r * 0.1, base - r * 0.55, r * 0.7, r * 0.16, mix(crust, look.light, 0.45), 0.6, blur=r * 0.12
    )
    for k in (-0.5, -0.1, 0.3):
        c.polygon(
            curve(
                [
                    (x + r * k, base - r * 0.68),
                    (x + r * (k + 0.14), base - r * 0.7),
                    (x + r * (k + 0.3), base - r * 0.36),
                    (x + r * (k + 0.12), base - r * 0.38),
                ],
                5,
            ),
            rgb("#f1d9a8"),
            0.85,
        )


def _vase(c: Canvas, x: float, base: float, r: float, look: Look) -> None:
    glass = mix(rgb("#5f9ea0"), look.near, 0.15)
    stems, blooms = [], []
    for k in range(9):
        angle = np.pi * (0.2 + 0.6 * (k + 0.5) / 9)
        reach = r * float(c.rng.uniform(2.2, 3.6))
        tip = (x + np.cos(angle) * reach * 0.75, base - r * 1.9 - np.sin(angle) * reach)
        stems.append([(x, base - r * 1.5), ((x + tip[0]) / 2, (base - r * 1.7 + tip[1]) / 2 - r * 0.2), tip])
        blooms.append(tip)
    c.lines(stems, mix(rgb("#4d7a3e"), look.near, 0.25), r * 0.09)
    for tip in blooms:
        flower(
            c,
            tip[0],
            tip[1],
            r * float(c.rng.uniform(0.4, 0.62)),
            rgb(("#f2a0a8", "#fff1d6", "#f5c04f", "#d96b6b")[int(c.rng.integers(4))]),
        )
    c.ellipse(x, base, r * 0.9, r * 0.2, look.near, 0.35, blur=r * 0.12)
    c.polygon(
        curve(
            [
                (x - r * 0.42, base - r * 1.9),
                (x - r * 0.38, base - r * 1.5),
                (x - r * 0.85, base - r * 0.7),
                (x - r * 0.55, base),
                (x + r * 0.55, base),
                (x + r * 0.85, base - r * 0.7),
                (x + r * 0.38, base - r * 1.5),
                (x + r * 0.42, base - r * 1.9),
            ],
            6,
        ),
        glass,
    )
    c.ellipse(x - r * 0.35, base - r * 0.8, r * 0.12, r * 0.4, (1, 1, 1), 0.5, blur=r * 0.08)


def flower(c: Canvas, x: float, y: float, r: float, hue: Colour, petals: int = 6) -> None:
    turn = float(c.rng.uniform(0, 6))
    discs = [
        (
            x + np.cos(turn + 2 * np.pi * k / petals) * r * 0.55,
            y + np.sin(turn + 2 * np.pi * k / petals) * r * 0.55,
            r * 0.46,
        )
        for k in range(petals)
    ]
    c.circles(discs, hue)
    c.circles(
        [(a - r * 0.08, b - r * 0.1, s * 0.55) for a, b, s in discs],
        mix(hue, (1, 1, 1), 0.45),
        0.5,
        blur=r * 0.1,
    )
    c.circles([(x, y, r * 0.3)], rgb("#f2b632"))


def workshop(c: Canvas, look: Look, _words: str) -> None:
    """Inside a great clock: brass wheels, and the dial lit from behind."""
    dark = mix(rgb("#17110f"), look.near, 0.4)
    c.gradient([(0, mix(dark, rgb("#3a2618"), 0.5)), (1, dark)])
    x, y, r = c.w * 0.54, c.h * 0.5, min(c.h * 0.36, c.w * 0.36)
    c.glow(x, y, r * 1.2, rgb("#ffc56b"), 0.55)
    brass = rgb("#c08a3e")
    wheels = (
        (-0.98, 0.34, 0.42, 22),
        (-0.86, -0.5, 0.34, 18),
        (1.08, -0.42, 0.46, 24),
        (1.02, 0.52, 0.36, 18),
        (-1.5, -0.1, 0.3, 16),
        (1.62, 0.1, 0.28, 14),
        (-1.62, 0.62, 0.36, 18),
        (1.6, -0.84, 0.32, 16),
        (-1.4, -0.86, 0.3, 16),
    )
    for n, (dx, dy, size, teeth) in enumerate(wheels):
        gear(c, x + dx * r, y + dy * r, size * r, teeth, mix(brass, dark, 0.28 + 0.08 * (n % 4)), dark)
    for share, tone in (
        (1.1, mix(brass, dark, 0.45)),
        (1.05, mix(brass, rgb("#ffe2a0"), 0.35)),
        (1.0, rgb("#fbeed0")),
    ):
        c.circles([(x, y, r * share)], tone)
    c.glow(x, y, r * 0.7, rgb("#fff6dd"), 0.7)
    c.circles([(x, y, r * 0.99)], mix(dark, brass, 0.4), 0.16, blur=r * 0.08)
    ticks_: list[list[Point]] = []
    for k in range(60):
        a = 2 * np.pi * k / 60
        inner = 0.86 if k % 5 else 0.76
        ticks_.append(
            [
                (x + np.sin(a) * r * inner, y - np.cos(a) * r * inner),
                (x + np.sin(a) * r * 0.92, y - np.cos(a) * r * 0.92),
            ]
        )
    c.lines([tick for k, tick in enumerate(ticks_) if k % 5], dark, r * 0.009, 0.85)
    c.lines(ticks_[::5], dark, r * 0.034)
    c.lines(
        [[(x + np.sin(a) * r * 0.68, y - np.cos(a) * r * 0.68) for a in np.linspace(0, 2 * np.pi, 80)]],
        mix(brass, dark, 0.3),
        r * 0.012,
        0.7,
    )
    gear(c, x, y, r * 0.3, 20, mix(brass, dark, 0.1), dark)
    for hour, length, wide in (
        (float(c.rng.uniform(0, 12)), 0.5, 0.045),
        (float(c.rng.uniform(0, 12)), 0.8, 0.03),
    ):
        a = hour / 12 * 2 * np.pi
        tip = (x + np.sin(a) * r * length, y - np.cos(a) * r * length)
        back = (x - np.sin(a) * r * 0.16, y + np.cos(a) * r * 0.16)
        side = (np.cos(a) * r * wide, np.sin(a) * r * wide)
        middle = (x + np.sin(a) * r * length * 0.7, y - np.cos(a) * r * length * 0.7)
        c.polygon(
            [
                (back[0] - side[0], back[1] - side[1]),
                (middle[0] - side[0], middle[1] - side[1]),
                tip,
                (middle[0] + side[0], middle[1] + side[1]),
                (back[0] + side[0], back[1] + side[1]),
            ],
            dark,
        )
    c.circles([(x, y, r * 0.07)], rgb("#e3b35e"))
    for k in range(5):
        a = c.w * (0.12 * k - 0.1)
        c.polygon(
            [(a, -5), (a + c.u * 5, -5), (a + c.w * 0.44, c.h + 5), (a + c.w * 0.3, c.h + 5)],
            rgb("#ffcf87"),
            0.06,
            blur=c.u * 1.6,
            lit=True,
        )
    dust = [
        (c.w * float(c.rng.random()), c.h * float(c.rng.random()), c.u * float(c.rng.uniform(0.06, 0.22)))
        for _ in range(90)
    ]
    c.circles(dust, rgb("#ffe3ad"), 0.6, lit=True)


def gear(c: Canvas, x: float, y: float, r: float, teeth: int, tone: Colour, dark: Colour) -> None:
    turn = float(c.rng.uniform(0, 1))
    outline: list[Point] = []
    for k in range(teeth):
        for share, radius in ((0.0, 0.88), (0.22, 1.0), (0.48, 1.0), (0.7, 0.88)):
            a = 2 * np.pi * (k + share + turn) / teeth
            outline.append((float(x + np.cos(a) * r * radius), float(y + np.sin(a) * r * radius)))
    c.polygon([(a + r * 0.06, b + r * 0.09) for a, b in outline], (0, 0, 0), 0.45, blur=r * 0.05)
    c.polygon(outline, tone)
    c.circles([(x, y, r * 0.72)], mix(tone, dark, 0.5))
    c.circles([(x, y, r * 0.69)], mix(tone, dark, 0.28))
    spokes: list[list[Point]] = []
    for k in range(5):
        a = 2 * np.pi * (k + turn) / 5
        spokes.append(
            [(float(x), float(y)), (float(x + np.cos(a) * r * 0.72), float(y + np.sin(a) * r * 0.72))]
        )
    c.circles(
        [
            (
                x + np.cos(2 * np.pi * (k + turn + 0.5) / 5) * r * 0.43,
                y + np.sin(2 * np.pi * (k + turn + 0.5) / 5) * r * 0.43,
                r * 0.17,
            )
            for k in range(5)
        ],
        mix(dark, (0, 0, 0), 0.3),
        0.9,
    )
    c.circles([(x, y, r * 0.17)], tone)
    c.circles([(x, y, r * 0.08)], dark)
    c.ellipse(x - r * 0.35, y - r * 0.4, r * 0.45, r * 0.3, rgb("#ffe2a0"), 0.3, blur=r * 0.2, lit=True)
    c.lines(spokes, tone, 1.0, 0.2)


def stage(c: Canvas, _look: Look, _words: str) -> None:
    """Beams of light on a stage, a figure at the microphone, hands in the air."""
    dark = rgb("#07060f")
    hues = (
        ("#ff3d81", "#5b6cff", "#29d3ff"),
        ("#ffb347", "#ff5f6d", "#9b5cff"),
        ("#36e2b4", "#3d7bff", "#c15cff"),
    )[int(c.rng.integers(3))]
    tones = [rgb(code) for code in hues]
    floor = c.h * 0.66
    c.gradient([(0, dark), (0.7, mix(dark, tones[1], 0.3)), (1, mix(dark, tones[0], 0.3))])
    c.light(smooth(0.4, 0.9, c.noise(c.u * 30, 4, 1.8)), tones[1], 0.22)
    c.glow(c.w * 0.5, floor - c.u * 10, c.u * 34, tones[0], 0.6, 1.4)
    for k in range(9):
        top = c.w * (0.1 + 0.1 * k)
        foot = c.w * (0.5 + (k - 4) * float(c.rng.uniform(0.02, 0.12)))
        tone = tones[k % 3]
        c.polygon(
            [
                (top - c.u * 0.4, 0),
                (top + c.u * 0.4, 0),
                (foot + c.u * 8, floor + c.u * 3),
                (foot - c.u * 8, floor + c.u * 3),
            ],
            tone,
            0.26,
            blur=c.u * 1.1,
            lit=True,
        )
        c.polygon(
            [
                (top - c.u * 0.2, 0),
                (top + c.u * 0.2, 0),
                (foot + c.u * 3, floor + c.u * 2),
                (foot - c.u * 3, floor + c.u * 2),
            ],
            mix(tone, (1, 1, 1), 0.5),
            0.24,
            blur=c.u * 0.7,
            lit=True,
        )
        c.glow(top, c.u * 2, c.u * 2.4, mix(tone, (1, 1, 1), 0.5), 0.9)
    c.rects([(0, c.u * 0.4, c.w, c.u * 1.6)], dark, 0.9)
    c.polygon(
        [
            (c.w * 0.08, floor),
            (c.w * 0.92, floor),
            (c.w * 1.02, floor + c.h * 0.12),
            (-c.w * 0.02, floor + c.h * 0.12),
        ],
        mix(dark, tones[0], 0.22),
    )
    c.ellipse(
        c.w * 0.5,
        floor + c.u * 4,
        c.u * 24,
        c.u * 2.6,
        mix(tones[0], (1, 1, 1), 0.55),
        0.4,
        blur=c.u * 1.4,
        lit=True,
    )
    _singer(c, c.w * 0.5, floor + c.u * 4.4, c.u * 26, dark, tones[2])
    _crowd(c, dark, tones)


def _singer(c: Canvas, x: float, base: float, tall: float, dark: Colour, rim: Colour) -> None:
    s = tall / 100
    shapes = [
        [(-13, 0), (-7, 46), (0, 48), (-5, 0)],
        [(6, 0), (1, 46), (9, 48), (15, 0)],
        [(-9, 44), (-13, 74), (-6, 81), (8, 81), (14, 73), (10, 44)],
        [(-12, 76), (-20, 60), (-6, 66), (-8, 70), (-14, 66), (-8, 79)],
        [(12, 78), (24, 92), (30, 108), (26, 109), (19, 95), (8, 82)],
    ]
    moved = [[(x + s * a, base - s * b) for a, b in shape] for shape in shapes]
    c.polygons(
        [[(a - s * 1.5, b - s) for a, b in shape] for shape in moved], rim, 0.85, blur=s * 0.8, lit=True
    )
    c.polygons(moved, dark)
    c.circles([(x, base - s * 90, s * 8.6)], dark)
    c.lines([[(x - s * 22, base), (x - s * 14, base - s * 76)]], dark, s * 1.6)
    c.circles([(x - s * 12.5, base - s * 80, s * 3.2)], dark)


def _crowd(c: Canvas, dark: Colour, tones: list[Colour]) -> None:
    for row in range(3):
        base = c.h * (0.88 + 0.07 * row)
        size = c.u * (2.2 + 1.3 * row)
        heads, arms = [], []
        x = -size
        while x < c.w + size:
            y = base + size * float(c.rng.uniform(-0.5, 0.6))
            heads.append((x, y, size * 0.72))
            if c.rng.random() < 0.34:
                lean = float(c.rng.normal(0, 0.5)) * size
                arms.append(
                    [
                        (x + size * 0.7, y + size),
                        (x + size * 0.8 + lean * 0.4, y - size * 1.2),
                        (x + size * 0.8 + lean, y - size * 2.6),
                    ]
                )
            x += size * float(c.rng.uniform(1.4, 2.1))
        tone = mix(dark, tones[row % 3], 0.2 - 0.07 * row)
        c.circles(
            [(a, b - size * 0.1, r * 1.06) for a, b, r in heads],
            tones[(row + 1) % 3],
            0.28,
            blur=size * 0.12,
            lit=True,
        )
        c.circles(heads, tone)
        c.polygons(
            [
                curve(
                    [
                        (a - size * 1.3, b + size * 3),
                        (a - size * 1.0, b + size * 0.9),
                        (a, b + size * 0.45),
                        (a + size * 1.0, b + size * 0.9),
                        (a + size * 1.3, b + size * 3),
                    ],
                    5,
                )
                for a, b, _ in heads
            ],
            tone,
        )
        c.lines(arms, tone, size * 0.42)


ROOMS: dict[str, Any] = {
    "workspace": workspace,
    "library": library,
    "table": table,
    "workshop": workshop,
    "stage": stage,
}
