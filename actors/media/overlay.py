"""A drawn caption, kept as planes and opacity, blended into frames where it stands and nowhere else.

A cue is drawn once, as RGBA, and converted once; each frame then costs one multiplication over the caption's
own rectangle. Blending in RGB would cost two conversions of every frame.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.planes import split, subsample, to_planes


@dataclass(frozen=True, slots=True)
class Overlay:
    """Planes multiplied with their opacity, at even position (x, y) in the frame."""

    x: int
    y: int
    inks: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
    """Luma and the two chroma planes, times opacity."""
    lights: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    """What is let through (255 - opacity), for luma and for chroma."""


@dataclass(frozen=True, slots=True)
class DrawnCue:
    """A caption ready to be burned in, and the frames of the scene in which it stands."""

    frames: range
    overlay: Overlay


def overlay(drawing: Image.Image) -> Overlay | None:
    """The visible part of a full-frame RGBA drawing; None when nothing is visible."""
    box = drawing.getchannel("A").getbbox()
    if box is None:
        return None
    left, top = box[0] // 2 * 2, box[1] // 2 * 2
    right, bottom = (box[2] + 1) // 2 * 2, (box[3] + 1) // 2 * 2
    rgba = np.asarray(drawing.crop((left, top, right, bottom)))
    alpha = np.ascontiguousarray(rgba[..., 3])
    planes = to_planes(np.ascontiguousarray(rgba[..., :3]))
    alphas = (alpha, subsample(alpha))
    inks = (
        _ink(planes.y, alphas[0]),
        _ink(planes.u, alphas[1]),
        _ink(planes.v, alphas[1]),
    )
    return Overlay(left, top, inks, (255 - alphas[0], 255 - alphas[1]))


def blend(frame: NDArray[np.uint8], drawn: Overlay) -> None:
    """Lay the caption over a yuv420p frame, in place."""
    planes = split(frame)
    for plane, ink, light, halves in (
        (planes.y, drawn.inks[0], drawn.lights[0], 1),
        (planes.u, drawn.inks[1], drawn.lights[1], 2),
        (planes.v, drawn.inks[2], drawn.lights[1], 2),
    ):
        top, left = drawn.y // halves, drawn.x // halves
        rows, columns = ink.shape
        under = plane[top : top + rows, left : left + columns]
        under[...] = cv2.add(cv2.multiply(under, light, scale=1 / 255), ink)


def _ink(plane: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.multiply(plane, alpha, scale=1 / 255), np.uint8)
