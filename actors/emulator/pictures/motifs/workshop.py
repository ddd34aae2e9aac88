"""Inside a great clock: brass wheels, and the dial lit from behind."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting


def workshop(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Inside a great clock: brass wheels, and the dial lit from behind."""
    dark = mix(rgb("#17110f"), lighting.near, 0.4)
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
