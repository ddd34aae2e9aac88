"""Films that others made, each wrong in one way: codec, pixels, colours, or a sound that ends too early."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from actors.media.check import Expected, check
from actors.media.formats import Format
from actors.media.timeline import SAMPLE_RATE

pytestmark = pytest.mark.slow

SECONDS = 2
GOOD: dict[str, Any] = {
    "codec": "libx264",
    "pixels": "yuv420p",
    "colours": True,
    "audio": "aac",
    "sound_s": SECONDS,
    "faststart": True,
}


def write(path: Path, fmt: Format, **changes: Any) -> Path:
    """A film of moving noise under a hum, as asked for but for ``changes``."""
    made = GOOD | changes
    rng = np.random.default_rng(1)
    options = {"movflags": "+faststart"} if made["faststart"] else {}
    with av.open(str(path), "w", format="mp4", options=options) as film:
        video = film.add_stream(made["codec"], rate=fmt.fps)
        video.width, video.height, video.pix_fmt = fmt.width, fmt.height, made["pixels"]
        context = video.codec_context
        if made["colours"]:
            context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
            context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        audio = film.add_stream(made["audio"], rate=SAMPLE_RATE, layout="stereo")
        for number in range(fmt.fps * SECONDS):
            noise = rng.integers(30, 220, (fmt.height, fmt.width, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format=made["pixels"])
            frame.pts, frame.time_base = number, Fraction(1, fmt.fps)
            film.mux(video.encode(frame))
        samples = np.arange(round(SAMPLE_RATE * made["sound_s"]))
        hum = (0.22 * np.sin(samples * 2 * np.pi * 330 / SAMPLE_RATE)).astype(np.float32)
        for start in range(0, len(hum) - 1151, 1152):
            piece = np.stack([hum[start : start + 1152]] * 2)
            sound = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            sound.sample_rate, sound.pts = SAMPLE_RATE, start
            sound.time_base = Fraction(1, SAMPLE_RATE)
            for resampled in av.AudioResampler(audio.format, "stereo", SAMPLE_RATE, 1152).resample(sound):
                film.mux(audio.encode(resampled))
        film.mux(video.encode(None))
        film.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"codec": "mpeg4", "colours": False}, "wrong_codec"),
        ({"audio": "libmp3lame"}, "wrong_codec"),
        ({"pixels": "yuv444p"}, "wrong_pixels"),
        ({"colours": False}, "wrong_colours"),
        ({"sound_s": 1.2}, "sound_length"),
        ({"faststart": False}, "not_faststart"),
    ],
)
def test_each_fault_is_found_and_a_film_without_it_has_none(
    small: Format, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    expected = Expected(small, SECONDS, sound=True)

    def codes(**made: Any) -> set[str]:
        return {
            finding.code for finding in check(write(tmp_path / "film.mp4", small, **made), expected).findings
        }

    heard = {"wrong_loudness", "too_high_peak"}  # a hum is not mixed
    assert code not in codes()
    assert codes() <= heard
    assert code in codes(**changes)
