"""WAV files of finished sound, written and read in pieces: a film's music is longer than memory is to be."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.media.errors import MediaError
from actors.media.tape import Samples, padded
from actors.media.timeline import SAMPLE_RATE


def write_wav(path: Path, pieces: Iterable[Samples], channels: int) -> int:
    """(n,) or (n, channels) float32 at 48 kHz into a 16-bit file; gives how many samples there were.

    Values beyond -1..1 are clipped.
    """
    length = 0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for piece in pieces:
            file.writeframesraw(_whole(piece).tobytes())
            length += len(piece)
    return length


def _whole(samples: Samples) -> NDArray[np.int16]:
    flat = samples.reshape(len(samples), -1)
    return np.clip(np.round(flat * 32_767), -32_768, 32_767).astype("<i2")


class WavFile:
    """A 16-bit WAV file at 48 kHz, read where it is asked for: (n, channels) float32.

    Raises:
        MediaError: ``wav_unreadable`` when it is no such file.

    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = wave.open(str(path), "rb")  # noqa: SIM115 - closed by close
        except (wave.Error, EOFError, OSError) as error:
            raise MediaError("wav_unreadable", f"The WAV file cannot be decoded: {error}") from error
        if self._file.getsampwidth() != 2 or self._file.getframerate() != SAMPLE_RATE:
            self._file.close()
            raise MediaError("wav_unreadable", "The sound is not 16-bit at 48 kHz")
        self._channels = self._file.getnchannels()

    def __len__(self) -> int:
        return self._file.getnframes()

    def close(self) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Samples:
        low, high = (min(max(at, 0), len(self)) for at in (start, stop))
        self._file.setpos(low)
        whole = np.frombuffer(self._file.readframes(high - low), "<i2").reshape(-1, self._channels)
        return padded(start, stop, len(self), whole.astype(np.float32) / np.float32(32_767))
