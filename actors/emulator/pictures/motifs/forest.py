"""A path between tall trunks, light falling in shafts."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting


def forest(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A path between tall trunks, light falling in shafts."""
    glow = mix(lighting.light, rgb("#f7e9a8"), 0.4) if not lighting.dark else rgb("#a9c8ff")
    leaf = rgb("#5f8f4a") if not lighting.dark else rgb("#274a5c")
    deep = mix(rgb("#12291f"), lighting.near, 0.45)
    pale = mix(mix(leaf, glow, 0.62), lighting.horizon, 0.3)
    focus = c.w * float(c.rng.uniform(0.42, 0.58))
    eye = c.h * 0.56
    c.gradient(
        [(0, mix(leaf, deep, 0.35)), (0.45, pale), (0.62, mix(pale, glow, 0.4)), (1, mix(deep, leaf, 0.25))]
    )
    c.glow(focus, eye - c.h * 0.06, c.u * 40, glow, 0.85, 0.9)
    leaves = c.noise(c.u * 7, 5, 1.1, 0.7)
    canopy = smooth(0.42, 0.86, (leaves + 0.55 * np.clip(1 - c.ys / (c.h * 0.5), -1, 1)).astype(np.float32))
    c.blend(
        canopy * smooth(0.0, 0.5, np.abs((c.xs - focus) / c.w * 2 + 0 * c.ys).astype(np.float32) + 0.25),
        mix(leaf, deep, 0.4),
        0.55,
    )
    for n in range(6):
        t = n / 5
        ground = eye + (c.h - eye) * (0.06 + 0.8 * t**1.6)
        _trunks(c, focus, ground, t, mix(mix(pale, deep, 0.3 + 0.7 * t), lighting.horizon, 0.25 * (1 - t)))
        if t < 0.9:
            line = c.line(ground + c.u, c.u * (2 + 5 * t), c.w * 0.2, 4)
            c.below(
                line,
                mix(mix(leaf, pale, 0.6 * (1 - t)), deep, 0.2 + 0.5 * t),
                mix(leaf, deep, 0.35 + 0.5 * t),
                c.h * 0.2,
            )
        c.haze(ground - c.u * 2, c.h * 0.07, mix(pale, glow, 0.4), 0.34 * (1 - t))
    _path(c, focus, eye + (c.h - eye) * 0.1, mix(pale, rgb("#d9b98a"), 0.55), deep)
    _shafts(c, focus, glow)
    _ferns(c, deep, mix(leaf, glow, 0.35))


def _trunks(c: Canvas, focus: float, ground: float, t: float, colour: Colour) -> None:
    shapes, shade = [], []
    count = int(16 - 9 * t)
    gap = c.w * (0.07 + 0.13 * t)
    for _ in range(count):
        side = 1 if c.rng.random() < 0.5 else -1
        x = focus + side * (gap + float(c.rng.uniform(0, 1)) ** 0.8 * c.w * 0.62)
        if not -c.w * 0.1 < x < c.w * 1.1:
            continue
        wide = c.u * (0.55 + 3.6 * t**1.7) * float(c.rng.uniform(0.7, 1.35))
        lean = float(c.rng.normal(0, 0.6)) * wide
        base = ground + c.u * float(c.rng.uniform(0, 3)) * (0.5 + t)
        shapes.append(
            [
                (x - wide * 1.5, base),
                (x - wide * 0.8, base - wide * 2.6),
                (x + lean - wide * 0.5, -5),
                (x + lean + wide * 0.5, -5),
                (x + wide * 0.8, base - wide * 2.6),
                (x + wide * 1.5, base),
            ]
        )
        inner = -side
        shade.append(
            [
                (x + inner * wide * 0.75, base - wide),
                (x + lean + inner * wide * 0.46, -5),
                (x + lean + inner * wide * 0.2, -5),
                (x + inner * wide * 0.35, base - wide),
            ]
        )
        if t > 0.35:
            for _ in range(3):
                y = float(c.rng.uniform(0.02, 0.45)) * base
                reach = side * float(c.rng.uniform(0.6, 1.2)) * wide * -3.2
                shapes.append(
                    [
                        (x, y),
                        (x + reach, y - wide * 1.6),
                        (x + reach * 0.98, y - wide * 1.4),
                        (x, y + wide * 0.5),
                    ]
                )
    c.polygons(shapes, colour)
    c.polygons(shade, mix(colour, (1, 0.95, 0.8), 0.4), 0.35, blur=c.u * 0.15)


def _path(c: Canvas, focus: float, start: float, colour: Colour, deep: Colour) -> None:
    left, right = [], []
    for n in range(31):
        t = n / 30
        y = start + (c.h - start + 4) * t
        x = focus + np.sin(t * 3.4 + 0.5) * c.w * 0.045 * t - np.sin(0.5) * 0
        wide = c.u * (0.7 + 24 * t**1.7)
        left.append((float(x - wide), float(y)))
        right.append((float(x + wide), float(y)))
    c.polygon([*left, *right[::-1]], colour, 0.75, blur=c.u * 0.9)
    grain = c.noise(c.u * 3, 3, 3.5)
    below = smooth(start, c.h, c.ys + 0 * c.xs)
    c.blend(smooth(0.5, 0.8, grain) * below, deep, 0.3)


def _shafts(c: Canvas, focus: float, glow: Colour) -> None:
    rays = []
    for _ in range(8):
        x = focus + float(c.rng.normal(0.12, 0.2)) * c.w
        wide = c.u * float(c.rng.uniform(1.2, 4.5))
        foot = x - c.w * 0.24
        rays.append([(x, -5), (x + wide, -5), (foot + wide * 2.4, c.h * 0.86), (foot, c.h * 0.86)])
    for ray in rays:
        c.polygon(ray, glow, 0.13, blur=c.u * 1.1, lit=True)
    motes = [
        (
            float(c.rng.uniform(0.1, 0.9)) * c.w,
            float(c.rng.uniform(0.2, 0.85)) * c.h,
            c.u * float(c.rng.uniform(0.08, 0.3)),
        )
        for _ in range(70)
    ]
    c.circles(motes, glow, 0.55, blur=c.u * 0.12, lit=True)


def _ferns(c: Canvas, deep: Colour, lit: Colour) -> None:
    for colour, opacity, shift in ((deep, 0.95, 0.0), (lit, 0.4, 0.4)):
        shapes = []
        for side in (-1, 1):
            for _ in range(26):
                x = c.w * (0.5 + side * (0.2 + 0.34 * float(c.rng.random())))
                base = c.h + c.u * 2
                tall = c.u * float(c.rng.uniform(5, 14)) * (1.1 - shift)
                lean = float(c.rng.normal(0, 0.7)) * tall
                shapes.append(
                    [
                        (x - c.u * 0.5, base),
                        (x + lean * 0.35, base - tall * 0.62),
                        (x + lean, base - tall),
                        (x + lean * 0.5 + c.u * 0.8, base - tall * 0.5),
                        (x + c.u * 0.5, base),
                    ]
                )
        c.polygons(shapes, colour, opacity)
