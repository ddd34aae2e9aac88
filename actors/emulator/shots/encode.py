"""Writes frames as an mp4 like those of the real service: H.264, 24 frames a second, and an AAC track.

The real clips' sound cannot be switched off. Ours is a chord of two clear tones, one to an ear, so that a
test can prove that it is not in the film.
"""

import io
import math
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""Height × width × 3, RGB."""

FRAMES_PER_SECOND = 24
SAMPLE_RATE = 48_000
TONES_HZ = (997.0, 1499.0)
"""Left and right."""
TONE_PEAK = 0.25
PACKET_SAMPLES = 1024
_QUALITY = "20"


def mp4(frames: Iterable[Frame], size: tuple[int, int], seconds: float) -> bytes:
    """The frames, all of ``size`` (width, height), with the tones beside them for ``seconds``."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "superfast", "crf": _QUALITY, "threads": "2"}
        context = video.codec_context
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries = context.color_trc = 1
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        for n, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts, frame.time_base = n, Fraction(1, FRAMES_PER_SECOND)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        _sound(container, audio, seconds)
    return stream.getvalue()


def _sound(container: av.container.OutputContainer, audio: av.AudioStream, seconds: float) -> None:
    # Whole packets, as the real clips: 5 s of pictures have 5.013 s of sound.
    packets = math.ceil(seconds * SAMPLE_RATE / PACKET_SAMPLES)
    at = np.arange(packets * PACKET_SAMPLES) / SAMPLE_RATE
    fade = np.clip(np.minimum(at, seconds - at) / 0.02, 0, 1)
    ears = np.stack([np.sin(2 * np.pi * tone * at) * fade for tone in TONES_HZ]) * TONE_PEAK
    frame = av.AudioFrame.from_ndarray(ears.astype(np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
    container.mux(audio.encode(frame))
    container.mux(audio.encode())


def duration_of(raw: bytes, otherwise: float) -> float:
    """Seconds of an mp4; ``otherwise`` where it cannot be opened."""
    try:
        with av.open(io.BytesIO(raw), "r") as container:
            return (container.duration or 0) / av.time_base
    except av.error.FFmpegError:
        return otherwise
