"""Makes a shot: the first frame is the given picture, then the camera and what is in the picture move.

Everything follows from the request, so the same one gives the same shot. Motion is worked out on a small copy
and enlarged: a shot of five seconds takes a few seconds of one core.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps

from actors.emulator.pictures.draw import draw
from actors.emulator.shots import camera
from actors.emulator.shots.encode import FRAMES_PER_SECOND, Frame, mp4
from actors.emulator.shots.flow import Flow, grid
from actors.emulator.shots.label import Label
from actors.emulator.shots.lights import Lights
from actors.emulator.shots.particles import Particles
from actors.emulator.shots.seen import Field, look_at
from actors.emulator.shots.shot_faults import spoil_file, spoil_frames, spoilt_seconds, spoilt_size
from actors.emulator.shots.words import motions_of

LARGEST_SIDE = 1920
"""What is larger is enlarged from this, as the real service does with 4k."""
FAR_ZOOM, NEAR_ZOOM = 0.7, 0.5
FAR_ASIDE, NEAR_ASIDE = 0.8, 0.22
"""How much the far goes by, and how much more the near: little aside, or what stands upright would lean."""
LABEL_S = 0.4
LAST_SHARE = 0.45
"""Of a shot that has a last frame: how long it takes to become it."""


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
    shrink = min(1.0, LARGEST_SIDE / max(size))
    drawn = (round(size[0] * shrink), round(size[1] * shrink))
    frames = spoil_frames(_frames(ask, drawn, seconds), drawn, faults)
    if drawn != size:
        frames = (
            np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_CUBIC), np.uint8) for each in frames
        )
    return spoil_file(mp4(frames, size, seconds), faults)


def _fitted(image: Image.Image, size: tuple[int, int]) -> Frame:
    return np.array(ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS), np.uint8)


def _opened(raw: bytes | None, ask: ShotRequest, size: tuple[int, int]) -> Image.Image:
    if raw is None:
        return draw(ask.prompt, *size, seed=ask.seed)
    with Image.open(io.BytesIO(raw)) as image:
        return image.convert("RGB")


def _frames(ask: ShotRequest, size: tuple[int, int], seconds: float) -> Iterator[Frame]:
    digest = hashlib.sha256(f"{ask.seed}:{ask.prompt}".encode() + (ask.first or b"")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8]))
    given = _opened(ask.first, ask, size)
    picture = _fitted(given, size)
    label = Label(given, picture)
    scene = _Scene(label.removed(picture), ask.prompt, seconds, rng)
    last = _fitted(_opened(ask.last, ask, size), size) if ask.last else None
    count = max(1, round(seconds * FRAMES_PER_SECOND))
    yield picture
    for n in range(1, count):
        frame = scene.frame(n / FRAMES_PER_SECOND)
        if last is not None:
            share = np.clip((n / (count - 1) - 1 + LAST_SHARE) / LAST_SHARE, 0, 1)
            weight = float(share * share * (3 - 2 * share))
            frame = np.asarray(cv2.addWeighted(frame, 1 - weight, last, weight, 0), np.uint8)
        yield label.laid_over(frame, min(1.0, n / FRAMES_PER_SECOND / LABEL_S))


class _Scene:
    """A picture with all that is to move in it."""

    def __init__(self, picture: Frame, prompt: str, seconds: float, rng: np.random.Generator) -> None:
        self._picture, self._seconds = picture, seconds
        self._height, self._width = picture.shape[:2]
        motions = motions_of(prompt)
        seen = look_at(picture, motions)
        self._move = camera.move_of(prompt)
        self._x, self._y = grid(self._width, self._height, seen)
        self._closer = (FAR_ZOOM + NEAR_ZOOM * seen.depth).astype(np.float32)
        self._aside = (FAR_ASIDE + NEAR_ASIDE * seen.depth).astype(np.float32)
        self._flow = Flow(seen, motions, rng)
        self._lights = Lights(seen, motions, rng)
        self._particles = Particles(seen, motions, rng)

    def frame(self, t: float) -> Frame:
        at_x, at_y = self._seen_from(camera.view(self._move, t / self._seconds, self._seconds))
        if (moved := self._flow.at(t)) is not None:
            at_x, at_y = at_x + moved[0] * self._height, at_y + moved[1] * self._height
        frame = cv2.remap(
            self._picture,
            self._enlarged(at_x),
            self._enlarged(at_y),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        return self._particles.draw(self._lit(np.asarray(frame, np.uint8), t, at_x, at_y), t)

    def _seen_from(self, view: camera.View) -> tuple[Field, Field]:
        """Which point of the picture each point of the frame shows: the near moves more than the far."""
        middle_x, middle_y = (self._width - 1) / 2, (self._height - 1) / 2
        scale = 1 + view.zoom * self._closer
        x = middle_x + (self._x - middle_x) / scale + view.x * self._width * self._aside / scale
        y = middle_y + (self._y - middle_y) / scale + view.y * self._height * self._aside / scale
        return x.astype(np.float32), y.astype(np.float32)

    def _enlarged(self, field: Field) -> Field:
        return np.asarray(
            cv2.resize(field, (self._width, self._height), interpolation=cv2.INTER_LINEAR), np.float32
        )

    def _lit(self, frame: Frame, t: float, at_x: Field, at_y: Field) -> Frame:
        """The frame in the light of the moment; what belongs to the picture moves with it."""
        small = (
            (at_x + 0.5) * at_x.shape[1] / self._width - 0.5,
            (at_y + 0.5) * at_x.shape[0] / self._height - 0.5,
        )

        def moved(field: Field) -> Field:
            found = cv2.remap(field, small[0], small[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            return self._enlarged(np.asarray(found, np.float32))

        gain = self._lights.gain(t)
        if gain is not None:
            factor = moved(gain)
            frame = np.asarray(cv2.multiply(frame, cv2.merge([factor] * 3), dtype=cv2.CV_8U), np.uint8)
        for thick, colour in self._lights.veils(t):
            share = moved(thick)
            veil = np.empty_like(frame)
            veil[:] = [round(each * 255) for each in colour]
            frame = np.asarray(cv2.blendLinear(frame, veil, 1 - share, share), np.uint8)
        return frame
