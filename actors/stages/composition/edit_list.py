"""A finished film as its edit: what stands where, in whole frames, for an editing program to go on with.

Worked out by the same code that made the film, from the same inputs, so it cannot differ from it. Pictures
lie below the rendered clips, so that one may be shown instead of the other; voices and music can be heard
beside each other, and the finished soundtrack is there, switched off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from actors.media.footage import fitted
from actors.media.otio import Chapter, Item, Joint, Media, Track, to_otio
from actors.media.timeline import Joint as SceneJoint
from actors.media.timeline import Timeline
from actors.stages.composition.film_frames import FilmFrames, FilmScene
from actors.work.stage import Inputs
from domain.asset import AssetKey
from domain.script import Kind
from domain.submission import Options


@dataclass(frozen=True)
class Ending:
    """The file that follows the last scene: its name, and how many frames it is seen."""

    path: str
    frames: int


def edit_list(
    options: Options,
    inputs: Inputs,
    paths: Mapping[AssetKey, str],
    metadata: Mapping[str, Any],
    ending: Ending | None = None,
) -> str:
    """The film that these inputs made, as OpenTimelineIO; ``paths`` say where each asset's file lies."""
    film = FilmFrames(options, inputs)
    scenes = [film.scene(number) for number in film.numbers]
    edit = _Edit(film, inputs, paths, scenes, film.timeline([scene.shape for scene in scenes]), ending)
    return to_otio(film.title, film.format.fps, list(edit.tracks()), list(edit.chapters()), metadata)


class _Edit:
    def __init__(
        self,
        film: FilmFrames,
        inputs: Inputs,
        paths: Mapping[AssetKey, str],
        scenes: list[FilmScene],
        timeline: Timeline,
        ending: Ending | None,
    ) -> None:
        self._film, self._inputs, self._paths = film, inputs, paths
        self._scenes, self._timeline, self._ending = scenes, timeline, ending

    def tracks(self) -> Iterator[Track]:
        pictures, joints = self._pictures()
        yield Track("Pictures", "Video", pictures, joints)
        yield Track("Film", "Video", list(self._segments()))
        captions = list(self._captions())
        if captions:
            yield Track("Captions", "Caption", captions)
        narration = list(self._narration())
        if narration:
            yield Track("Narration", "Audio", narration)
        for kind, enabled in ((Kind.MUSIC, True), (Kind.SOUNDTRACK, False)):
            if AssetKey(kind) in self._paths:
                item = self._whole_film(AssetKey(kind))
                yield Track(kind.value.capitalize(), "Audio", [item], enabled=enabled)

    def chapters(self) -> Iterator[Chapter]:
        """One for each scene, from where it is seen alone or half of it is."""
        cuts = [*self._cuts(), self._timeline.length]
        for scene, start, end in zip(self._scenes, cuts, cuts[1:], strict=False):
            yield Chapter(f"Scene {scene.number}", start, end - start, scene.text)

    def _cuts(self) -> list[int]:
        """Where each scene begins; where it comes in while another goes, in the middle of that."""
        shared = [0, *(scene.shape.shared for scene in self._scenes[:-1])]
        return [start + both // 2 for start, both in zip(self._timeline.starts, shared, strict=True)]

    def _segments(self) -> Iterator[Item]:
        for segment in self._timeline.segments():
            key = AssetKey(Kind(segment.kind), self._film.numbers[segment.scene - 1])
            media = Media(self._paths[key], segment.length)
            yield Item(key.name, segment.start, segment.length, media)
        yield from self._outro()

    def _outro(self) -> Iterator[Item]:
        if self._ending is not None:
            media = Media(self._ending.path, self._ending.frames)
            yield Item("outro", self._timeline.length, self._ending.frames, media)

    # ---- pictures and shots -----------------------------------------------------------------------------

    def _pictures(self) -> tuple[list[Item], list[Joint]]:
        items: list[Item] = []
        joints: list[Joint] = []
        cuts = [*self._cuts(), self._timeline.length]
        for scene, opens, closes in zip(self._scenes, cuts, cuts[1:], strict=False):
            start = self._timeline.starts[self._film.place(scene.number) - 1]
            for beat, own in enumerate(scene.beat_frames, 1):
                if not own:
                    continue
                seen = self._film.seen(scene, beat)
                at = opens if own.start == 0 else start + own.start
                end = min(start + own.stop, closes)
                on_film = range(start + seen.start, start + seen.stop)
                items.append(self._picture(scene, beat, at, end, on_film))
                if own.start - seen.start:
                    joints.append(Joint(at, own.start - seen.start, 0, "dissolve"))
            if scene.shape.fade_out:
                joints.append(self._joint(scene, closes))
        return [*items, *self._outro()], joints

    def _picture(self, scene: FilmScene, beat: int, at: int, end: int, seen: range) -> Item:
        shot = AssetKey(Kind.SHOT, scene.number, beat)
        if shot not in self._paths:
            image = AssetKey(Kind.IMAGE, scene.number, beat)
            return Item(image.name, at, end - at, Media(self._paths[image], len(seen)), at - seen.start)
        fps = self._film.format.fps
        length = Fraction(self._inputs.facts(shot.name)["duration_s"]).limit_denominator(1000)
        speed = float(fitted(length, Fraction(len(seen), fps)).pace)
        media = Media(self._paths[shot], ceil(length * fps))
        return Item(shot.name, at, end - at, media, round((at - seen.start) * speed), speed)

    def _joint(self, scene: FilmScene, at: int) -> Joint:
        shape = scene.shape
        if shape.leaves is SceneJoint.CROSSFADE:
            return Joint(at, shape.shared // 2, shape.shared - shape.shared // 2, "crossfade")
        after = self._scenes[self._film.place(scene.number)].shape.fade_in
        return Joint(at, shape.fade_out, after, "fade through black", dissolves=False)

    # ---- sound and words --------------------------------------------------------------------------------

    def _narration(self) -> Iterator[Item]:
        fps = self._film.format.fps
        for scene in self._scenes:
            key = AssetKey(Kind.NARRATION, scene.number)
            speech = scene.speech
            if speech is None:
                continue
            start = self._timeline.starts[self._film.place(scene.number) - 1] + scene.shape.lead
            offset = round(speech.leading_s * fps)
            media = Media(self._paths[key], offset + ceil(scene.shape.speech * speech.pace))
            yield Item(key.name, start, scene.shape.speech, media, offset, speech.pace)

    def _whole_film(self, key: AssetKey) -> Item:
        """From the beginning; a song of another length is fitted in the soundtrack only."""
        heard = self._inputs.facts(key.name).get("duration_s")
        fps, most = self._film.format.fps, self._timeline.length
        most += self._ending.frames if self._ending is not None else 0
        length = min(most, ceil(round(heard * fps, 3))) if heard else most
        return Item(key.name, 0, length, Media(self._paths[key], length))

    def _captions(self) -> Iterator[Item]:
        for number, cue in enumerate(self._film.cues(), 1):
            frames = cue.frames(self._film.format.fps)
            if frames:
                text = "\n".join(cue.lines)
                told = {"text": text, "start_ms": cue.start_ms, "end_ms": cue.end_ms}
                yield Item(f"{number}: {text}", frames.start, len(frames), metadata=told)
