"""Beams of light on a stage, a figure at the microphone, hands in the air."""

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting


def stage(c: Canvas, _look: Lighting, _words: str) -> None:
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
