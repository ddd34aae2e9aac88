"""Small shots as a video model makes them: MP4 files of a pattern that moves in a way that is known."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
SPEED = 216.0
"""Pixels a second: 9 a frame at 24."""


def _texture(seed: int, width: int, height: int) -> Rgb:
    cells = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC), (0, 0), 1.5)
    return np.asarray(soft, np.uint8)


_TEXTURES = [_texture(seed, 3200, 760) for seed in (3, 4)]


def panning(at_s: float, size: tuple[int, int] = (320, 180), speed: float = SPEED, which: int = 0) -> Rgb:
    """What is seen at a time of a shot that moves evenly to the left."""
    away = np.array([[1, 0, 40 + speed * at_s], [0, 1, 20]], np.float32)
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(_TEXTURES[which], away, size, flags=how), np.uint8)


def write_shot(
    path: Path,
    picture: Callable[[float], Rgb] = panning,
    *,
    seconds: float = 2.0,
    fps: int = 24,
    sound: bool = False,
) -> Path:
    """An MP4 as providers make them: H.264, BT.709, with a sound track where asked for."""
    with av.open(str(path), "w") as container:
        first = picture(0.0)
        stream = container.add_stream("libx264", rate=fps, options={"crf": "12", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        for number in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture(number / fps)), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            for block in range(round(seconds * 48_000 / 1024)):
                loud = np.full((2, 1024), 0.5, np.float32)
                heard = av.AudioFrame.from_ndarray(loud, format="fltp", layout="stereo")
                heard.sample_rate, heard.pts, heard.time_base = 48_000, block * 1024, Fraction(1, 48_000)
                container.mux(audio.encode(heard))
            container.mux(audio.encode(None))
    return path


def luma(picture: Rgb) -> NDArray[np.float64]:
    """Limited range, as a film has it."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    plane = frame.reformat(format="yuv420p", dst_colorspace=1).to_ndarray()[: picture.shape[0]]
    return plane.astype(np.float64)
