"""Still water that mirrors hills, woods and sky; a jetty leads into it."""

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import glitter, pines


def lake(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Still water that mirrors hills, woods and sky; a jetty leads into it."""
    horizon = c.h * 0.56
    paint_sky(c, lighting, horizon)
    for n in range(3):
        t = n / 2
        line = c.line(horizon - c.h * 0.02, c.h * (0.34 - 0.12 * n), c.w * (0.36 - 0.06 * n), 6, sharp=n == 0)
        tone = lighting.land(0.12 + 0.3 * t)
        c.below(line, tone, mix(tone, lighting.horizon, 0.55), c.h * 0.22)
        c.haze(horizon - c.u * 2, c.h * 0.06, mix(lighting.horizon, lighting.light, 0.3), 0.5)
    shore = c.line(horizon - c.u * 0.6, c.u * 2.6, c.w * 0.2, 4)
    c.below(shore, lighting.land(0.62), lighting.land(0.7), c.h * 0.1)
    pines(c, shore, int(c.w / 13), c.u * 5, lighting.land(0.68), 0.45)
    c.reflect(horizon, c.u * 0.9, mix(lighting.top, lighting.near, 0.35), 0.42)
    c.haze(horizon, c.u * 1.5, mix(lighting.horizon, lighting.light, 0.5), 0.5)
    glitter(c, lighting.sun[0] * c.w, horizon + 2, c.h, lighting.light, 0.75, 0.07)
    _jetty(c, horizon, lighting)
    _reeds(c, lighting)


def _jetty(c: Canvas, horizon: float, lighting: Lighting) -> None:
    wood = mix(lighting.near, rgb("#6b4a36"), 0.35)
    x0, x1 = c.w * 0.7, c.w * 0.55
    y0, y1 = c.h * 1.02, horizon + (c.h - horizon) * 0.3
    c.polygon(
        [(x0 - c.u * 9, y0), (x1 - c.u * 1.6, y1), (x1 + c.u * 1.6, y1), (x0 + c.u * 9, y0)],
        mix(wood, lighting.light, 0.12),
    )
    seams = []
    for n in range(1, 16):
        t = (n / 16) ** 0.62
        y = y0 + (y1 - y0) * t
        x, half = x0 + (x1 - x0) * t, c.u * (9 - 7.4 * t)
        seams.append([(x - half, y), (x + half, y)])
    c.lines(seams, lighting.near, c.u * 0.2, 0.7)
    posts = []
    for t in (0.25, 0.55, 0.78, 0.98):
        y, x, half = y0 + (y1 - y0) * t, x0 + (x1 - x0) * t, c.u * (9 - 7.4 * t)
        for side in (-1, 1):
            px = x + side * half
            wide, tall = c.u * (1.1 - 0.75 * t), c.u * (6 - 4.4 * t)
            posts.append((px - wide, y - tall * 0.5, px + wide, y + tall))
    c.rects(posts, wood)


def _reeds(c: Canvas, lighting: Lighting) -> None:
    stems, heads = [], []
    for side, count in ((0.0, 70), (1.0, 26)):
        for _ in range(count):
            x = c.w * (side + (0.17 if side == 0 else -0.1) * float(c.rng.random()) ** 1.6)
            tall = c.u * float(c.rng.uniform(9, 30)) * (1 - abs(x / c.w - side) * 3)
            lean = float(c.rng.normal(0.12, 0.1)) * tall
            stems.append([(x, c.h + 5), (x + lean * 0.4, c.h - tall * 0.6), (x + lean, c.h - tall)])
            if c.rng.random() < 0.3:
                heads.append([(x + lean * 0.86, c.h - tall * 0.92), (x + lean, c.h - tall)])
    c.lines(stems, lighting.near, c.u * 0.22)
    c.lines(heads, mix(lighting.near, rgb("#6b4426"), 0.4), c.u * 0.75)
