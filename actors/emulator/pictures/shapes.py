"""Things that several motifs draw: trees, houses, people, gulls, flowers."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, Field, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting


def pine(x: float, base: float, height: float, rng: np.random.Generator, width: float = 0.42) -> list[Point]:
    """The outline of a conifer, its boughs hanging unevenly."""
    tiers = max(5, int(height / 9))
    left, right = [], []
    for n in range(tiers):
        t = (n + 1) / tiers
        y = base - height * (1 - t) - height * 0.02
        reach = height * width * 0.5 * t**0.85
        jag = rng.uniform(0.72, 1.08, 2)
        left += [(x - reach * jag[0], y), (x - reach * 0.45, y - height * 0.02)]
        right += [(x + reach * jag[1], y), (x + reach * 0.45, y - height * 0.02)]
    return [(x, base - height), *right, (x + height * 0.02, base), (x - height * 0.02, base), *left[::-1]]


def pines(c: Canvas, line: Field, count: int, height: float, colour: Colour, spread: float = 0.5) -> None:
    """A wood along a ridge."""
    shapes = []
    for x in np.sort(c.rng.uniform(-10, c.w + 10, count)):
        base = float(line[int(np.clip(x, 0, c.w - 1))]) + height * 0.12
        shapes.append(pine(float(x), base, height * float(c.rng.uniform(1 - spread, 1 + spread)), c.rng))
    c.polygons(shapes, colour)


def leafy(c: Canvas, x: float, base: float, height: float, colour: Colour, lit: Colour, sun_x: float) -> None:
    """A broad-leaved tree: trunk, boughs and a crown of clumps, lighter on the side of the sun."""
    trunk = height * 0.055
    c.polygon(
        [
            (x - trunk, base),
            (x - trunk * 0.45, base - height * 0.5),
            (x + trunk * 0.45, base - height * 0.5),
            (x + trunk, base),
        ],
        mix(colour, (0, 0, 0), 0.3),
    )
    side = 1 if sun_x > x else -1
    clumps = []
    for _ in range(90):
        angle, far = c.rng.uniform(0, 2 * np.pi), np.sqrt(c.rng.uniform(0, 1))
        cx = x + np.cos(angle) * far * height * 0.36
        cy = base - height * 0.68 + np.sin(angle) * far * height * 0.28
        clumps.append((float(cx), float(cy), float(height * c.rng.uniform(0.035, 0.085))))
    c.circles(clumps, colour)
    # Each clump is lit on its sunward shoulder, the more the nearer it is to the sun.
    for share, opacity in ((0.35, 0.3), (0.6, 0.4)):
        shoulders = [
            (cx + side * r * share * 0.6, cy - r * share, r * (1.05 - share * 0.75))
            for cx, cy, r in clumps
            if (cx - x) * side - (cy - base + height * 0.68) * 0.8 > height * (share * 0.5 - 0.3)
        ]
        c.circles(shoulders, lit, opacity, blur=height * 0.006)


def house(
    c: Canvas,
    x: float,
    base: float,
    size: float,
    lighting: Lighting,
    *,
    lit: bool,
    wall: Colour | None = None,
    snow: bool = False,
) -> None:
    """A small house: gabled roof, chimney, window and door; ``size`` is its width."""
    wall = wall or mix(rgb("#e8dcc8"), lighting.land(0.6), 0.35 if not lighting.dark else 0.75)
    roof = mix(rgb("#8c4a3a"), lighting.near, 0.35 if not lighting.dark else 0.7)
    tall = size * 0.52
    c.rects(
        [(x + size * 0.18, base - tall * 2.05, x + size * 0.3, base - tall * 1.1)],
        mix(roof, lighting.near, 0.3),
    )
    c.rects([(x - size / 2, base - tall, x + size / 2, base)], wall)
    c.rects([(x, base - tall, x + size / 2, base)], lighting.near, 0.22)
    shape = [
        (x - size * 0.6, base - tall * 0.95),
        (x - size * 0.36, base - tall * 1.75),
        (x + size * 0.36, base - tall * 1.75),
        (x + size * 0.6, base - tall * 0.95),
    ]
    c.polygon(
        shape,
        mix((0.93, 0.95, 1.0), lighting.land(0.4), 0.25 if not lighting.dark else 0.45) if snow else roof,
    )
    panes = [
        (x - size * 0.34, base - tall * 0.68, x - size * 0.16, base - tall * 0.32),
        (x + size * 0.16, base - tall * 0.68, x + size * 0.34, base - tall * 0.32),
    ]
    c.rects(panes, rgb("#ffcf73") if lit else mix(lighting.top, lighting.near, 0.3))
    c.rects([(x - size * 0.07, base - tall * 0.6, x + size * 0.07, base)], mix(roof, (0, 0, 0), 0.35))
    if lit:
        for a, b, d, e in panes:
            c.glow((a + d) / 2, (b + e) / 2, size * 0.3, rgb("#ffb347"), 0.5)


def glitter(
    c: Canvas, x: float, top: float, bottom: float, colour: Colour, strength: float = 1.0, width: float = 0.1
) -> None:
    """The path of light that sun or moon lays on water."""
    y0, y1 = int(top), int(bottom)
    depth = (c.ys[y0:y1] - top) / max(1.0, bottom - top)
    near = np.exp(-(((c.xs - x) / (c.w * width * (0.35 + 1.1 * depth))) ** 2))
    ripples = c.noise(c.u * 2.2, 3, 9.0)[y0:y1]
    c.light((smooth(0.47, 0.72, ripples) * near).astype(np.float32), colour, strength, (0, y0))


def swell(c: Canvas, lighting: Lighting, top: float, rough: float, tint: Colour) -> None:
    """Open water: bands of waves that grow towards the viewer, crests catching the light."""
    deep = mix(tint, lighting.near, 0.55)
    c.gradient([(0, mix(tint, lighting.horizon, 0.55)), (0.25, tint), (1, deep)], top=top)
    sun_x = lighting.sun[0] * c.w
    bands = 13
    for n in range(bands):
        t = (n + 0.5) / bands
        y = top + (c.h - top) * t**1.55
        tall = c.u * (0.5 + 7.5 * t**1.4) * rough
        line = c.line(y + tall * 0.5, tall, c.u * (5 + 44 * t), 3, gain=0.42)
        body = mix(mix(tint, lighting.middle, 0.3 * (1 - t)), deep, 0.15 + 0.75 * t)
        c.below(line, mix(body, lighting.light, 0.16 * (1 - 0.5 * t)), body, tall * 2.6 + 2, 0.85)
        thick = c.u * (0.14 + 0.3 * t)
        # Beyond six times its thickness a crest is no light at all.
        y0 = max(0, int(line.min() - 6 * thick))
        rows = slice(y0, max(y0 + 1, int(line.max() + c.u * 0.16 + 6 * thick)))
        crest = np.exp(-(((c.ys[rows] - line[None, :] - c.u * 0.16) / thick) ** 2))
        near = 0.25 + 0.75 * np.exp(-(((c.xs - sun_x) / (c.w * (0.14 + 0.25 * t))) ** 2))
        broken = smooth(0.36, 0.66, c.noise(c.u * (3 + 9 * t), 2, 4.0)[rows])
        bright = mix(lighting.light, (1, 1, 1), 0.2)
        c.light((crest * near * broken).astype(np.float32), bright, 0.62, (0, y0))


def gulls(c: Canvas, colour: Colour, count: int = 7) -> None:
    paths = []
    for _ in range(count):
        x, y = float(c.rng.uniform(0.3, 0.85)) * c.w, float(c.rng.uniform(0.28, 0.44)) * c.h
        s = c.u * float(c.rng.uniform(0.7, 1.9))
        paths.append(
            [
                (x - s * 1.5, y - s * 0.35),
                (x - s * 0.6, y - s * 0.5),
                (x, y),
                (x + s * 0.7, y - s * 0.55),
                (x + s * 1.6, y - s * 0.2),
            ]
        )
    c.lines(paths, colour, c.u * 0.22, 0.85)


def flower(c: Canvas, x: float, y: float, r: float, hue: Colour, petals: int = 6) -> None:
    turn = float(c.rng.uniform(0, 6))
    discs = [
        (
            x + np.cos(turn + 2 * np.pi * k / petals) * r * 0.55,
            y + np.sin(turn + 2 * np.pi * k / petals) * r * 0.55,
            r * 0.46,
        )
        for k in range(petals)
    ]
    c.circles(discs, hue)
    c.circles(
        [(a - r * 0.08, b - r * 0.1, s * 0.55) for a, b, s in discs],
        mix(hue, (1, 1, 1), 0.45),
        0.5,
        blur=r * 0.1,
    )
    c.circles([(x, y, r * 0.3)], rgb("#f2b632"))
