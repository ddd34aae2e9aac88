"""What a model is asked for where it composes the music: how long, and which section from when to when.

Reckoned from the words, as the audio plan was: nothing is spoken yet. Each section takes its share of the
film's length by its bars.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from actors.media.timeline import Joint, scene_shape, silent_shapes, timeline
from domain.script import AudioPlan, MusicCue, MusicPlan, ScriptAnalysis
from domain.spoken import reading_s
from domain.submission import Options

LONGEST_S: Final = 180
"""As long as songs come out well; a longer film repeats a part of it."""
SHORTEST_S: Final = 30
_HOW_FULL: Final = ((0.25, "hardly there"), (0.5, "soft"), (0.75, "moving"), (1.0, "full"))
_CUES: Final = {
    "swell": "swells",
    "drop": "drops back",
    "accent": "has a soft accent",
    "silence": "holds its breath for a moment",
    "shimmer": "shimmers",
}


@dataclass(frozen=True)
class SongSection:
    name: str
    start_s: int
    end_s: int
    how: str
    chords: tuple[str, ...]
    cues: tuple[tuple[int, str], ...] = ()
    """When something happens, and what."""

    def __str__(self) -> str:
        cues = "".join(f"; at {_clock(at)} it {what}" for at, what in self.cues)
        chords = " ".join(self.chords)
        return (
            f"[{_clock(self.start_s)} - {_clock(self.end_s)}] {self.name}: {self.how}, chords {chords}{cues}"
        )


@dataclass(frozen=True)
class SongPlan:
    duration_s: int
    tempo_bpm: int
    key: str
    sections: tuple[SongSection, ...]

    def to_dict(self) -> dict[str, Any]:
        """As it stands among the parameters: what was promised, beside which what came is put."""
        return {
            "duration_s": self.duration_s,
            "tempo_bpm": self.tempo_bpm,
            "key": self.key,
            "sections": [
                {"name": section.name, "start_s": section.start_s, "end_s": section.end_s}
                for section in self.sections
            ],
        }


def song_plan(analysis: ScriptAnalysis, audio: AudioPlan, options: Options) -> SongPlan:
    film_s, starts = _planned(analysis, audio, options)
    seconds = min(LONGEST_S, max(SHORTEST_S, round(film_s)))
    music = by_place(audio.music, [number for number, _ in analysis.numbered()])
    bars = list(accumulate((section.bars for section in music.sections), initial=0))
    edges = [round(seconds * at / bars[-1]) for at in bars]
    sections = tuple(
        SongSection(
            section.name,
            start,
            end,
            _how_full(section.intensity),
            tuple(section.chords),
            tuple(_cues(music.cues, starts, start, end)),
        )
        for section, start, end in zip(music.sections, edges, edges[1:], strict=False)
        if end > start
    )
    return SongPlan(seconds, music.tempo_bpm, music.key, sections)


def by_place(music: MusicPlan, numbers: Sequence[int]) -> MusicPlan:
    """The same with its cues at the places of these scenes; those of scenes that do not play are left out."""
    places = {number: place for place, number in enumerate(numbers, 1)}
    cues = [cue.model_copy(update={"scene": places[cue.scene]}) for cue in music.cues if cue.scene in places]
    return music.model_copy(update={"cues": cues})


def _planned(analysis: ScriptAnalysis, audio: AudioPlan, options: Options) -> tuple[float, list[float]]:
    """How long the film will be, and when each scene begins, if its words take as long as they usually do."""
    numbered, scenes = analysis.numbered(), analysis.scenes
    reading = [reading_s(scene.narration) / options.pace for scene in scenes]
    joints = [Joint(scene.transition) for scene in scenes[:-1]]
    last = len(scenes) - 1
    if options.has_narration and options.target_duration_s is None:
        shapes = [
            scene_shape(
                seconds,
                audio.delivery(numbered[place][0]).pause_after_s,
                options.fps,
                first=place == 0,
                last=place == last,
                arrives=joints[place - 1] if place else Joint.CROSSFADE,
                leaves=joints[place] if place < last else Joint.CROSSFADE,
            )
            for place, seconds in enumerate(reading)
        ]
    else:
        shapes = silent_shapes(reading, options.fps, options.target_duration_s, joints)
    line = timeline(shapes)
    return float(line.duration_s), [float(line.start_s(number)) for number in range(1, len(scenes) + 1)]


def _how_full(intensity: float) -> str:
    return next(said for most, said in _HOW_FULL if intensity <= most)


def _cues(cues: list[MusicCue], starts: list[float], begin: int, end: int) -> Iterator[tuple[int, str]]:
    for cue in cues:
        at = round(starts[cue.scene - 1]) if cue.scene <= len(starts) else 0
        if begin <= at < end and at:
            yield at, _CUES[cue.cue]


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
