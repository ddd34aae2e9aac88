"""Stars, planet, rocket, balloons, network: what is above us, and what is only thought."""

from typing import Any

import numpy as np

from actors.gemini.emulator.pictures.canvas import Canvas, Colour, Point, curve, mix, rgb, smooth
from actors.gemini.emulator.pictures.land import pines
from actors.gemini.emulator.pictures.look import Look, paint_sky, paint_stars

BRIGHT = ("#e4572e", "#f3a712", "#2e86ab", "#7a4ea3", "#3a9d7a", "#d1495b")


def stars(c: Canvas, look: Look, _words: str) -> None:
    """The milky way over dark hills, and someone small looking up."""
    top, low = mix(rgb("#040818"), look.top, 0.3), mix(rgb("#1c4f7a"), look.middle, 0.3)
    horizon = c.h * 0.8
    c.gradient([(0, top), (0.6, mix(top, low, 0.55)), (1, mix(low, rgb("#f0a87a"), 0.28))])
    slope = float(c.rng.choice([-1, 1])) * 0.75
    across = (c.ys - c.h * 0.4) - (c.xs - c.w * 0.5) * slope * c.h / c.w * 1.25
    band = np.exp(-((across / (c.h * 0.19)) ** 2)).astype(np.float32)
    dust = c.noise(c.u * 22, 6, 1.3, 0.62)
    c.light(band * smooth(0.25, 0.85, dust), rgb("#b9a6ff"), 0.4)
    core = np.exp(-((across / (c.h * 0.085)) ** 2)).astype(np.float32)
    c.light(core * smooth(0.3, 0.8, dust), rgb("#ffdcb8"), 0.5)
    c.blend(core * smooth(0.58, 0.72, c.noise(c.u * 13, 5, 1.6, 0.6)), top, 0.6)
    paint_stars(c, horizon, 1.0)
    paint_stars(c, horizon, 0.8)
    along = c.rng.normal(0, 1, 900)
    xs = c.rng.uniform(0, c.w, 900)
    ys = c.h * 0.4 + (xs - c.w * 0.5) * slope * c.h / c.w * 1.25 + along * c.h * 0.1
    c.circles(
        [(float(x), float(y), 0.5) for x, y in zip(xs, ys, strict=True) if y < horizon],
        (1, 0.96, 0.9),
        0.6,
        lit=True,
    )
    x, y = c.w * float(c.rng.uniform(0.55, 0.75)), c.h * 0.2
    c.lines([[(x, y), (x + c.u * 15, y + c.u * 5)]], (1, 1, 1), c.u * 0.18, 0.8, blur=0.6, lit=True)
    c.glow(x + c.u * 15, y + c.u * 5, c.u * 1.2, (1, 1, 1), 0.9)
    far = c.line(horizon, c.h * 0.13, c.w * 0.4, 5)
    c.below(far, mix(top, low, 0.35), mix(top, low, 0.15), c.h * 0.2)
    near = c.line(c.h * 0.92, c.h * 0.12, c.w * 0.5, 5)
    c.below(near, mix(top, (0, 0, 0), 0.5), (0.004, 0.006, 0.015), c.h * 0.1)
    pines(c, near, int(c.w / 30), c.u * 6, mix(top, (0, 0, 0), 0.55))
    px = c.w * 0.42
    base = float(near[int(px)]) + c.u * 0.6
    s = c.u * 0.085
    c.polygon(
        [(px + s * a, base - s * b) for a, b in [(-11, 0), (-14, 44), (-9, 66), (9, 66), (14, 44), (11, 0)]],
        (0.004, 0.006, 0.015),
    )
    c.circles([(px + s * 2, base - s * 76, s * 10)], (0.004, 0.006, 0.015))


