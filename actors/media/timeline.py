"""When everything happens, in whole frames.

Narration is the clock: a scene lasts as long as its speech plus room to breathe before (lead) and after
(tail). Neighbours overlap by a crossfade that lies inside the tail of one and the lead of the other, so no
word and no caption is ever in a crossfade. The film is then clip 1, transition 1, clip 2, … in order: a clip
holds the frames that its scene has for itself, a transition those that two scenes share.

::

    scene 1  |lead|speech......|tail|
    scene 2                      |lead|speech...|tail|
    segment  |clip 1            |t1 |clip 2          |

A clip needs to know its own scene only, and a transition its two neighbours only: a changed narration
re-renders one clip and two transitions. Floats of seconds were rejected: they drift and do not tile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Final

from actors.media.errors import TimelineError

LEAD_S: Final = Fraction(1, 2)
"""Picture before the first word; at least a crossfade."""
TAIL_S: Final = Fraction(3, 5)
"""Picture after the last word, at least; longer where the audio plan asks for a pause."""
ENDING_S: Final = Fraction(3, 2)
"""Picture after the film's last word: the music needs room to end."""
CROSSFADE_S: Final = Fraction(1, 2)
SAMPLE_RATE: Final = 48_000


@dataclass(frozen=True, slots=True)
class SceneShape:
    """One scene on its own clock, in frames: frame 0 is the first in which any of it is seen."""

    fps: int
    lead: int
    speech: int
    tail: int
    fade_in: int
    """Frames at the beginning that are shared with the scene before; 0 for the first."""
    fade_out: int
    """Frames at the end that are shared with the scene after; 0 for the last."""

    def __post_init__(self) -> None:
        if self.speech < 1 or self.fade_in > self.lead or self.fade_out > self.tail:
            raise TimelineError(
                "scene_too_short",
                f"A scene of {self.speech} spoken frames, lead {self.lead} and tail {self.tail}, cannot hold"
                f" crossfades of {self.fade_in} and {self.fade_out} frames",
                "Give the scene at least one word, or a narration with sound",
            )

    @property
    def length(self) -> int:
        return self.lead + self.speech + self.tail

    @property
    def clip(self) -> range:
        """The frames that the scene has for itself."""
        return range(self.fade_in, self.length - self.fade_out)

    @property
    def arriving(self) -> range:
        """The frames shared with the scene before."""
        return range(self.fade_in)

    @property
    def leaving(self) -> range:
        """The frames shared with the scene after."""
        return range(self.length - self.fade_out, self.length)


def scene_shape(speech_s: float, pause_s: float, fps: int, *, first: bool, last: bool) -> SceneShape:
    """A scene from the length of its speech (or of reading it) and the pause planned after it, in seconds.

    Raises:
        TimelineError: ``scene_too_short`` when there is no speech.

    """
    fade = floor(CROSSFADE_S * fps)
    return SceneShape(
        fps=fps,
        lead=ceil(LEAD_S * fps),
        speech=ceil(round(speech_s * fps, 6)),  # 2.0000000001 s of float noise is not another frame
        tail=ceil(max(ENDING_S if last else TAIL_S, Fraction(pause_s).limit_denominator(1000)) * fps),
        fade_in=0 if first else fade,
        fade_out=0 if last else fade,
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of film frames: the clip of ``scene``, or the transition from it to the next."""

    kind: str
    scene: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """All scenes on the film's clock, in frames. Scenes count from 1."""

    fps: int
    shapes: tuple[SceneShape, ...]
    starts: tuple[int, ...]
    length: int

    @property
    def duration_s(self) -> Fraction:
        return Fraction(self.length, self.fps)

    @property
    def samples(self) -> int:
        """The film's length in audio samples at 48 kHz; every offered frame rate divides it."""
        return self.length * SAMPLE_RATE // self.fps

    def start_s(self, scene: int) -> Fraction:
        """When the first frame of a scene is seen."""
        return Fraction(self.starts[scene - 1], self.fps)

    def speech_s(self, scene: int) -> Fraction:
        """When the first word of a scene is spoken."""
        return Fraction(self.starts[scene - 1] + self.shapes[scene - 1].lead, self.fps)

    def segments(self) -> Iterator[Segment]:
        """Clip 1, transition 1, clip 2, …: in order, without gap or overlap, from 0 to ``length``."""
        for scene, (start, shape) in enumerate(zip(self.starts, self.shapes, strict=True), 1):
            yield Segment("clip", scene, start + shape.clip.start, len(shape.clip))
            if shape.fade_out:
                yield Segment("transition", scene, start + shape.leaving.start, shape.fade_out)


def timeline(shapes: Sequence[SceneShape]) -> Timeline:
    """Lay scenes one after the other, each overlapping the next by their crossfade.

    Raises:
        TimelineError: no scenes, mixed frame rates, or neighbours that disagree about their crossfade.

    """
    if not shapes:
        raise TimelineError("no_scenes", "A film needs at least one scene")
    fps = shapes[0].fps
    starts: list[int] = []
    at = 0
    for number, shape in enumerate(shapes, 1):
        before = shapes[number - 2].fade_out if number > 1 else 0
        if shape.fade_in != before or shape.fps != fps:
            raise TimelineError("scenes_disagree", f"Scene {number} does not fit the scene before it")
        starts.append(at - before)
        at += shape.length - before
    if shapes[-1].fade_out:
        raise TimelineError("scenes_disagree", "The last scene fades into a scene that does not exist")
    return Timeline(fps, tuple(shapes), tuple(starts), at)


def silent_shapes(reading_s: Sequence[float], fps: int, target_s: float | None = None) -> list[SceneShape]:
    """Scenes of a film without narration; with ``target_s`` the film lasts exactly so long.

    What is to be gained or lost is shared between the scenes in proportion to their reading time, down to a
    floor of half a second of text each.
    """
    last = len(reading_s)
    shapes = [
        scene_shape(seconds, 0, fps, first=n == 1, last=n == last) for n, seconds in enumerate(reading_s, 1)
    ]
    if target_s is None:
        return shapes
    floor_frames = ceil(fps / 2)
    fixed = timeline(shapes).length - sum(shape.speech for shape in shapes)
    wanted = max(round(target_s * fps) - fixed, floor_frames * last)
    spare = wanted - floor_frames * last
    weights = [shape.speech for shape in shapes]
    total, given, seen = sum(weights), 0, 0
    stretched: list[SceneShape] = []
    for shape, weight in zip(shapes, weights, strict=True):
        seen += weight
        share = spare * seen // total - given  # cumulative rounding: the shares add up to spare exactly
        given += share
        stretched.append(replace(shape, speech=floor_frames + share))
    return stretched
