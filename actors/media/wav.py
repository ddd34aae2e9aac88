"""WAV files: packaging and reading of finished sound.

What is short is packed by pydub, which looks for an ffmpeg program when it is imported and warns when there
is none; for WAV it needs none, so the warning would only alarm. Its own loudness and gain are not used: it
clips without a word. It holds all of a sound in memory, so music is written and read in pieces.
"""

import warnings
import wave
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.media.errors import MediaError
from actors.media.tape import Samples, padded
from actors.media.timeline import SAMPLE_RATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ffmpeg's absence, audioop's age, pydub's escape sequences
    from pydub import AudioSegment


def to_wav(samples: Samples) -> bytes:
    """(n,) or (n, channels) float32 at 48 kHz as 16-bit WAV; values beyond -1..1 are clipped."""
    whole = _whole(samples)
    segment = AudioSegment(
        data=whole.tobytes(), sample_width=2, frame_rate=SAMPLE_RATE, channels=whole.shape[1]
    )
    target = BytesIO()
    segment.export(target, format="wav")
    return target.getvalue()


def write_wav(path: Path, pieces: Iterable[Samples], channels: int) -> int:
    """The same in pieces, into a file; gives how many samples there were."""
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
