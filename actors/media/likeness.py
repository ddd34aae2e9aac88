"""Numbers that tell a framed picture from one that fills its frame, and a copy from a picture of its own.

A border is a strip of one colour along two opposite edges that ends in a straight line: a plain sky or a logo
on plain ground ends in no line. A copy agrees with its original nearly everywhere, however it was scaled and
compressed; two pictures of the same place in the same light do so at 0.9 at the most.
"""

from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.int16]

_NARROWEST: Final = 0.008
_WIDEST: Final = 0.3
"""Of the picture's height or width: narrower is a rounding, wider is no border any more."""
_LEVELS: Final = 14
"""Of 256, by which a strip of one colour may vary: JPEG beside a line does more than on plain ground."""
_IN_LINE: Final = 0.97
"""Of a line's pixels that have the strip's colour. What is written on a border is no part of it."""
_BEYOND: Final = 0.6
"""Of the pixels behind the strip's end that have another colour: by so many its end is a straight line."""
_SOFT: Final = 16
"""Lines over which compression, in blocks, and scaling blur the end."""
_CELLS: Final = 32
"""A side: what is smaller than a thirty-second of the picture does not make it another one."""
_AGREE: Final = (1.5, 6.0)
_CONTRAST: Final = 0.12
"""Cells agree within this share of the picture's contrast, and within these levels of 256."""


def border(picture: Image.Image) -> dict[str, int]:
    """How wide the strips are, in pixels, by edge; empty where the picture fills its frame."""
    pixels = np.asarray(picture.convert("RGB"), np.int16)
    across = pixels.transpose(1, 0, 2)
    found: dict[str, int] = {}
    for names, lines in ((("top", "bottom"), pixels), (("left", "right"), across)):
        strips = [_strip(lines), _strip(lines[::-1])]
        colours = [lines[0], lines[-1]]
        alike = np.abs(np.median(colours[0], axis=0) - np.median(colours[1], axis=0)).max() <= _LEVELS
        if all(strips) and alike:
            found |= dict(zip(names, strips, strict=True))
    return found


def _strip(lines: Pixels) -> int:
    """Lines of one colour at the beginning, 0 unless they end in a straight line."""
    colour = np.median(lines[0], axis=0)
    least, most = ceil(len(lines) * _NARROWEST), int(len(lines) * _WIDEST)
    # Nearly every picture has another colour in its first lines, and is looked at no further.
    if (_shares(lines[:least], colour) < _IN_LINE).any():
        return 0
    shares = _shares(lines[: most + _SOFT + 1], colour)
    other = np.flatnonzero(shares < _IN_LINE)
    width = int(other[0]) if len(other) else len(shares)
    if width > most:
        return 0
    return width if shares[width : width + _SOFT + 1].min() <= 1 - _BEYOND else 0


def _shares(lines: Pixels, colour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each line, how much of it has this colour."""
    same: NDArray[np.float64] = (np.abs(lines - colour).max(axis=2) <= _LEVELS).mean(axis=1)
    return same


def likeness(one: Image.Image, other: Image.Image) -> float:
    """The share of two pictures, cell by cell, that is equally bright: 1 for a copy."""
    first, second = _cells(one), _cells(other)
    difference = first - second
    least, most = _AGREE
    within = min(most, max(least, _CONTRAST * float(second.std())))
    return float((np.abs(difference - np.median(difference)) <= within).mean())


def _cells(picture: Image.Image) -> NDArray[np.float32]:
    grey = ImageOps.fit(picture.convert("L"), (_CELLS, _CELLS), Image.Resampling.BOX)
    return np.asarray(grey, np.float32)
