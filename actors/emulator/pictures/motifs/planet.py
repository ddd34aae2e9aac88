"""A ringed planet over the horizon of a strange moon."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_stars


def planet(c: Canvas, _look: Lighting, _words: str) -> None:
    """A ringed planet over the horizon of a strange moon."""
    deep = rgb("#05060f")
    hues = (
        (("#f2b880", "#c9665b", "#5b2a4e")),
        ("#9ad1d4", "#3b7ea1", "#1d2d50"),
        ("#e8c7f0", "#9b6bb3", "#3a2260"),
    )[int(c.rng.integers(3))]
    bright, middle, shade = (rgb(code) for code in hues)
    c.gradient([(0, deep), (1, mix(deep, middle, 0.22))])
    fog = c.noise(c.u * 40, 5, 1.2, 0.58)
    c.light(smooth(0.48, 0.9, fog), middle, 0.35)
    c.light(smooth(0.5, 0.95, fog[:, ::-1]), mix(rgb("#3d5bd9"), shade, 0.4), 0.3)
    paint_stars(c, c.h, 1.0)
    x, y, r = c.w * 0.56, c.h * 0.44, min(c.h * 0.27, c.w * 0.27)
    tilt = -0.32
    _ring(c, x, y, r, tilt, bright, front=False)
    _globe(c, x, y, r, tilt, bright, middle, shade)
    _ring(c, x, y, r, tilt, bright, front=True)
    mx, my, mr = c.w * 0.24, c.h * 0.3, r * 0.17
    _globe(c, mx, my, mr, 0.2, mix(bright, (1, 1, 1), 0.3), mix(middle, (0.6, 0.6, 0.6), 0.5), deep)
    ground = c.line(c.h * 0.9, c.h * 0.1, c.w * 0.3, 6, sharp=True)
    c.below(ground, mix(shade, middle, 0.45), mix(deep, shade, 0.3), c.h * 0.14)
    rim = np.exp(-(((c.ys - ground[None, :]) / (c.u * 0.4)) ** 2)).astype(np.float32)
    c.light(rim, bright, 0.5)
    craters = [
        (
            c.w * float(c.rng.uniform(0.02, 0.98)),
            c.h * float(c.rng.uniform(0.93, 0.99)),
            c.u * float(c.rng.uniform(0.8, 3.4)),
        )
        for _ in range(16)
    ]
    for a, b, s in craters:
        c.ellipse(a, b, s, s * 0.28, deep, 0.55)
        c.ellipse(a - s * 0.1, b + s * 0.14, s * 0.9, s * 0.2, mix(middle, bright, 0.4), 0.35, blur=s * 0.1)


def _globe(
    c: Canvas, x: float, y: float, r: float, tilt: float, bright: Colour, middle: Colour, shade: Colour
) -> None:
    x0, y0 = max(0, int(x - r - 2)), max(0, int(y - r - 2))
    x1, y1 = min(c.w, int(x + r + 3)), min(c.h, int(y + r + 3))
    dx, dy = (c.xs[:, x0:x1] - x) / r, (c.ys[y0:y1] - y) / r
    d2 = dx * dx + dy * dy
    mask = np.clip((1 - np.sqrt(d2)) * r + 0.5, 0, 1).astype(np.float32)
    z = np.sqrt(np.clip(1 - d2, 0, 1))
    swirl = (c.noise(c.u * 12, 4, 3.0)[y0:y1, x0:x1] - 0.5) * 0.22
    latitude = dy * np.cos(tilt) + dx * np.sin(tilt) + swirl * 0.5
    bands = 0.5 + 0.32 * np.sin(latitude * 17) + 0.18 * np.sin(latitude * 41 + 1.3)
    light = np.clip(-dx * 0.72 - dy * 0.42 + z * 0.55, 0, 1)[..., None]
    surface = (
        np.asarray(middle, np.float32) * (1 - bands[..., None])
        + np.asarray(bright, np.float32) * bands[..., None]
    )
    night = np.asarray(mix(shade, (0, 0, 0), 0.75), np.float32)
    c.blend(mask, (night * (1 - light) + surface * light * 1.1).astype(np.float32), 1, (x0, y0))
    rim = mask * np.clip(1 - z, 0, 1) ** 3 * np.clip(-dx * 0.8 - dy * 0.4 + 0.3, 0, 1)
    c.light(rim.astype(np.float32), mix(bright, (1, 1, 1), 0.5), 0.8, (x0, y0))
    c.glow(x - r * 0.25, y - r * 0.15, r * 1.05, bright, 0.13)


def _ring(c: Canvas, x: float, y: float, r: float, tilt: float, bright: Colour, *, front: bool) -> None:
    cos, sin = np.cos(tilt), np.sin(tilt)
    dx, dy = c.xs - x, c.ys - y
    along, across = (dx * cos + dy * sin) / r, (-dx * sin + dy * cos) / (r * 0.24)
    radius = np.sqrt(along * along + across * across).astype(np.float32)
    half = (across > 0) if front else (across <= 0)
    grooves = 0.55 + 0.3 * np.sin(radius * 46) + 0.15 * np.sin(radius * 117)
    body = (
        smooth(1.28, 1.34, radius)
        * smooth(2.12, 2.02, radius)
        * (1 - 0.85 * smooth(1.72, 1.74, radius) * smooth(1.8, 1.78, radius))
    )
    shadow = 1 - 0.8 * smooth(0.2, 0.5, along.astype(np.float32) * 0.5) * (not front)
    c.blend((body * half * grooves * shadow).astype(np.float32), mix(bright, (1, 1, 1), 0.25), 0.85)
