"""What is to be known of a shot before it counts: whether it plays and moves, how it begins, where it is cut.

Decoded once from its file, a frame at a time; what is kept of a frame is a coarse grid, so memory is flat.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.errors import PictureError
from actors.media.footage import picture_of, unreadable
from actors.media.looks import Looks

_LOOKS_A_SECOND: Final = 5
_CELLS: Final = (48, 27)
_CUT_LEAST: Final = 14.0
"""Mean change of luma from one frame to the next that may be a cut: a quick pan over fine texture makes 9,
cuts between unlike pictures at 25 and more."""
_CUT_ALONE: Final = 2.5
"""Times what the frames beside it change: a cut stands alone, where a pan goes on and a flash comes back."""
_BESIDE: Final = 3


@dataclass(frozen=True, slots=True)
class ShotLooks:
    """What a shot is and shows. Shares are of its time; ``cuts_s`` where another picture begins at once."""

    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    empty: float
    still: float
    cuts_s: tuple[float, ...]
    first: Image.Image

    def facts(self) -> dict[str, Any]:
        return {
            "width": self.width,
            "height": self.height,
            "fps": round(self.fps, 3),
            "frames": self.frames,
            "duration_s": round(self.duration_s, 3),
        }


def look_at(path: Path) -> ShotLooks:
    """Play a shot from beginning to end. PictureError ``shot_unreadable`` says why it cannot be played."""
    try:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            fps = float(video.average_rate or video.guessed_rate or 24)
            return _looked_through(container.decode(video), fps)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise unreadable(str(error) or "it holds no picture") from error


def _looked_through(frames: Iterator[Any], fps: float) -> ShotLooks:
    looks, every = Looks(), max(1, round(fps / _LOOKS_A_SECOND))
    cells: list[NDArray[np.uint8]] = []
    first: Image.Image | None = None
    width = height = 0
    for number, frame in enumerate(frames):
        if first is None:
            first, width, height = picture_of(frame), frame.width, frame.height
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        if number % every == 0:
            looks.see(number / fps, luma[2::4, 2::4].copy())
        cells.append(np.asarray(cv2.resize(luma, _CELLS, interpolation=cv2.INTER_AREA), np.uint8))
    if first is None:
        raise PictureError("shot_unreadable", "The shot cannot be played: it holds no picture")
    lasts = len(cells) / fps
    share = {"black": 0.0, "flat": 0.0, "frozen": 0.0}
    for kind, start, stop in looks.stretches(lasts):
        share[kind] += (stop - start) / lasts
    return ShotLooks(
        width,
        height,
        fps,
        len(cells),
        lasts,
        min(1.0, share["black"] + share["flat"]),
        min(1.0, share["frozen"]),
        tuple(round(place / fps, 3) for place in _cuts(cells)),
        first,
    )


def _cuts(cells: list[NDArray[np.uint8]]) -> list[int]:
    """The frames that show at once something else than the one before."""
    changes = [_change(a, b) for a, b in pairwise(cells)]
    found = []
    for place, change in enumerate(changes):
        beside = changes[max(0, place - _BESIDE) : place] + changes[place + 1 : place + 1 + _BESIDE]
        if change >= max(_CUT_LEAST, _CUT_ALONE * max(beside, default=0.0)):
            found.append(place + 1)
    return found


def _change(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())
