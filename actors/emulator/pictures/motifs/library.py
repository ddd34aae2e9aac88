"""Shelves running to a tall arched window, a reading lamp and an open book."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point, curve
from actors.emulator.pictures.lighting import Lighting

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


def library(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Shelves running to a tall arched window, a reading lamp and an open book."""
    wood = mix(rgb("#5b351f"), lighting.near, 0.2)
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
    c.polygon(arch, mix(lighting.middle, lighting.light, 0.25 if not lighting.dark else 0.05))
    c.glow(focus, c.h * 0.36, c.u * 20, lighting.light, 0.8 if not lighting.dark else 0.35)
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
            lighting.light,
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
    c.circles(motes, mix(lighting.light, (1, 0.9, 0.7), 0.5), 0.55, lit=True)


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
