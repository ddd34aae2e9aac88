"""Sound that is longer than memory should hold: samples in a file, written once and read in pieces.

An hour of stereo is 1.4 GB as samples, and mixing passes over it several times. Plain reads and not a memory
map: mapped pages count as the process's memory as long as nobody else wants them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from actors.media.cancelling import go_on

Samples = NDArray[np.float32]

PIECE: Final = 480 * 1024
"""Samples that are worked on at a time: ten seconds, and whole frames of AAC."""


class Sound(Protocol):
    """Something that can be read in pieces: (n, channels) float32 at 48 kHz."""

    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> Samples:
        """The samples from ``start`` to ``stop``; silence before the beginning and after the end."""
        ...


def spans(length: int) -> Iterator[tuple[int, int]]:
    """The pieces of something so long, as (start, stop), in order; stops when the work is not wanted."""
    for start in range(0, length, PIECE):
        go_on()
        yield start, min(length, start + PIECE)


def padded(start: int, stop: int, length: int, samples: Samples) -> Samples:
    """What was found of ``start`` to ``stop`` in something of this length, with silence where it has none."""
    before, after = max(0, min(stop, 0) - start), max(0, stop - max(length, start))
    return np.pad(samples, ((before, after), (0, 0))) if before or after else samples


@dataclass(frozen=True, slots=True)
class Part:
    """What lies between two places of a sound, as a sound of its own."""

    sound: Sound
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def read(self, start: int, stop: int) -> Samples:
        low, high = (min(max(at, 0), len(self)) for at in (start, stop))
        found = self.sound.read(self.start + low, self.start + high)
        return padded(start, stop, len(self), found)


class Tape:
    """Float32 samples of one or more channels in a file, which is the caller's to remove."""

    def __init__(self, path: Path, channels: int) -> None:
        self._file = path.open("w+b", buffering=0)
        self._channels = channels
        self._length = 0

    def close(self) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._length

    def clear(self) -> None:
        """What is appended next is its beginning."""
        self._length = 0

    def append(self, piece: Samples) -> None:
        self._file.seek(self._length * self._channels * 4)
        whole = memoryview(np.ascontiguousarray(piece, np.float32).tobytes())
        while whole:  # an unbuffered write may take a part of it
            whole = whole[self._file.write(whole) :]
        self._length += len(piece)

    def read(self, start: int, stop: int) -> Samples:
        low, high = (min(max(at, 0), self._length) for at in (start, stop))
        found = np.empty((high - low, self._channels), np.float32)
        self._file.seek(low * self._channels * 4)
        whole = found.data.cast("B") if len(found) else memoryview(b"")
        while len(whole):
            whole = whole[self._file.readinto(whole) :]
        return padded(start, stop, self._length, found)
