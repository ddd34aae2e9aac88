"""A luminous network over a dark globe: nodes, arcs, threads of light."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.pictures.curves import Point
from actors.emulator.pictures.lighting import Lighting, paint_stars


def network(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A luminous network over a dark globe: nodes, arcs, threads of light."""
    deep = mix(rgb("#060b1f"), lighting.top, 0.2)
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
