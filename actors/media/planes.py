"""A picture as the encoder wants it: BT.709 luma and chroma planes, converted once, then only warped.

Warping three small planes and never touching RGB again is a third faster than warping RGB frames and
converting each of them, and measured 86 % of what the encoder alone can do. Chroma is sited as H.264 expects
(left, vertically centred), and warped with the shift that follows from it, so colours do not creep.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.formats import Format
from actors.media.motion import CLOSEST, View

Frame = NDArray[np.uint8]
"""One frame as a (height * 3 / 2, width) array: the planes Y, U, V one after the other (yuv420p)."""

BT709_LIMITED: Final = np.array(
    [  # Rec. ITU-R BT.709, 8-bit, 16..235 and 16..240; rows Y, U, V; columns R, G, B, offset
        [0.182586, 0.614231, 0.062007, 16.0],
        [-0.100644, -0.338572, 0.439216, 128.0],
        [0.439216, -0.398942, -0.040274, 128.0],
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, slots=True)
class Planes:
    """Luma at full size, chroma at half: uint8, limited range."""

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]


def to_planes(rgb: NDArray[np.uint8]) -> Planes:
    """Convert an (even height, even width, 3) sRGB array."""
    yuv = np.asarray(cv2.transform(rgb, BT709_LIMITED), np.uint8)
    return Planes(np.ascontiguousarray(yuv[..., 0]), *(subsample(yuv[..., plane]) for plane in (1, 2)))


def subsample(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Halve both sides: each sample sits on the left column, between the two rows."""
    across = np.array([0.25, 0.5, 0.25])
    down = np.array([0.5, 0.5])
    soft = cv2.sepFilter2D(plane, -1, across, down, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(soft[::2, ::2])


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a picture that has the film's shape: pixels of the picture, and the picture's size."""

    left: float
    top: float
    width: float
    height: float
    picture: tuple[int, int]

    def inside(self, point: tuple[float, float]) -> tuple[float, float]:
        """A point given in fractions of the whole picture, in fractions of the part (0..1)."""
        x = (point[0] * self.picture[0] - self.left) / self.width
        y = (point[1] * self.picture[1] - self.top) / self.height
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def cut_around(picture: tuple[int, int], fmt: Format, focus: tuple[float, float] = (0.5, 0.5)) -> Cut:
    """The largest part of the film's shape, as near to ``focus`` (fractions of the picture) as it can lie."""
    scale = min(picture[0] / fmt.width, picture[1] / fmt.height)
    width, height = fmt.width * scale, fmt.height * scale
    left = min(max(focus[0] * picture[0] - width / 2, 0), picture[0] - width)
    top = min(max(focus[1] * picture[1] - height / 2, 0), picture[1] - height)
    return Cut(left, top, width, height, picture)


def cover(picture: Image.Image, fmt: Format, cut: Cut) -> Planes:
    """The part of the picture as planes, large enough for the closest view."""
    size = (_even(fmt.width / CLOSEST), _even(fmt.height / CLOSEST))
    box = (cut.left, cut.top, cut.left + cut.width, cut.top + cut.height)
    return to_planes(np.asarray(picture.resize(size, Image.Resampling.LANCZOS, box=box)))


def empty_frame(fmt: Format) -> NDArray[np.uint8]:
    return np.empty((fmt.height * 3 // 2, fmt.width), np.uint8)


def black_frame(fmt: Format) -> NDArray[np.uint8]:
    frame = np.full((fmt.height * 3 // 2, fmt.width), 128, np.uint8)
    frame[: fmt.height] = 16
    return frame


def split(frame: NDArray[np.uint8]) -> Planes:
    """The three planes of a frame, as views into it."""
    height = frame.shape[0] * 2 // 3
    quarter = height // 4
    half = (height // 2, frame.shape[1] // 2)
    return Planes(
        frame[:height],
        frame[height : height + quarter].reshape(half),
        frame[height + quarter :].reshape(half),
    )


def warp(source: Planes, view: View, fmt: Format, *, smooth: bool) -> NDArray[np.uint8]:
    """The frame that ``view`` shows; cubic when ``smooth``, else linear (a third of the time)."""
    frame = empty_frame(fmt)
    into = split(frame)
    height, width = source.y.shape
    # The picture has the film's shape but for rounding to even sizes: each axis has its own scale.
    sx, sy = view.size * width / fmt.width, view.size * height / fmt.height
    bx = (view.x - view.size / 2) * width + 0.5 * sx - 0.5
    by = (view.y - view.size / 2) * height + 0.5 * sy - 0.5
    flags = (cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    luma = np.array([[sx, 0, bx], [0, sy, by]])
    chroma = np.array([[sx, 0, bx / 2], [0, sy, (by + 0.5 * sy - 0.5) / 2]])
    for plane, target, matrix in (
        (source.y, into.y, luma),
        (source.u, into.u, chroma),
        (source.v, into.v, chroma),
    ):
        size = (target.shape[1], target.shape[0])
        cv2.warpAffine(plane, matrix, size, dst=target, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return frame


def crossfade(before: NDArray[np.uint8], after: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """Blend two frames; ``share`` 0 is all ``before``, 1 all ``after``."""
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), np.uint8)


def _even(length: float) -> int:
    return 2 * -int(-length // 2)
