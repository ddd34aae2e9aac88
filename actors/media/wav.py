"""WAV files by pydub: packaging and reading of finished sound.

pydub looks for an ffmpeg program when it is imported and warns when there is none; for WAV it needs none, so
the warning would only alarm. Its own loudness and gain are not used: it clips without a word.
"""

import struct
import warnings
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from actors.media.errors import MediaError
from actors.media.timeline import SAMPLE_RATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ffmpeg's absence, audioop's age, pydub's escape sequences
    from pydub import AudioSegment
    from pydub.exceptions import CouldntDecodeError


def to_wav(samples: NDArray[np.float32]) -> bytes:
    """(n,) or (n, channels) float32 at 48 kHz as 16-bit WAV; values beyond -1..1 are clipped."""
    wave = samples.reshape(len(samples), -1)
    whole = np.clip(np.round(wave * 32_767), -32_768, 32_767).astype("<i2")
    segment = AudioSegment(
        data=whole.tobytes(), sample_width=2, frame_rate=SAMPLE_RATE, channels=wave.shape[1]
    )
    target = BytesIO()
    segment.export(target, format="wav")
    return target.getvalue()


def from_wav(data: bytes) -> NDArray[np.float32]:
    """What :func:`to_wav` wrote, as (n, channels) float32.

    Raises:
        MediaError: ``wav_unreadable`` when it is not a 16-bit WAV file at 48 kHz.

    """
    try:
        segment = AudioSegment(data=data)  # from_wav would look for ffprobe when the file is broken
    except (CouldntDecodeError, struct.error, ValueError, IndexError) as error:
        raise MediaError("wav_unreadable", f"The WAV file cannot be decoded: {error}") from error
    if segment.sample_width != 2 or segment.frame_rate != SAMPLE_RATE:
        raise MediaError("wav_unreadable", "The sound is not 16-bit at 48 kHz")
    whole = np.frombuffer(segment.raw_data, "<i2").reshape(-1, segment.channels)
    return whole.astype(np.float32) / np.float32(32_767)