def planet(c: Canvas, _look: Look, _words: str) -> None:
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
    c.light(smooth(0.5, 0.95, np.roll(fog, c.w // 3, 1)), mix(rgb("#3d5bd9"), shade, 0.4), 0.3)
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


def rocket(c: Canvas, look: Look, _words: str) -> None:
    """A rocket climbing on fire and smoke."""
    horizon = c.h * 0.9
    paint_sky(c, look, horizon, clouds=0.45, orb=False)
    x, y, s = c.w * 0.52, c.h * 0.4, min(c.h, c.w * 1.2) / 100
    warm = rgb("#ffb057")
    far = c.line(horizon, c.h * 0.09, c.w * 0.3, 5)
    c.below(far, look.land(0.55), look.land(0.95), c.h * 0.1)
    _smoke(c, x, y + s * 24, look)
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
    white, dark = mix(rgb("#f5f3ee"), look.horizon, 0.2), mix(rgb("#2b2f3e"), look.near, 0.3)
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
        mix(look.near, look.top, 0.4),
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
    c.circles([(x, y - s * 8, s * 1.6)], mix(rgb("#7fd0ff"), look.top, 0.25))
    c.circles([(x - s * 0.5, y - s * 8.6, s * 0.5)], (1, 1, 1), 0.8, blur=s * 0.15)
    c.rects([(x - s * 0.8, y - s * 27, x + s * 0.8, y + s * 12)], (1, 1, 1), 0.16, blur=s * 0.6)


def _smoke(c: Canvas, x: float, top: float, look: Look) -> None:
    for shade, opacity, shift in (
        (mix(look.near, look.middle, 0.55), 0.9, 1.0),
        (mix(look.horizon, (1, 1, 1), 0.4), 0.85, 0.72),
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


def balloons(c: Canvas, look: Look, _words: str) -> None:
    """Hot-air balloons among high clouds, hills far below."""
    paint_sky(c, look, c.h, clouds=0.9)
    for n in range(3):
        t = n / 2
        line = c.line(c.h * (0.84 + 0.09 * t), c.h * 0.13, c.w * 0.3, 5)
        c.below(
            line, look.land(0.1 + 0.35 * t), mix(look.land(0.2 + 0.35 * t), look.horizon, 0.5), c.h * 0.14
        )
        c.haze(c.h * (0.87 + 0.07 * t), c.h * 0.05, mix(look.horizon, look.light, 0.5), 0.6)
    plan = (
        (0.3, 0.47, 5),
        (0.62, 0.38, 11.5),
        (0.84, 0.56, 4),
        (0.17, 0.63, 3),
        (0.47, 0.66, 2.6),
        (0.74, 0.68, 2.2),
        (0.92, 0.35, 2.0),
    )
    order = c.rng.permutation(len(BRIGHT))
    for n, (px, py, size) in enumerate(sorted(plan, key=lambda each: each[2])):
        hue = rgb(BRIGHT[int(order[n % len(BRIGHT)])])
        _balloon(c, px * c.w + c.u * float(c.rng.normal(0, 1.5)), py * c.h, c.u * size, hue, look)


def _balloon(c: Canvas, x: float, y: float, r: float, hue: Colour, look: Look) -> None:
    far = max(0.0, 0.55 - r / (c.u * 14))
    cream = mix(rgb("#f8ead0"), look.horizon, far)
    hue = mix(hue, look.horizon, far)

    def edge(v: float) -> float:
        # Half width at height v: 0 crown, 1 mouth.
        return float(
            r
            * (np.sin(np.pi * min(1.0, v * 0.72 + 0.001) / 1.0) ** 0.62)
            * (1 if v < 0.62 else 1 - ((v - 0.62) / 0.38) ** 1.6 * 0.55)
        )

    rows = np.linspace(0, 1, 26)
    tall = r * 2.35
    gores = 9
    for n in range(gores):
        a0, a1 = np.cos(np.pi * n / gores), np.cos(np.pi * (n + 1) / gores)
        left = [(x + edge(v) * a0, y - r + tall * v) for v in rows]
        right = [(x + edge(v) * a1, y - r + tall * v) for v in rows]
        c.polygon([*left, *right[::-1]], hue if n % 2 == 0 else cream)
    side = 1 if look.sun[0] * c.w > x else -1
    outline = [
        *((x - edge(v), y - r + tall * v) for v in rows),
        *((x + edge(v), y - r + tall * v) for v in rows[::-1]),
    ]
    found = c.outline(outline)
    if found:
        mask, (x0, y0) = found
        h, w = mask.shape
        across = (c.xs[:, x0 : x0 + w] - x) / r * side + 0 * c.ys[y0 : y0 + h]
        c.blend(mask * smooth(0.1, -1.0, across), mix(look.near, look.top, 0.4), 0.5, (x0, y0))
        c.light(mask * smooth(0.2, 1.0, across), look.light, 0.35, (x0, y0))
    foot = y - r + tall
    basket = r * 0.2
    c.lines(
        [
            [(x - edge(1) * 0.8, foot), (x - basket, foot + r * 0.34)],
            [(x + edge(1) * 0.8, foot), (x + basket, foot + r * 0.34)],
        ],
        mix(look.near, hue, 0.3),
        max(0.6, r * 0.022),
    )
    c.rects(
        [(x - basket, foot + r * 0.34, x + basket, foot + r * 0.62)], mix(rgb("#7a4e2d"), look.near, 0.25)
    )
    c.glow(x, foot + r * 0.05, r * 0.3, rgb("#ffc46b"), 0.6)


def network(c: Canvas, look: Look, _words: str) -> None:
    """A luminous network over a dark globe: nodes, arcs, threads of light."""
    deep = mix(rgb("#060b1f"), look.top, 0.2)
    cyan, pink = rgb("#4fd8ff"), rgb(("#c084fc", "#ff7ac6", "#ffb86b")[int(c.rng.integers(3))])
    c.gradient([(0, deep), (0.65, mix(deep, rgb("#16356e"), 0.75)), (1, mix(deep, cyan, 0.15))])
    c.light(smooth(0.5, 0.95, c.noise(c.u * 45, 4, 1.4)), pink, 0.2)
    paint_stars(c, c.h * 0.7, 0.6)
    r = c.w * 0.72
    x, y = c.w * 0.5, c.h * 0.62 + r
    distance = np.sqrt((c.xs - x) ** 2 + (c.ys - y) ** 2)
    globe = np.clip(r - distance + 0.5, 0, 1).astype(np.float32)
    c.blend(globe, mix(deep, (0, 0.01, 0.04), 0.55), 0.92)
    c.light(np.exp(-((np.clip(distance - r, -1e9, 1e9) / (c.u * 4)) ** 2)).astype(np.float32), cyan, 0.6)
    c.light(
        (np.exp(-np.clip(distance - r, 0, None) / (c.u * 13)) * (distance > r)).astype(np.float32), cyan, 0.35
    )
    nodes = _nodes(c, x, y, r)
    _meridians(c, x, y, r, cyan)
    near: list[list[Point]] = []
    for n, (ax, ay) in enumerate(nodes):
        for bx, by in nodes[n + 1 :]:
            if (ax - bx) ** 2 + (ay - by) ** 2 < (c.u * 11) ** 2:
                near.append([(ax, ay), (bx, by)])
    c.lines(near, cyan, max(0.7, c.u * 0.09), 0.4, lit=True)
    arcs = []
    for _ in range(17):
        a, b = (nodes[int(c.rng.integers(len(nodes)))] for _ in range(2))
        lift = abs(a[0] - b[0]) * 0.34 + c.u * 4
        arcs.append(
            [
                (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t - lift * 4 * t * (1 - t))
                for t in np.linspace(0, 1, 30)
            ]
        )
    c.lines(arcs, pink, c.u * 0.55, 0.3, blur=c.u * 0.5, lit=True)
    c.lines(arcs, mix(pink, (1, 1, 1), 0.55), max(0.8, c.u * 0.13), 0.9, lit=True)
    for arc in arcs:
        px, py = arc[int(c.rng.integers(4, 26))]
        c.glow(px, py, c.u * 0.9, (1, 1, 1), 0.9)
    c.circles(
        [(px, py, c.u * float(c.rng.uniform(0.16, 0.42))) for px, py in nodes], (0.9, 1, 1), 0.95, lit=True
    )
    for px, py in nodes[::3]:
        c.glow(px, py, c.u * float(c.rng.uniform(1.2, 2.6)), cyan if c.rng.random() < 0.7 else pink, 0.7)


def _nodes(c: Canvas, x: float, y: float, r: float) -> list[Point]:
    found: list[Point] = []
    while len(found) < 110:
        px, py = float(c.rng.uniform(0.02, 0.98)) * c.w, float(c.rng.uniform(0.6, 1.0)) * c.h
        if (px - x) ** 2 + (py - y) ** 2 < r * r:
            found.append((px, py))
    return found


def _meridians(c: Canvas, x: float, y: float, r: float, hue: Colour) -> None:
    lines: list[list[Point]] = []
    lines += [
        [(float(x + r * k * np.sin(a)), float(y - r * np.cos(a))) for a in np.linspace(0.0, 0.75, 24)]
        for k in np.linspace(-0.95, 0.95, 19)
    ]
    half = c.w * 0.6
    lines += [
        [
            (float(x + t * half), float(y - r * k + (t * half) ** 2 / (2 * r) * k))
            for t in np.linspace(-1, 1, 40)
        ]
        for k in (0.985, 0.95, 0.9, 0.83)
    ]
    c.lines(lines, hue, 0.8, 0.2, lit=True)


ALOFT: dict[str, Any] = {
    "stars": stars,
    "planet": planet,
    "rocket": rocket,
    "balloons": balloons,
    "network": network,
}
