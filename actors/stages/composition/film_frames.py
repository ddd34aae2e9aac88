"""A job's film as frames: its format, and its scenes with their speech, text and camera moves.

What the Composer and the Editor both need to know, read from the inputs of whatever they make. A clip reads
its own scene only; a transition its two neighbours; music, captions and the film read all.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any, Final

from actors.media import pace, speech
from actors.media.beats import beat_frames
from actors.media.captions import caption_scene
from actors.media.cues import Cue
from actors.media.footage import Footage
from actors.media.formats import Format, film_format
from actors.media.interest import find_focus
from actors.media.kept import Kept
from actors.media.motion import choose_motion
from actors.media.render import Seen, Shot
from actors.media.timeline import (
    Joint,
    SceneShape,
    Segment,
    Timeline,
    scene_shape,
    silent_shapes,
    timeline,
)
from actors.media.word_budget import check_length
from actors.stages.words.film_words import analysis_of, lines_of, words_of
from actors.work.stage import Inputs
from domain.analysis_facts import analysis_facts, numbered_scenes
from domain.asset import AssetKey
from domain.script import AudioPlan, Kind, ScriptAnalysis
from domain.script_forms.reading import ScriptReading
from domain.spoken import reading_s
from domain.submission import Options

DISSOLVE_S: Final = Fraction(3, 10)
"""From one picture of a scene to the next: no jolt, and shorter than the pause between two sentences."""


_heard: Final[Kept[tuple[str, str, float], speech.Speech]] = Kept(
    48_000_000, lambda spoken: spoken.samples.nbytes
)
"""What is spoken of a scene is asked for by its clip, its transitions, music, captions and soundtrack."""


@dataclass(frozen=True)
class FilmScene:
    number: int
    text: str
    mood: str
    shape: SceneShape
    speech: speech.Speech | None
    beats: tuple[str, ...]
    """The words of each of its pictures."""

    @cached_property
    def beat_frames(self) -> list[range]:
        """When each of its pictures is seen, on the scene's clock."""
        return beat_frames(self.text, self.beats, self.shape, self.speech)


