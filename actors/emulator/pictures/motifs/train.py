"""A steam train over a viaduct in the evening, windows lit, its steam drifting back."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import pines


def train(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A steam train over a viaduct in the evening, windows lit, its steam drifting back."""
    horizon = c.h * 0.66
    paint_sky(c, lighting, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.6 + 0.07 * n), c.h * 0.24, c.w * 0.36, 6, sharp=n == 0)
        c.below(
            line,
            lighting.land(0.12 + 0.26 * t),
            mix(lighting.land(0.2 + 0.2 * t), lighting.horizon, 0.5),
            c.h * 0.25,
        )
        c.haze(c.h * 0.7, c.h * 0.08, mix(lighting.horizon, lighting.light, 0.3), 0.5)
    rail = c.h * 0.64
    stone = mix(mix(rgb("#a08d7c"), lighting.far, 0.3), lighting.near, 0.4 if not lighting.dark else 0.65)
    _viaduct(c, rail, stone, lighting)
    u = c.u * 0.92
    front = c.w * 0.8
    _engine(c, front, rail, u, lighting)
    for n in range(5):
        _carriage(c, front - u * (39 + 27 * n), rail, u, lighting, rgb(("#8c2f2b", "#2f5d62")[n % 2]))
    _steam(c, front + u * 0, rail - u * 13.6, u, lighting)
    floor = c.line(c.h * 0.95, c.h * 0.07, c.w * 0.3, 5)
    c.below(floor, lighting.land(0.85), lighting.near, c.h * 0.1)
    pines(c, floor, int(c.w / 24), c.u * 8.5, lighting.land(0.95))
    c.haze(c.h * 0.86, c.h * 0.06, mix(lighting.horizon, lighting.light, 0.2), 0.4)


def _viaduct(c: Canvas, rail: float, stone: Colour, lighting: Lighting) -> None:
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
        c.rects([(left + pier * 0.55, rail + c.u * 4, left + pier, c.h)], lighting.near, 0.3)
    c.rects([(0, rail - c.u * 0.3, c.w, rail + c.u * 0.4)], mix(stone, lighting.light, 0.4))
    c.rects([(0, rail + c.u * 2.6, c.w, rail + c.u * 3.1)], lighting.near, 0.35)


def _engine(c: Canvas, x: float, rail: float, u: float, lighting: Lighting) -> None:
    black, red, brass = mix(rgb("#1d2027"), lighting.near, 0.4), rgb("#a8322c"), rgb("#d9a441")
    c.rects([(x - u * 10, rail - u * 8.6, x + u * 10, rail - u * 3.2)], black)
    c.ellipse(x + u * 10, rail - u * 5.9, u * 1.4, u * 2.7, mix(black, (1, 1, 1), 0.12))
    c.rects([(x - u * 10, rail - u * 7.9, x + u * 10, rail - u * 7.2)], (1, 1, 1), 0.25, blur=u * 0.2)
    c.rects([(x - u * 22, rail - u * 11.4, x - u * 10, rail - u * 3)], mix(red, lighting.near, 0.2))
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


def _carriage(c: Canvas, x: float, rail: float, u: float, lighting: Lighting, hue: Colour) -> None:
    tone = mix(hue, lighting.near, 0.3 if not lighting.dark else 0.5)
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
        mix(lighting.near, rgb("#4a4a52"), 0.3),
    )
    panes = [
        (x + u * (k * 3.9 - 1.35), rail - u * 8, x + u * (k * 3.9 + 1.35), rail - u * 5.2)
        for k in range(-2, 3)
    ]
    c.rects(panes, rgb("#ffd88f"))
    c.rects([(x - u * 12.4, rail - u * 4.4, x + u * 12.4, rail - u * 3.9)], rgb("#e3c07a"), 0.7)
    c.glow(x, rail - u * 6.6, u * 7, rgb("#ffb861"), 0.35, 1.7)
    c.circles(
        [(x + u * k, rail - u * 1.3, u * 1.3) for k in (-9, -6, 6, 9)], mix(lighting.near, (0, 0, 0), 0.3)
    )
    c.lines([[(x - u * 14.4, rail - u * 2.6), (x - u * 12, rail - u * 2.6)]], lighting.near, u * 0.7)


def _steam(c: Canvas, x: float, y: float, u: float, lighting: Lighting) -> None:
    for tone, opacity, shift in (
        (mix(lighting.middle, lighting.horizon, 0.4), 0.5, 1.0),
        (mix(lighting.horizon, (1, 1, 1), 0.45), 0.6, 0.75),
    ):
        puffs = []
        for _ in range(120):
            t = float(c.rng.random()) ** 0.8
            px = x + u * 7 - u * 96 * t
            py = y - u * (1 + 15 * t**0.7) + u * float(c.rng.normal(0, 0.7 + 3.4 * t))
            puffs.append((px, py, u * (1 + 5.4 * t) * float(c.rng.uniform(0.5, 1.1)) * shift))
        c.circles(puffs, tone, opacity, blur=u * 1.1)
