"""Bring speech from any of the API's audio forms into one: WAV, 16 bit, mono, at its own rate.

Older models answer with headerless samples and tell the rate in the media type; newer ones with a whole WAV.
The media type is not believed where the bytes say otherwise.
"""

import io
import re
import warnings
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # It looks for an ffmpeg program when it is imported, and warns where there is none: WAV needs none.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

DEFAULT_RATE = 24_000
"""Samples a second of every Gemini speech model so far; used only for a raw type that names no rate."""
_RAW = re.compile(r"audio/(l16|pcm|x-pcm|raw)\b", re.IGNORECASE)
_KNOWN_STARTS = (b"RIFF", b"ID3", b"OggS", b"fLaC")


@dataclass(frozen=True)
class Sound:
    samples: NDArray[np.int16]
    rate: int


def decode(data: bytes, media_type: str) -> Sound:
    """Return mono samples; raises ValueError, naming the reason, when the bytes are not decodable audio."""
    if _RAW.match(media_type) and not data.startswith(_KNOWN_STARTS):
        return _raw(data, media_type)
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            if not container.streams.audio:
                raise ValueError("it holds no audio")
            rate = container.streams.audio[0].rate
            mono = av.AudioResampler(format="s16", layout="mono", rate=rate)
            frames = [out for frame in container.decode(audio=0) for out in mono.resample(frame)]
            frames += mono.resample(None)
    except av.FFmpegError as broken:
        raise ValueError(f"{media_type}: {broken.strerror}") from broken
    blocks = [frame.to_ndarray().reshape(-1).astype(np.int16) for frame in frames]
    return Sound(np.concatenate(blocks) if blocks else np.zeros(0, np.int16), rate)


def joined(parts: list[tuple[bytes, str]]) -> list[tuple[bytes, str]]:
    """Put raw samples of one type together: a stream may cut them anywhere, also within a sample."""
    found: list[tuple[bytes, str]] = []
    for data, media_type in parts:
        raw = _RAW.match(media_type) and not data.startswith(_KNOWN_STARTS)
        if raw and found and found[-1][1] == media_type and not found[-1][0].startswith(_KNOWN_STARTS):
            found[-1] = (found[-1][0] + data, media_type)
        else:
            found.append((data, media_type))
    return found


def to_wav(sound: Sound) -> bytes:
    """Return the sound as a WAV file: PCM, 16 bit little-endian, mono."""
    out = io.BytesIO()
    samples = sound.samples.astype("<i2").tobytes()
    AudioSegment(data=samples, sample_width=2, frame_rate=sound.rate, channels=1).export(out, format="wav")
    return out.getvalue()


def _raw(data: bytes, media_type: str) -> Sound:
    """Read headerless samples. RFC 2586 says L16 is big-endian; Gemini's is little-endian."""
    named = dict(re.findall(r"(\w+)\s*=\s*\"?(\d+)", media_type.lower()))
    channels = int(named.get("channels", 1))
    rate = int(named.get("rate", DEFAULT_RATE))
    if not channels or not rate or len(data) % (2 * channels):
        raise ValueError(f"{media_type}: {len(data)} bytes are not whole samples of {channels} channel(s)")
    samples = np.frombuffer(data, "<i2").reshape(-1, channels)
    mono = samples[:, 0] if channels == 1 else samples.mean(axis=1).round()
    return Sound(mono.astype(np.int16), rate)
