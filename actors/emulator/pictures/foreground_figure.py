"""Someone in the foreground, seen from behind, when the words put a person into the frame.

A face would have to be a certain one's; a back lets everybody see the character whom the story means.
"""

import re

import numpy as np

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting
from actors.emulator.vocabulary.subjects import ROLES

OUTDOORS = frozenset(
    {
        "lighthouse",
        "sea",
        "ship",
        "island",
        "lake",
        "river",
        "mountains",
        "hills",
        "forest",
        "field",
        "desert",
    }
    | {"village", "castle", "skyline", "bridge", "train", "stars", "planet", "balloons", "rocket", "network"}
)
"""Motifs that leave room for someone to stand before them."""
_PRESENT = re.compile(rf"small in the frame|\b(?:figure|{'|'.join(ROLES)})\b", re.IGNORECASE)
_YOUNG = re.compile(r"\b(?:girl|boy|child)\b", re.IGNORECASE)


def is_present(words: str) -> bool:
    """Whether the words put a person into the picture."""
    return _PRESENT.search(words) is not None


def foreground_figure(c: Canvas, lighting: Lighting, words: str) -> None:
    """A figure in a coat on a dark rise at the lower edge, light along one shoulder."""
    side = -1
    x = c.w * 0.31
    dark = mix(lighting.near, (0, 0, 0), 0.45)
    rise = c.h * 0.9 + c.h * 0.16 * (np.abs(c.xs[0] - x) / (c.w * 0.34)) ** 1.7
    rise = (rise + c.line(0, c.u * 1.6, c.u * 9, 4)).astype(np.float32)
    c.below(rise, dark, mix(dark, (0, 0, 0), 0.5), c.h * 0.1)
    blades = []
    for px in c.rng.normal(x, c.w * 0.1, 130):
        at = float(rise[int(np.clip(px, 0, c.w - 1))])
        tall = c.u * float(c.rng.uniform(0.8, 2.8))
        blades.append([(float(px), at + c.u), (float(px) + float(c.rng.normal(0, 0.5)) * tall, at - tall)])
    c.lines(blades, dark, c.u * 0.14)
    tall = c.u * (15 if _YOUNG.search(words) else 21)
    s, base = tall / 100, float(rise[int(x)]) + c.u * 0.8
    coat = [
        (-19, 4),
        (-16, 34),
        (-17, 62),
        (-12, 74),
        (-5, 79),
        (5, 79),
        (12, 74),
        (17, 62),
        (16, 34),
        (19, 4),
        (0, 1),
    ]
    c.rects([(x + s * a, base - s * 8, x + s * (a + 7), base) for a in (-10, 3)], dark)
    c.polygon(curve([(x + s * a, base - s * b) for a, b in coat], 5), dark)
    c.circles([(x, base - s * 89, s * 10.5)], dark)
    rim = [(12, 96), (11, 84), (15, 73), (19, 60), (18, 36), (21, 8)]
    edge = curve([(x - side * s * a, base - s * b) for a, b in rim], 6, closed=False)
    c.lines([edge], lighting.light, s * 2.2, 0.55, blur=s * 0.9, lit=True)
    if re.search(r"\b(?:lamp|lantern|torch)\b", words, re.IGNORECASE):
        lamp = (x - side * s * 24, base - s * 34)
        c.lines([[(x - side * s * 14, base - s * 58), lamp]], dark, s * 4)
        c.circles([(*lamp, s * 5)], rgb("#ffe2a0"))
        c.glow(*lamp, c.u * 3, rgb("#ffcf7d"), 0.95)
        c.glow(*lamp, c.u * 13, rgb("#ffb65c"), 0.35)
