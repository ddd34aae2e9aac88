"""What ends a film: a clip or a picture of one's own, into which the last scene dissolves.

It is no scene: nobody speaks in it, no caption and no logo lie over it, and nothing of it moves that does not
move in the file. A clip is seen once, to its end, and heard with its own sound; a picture is seen for four
seconds, whole, whatever its shape, and the music ends under it.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import floor
from pathlib import Path
from typing import Final

import av
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageStat

from actors.media.errors import EncodeError
from actors.media.footage import Footage, FootageCamera, frame_times, limited_bt709
from actors.media.formats import Format
from actors.media.mix import fade, leveller
from actors.media.pictures import open_rgba, picture_type
from actors.media.planes import Frame, empty_frame, split, to_planes
from actors.media.render import never, render_ending, unseen
from actors.media.tape import Samples, Sound, Tape, spans
from actors.media.timeline import CROSSFADE_S, SAMPLE_RATE, SceneShape

PICTURE_S: Final = 4
_ALIKE: Final = 0.01
"""Shapes that differ by less are stretched to fit, which nobody sees."""
_DARKENED: Final = 0.55
_LIGHT: Final = 128
_EDGE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Outro:
    """A file as it ends a film of some frame rate."""

    path: Path
    frames: int
    is_picture: bool
    has_sound: bool

    def samples(self, fps: int) -> int:
        return self.frames * SAMPLE_RATE // fps


def open_outro(path: Path, fps: int) -> Outro:
    """How the file ends a film of so many frames a second. Raises PictureError."""
    if picture_type(path) is not None:
        return Outro(path, PICTURE_S * fps, is_picture=True, has_sound=False)
    times = frame_times(path)
    last_s = times[-1] / (len(times) - 1) if len(times) > 1 else Fraction(1, fps)
    frames = max(1, floor((times[-1] + last_s) * fps))
    with av.open(str(path)) as container:
        return Outro(path, frames, is_picture=False, has_sound=bool(container.streams.audio))


def render_outro(
    outro: Outro,
    before: Frame,
    fmt: Format,
    *,
    threads: int,
    cancelled: Callable[[], bool] = never,
    see: Callable[[Frame], None] = unseen,
) -> bytes:
    """The outro as an MP4 segment; ``before``, the film's last frame, dissolves into it.

    Raises:
        PictureError, EncodeError, RenderCancelled.

    """
    dissolve = min(floor(CROSSFADE_S * fmt.fps), outro.frames // 2)
    if outro.is_picture:
        still = _whole(outro.path.read_bytes(), fmt)
        return render_ending(
            before,
            lambda _: still,
            dissolve,
            outro.frames,
            fmt,
            threads=threads,
            cancelled=cancelled,
            see=see,
        )
    shape = SceneShape(fmt.fps, 0, outro.frames, 0, 0, 0)
    with closing(FootageCamera(Footage(outro.path, shape), fmt)) as camera:
        return render_ending(
            before, camera.frame, dissolve, outro.frames, fmt, threads=threads, cancelled=cancelled, see=see
        )


def last_frame(segment: Path) -> Frame:
    """The picture with which a segment ends. Raises EncodeError ``segment_unreadable``."""
    try:
        with av.open(str(segment)) as container:
            video = container.streams.video[0]
            container.seek(int(video.duration or 0), stream=video)  # to the last frame that stands for itself
            *_, last = container.decode(video)
    except (av.FFmpegError, ValueError) as error:
        raise EncodeError("segment_unreadable", f"A segment cannot be read: {error}") from error
    planes = limited_bt709(last)
    frame = np.empty((planes.y.shape[0] * 3 // 2, planes.y.shape[1]), np.uint8)
    into = split(frame)
    into.y[...], into.u[...], into.v[...] = planes.y, planes.u, planes.v
    return frame


def _whole(data: bytes, fmt: Format) -> Frame:
    """All of a picture, on a ground that suits it where it is of another shape or lets something through."""
    picture = open_rgba(data)
    width, height = fmt.width, fmt.height
    ground = _ground(picture, fmt)
    if abs(picture.width * height / (picture.height * width) - 1) < _ALIKE:
        size = width, height
    else:
        scale = min(width / picture.width, height / picture.height)
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    shown = picture.resize(size, Image.Resampling.LANCZOS)
    ground.paste(shown, ((width - size[0]) // 2, (height - size[1]) // 2), shown)
    planes = to_planes(np.asarray(ground))
    frame = empty_frame(fmt)
    into = split(frame)
    into.y[...], into.u[...], into.v[...] = planes.y, planes.u, planes.v
    return frame


def _ground(picture: Image.Image, fmt: Format) -> Image.Image:
    """What lies behind: the picture itself, out of focus and darker; of a sign that lets through, paper."""
    alpha = picture.getchannel("A")
    if alpha.getextrema()[0] != 255:
        lightness = ImageStat.Stat(picture.convert("L"), alpha.point(lambda value: 255 * (value > _LIGHT)))
        is_light = bool(lightness.count[0]) and lightness.mean[0] > _LIGHT
        return Image.new("RGB", (fmt.width, fmt.height), "black" if is_light else "white")
    scale = max(fmt.width / picture.width, fmt.height / picture.height)
    part = fmt.width / scale, fmt.height / scale
    left, top = (picture.width - part[0]) / 2, (picture.height - part[1]) / 2
    box = left, top, left + part[0], top + part[1]
    filled = picture.convert("RGB").resize((fmt.width, fmt.height), Image.Resampling.BILINEAR, box=box)
    soft = filled.filter(ImageFilter.GaussianBlur(min(fmt.width, fmt.height) / 24))
    return ImageEnhance.Brightness(soft).enhance(_DARKENED)


# ---- sound ------------------------------------------------------------------------------------------


def read_sound(outro: Outro, tape: Tape) -> None:
    """Take down what a clip sounds like, stereo at 48 kHz. EncodeError ``outro_unreadable``."""
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
    try:
        with av.open(str(outro.path)) as container:
            for frame in chain(container.decode(audio=0), [None]):
                for piece in resampler.resample(frame):
                    tape.append(np.asarray(piece.to_ndarray().reshape(-1, 2), np.float32))
    except av.FFmpegError as error:
        raise EncodeError("outro_unreadable", f"The sound of the outro cannot be read: {error}") from error


def ending(sound: Sound, samples: int) -> Iterator[Samples]:
    """A clip's own sound for so many samples, about as loud as a voice, without clicks at its ends."""
    gain = leveller(sound)
    edge = round(_EDGE_S * SAMPLE_RATE)
    for start, stop in spans(samples):
        piece = sound.read(start, stop) * gain
        yield fade(
            piece,
            start_s=_EDGE_S if start == 0 else 0.0,
            end_s=_EDGE_S if stop == samples and stop - start > edge else 0.0,
        )
