"""A fire with sparks rising, people around it, tall trees and stars behind."""

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting, paint_stars
from actors.emulator.pictures.shapes import pines


def campfire(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A fire with sparks rising, people around it, tall trees and stars behind."""
    night = mix(rgb("#081226"), lighting.top, 0.35)
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
