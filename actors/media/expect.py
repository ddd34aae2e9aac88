"""What a film of which nothing is known should be: the shape, rate, length and tracks that it claims itself.

So that a file can be checked which came without its job. Claims are taken at their word and then measured:
a film that says 30 frames a second and has 29 somewhere is found out.
"""

from dataclasses import dataclass
from pathlib import Path

import av

from actors.media import container
from actors.media.check import Expected
from actors.media.cues import Cue
from actors.media.errors import EncodeError
from actors.media.formats import Format


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody knows of the film; None where the film's own word is to be taken."""

    size: tuple[int, int] | None = None
    """Width and height in pixels."""
    fps: int | None = None
    duration_s: float | None = None
    sound: bool | None = None
    cues: tuple[Cue, ...] = ()


def expected(path: Path, told: Told | None = None) -> Expected:
    """What ``check`` should find in the file: what was told, else what the file claims.

    Raises:
        EncodeError: ``film_unreadable`` when it cannot be opened or holds no picture.

    """
    told = told or Told()
    try:
        with container.opened(path) as film:
            video = film.streams.video[0]
            width, height = told.size or (video.width, video.height)
            rate = video.average_rate or video.guessed_rate
            seconds = float((video.duration or 0) * (video.time_base or 0)) or (film.duration or 0) / 1e6
            sound = bool(film.streams.audio)
    except av.FFmpegError as error:
        raise EncodeError("film_unreadable", f"The film cannot be opened: {error}") from error
    fps = told.fps or (round(rate) if rate else 0)
    if fps < 1:
        raise EncodeError("film_unreadable", "The film does not say how many frames a second it has")
    return Expected(
        Format(width, height, fps),
        seconds if told.duration_s is None else told.duration_s,
        sound if told.sound is None else told.sound,
        cues=told.cues,
    )