class FilmFrames:
    """The film that these inputs make, with these options.

    Captions name speakers by the ``reading`` of the script, where the options want it.
    """

    def __init__(self, options: Options, inputs: Inputs, reading: ScriptReading | None = None) -> None:
        self._reading = reading
        self._options = options
        self._inputs = inputs
        self.format: Format = film_format(
            options.aspect_ratio, options.resolution, options.quality, options.fps
        )
        facts = words_of(inputs)
        self.title = facts["title"]
        self.language = facts["language"]
        self.numbers = list(numbered_scenes(facts))
        """Of the scenes that play, in order."""
        self._places = {number: place for place, number in enumerate(self.numbers, 1)}

    @cached_property
    def analysis(self) -> ScriptAnalysis:
        return analysis_of(self._inputs)

    def place(self, number: int) -> int:
        """Where the scene of this number plays, counted from 1."""
        return self._places[number]

    def after(self, number: int) -> int:
        """The number of the scene that plays after this one."""
        return self.numbers[self.place(number)]

    @cached_property
    def audio_plan(self) -> AudioPlan | None:
        return self._inputs.document("audio_plan", AudioPlan) if "audio_plan" in self._inputs else None

    @cached_property
    def _joints(self) -> list[Joint]:
        """How each scene but the last goes over to the next."""
        return [Joint(scene.transition) for scene in self.analysis.scenes[:-1]]

    @cached_property
    def _slots(self) -> list[SceneShape]:
        """Every scene's share of the film, by how long its words take to read."""
        reading = [reading_s(scene.narration) / self._options.pace for scene in self.analysis.scenes]
        return silent_shapes(reading, self.format.fps, self._options.target_duration_s, self._joints)

    def scene(self, number: int) -> FilmScene:
        """The scene of this number; its narration must be among the inputs where there is one."""
        written = self.analysis.scene(number)
        spoken, shape = self._shape(number)
        beats = tuple(beat.text for beat in written.pictures)
        return FilmScene(number, written.narration, written.mood, shape, spoken, beats)

    def _shape(self, number: int) -> tuple[speech.Speech | None, SceneShape]:
        if not self._options.has_narration:
            return None, self._slots[self.place(number) - 1]
        spoken = self._spoken(f"narration:{number}")
        pause = self.audio_plan.delivery(number).pause_after_s if self.audio_plan else 0.0
        place = self.place(number)
        if self._options.target_duration_s is not None:
            return pace.fit(self._slots[place - 1], spoken, pause)
        return spoken, scene_shape(
            spoken.duration_s,
            pause,
            self.format.fps,
            first=place == 1,
            last=place == len(self.numbers),
            arrives=self._joints[place - 2] if place > 1 else Joint.CROSSFADE,
            leaves=self._joints[place - 1] if place < len(self.numbers) else Joint.CROSSFADE,
        )

    def _spoken(self, name: str) -> speech.Speech:
        source, wanted = self._inputs.source(name), self._options.pace
        return _heard.get(
            (source.digest, source.media_type, wanted),
            lambda: pace.at_pace(speech.load(self._inputs.read(name), source.media_type), wanted),
        )

    def shapes(self) -> list[SceneShape]:
        """Those of all scenes; each narration is heard for it."""
        return [self._shape(number)[1] for number in self.numbers]

    def segments(self) -> tuple[list[Segment], list[Fraction]]:
        """The film's segments as they were made, in order, and when each scene begins (in seconds).

        They tell how long they are, so that nobody has to hear the narrations again for it.
        """
        found: list[Segment] = []
        starts = [Fraction(0)]
        at = 0
        for place, number in enumerate(self.numbers, 1):
            for kind in ("clip", "transition")[: 2 if place < len(self.numbers) else 1]:
                frames = int(self._inputs.facts(f"{kind}:{number}")["frames"])
                found.append(Segment(kind, number, at, frames))
                if kind == "transition":
                    joint = self._joints[place - 1]
                    before = 0 if joint is Joint.CROSSFADE else joint.frames(self.format.fps)
                    starts.append(Fraction(at + before, self.format.fps))
                at += frames
        return found, starts

    def shots(self, scene: FilmScene) -> list[Seen]:
        """Each of the scene's pictures as it is filmed, or the shot that was made of it."""
        return [self.shot(scene, beat) for beat in range(1, len(scene.beats) + 1)]

    def seen(self, scene: FilmScene, beat: int) -> range:
        """When one of the scene's pictures is seen, with the frames in which it comes in."""
        frames = scene.beat_frames[beat - 1]
        if beat == 1 or not frames:
            return frames
        before = scene.beat_frames[beat - 2]
        return range(frames.start - min(floor(DISSOLVE_S * self.format.fps), len(before) // 2), frames.stop)

    def shot(self, scene: FilmScene, beat: int) -> Seen:
        """The shot of one of the scene's pictures; or the picture and its camera move.

        The move keeps what is of interest in the frame.
        Either comes in while the one before goes, and is all that is seen when its words begin.
        """
        frames = self.seen(scene, beat)
        filmed = AssetKey(Kind.SHOT, scene.number, beat).name
        if filmed in self._inputs:
            return Footage(self._inputs.path(filmed), scene.shape, frames)
        picture = self._inputs.read(AssetKey(Kind.IMAGE, scene.number, beat).name)
        motion = choose_motion(
            self.analysis.first_picture(scene.number) + beat - 1,
            scene.mood,
            len(frames) / self.format.fps,
            seed=analysis_facts(self._inputs.facts("analysis"))["title"],  # the same in every language
            focus=find_focus(picture),
        )
        return Shot(picture, scene.shape, motion, frames)

    def scene_cues(self, scene: FilmScene) -> list[Cue]:
        """The captions of one scene, on its own clock."""
        return caption_scene(
            scene.text,
            scene.shape,
            self.format,
            speech=scene.speech,
            beats=scene.beats,
            language=self.language,
            burned=self._options.captions == "burned",
            look=self._options.burned_style,
            lines=self._lines.get(scene.number, ()),
        )

    @cached_property
    def _lines(self) -> dict[int, list[tuple[str | None, str]]]:
        """Who says what of each scene, where captions name speakers."""
        if self._reading is None or not self._options.caption_speakers:
            return {}
        quotes = self.audio_plan.quotes if self.audio_plan else ()
        return {
            number: [
                # "The keeper: …": a caption begins with a capital.
                (line.speaker and line.speaker[:1].upper() + line.speaker[1:], line.text)
                for line in lines
            ]
            for number, lines in lines_of(self._reading, self._inputs, quotes).items()
        }

    def cues(self) -> list[Cue]:
        """All captions, on the film's clock."""
        shapes, own = [], []
        for number in self.numbers:
            scene = self.scene(number)
            shapes.append(scene.shape)
            own.append(self.scene_cues(scene))
        line = self.timeline(shapes)
        return [cue.later(line.start_s(place)) for place, cues in enumerate(own, 1) for cue in cues]

    def picture_facts(self, frames: int) -> dict[str, Any]:
        """What is recorded of a clip, a transition or the film of so many frames."""
        return {
            "width": self.format.width,
            "height": self.format.height,
            "fps": self.format.fps,
            "frames": frames,
            "duration_s": round(frames / self.format.fps, 3),
        }

    def timeline(self, shapes: list[SceneShape] | None = None) -> Timeline:
        """All scenes in order. TimelineError when their words make it longer than was asked."""
        line = timeline(self.shapes() if shapes is None else shapes)
        target_s = self._options.target_duration_s
        if target_s is not None and self._options.has_narration:
            check_length(line, target_s)
        return line
