"""Makes a shot: the first frame is the given picture, then the camera and what is in the picture move.

Everything follows from the request, so the same one gives the same shot.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps

from actors.emulator.pictures.draw import draw
from actors.emulator.shots.encode import FRAMES_PER_SECOND, Frame, mp4
from actors.emulator.shots.shot_faults import spoil_file, spoil_frames, spoilt_seconds, spoilt_size


@dataclass(frozen=True)
class ShotRequest:
    """What a shot is made of; without a first frame it begins with a picture drawn from the prompt."""

    prompt: str
    seconds: float
    size: tuple[int, int]
    first: bytes | None = None
    last: bytes | None = None
    seed: int = 0


def make_shot(ask: ShotRequest, faults: Sequence[str] = ()) -> bytes:
    """The shot as an mp4."""
    size, seconds = spoilt_size(ask.size, faults), spoilt_seconds(ask.seconds, faults)
    frames = spoil_frames(_frames(ask, size, seconds), size, faults)
    return spoil_file(mp4(frames, size, seconds), faults)


def _picture(ask: ShotRequest, size: tuple[int, int]) -> Frame:
    if ask.first is None:
        return np.asarray(draw(ask.prompt, *size, seed=ask.seed), np.uint8)
    with Image.open(io.BytesIO(ask.first)) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS), np.uint8)


def _frames(ask: ShotRequest, size: tuple[int, int], seconds: float) -> Iterator[Frame]:
    picture = _picture(ask, size)
    width, height = size
    count = max(1, round(seconds * FRAMES_PER_SECOND))
    for n in range(count):
        scale = 1 + 0.1 * n / count
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0, scale)
        yield np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)
