"""What the faults of shots do: to its size and length, its frames, and its file."""

from collections.abc import Iterator, Sequence

import numpy as np

from actors.emulator.shots.encode import Frame

CUT_EVERY = 3
"""Parts of a shot with ``several_cuts``."""
INLINE_BYTES = 4 * 1024 * 1024
"""More than this is not to be sent inline."""


def spoilt_size(size: tuple[int, int], faults: Sequence[str]) -> tuple[int, int]:
    return (size[1], size[0]) if "wrong_shape" in faults else size


def spoilt_seconds(seconds: float, faults: Sequence[str]) -> float:
    return seconds / 2 if "wrong_length" in faults else seconds


def spoil_frames(frames: Iterator[Frame], size: tuple[int, int], faults: Sequence[str]) -> Iterator[Frame]:
    """The frames with the faults that are in what is seen."""
    first: Frame | None = None
    for count, frame in enumerate(frames):
        first = frame if first is None else first
        if "black_shot" in faults:
            yield np.zeros((size[1], size[0], 3), np.uint8)
        elif "frozen_shot" in faults:
            yield first
        elif "several_cuts" in faults:
            yield _cut(frame, count)
        elif "other_first_frame" in faults:
            yield np.ascontiguousarray(255 - frame[:, ::-1])
        else:
            yield frame


def _cut(frame: Frame, count: int) -> Frame:
    """Another view of the same for each second: as it is, mirrored and darker, a negative."""
    view = count // 24 % CUT_EVERY
    if view == 1:
        return np.ascontiguousarray(frame[::-1, ::-1] // 2)
    return 255 - frame if view else frame


def spoil_file(raw: bytes, faults: Sequence[str]) -> bytes:
    """The file cut off, or filled up to more than may be sent inline."""
    if "broken_mp4" in faults:
        # Without its last box, which holds where everything stands, nothing opens it.
        return raw[: len(raw) * 2 // 3]
    if "inline_video" in faults and len(raw) <= INLINE_BYTES:
        fill = INLINE_BYTES + 1024 - len(raw)
        return raw + (fill + 8).to_bytes(4) + b"free" + bytes(fill)
    return raw
