"""The outro of a film that has one: joined after its last segment, heard after its last word.

It is no asset: it is made of a file and the last frame of the film, with the film. Music, soundtrack and film
name its digest in their recipes, so that another one makes these anew and nothing else.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from actors.media.formats import Format
from actors.media.outro import Outro, last_frame, open_outro, render_outro
from actors.media.segments import Drawn, check_segment
from actors.stages.composition.quality import accept
from actors.work.stage import Task


@dataclass(frozen=True)
class Ending:
    """A segment that follows the others."""

    path: Path
    outro: Outro


def outro_of(task: Task, fmt: Format) -> Outro | None:
    """The outro of the task's film; None where it ends with its last scene."""
    digest = task.parameters.get("outro")
    return open_outro(task.inputs.blob_path(digest), fmt.fps) if digest else None


def music_after(task: Task, fmt: Format) -> Fraction:
    """For how many seconds the music goes on after the last scene: to its end, where the outro is silent."""
    outro = outro_of(task, fmt)
    return Fraction(0) if outro is None or outro.has_sound else Fraction(outro.frames, fmt.fps)


def rendered_ending(task: Task, fmt: Format, last_segment: Path) -> Ending | None:
    """The outro as a segment of the film, checked as the others are.

    AttemptFailedError ``quality_check_failed`` tells what is wrong with it.
    """
    outro = outro_of(task, fmt)
    if outro is None:
        return None
    drawn = Drawn(fmt)
    data = render_outro(
        outro,
        last_frame(last_segment),
        fmt,
        threads=task.parameters["threads"],
        cancelled=task.cancelled.is_set,
        see=drawn.see,
    )
    accept(check_segment(data, fmt, outro.frames, drawn), {})  # that a picture stands still is no news
    path = task.new_file(".mp4")
    path.write_bytes(data)
    return Ending(path, outro)
