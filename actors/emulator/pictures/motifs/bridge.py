"""A suspension bridge running into the mist."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky


def bridge(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A suspension bridge running into the mist."""
    horizon = c.h * 0.62
    paint_sky(c, lighting, horizon, clouds=0.6)
    for n in range(2):
        line = c.line(horizon, c.h * (0.17 - 0.05 * n), c.w * 0.34, 5)
        c.below(
            line, lighting.land(0.16 + 0.16 * n), mix(lighting.land(0.2), lighting.horizon, 0.5), c.h * 0.18
        )
        c.haze(horizon, c.h * 0.07, mix(lighting.horizon, lighting.light, 0.3), 0.65)
    c.reflect(horizon, c.u * 2.2, mix(lighting.top, lighting.near, 0.4), 0.5)
    red = mix(mix(rgb("#c4452f"), lighting.near, 0.25 if not lighting.dark else 0.55), lighting.horizon, 0.08)
    ends = ((c.w * 1.12, c.h * 0.86, 3.4), (c.w * 0.12, horizon - c.u * 1.2, 0.42))

    def deck(t: float) -> tuple[float, float, float]:
        # Perspective: equal steps along the deck shrink with distance.
        k = t / (t + (1 - t) * ends[1][2] / ends[0][2] * 2.2) if t < 1 else 1.0
        return tuple(a + (b - a) * (1 - (1 - k)) for a, b in zip(ends[0], ends[1], strict=True))  # type: ignore[return-value]

    points = [deck(t) for t in np.linspace(0, 1, 60)]
    upper, lower = [(x, y) for x, y, _ in points], [(x, y + c.u * 1.3 * s) for x, y, s in points]
    masts = (0.22, 0.74)
    tops = {}
    for m in sorted(masts, reverse=True):
        x, y, s = deck(m)
        tall, wide = c.u * 19 * s, c.u * 1.05 * s
        tops[m] = (x, y - tall)
        c.rects(
            [
                (x - wide * 2.4, y - tall, x - wide * 1.4, c.h * 0.62 + (y - horizon) * 1.3 + c.u * 3 * s),
                (x + wide * 1.4, y - tall, x + wide * 2.4, c.h * 0.62 + (y - horizon) * 1.3 + c.u * 3 * s),
            ],
            red,
        )
        c.rects(
            [
                (x - wide * 2.4, y - tall * f, x + wide * 2.4, y - tall * f + wide)
                for f in (1.0, 0.74, 0.48, 0.24)
            ],
            red,
        )
        c.glow(x, y - tall, c.u * 2.4 * s, rgb("#ff6a4a"), 0.5)
    hung: list[list[Point]] = []
    for a, b in ((-0.12, masts[0]), masts, (masts[1], 1.0)):
        cable = []
        for k in np.linspace(0, 1, 41):
            t = a + (b - a) * k
            x, y, s = deck(max(0.0, t)) if t >= 0 else (c.w * 1.12 - t * c.w, c.h * 0.86, 3.4)
            high_a = c.u * 19 * deck(max(0.0, a))[2] if a in masts else 0.0
            high_b = c.u * 19 * deck(b)[2] if b in masts else 0.0
            sag = (
                high_a * (1 - k) ** 2.2 + high_b * k**2.2
                if a in masts and b in masts
                else high_b * k**1.6 + high_a * (1 - k) ** 1.6
            )
            cable.append((x, y - max(sag, c.u * 0.5 * s)))
            if len(cable) % 2:
                hung.append([(x, y - max(sag, c.u * 0.5 * s)), (x, y)])
        c.lines([cable], red, c.u * 0.5)
    c.lines(hung, mix(red, lighting.horizon, 0.25), max(0.8, c.u * 0.13), 0.75)
    c.polygon([*upper, *lower[::-1]], mix(red, lighting.near, 0.45))
    c.lines([upper], mix(red, lighting.light, 0.35), c.u * 0.3)
    lamps = [(x, y - c.u * 0.9 * s, c.u * 0.2 * s) for x, y, s in points[::3]]
    c.circles(lamps, rgb("#fff0c4"))
    for x, y, r in lamps:
        c.glow(x, y, r * 6, rgb("#ffcf87"), 0.45)
    c.haze(horizon, c.h * 0.07, mix(lighting.horizon, lighting.light, 0.4), 0.5)
