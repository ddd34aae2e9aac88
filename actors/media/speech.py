"""A narration as samples: decoded whatever it came in, trimmed, measured, its silences found.

Models answer with WAV (with lying sizes in the header), raw PCM named by a media type, or something
compressed; all of it becomes mono float at the film's rate. Silence at both ends is cut off, since narration
is the clock: half a second of nothing before each scene would be heard as hesitation.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from actors.media.errors import SpeechError
from actors.media.loudness import integrated_lufs
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

SHORTEST_SILENCE_S: Final = 0.12
"""Shorter gaps are the closures of consonants, not pauses."""
_BELOW_SPEECH_DB: Final = 32.0
_QUIETEST_DBFS: Final = -60.0
"""A recording that never rises above this holds no speech."""
_HOP_S: Final = 0.01
_HEADER_ALONE: Final = {"probesize": "32"}
"""A WAV file's head tells all; to look through its sound for more takes as long as to decode it."""
_KEPT_EDGE_S: Final = 0.06
"""Silence left at either end, so that breath and decay are not clipped."""


@dataclass(frozen=True)
class Speech:
    """A narration at 48 kHz: mono float32 in -1..1, without silence at its ends.

    ``leading_s`` and ``trailing_s`` say how much silence was cut off; ``duration_s`` is what remains.
    """

    samples: Samples
    leading_s: float
    trailing_s: float
    pace: float = 1.0
    """How much faster it is than it was spoken."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @cached_property
    def lufs(self) -> float:
        """Integrated loudness (ITU-R BS.1770); for under 0.4 s of speech, that of the speech repeated."""
        return integrated_lufs(self.samples)

    @cached_property
    def silences(self) -> list[tuple[float, float]]:
        """Pauses inside the speech as (start, end) in seconds."""
        return find_silences(self.samples)


def load(data: bytes, media_type: str = "") -> Speech:
    """Decode a narration and cut the silence off its ends.

    ``media_type`` matters only for raw PCM (``audio/L16;rate=24000``, ``audio/pcm``): 16-bit little-endian.

    Raises:
        SpeechError: ``speech_empty``, ``speech_unreadable`` or ``speech_silent``.

    """
    samples = decode(data, media_type)
    loud = _loud_hops(samples)
    if not loud.any():
        raise SpeechError(
            "speech_silent",
            f"The narration is {len(samples) / SAMPLE_RATE:.1f} s long and holds no sound",
            "The speech model sometimes answers with empty audio; asking again usually helps",
        )
    where = np.flatnonzero(loud)
    hop = round(_HOP_S * SAMPLE_RATE)
    kept = round(_KEPT_EDGE_S * SAMPLE_RATE)
    start = max(0, int(where[0]) * hop - kept)
    end = min(len(samples), (int(where[-1]) + 1) * hop + kept)
    return Speech(
        np.ascontiguousarray(samples[start:end]), start / SAMPLE_RATE, (len(samples) - end) / SAMPLE_RATE
    )


def decode(data: bytes, media_type: str = "") -> Samples:
    """All of the sound, mono float32 at 48 kHz. Raises like :func:`load`, but allows silence."""
    if not data:
        raise SpeechError("speech_empty", "The narration has no bytes")
    raw = re.match(r"audio/(?:l16|pcm|x-raw)\b", media_type, re.IGNORECASE)
    samples, rate = _raw(data, media_type) if raw else _contained(data)
    if not len(samples):
        raise SpeechError("speech_empty", "The narration holds no samples")
    return resample(samples, rate)


def resample(samples: Samples, rate: int, to: int = SAMPLE_RATE) -> Samples:
    if rate == to:
        return samples
    common = int(np.gcd(rate, to))
    return np.asarray(resample_poly(samples, to // common, rate // common), np.float32)


def find_silences(samples: Samples) -> list[tuple[float, float]]:
    """Stretches of at least 0.12 s that lie 32 dB below the speech, as (start, end) in seconds."""
    quiet = np.concatenate(([False], ~_loud_hops(samples), [False]))
    edges = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2) * _HOP_S
    return [
        (float(start), float(end)) for start, end in edges if end - start >= SHORTEST_SILENCE_S - _HOP_S / 2
    ]


def _loud_hops(samples: Samples) -> NDArray[np.bool_]:
    """For each hundredth of a second, whether somebody speaks."""
    hop = round(_HOP_S * SAMPLE_RATE)
    whole = np.pad(samples, (0, -len(samples) % hop)).reshape(-1, hop)
    level = 10 * np.log10(np.mean(np.square(whole, dtype=np.float64), axis=1) + 1e-12)
    speech = float(np.percentile(level, 95)) if len(level) else _QUIETEST_DBFS
    peak = float(level.max(initial=_QUIETEST_DBFS - 1))
    # A single word in long silence does not reach the 95th percentile; its peak does.
    threshold = max(max(speech, peak - 12) - _BELOW_SPEECH_DB, _QUIETEST_DBFS)
    return np.asarray(level > threshold, np.bool_)


def _raw(data: bytes, media_type: str) -> tuple[Samples, int]:
    named = re.search(r"rate=(\d+)", media_type)
    rate = int(named.group(1)) if named else 24_000
    channels_named = re.search(r"channels=(\d+)", media_type)
    channels = int(channels_named.group(1)) if channels_named else 1
    if not 4_000 <= rate <= 384_000 or not 1 <= channels <= 8:
        raise SpeechError("speech_unreadable", f"The media type {media_type!r} does not make sense")
    usable = len(data) - len(data) % (2 * channels)
    wave = np.frombuffer(data[:usable], "<i2").reshape(-1, channels)
    return np.asarray(wave.mean(axis=1) / 32_768.0, np.float32), rate


def _contained(data: bytes) -> tuple[Samples, int]:
    pieces: list[Samples] = []
    try:
        with av.open(BytesIO(data), "r", options=_HEADER_ALONE if data[:4] == b"RIFF" else {}) as container:
            if not container.streams.audio:
                raise SpeechError("speech_unreadable", "The narration holds no audio stream")
            rate = container.streams.audio[0].rate
            mono = av.AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                pieces += [piece.to_ndarray()[0] for piece in mono.resample(frame)]
            pieces += [piece.to_ndarray()[0] for piece in mono.resample(None)]
    except (av.FFmpegError, ValueError) as error:
        raise SpeechError(
            "speech_unreadable",
            f"The narration cannot be decoded: {error}",
            "WAV and other common formats are read; raw PCM needs a media type such as audio/L16;rate=24000",
        ) from error
    return (np.concatenate(pieces) if pieces else np.zeros(0, np.float32)), rate
