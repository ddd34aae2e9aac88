"""Music that is shorter than its film, heard again and again; each time comes in while the last one goes."""

from typing import Final, Protocol

import numpy as np

from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

OVERLAP_S: Final = 2.0


class Sound(Protocol):
    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> Samples: ...

    def close(self) -> None: ...


class Repeated:
    """``samples`` of it. A piece of under four overlaps has shorter ones."""

    def __init__(self, sound: Sound, samples: int) -> None:
        self._sound = sound
        self._samples = samples
        self._overlap = min(round(OVERLAP_S * SAMPLE_RATE), len(sound) // 4)
        self._step = len(sound) - self._overlap

    def __len__(self) -> int:
        return self._samples

    def close(self) -> None:
        self._sound.close()

    def read(self, start: int, stop: int) -> Samples:
        piece = np.zeros((stop - start, self._sound.read(0, 1).shape[1]), np.float32)
        low, high = max(start, 0), min(stop, self._samples)
        first = max(0, (low - len(self._sound)) // self._step)
        for turn in range(first, max(first, (high - 1) // self._step + 1)):
            begin = turn * self._step
            from_, until = max(low, begin), min(high, begin + len(self._sound))
            if from_ < until:
                heard = self._sound.read(from_ - begin, until - begin)
                gain = self._gain(np.arange(from_ - begin, until - begin), first=turn == 0)
                piece[from_ - start : until - start] += heard * gain[:, None]
        return piece

    def _gain(self, at: np.ndarray[tuple[int], np.dtype[np.int64]], *, first: bool) -> Samples:
        """Equal power in both: what is unlike adds up to what each is."""
        left = np.clip((len(self._sound) - at) / self._overlap, 0, 1)
        come = np.ones(len(at)) if first else np.clip(at / self._overlap, 0, 1)
        return np.asarray(np.sin(np.pi / 2 * left) * np.sin(np.pi / 2 * come), np.float32)
