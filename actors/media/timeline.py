"""When everything happens, in whole frames.

Narration is the clock: a scene lasts as long as its speech plus room to breathe before (lead) and after
(tail). Scenes are joined by a crossfade, in which they overlap, by a cut, or by a fade through black; what is
seen of it lies inside the tail of one and the lead of the other, so no word and no caption is ever in it.
The film is then clip 1, transition 1, clip 2, … in order: a clip holds the frames that its scene has for
itself, a transition the frames around the joint: those that two scenes share, or the last of one and the
first of the other (a cut has one of each, so that every joint has its segment and nothing else is special).

::

    scene 1  |lead|speech......|tail|
    scene 2                      |lead|speech...|tail|
    segment  |clip 1            |t1 |clip 2          |

A clip needs to know its own scene only, and a transition its two neighbours only: a changed narration
re-renders one clip and two transitions. Floats of seconds were rejected: they drift and do not tile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
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
FADE_S: Final = Fraction(2, 5)
"""To black, and as long again from it."""
SAMPLE_RATE: Final = 48_000


class Joint(StrEnum):
    """How one scene goes over to the next; the words are those of the analysis."""

    CROSSFADE = "crossfade"
    CUT = "cut"
    FADE = "fade"

    def frames(self, fps: int) -> int:
        """Frames of each of the two scenes that belong to the joint."""
        if self is Joint.CUT:
            return 1
        return floor((CROSSFADE_S if self is Joint.CROSSFADE else FADE_S) * fps)


@dataclass(frozen=True, slots=True)
class SceneShape:
    """One scene on its own clock, in frames: frame 0 is the first in which any of it is seen."""

    fps: int
    lead: int
    speech: int
    tail: int
    fade_in: int
    """Frames at the beginning that belong to the joint with the scene before; 0 for the first."""
    fade_out: int
    """Frames at the end that belong to the joint with the scene after; 0 for the last."""
    arrives: Joint = Joint.CROSSFADE
    leaves: Joint = Joint.CROSSFADE

    def __post_init__(self) -> None:
        if self.speech < 1 or self.fade_in > self.lead or self.fade_out > self.tail:
            raise TimelineError(
                "scene_too_short",
                f"A scene of {self.speech} spoken frames, lead {self.lead} and tail {self.tail}, cannot hold"
                f" joints of {self.fade_in} and {self.fade_out} frames",
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
        """The frames of the joint with the scene before."""
        return range(self.fade_in)

    @property
    def leaving(self) -> range:
        """The frames of the joint with the scene after."""
        return range(self.length - self.fade_out, self.length)

    @property
    def shared(self) -> int:
        """Frames that are seen together with the scene after."""
        return self.fade_out if self.leaves is Joint.CROSSFADE else 0


def scene_shape(
    speech_s: float,
    pause_s: float,
    fps: int,
    *,
    first: bool,
    last: bool,
    arrives: Joint = Joint.CROSSFADE,
    leaves: Joint = Joint.CROSSFADE,
) -> SceneShape:
    """A scene from the length of its speech (or of reading it) and the pause planned after it, in seconds.

    ``arrives`` and ``leaves`` say how it is joined to its neighbours, where it has them.

    Raises:
        TimelineError: ``scene_too_short`` when there is no speech.

    """
    return SceneShape(
        fps=fps,
        lead=ceil(LEAD_S * fps),
        speech=spoken_frames(speech_s, fps),
        tail=ceil(max(ENDING_S if last else TAIL_S, Fraction(pause_s).limit_denominator(1000)) * fps),
        fade_in=0 if first else arrives.frames(fps),
        fade_out=0 if last else leaves.frames(fps),
        arrives=arrives,
        leaves=leaves,
    )


def spoken_frames(speech_s: float, fps: int) -> int:
    """The frames that hold so much speech."""
    return ceil(round(speech_s * fps, 6))  # 2.0000000001 s of float noise is not another frame


def joint_frames(before: SceneShape, after: SceneShape) -> int:
    """How many frames the transition between two neighbours has."""
    return before.shared or before.fade_out + after.fade_in


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
                length = joint_frames(shape, self.shapes[scene])
                yield Segment("transition", scene, start + shape.leaving.start, length)


def timeline(shapes: Sequence[SceneShape]) -> Timeline:
    """Lay scenes one after the other, those joined by a crossfade overlapping by it.

    Raises:
        TimelineError: no scenes, mixed frame rates, or neighbours that disagree about their joint.

    """
    if not shapes:
        raise TimelineError("no_scenes", "A film needs at least one scene")
    fps = shapes[0].fps
    starts: list[int] = []
    at = 0
    before: SceneShape | None = None
    for number, shape in enumerate(shapes, 1):
        fits = shape.fade_in == (before.fade_out if before else 0) and shape.fps == fps
        if not fits or (before and before.leaves is not shape.arrives):
            raise TimelineError("scenes_disagree", f"Scene {number} does not fit the scene before it")
        at -= before.shared if before else 0
        starts.append(at)
        at += shape.length
        before = shape
    if shapes[-1].fade_out:
        raise TimelineError("scenes_disagree", "The last scene fades into a scene that does not exist")
    return Timeline(fps, tuple(shapes), tuple(starts), at)


def silent_shapes(
    reading_s: Sequence[float], fps: int, target_s: float | None = None, joints: Sequence[Joint] = ()
) -> list[SceneShape]:
    """Scenes of a film without narration; with ``target_s`` the film lasts exactly so long.

    What is to be gained or lost is shared between the scenes in proportion to their reading time, down to a
    floor of half a second of text each; in a film too short for that, the room before and after the text
    goes too. ``joints`` are those between neighbours, all crossfades where none are given.

    Raises:
        TimelineError: ``target_too_short`` when so many scenes cannot be joined in the time asked for.

    """
    last = len(reading_s)
    between = joints or [Joint.CROSSFADE] * (last - 1)
    shapes = [
        scene_shape(seconds, 0, fps, first=n == 1, last=n == last, arrives=arrives, leaves=leaves)
        for n, (seconds, arrives, leaves) in enumerate(
            zip(reading_s, [Joint.CROSSFADE, *between], [*between, Joint.CROSSFADE], strict=True), 1
        )
    ]
    if target_s is None:
        return shapes
    bare = [replace(shape, lead=shape.fade_in, tail=shape.fade_out) for shape in shapes]
    for roomy, least in ((shapes, ceil(fps / 2)), (bare, 1)):
        fixed = timeline(roomy).length - sum(shape.speech for shape in roomy)
        spare = round(target_s * fps) - fixed - least * last
        if spare >= 0:
            return _shared_out(roomy, least, spare)
    raise TimelineError(
        "target_too_short",
        f"{last} scenes cannot be shown in {target_s:g} s",
        "Ask for fewer scenes (max_scenes) or for a longer film",
    )


def _shared_out(shapes: Sequence[SceneShape], least: int, spare: int) -> list[SceneShape]:
    """The shapes with ``least`` frames of text and their share of ``spare``, in proportion to their text."""
    total, given, seen = sum(shape.speech for shape in shapes), 0, 0
    stretched: list[SceneShape] = []
    for shape in shapes:
        seen += shape.speech
        share = spare * seen // total - given  # cumulative rounding: the shares add up to spare exactly
        given += share
        stretched.append(replace(shape, speech=least + share))
    return stretched
