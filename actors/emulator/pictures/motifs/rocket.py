"""A rocket climbing on fire and smoke."""

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting, paint_sky


def rocket(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A rocket climbing on fire and smoke."""
    horizon = c.h * 0.9
    paint_sky(c, lighting, horizon, clouds=0.45, orb=False)
    x, y, s = c.w * 0.52, c.h * 0.4, min(c.h, c.w * 1.2) / 100
    warm = rgb("#ffb057")
    far = c.line(horizon, c.h * 0.09, c.w * 0.3, 5)
    c.below(far, lighting.land(0.55), lighting.land(0.95), c.h * 0.1)
    _smoke(c, x, y + s * 24, lighting)
    c.glow(x, y + s * 26, c.u * 16, warm, 0.95, 0.8)
    c.glow(x, y + s * 30, c.u * 42, rgb("#ff8a3c"), 0.5)
    for wide, long, hue in ((4.4, 30, "#ff7a2e"), (3.1, 22, "#ffc65c"), (1.7, 13, "#fffbe6")):
        flame = [
            (x - s * wide * 0.7, y + s * 13),
            (x - s * wide, y + s * (15 + long * 0.2)),
            (x, y + s * (14 + long)),
            (x + s * wide, y + s * (15 + long * 0.2)),
            (x + s * wide * 0.7, y + s * 13),
        ]
        c.polygon(curve(flame), rgb(hue), 0.95, blur=s * 0.7)
    white, dark = mix(rgb("#f5f3ee"), lighting.horizon, 0.2), mix(rgb("#2b2f3e"), lighting.near, 0.3)
    red = rgb("#d6402f")
    for side in (-1, 1):
        c.polygon(
            curve(
                [
                    (x + side * s * 3.4, y + s * 4),
                    (x + side * s * 8.4, y + s * 12),
                    (x + side * s * 8.6, y + s * 17),
                    (x + side * s * 3.2, y + s * 12.5),
                ],
                6,
            ),
            red,
        )
    c.polygon(
        [
            (x - s * 2.2, y + s * 11),
            (x + s * 2.2, y + s * 11),
            (x + s * 3, y + s * 14.6),
            (x - s * 3, y + s * 14.6),
        ],
        dark,
    )
    hull = [
        (0, -27),
        (2.2, -21.5),
        (3.9, -13),
        (4.5, -3),
        (4.3, 6),
        (3.2, 12),
        (-3.2, 12),
        (-4.3, 6),
        (-4.5, -3),
        (-3.9, -13),
        (-2.2, -21.5),
    ]
    c.polygon(curve([(x + s * a, y + s * b) for a, b in hull]), white)
    c.polygon(
        curve(
            [
                (x + s * a, y + s * b)
                for a, b in [(0, -27), (2.2, -21.5), (3.5, -15.5), (-3.5, -15.5), (-2.2, -21.5)]
            ]
        ),
        red,
    )
    c.polygon(
        curve(
            [
                (x + s * a, y + s * b)
                for a, b in [
                    (0.8, -26),
                    (2.2, -21.5),
                    (3.9, -13),
                    (4.5, -3),
                    (4.3, 6),
                    (3.2, 12),
                    (1.4, 12),
                    (2, 0),
                    (1.6, -14),
                ]
            ]
        ),
        mix(lighting.near, lighting.top, 0.4),
        0.38,
        blur=s * 0.8,
    )
    c.lines(
        [
            [(x - s * 4.3, y + s * 4.5), (x + s * 4.3, y + s * 4.5)],
            [(x - s * 4.4, y - s * 0.5), (x + s * 4.4, y - s * 0.5)],
        ],
        mix(white, dark, 0.45),
        s * 0.25,
    )
    c.circles([(x, y - s * 8, s * 2.1)], dark)
    c.circles([(x, y - s * 8, s * 1.6)], mix(rgb("#7fd0ff"), lighting.top, 0.25))
    c.circles([(x - s * 0.5, y - s * 8.6, s * 0.5)], (1, 1, 1), 0.8, blur=s * 0.15)
    c.rects([(x - s * 0.8, y - s * 27, x + s * 0.8, y + s * 12)], (1, 1, 1), 0.16, blur=s * 0.6)


def _smoke(c: Canvas, x: float, top: float, lighting: Lighting) -> None:
    for shade, opacity, shift in (
        (mix(lighting.near, lighting.middle, 0.55), 0.9, 1.0),
        (mix(lighting.horizon, (1, 1, 1), 0.4), 0.85, 0.72),
        (rgb("#ffd9a3"), 0.7, 0.42),
    ):
        puffs = []
        for _ in range(230):
            t = float(c.rng.random()) ** 0.75
            y = top + (c.h * 1.05 - top) * t
            spread = c.u * (1.8 + 34 * t**3.2) * shift
            px = x + float(c.rng.normal(0, 0.5)) * spread
            puffs.append(
                (
                    px,
                    y - abs(px - x) * 0.05,
                    c.u * (1.2 + 5.4 * t**1.6) * float(c.rng.uniform(0.6, 1.15)) * (0.5 + 0.5 * shift),
                )
            )
        c.circles(puffs, shade, opacity, blur=c.u * 0.5)
