"""Rays of light falling past a whale and a shoal."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting


def underwater(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Rays of light falling past a whale and a shoal."""
    top = mix(rgb("#6fd3dc"), lighting.light, 0.25) if not lighting.dark else rgb("#2a7f95")
    middle, deep = rgb("#137099"), rgb("#04203f")
    c.gradient([(0, top), (0.35, middle), (1, deep)])
    sun_x = lighting.sun[0] * c.w
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
