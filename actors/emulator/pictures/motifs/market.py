"""A night market: strings of lanterns over stalls and people."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting


def market(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A night market: strings of lanterns over stalls and people."""
    night = mix(rgb("#141233"), lighting.top, 0.4)
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
