"""A picture as a pan shows it: at one scale, along one axis, so that no place need be looked up.

Samples stand where the frames want them: across the way one for each of the frame's (chroma: for each of its
own), along it three (chroma two), kept apart by their remainder. What a frame shows lies between two of these
planes, everywhere by the same share, and is their weighted mean: a straight line between samples three times
as fine as the frame, as :func:`~actors.media.planes.warp` draws it, in a tenth of the time.
"""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.formats import Format
from actors.media.motion import Motion, View
from actors.media.planes import (
    BT709_LIMITED,
    HALF_BAND,
    Cut,
    Frame,
    empty_frame,
    split,
)

_FINER: Final = 3
_CHROMA_FINER: Final = 2


@dataclass(frozen=True, slots=True)
class PannedPlanes:
    """What is seen of a picture on the way, in planes of every third sample (of chroma, every second)."""

    y: tuple[NDArray[np.uint8], ...]
    u: tuple[NDArray[np.uint8], ...]
    v: tuple[NDArray[np.uint8], ...]
    across: bool
    """The way goes across the frame and not up or down."""
    least: float
    """The smallest place of the view on its way."""

    @property
    def nbytes(self) -> int:
        return sum(plane.nbytes for planes in (self.y, self.u, self.v) for plane in planes)

    def frame(self, view: View, fmt: Format) -> Frame:
        frame = empty_frame(fmt)
        into = split(frame)
        place, length = (view.x, fmt.width) if self.across else (view.y, fmt.height)
        gone = (place - self.least) / view.size * length  # in pixels of the frame
        # Luma samples stand in the middle of each pixel, chroma on the left column of each four, between
        # their rows.
        chroma = gone if self.across else gone + 0.5
        self._between(self.y, (gone + 0.5) * len(self.y) - 0.5, into.y)
        self._between(self.u, chroma, into.u)
        self._between(self.v, chroma, into.v)
        return frame

    def _between(self, planes: tuple[NDArray[np.uint8], ...], at: float, target: NDArray[np.uint8]) -> None:
        """The mean of two neighbouring samples for each of the target's, the first of which lie at ``at``."""
        low = floor(at)
        here, there = (self._from(planes, place, target) for place in (low, low + 1))
        cv2.addWeighted(here, 1 - (at - low), there, at - low, 0, dst=target)

    def _from(
        self, planes: tuple[NDArray[np.uint8], ...], place: int, target: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        start, which = divmod(place, len(planes))
        if self.across:
            return planes[which][:, start : start + target.shape[1]]
        return planes[which][start : start + target.shape[0]]


def cover_way(picture: Image.Image, fmt: Format, cut: Cut, motion: Motion) -> PannedPlanes:
    """What a pan sees of the picture; the motion's focus is within the cut."""
    first, last = motion.view(0), motion.view(1)
    across = first.x != last.x
    yuv, least = _seen(picture, fmt, cut, (first, last), across)
    fx, fy = (_FINER, 1) if across else (1, _FINER)
    luma = cv2.resize(yuv[..., 0], None, fx=fx, fy=fy, interpolation=cv2.INTER_LANCZOS4)
    u, v = (_chroma(yuv[..., plane], across) for plane in (1, 2))
    return PannedPlanes(_apart(np.asarray(luma, np.uint8), _FINER, across), u, v, across, least)


def _seen(
    picture: Image.Image, fmt: Format, cut: Cut, views: tuple[View, View], across: bool
) -> tuple[NDArray[np.uint8], float]:
    """The strip of the picture that comes into view, as fine as the frame, and where the view is at first."""
    size = views[0].size
    step = size * cut.width / fmt.width  # pixels of the picture for one of the frame
    least = min(view.x if across else view.y for view in views)
    most = max(view.x if across else view.y for view in views)
    x, y = (least, views[0].y) if across else (views[0].x, least)
    left, top = cut.left + (x - size / 2) * cut.width, cut.top + (y - size / 2) * cut.height
    lengths = [fmt.width, fmt.height]
    along = 0 if across else 1
    gone = (most - least) / size * lengths[along]
    wanted = lengths[along] + 2 * ceil((gone + 1) / 2)
    room = (picture.size[along] - (left, top)[along]) / step
    lengths[along] = min(wanted, floor(room + 1e-6))
    box = (
        max(0.0, left),
        max(0.0, top),
        min(picture.width, left + lengths[0] * step),
        min(picture.height, top + lengths[1] * step),
    )
    rgb = np.asarray(picture.resize((lengths[0], lengths[1]), Image.Resampling.LANCZOS, box=box))
    yuv = np.asarray(cv2.transform(rgb, BT709_LIMITED), np.uint8)
    beyond = wanted - lengths[along]  # a part of a pixel is seen of what lies beyond the picture's edge
    right, bottom = (beyond, 0) if across else (0, beyond)
    return np.asarray(cv2.copyMakeBorder(yuv, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8), least


def _chroma(plane: NDArray[np.uint8], across: bool) -> tuple[NDArray[np.uint8], ...]:
    """Half as many samples across the way: each on the left column, between the two rows."""
    soft = np.asarray(cv2.sepFilter2D(plane, -1, HALF_BAND, HALF_BAND), np.uint8)
    half = cv2.addWeighted(soft[::2], 0.5, soft[1::2], 0.5, 0) if across else soft[:, ::2]
    return _apart(np.asarray(half, np.uint8), _CHROMA_FINER, across)


def _apart(plane: NDArray[np.uint8], count: int, across: bool) -> tuple[NDArray[np.uint8], ...]:
    """Every ``count``-th sample along the way in a plane of its own."""
    parts = (plane[:, n::count] if across else plane[n::count] for n in range(count))
    return tuple(np.ascontiguousarray(part) for part in parts)
