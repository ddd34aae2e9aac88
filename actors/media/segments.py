"""Is a segment what was asked for? Found out when it is made, so that the film need not be decoded again.

What is to be seen of it is looked at as it is drawn, which costs a fraction of decoding it. That the encoder
wrote this down, and nothing else, is seen on the key frames: decoded, they are held against what was drawn.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from actors.media.check import coding, stamps
from actors.media.findings import Finding
from actors.media.formats import Format
from actors.media.looks import Looks

_LOOKS_A_SECOND: Final = 5
_MOST_DIFFERENCE: Final = 20.0
"""Mean difference of luma between what was drawn and what is decoded: coarse encoding of noise makes 8,
another picture 40 and more."""


class Drawn:
    """What was drawn of a segment, seen now and then on a coarse grid."""

    def __init__(self, fmt: Format) -> None:
        self._format = fmt
        self._every = max(1, fmt.fps // _LOOKS_A_SECOND)
        self._looks = Looks()
        self._grids: dict[int, NDArray[np.uint8]] = {}
        self.frames = 0

    def see(self, frame: NDArray[np.uint8]) -> None:
        """The next frame, yuv420p."""
        if self.frames % self._every == 0:
            grid = _grid(frame[: self._format.height])
            self._looks.see(self.frames / self._format.fps, grid)
            self._grids[self.frames] = grid[::4, ::4].copy()
        self.frames += 1

    def remarks(self) -> Iterator[Finding]:
        """Where nothing is to be seen, or nothing moves."""
        for kind, start, stop in self._looks.stretches(self.frames / self._format.fps):
            length = round(stop - start, 3)
            message = f"The picture is {kind} for {length:.1f} s"
            yield Finding(f"{kind}_picture", message, round(start, 3), length, remark=True)

    def difference(self, number: int, luma: NDArray[np.uint8]) -> float | None:
        """Of what is decoded from what was drawn; None where that frame was not looked at."""
        drawn = self._grids.get(number)
        return None if drawn is None else float(np.abs(_grid(luma)[::4, ::4].astype(int) - drawn).mean())


def _grid(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return luma[2::4, 2::4]


def check_segment(data: bytes, fmt: Format, frames: int, drawn: Drawn) -> list[Finding]:
    """What is wrong with a segment of so many frames, and what is to be told of it."""
    findings = [*drawn.remarks()]
    measured: dict[str, Any] = {}
    try:
        with av.open(BytesIO(data), "r") as opened:
            findings += coding(opened.streams.video[0].codec_context, fmt)
            findings += stamps(opened.streams.video[0], fmt, measured)
            if measured["frames"] != frames or drawn.frames != frames:
                told = f"The segment should have {frames} frames"
                findings.append(Finding("wrong_length", told, value=measured["frames"]))
            opened.seek(0)
            findings += _key_frames(opened, fmt, drawn)
    except av.FFmpegError as error:
        findings.append(Finding("segment_unreadable", f"The segment cannot be decoded: {error}"))
    return findings


def _key_frames(opened: Any, fmt: Format, drawn: Drawn) -> Iterator[Finding]:
    video = opened.streams.video[0]
    video.codec_context.skip_frame = "NONKEY"
    first = True
    for frame in opened.decode(video):
        if first and frame.time > 0:
            break
        first = False
        plane = frame.planes[0]
        luma = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        difference = drawn.difference(round(frame.time * fmt.fps), luma)
        if difference is not None and difference > _MOST_DIFFERENCE:
            at, off = round(frame.time, 3), round(difference, 1)
            yield Finding("not_as_drawn", "The picture is not what was drawn", at, off)
    if first:
        yield Finding("no_key_frame", "The segment does not begin with a frame that stands for itself")
