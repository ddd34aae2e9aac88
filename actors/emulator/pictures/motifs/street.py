"""A street in the rain by night: windows, lamps, someone under an umbrella, all mirrored in the wet."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting


def street(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A street in the rain by night: windows, lamps, someone under an umbrella, all mirrored in the wet."""
    lighting = lighting._replace(weather="rain")
    night = mix(rgb("#0b1226"), lighting.top, 0.4)
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
    floor = horizon
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
