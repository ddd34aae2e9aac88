"""Glass towers seen from below, sky and sun in their panes."""

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_sky


def towers(c: Canvas, lighting: Lighting, _words: str) -> None:
    """Glass towers seen from below, sky and sun in their panes."""
    paint_sky(c, lighting, c.h, clouds=0.75)
    vanish = (c.w * float(c.rng.uniform(0.46, 0.54)), -c.h * 0.55)
    plan = (
        (-0.16, 0.2, 0.34, 0.75),
        (0.8, 1.18, 0.28, 0.8),
        (0.2, 0.36, 0.12, 0.5),
        (0.64, 0.79, 0.02, 0.55),
        (0.37, 0.47, 0.42, 0.35),
        (0.52, 0.63, 0.34, 0.3),
    )
    for left, right, top, near in sorted(plan, key=lambda each: each[3]):
        _glass_tower(c, lighting, vanish, (left * c.w, right * c.w), c.h * (top - 0.06), near)
    c.haze(c.h * 0.98, c.h * 0.2, mix(lighting.horizon, lighting.light, 0.4), 0.5)
    c.glow(lighting.sun[0] * c.w, lighting.sun[1] * c.h, c.u * 26, lighting.light, 0.35)


def _glass_tower(
    c: Canvas, lighting: Lighting, vanish: Point, foot: tuple[float, float], top: float, near: float
) -> None:
    base = c.h * 1.04

    def lean(x: float, y: float) -> Point:
        t = (base - y) / (base - vanish[1])
        return (x + (vanish[0] - x) * t, y)

    a, b = foot
    middle = (a + b) / 2
    edge = a + (b - a) * (0.72 if middle < c.w / 2 else 0.28)
    faces = ((a, edge), (edge, b))
    bright = 0 if (lighting.sun[0] * c.w < middle) else 1
    for n, (x0, x1) in enumerate(faces):
        outline = [lean(x0, base), lean(x0, top), lean(x1, top), lean(x1, base)]
        dark = mix(mix(lighting.top, lighting.near, 0.3 + 0.3 * near), lighting.middle, 0.25)
        c.polygon(outline, mix(dark, lighting.horizon, 0.35 * (1 - near)))
        found = c.outline(outline)
        if not found:
            continue
        mask, (mx, my) = found
        h, w = mask.shape
        sky = c.noise(c.u * 24, 4, 1.4)[my : my + h, mx : mx + w]
        fade = smooth(base, top, c.ys[my : my + h] + 0 * sky)
        lit = mix(lighting.middle, lighting.light, 0.55 if n == bright else 0.1)
        c.blend(
            mask * (0.2 + 0.5 * fade) * smooth(0.3, 0.75, sky), lit, 0.8 if n == bright else 0.45, (mx, my)
        )
        columns, rows = 9 if n else 6, int(46 - 18 * near)
        grid = [
            [lean(x0 + (x1 - x0) * k / columns, base), lean(x0 + (x1 - x0) * k / columns, top)]
            for k in range(columns + 1)
        ]
        floors = [
            [lean(x0, y), lean(x1, y)] for y in (top + (base - top) * (k / rows) ** 1.25 for k in range(rows))
        ]
        c.lines([*grid, *floors], mix(dark, lighting.near, 0.5), c.u * (0.12 + 0.12 * near), 0.55)
        panes = []
        for _ in range(int(18 + 20 * near)):
            k, r = int(c.rng.integers(columns)), int(c.rng.integers(rows - 1))
            y0, y1 = (top + (base - top) * ((r + d) / rows) ** 1.25 for d in (0.1, 0.92))
            u0, u1 = x0 + (x1 - x0) * (k + 0.08) / columns, x0 + (x1 - x0) * (k + 0.92) / columns
            panes.append([lean(u0, y0), lean(u1, y0), lean(u1, y1), lean(u0, y1)])
        c.polygons(panes, mix(lighting.light, rgb("#ffe2a6"), 0.4), 0.5, lit=True)
    c.lines([[lean(edge, base), lean(edge, top)]], mix(lighting.light, (1, 1, 1), 0.3), c.u * 0.25, 0.5)
