"""A castle on its rock above a sea of mist."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import pines


def castle(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A castle on its rock above a sea of mist."""
    horizon = c.h * 0.75
    paint_sky(c, lighting, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.66 + 0.06 * n), c.h * 0.3, c.w * 0.36, 6, sharp=True)
        c.below(
            line,
            mix(lighting.land(0.1 + 0.16 * t), lighting.horizon, 0.15),
            mix(lighting.land(0.2), lighting.horizon, 0.6),
            c.h * 0.3,
        )
        c.haze(c.h * 0.72, c.h * 0.09, mix(lighting.horizon, lighting.light, 0.35), 0.6)
    x, base, s = c.w * 0.52, c.h * 0.66, c.u * 0.62
    stone = mix(mix(rgb("#8e8595"), lighting.far, 0.45), lighting.near, 0.35 if not lighting.dark else 0.6)
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
    c.polygon(cliff, mix(stone, lighting.near, 0.45))
    found = c.outline(cliff)
    if found:
        mask, (mx, my) = found
        h, w = mask.shape
        rough = c.noise(c.u * 8, 5, 0.55, 0.62)[my : my + h, mx : mx + w]
        c.blend(mask * smooth(0.5, 0.75, rough), mix(stone, lighting.light, 0.3), 0.5, (mx, my))
    roof = mix(rgb("#37568a"), lighting.near, 0.3)
    for dx, wide, tall, cone in (
        (-36, 9, 30, 15),
        (34, 10, 34, 17),
        (-16, 8, 46, 17),
        (18, 9, 52, 20),
        (0, 13, 66, 24),
        (-27, 6, 38, 13),
        (28, 6, 44, 14),
    ):
        _turret(c, x + s * dx, base + s * 4, s * wide, s * tall, s * cone, stone, roof, lighting)
    c.rects([(x - s * 42, base - s * 17, x + s * 40, base + s * 5)], mix(stone, lighting.near, 0.12))
    c.rects(
        [
            (x + s * (k * 5.4 - 42), base - s * 20, x + s * (k * 5.4 - 39.2), base - s * 16.8)
            for k in range(16)
        ],
        mix(stone, lighting.near, 0.12),
    )
    gate = [
        (x - s * 5, base + s * 5),
        (x - s * 5, base - s * 5),
        *((x - s * 5 * np.cos(a), base - s * 5 - s * 5 * np.sin(a)) for a in np.linspace(0, np.pi, 14)),
        (x + s * 5, base + s * 5),
    ]
    c.polygon(gate, mix(lighting.near, (0, 0, 0), 0.3))
    c.glow(x, base, s * 7, rgb("#ffb861"), 0.6)
    c.haze(c.h * 0.9, c.h * 0.1, mix(lighting.horizon, lighting.light, 0.45), 0.9)
    front = c.line(c.h * 0.97, c.h * 0.09, c.w * 0.3, 5)
    c.below(front, lighting.land(0.85), lighting.near, c.h * 0.1)
    pines(c, front, int(c.w / 24), c.u * 8, lighting.land(0.95))
    birds = []
    for _ in range(9):
        bx, by, w = (
            x + s * float(c.rng.normal(20, 26)),
            c.h * float(c.rng.uniform(0.22, 0.42)),
            c.u * float(c.rng.uniform(0.5, 1)),
        )
        birds.append([(bx - w * 1.4, by - w * 0.5), (bx, by), (bx + w * 1.4, by - w * 0.5)])
    c.lines(birds, lighting.near, c.u * 0.18, 0.8)


def _turret(
    c: Canvas,
    x: float,
    base: float,
    wide: float,
    tall: float,
    cone: float,
    stone: Colour,
    roof: Colour,
    lighting: Lighting,
) -> None:
    top = base - tall
    c.rects([(x - wide / 2, top, x + wide / 2, base)], stone)
    side = 1 if lighting.sun[0] * c.w < x else -1
    c.polygon(
        [
            (x + side * wide * 0.08, top),
            (x + side * wide / 2, top),
            (x + side * wide / 2, base),
            (x + side * wide * 0.08, base),
        ],
        lighting.near,
        0.35,
        blur=wide * 0.06,
    )
    c.rects([(x - side * wide / 2, top, x - side * wide * 0.36, base)], lighting.light, 0.3)
    c.rects(
        [(x - wide * 0.62, top - wide * 0.1, x + wide * 0.62, top + wide * 0.14)],
        mix(stone, lighting.near, 0.25),
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
        lighting.light,
        0.25,
    )
    c.lines([[(x, top - cone), (x, top - cone - wide * 0.5)]], lighting.near, max(0.7, wide * 0.06))
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
    c.rects(panes, rgb("#ffd07a") if lighting.hour != "day" else mix(lighting.near, lighting.top, 0.3))
