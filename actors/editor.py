"""Stage ``composition``: clips, transitions, captions, poster, film and manifest.

Each is its own asset with its own inputs, so a clip is rendered as soon as its picture and narration exist,
and a changed scene renders its clip and its transitions alone.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from actors.composer import read_music
from actors.craft import crafted, environment
from actors.film import Film, FilmScene
from actors.manifest import manifest_of
from actors.media.captions import caption_scene, draw_cues
from actors.media.cues import Cue
from actors.media.encode import THREADS
from actors.media.film import Chapter, join
from actors.media.mix import Placed, mix
from actors.media.poster import poster
from actors.media.render import render_clip, render_transition
from actors.media.subtitles import to_vtt
from actors.media.timeline import Timeline
from actors.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.script import Kind
from domain.studio import Studio

MP4 = "video/mp4"


class Editor:
    """``studio`` is read for the manifest, which tells the history of everything in the film."""

    def __init__(self, studio: Studio, clock: Callable[[], datetime]) -> None:
        self._studio = studio
        self._clock = clock

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        if key.kind is Kind.MANIFEST:
            return Plan()
        film = Film(brief.options, inputs)
        parameters: dict[str, Any] = {"width": film.format.width, "height": film.format.height}
        if key.kind in (Kind.CLIP, Kind.TRANSITION, Kind.VIDEO):
            parameters |= {
                "fps": film.format.fps,
                "preset": film.format.preset,
                "crf": film.format.crf,
                "threads": THREADS,
            }
        if key.kind in (Kind.CLIP, Kind.CAPTIONS, Kind.VIDEO):
            parameters["captions"] = brief.options.captions
        return Plan(parameters=parameters)

    async def make(self, task: Task) -> Made:
        crafts: dict[Kind, Callable[[Task], Made]] = {
            Kind.CLIP: _clip,
            Kind.TRANSITION: _transition,
            Kind.CAPTIONS: _captions,
            Kind.POSTER: _poster,
            Kind.VIDEO: _video,
            Kind.MANIFEST: self._manifest,
        }
        return await crafted(crafts[task.key.kind], task)

    def _manifest(self, task: Task) -> Made:
        job = self._studio.job(task.brief.job_id)
        assets = self._studio.assets(job)
        text = manifest_of(job, assets, self._clock(), task.inputs)
        return Made(text.encode(), "application/json")


def _clip(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    assert task.key.scene is not None
    scene = film.scene(task.key.scene)
    burned = task.parameters["captions"] == "burned"
    drawn = draw_cues(_cues(film, scene), film.format, language=film.language) if burned else ()
    data = render_clip(
        film.shot(scene),
        film.format,
        drawn,
        threads=task.parameters["threads"],
        cancelled=task.cancelled.is_set,
    )
    frames = len(scene.shape.clip)
    return Made(data, MP4, _picture_facts(film, frames), provenance=_rendered())


def _transition(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    assert task.key.scene is not None
    before, after = film.scene(task.key.scene), film.scene(task.key.scene + 1)
    data = render_transition(
        film.shot(before),
        film.shot(after),
        film.format,
        threads=task.parameters["threads"],
        cancelled=task.cancelled.is_set,
    )
    return Made(data, MP4, _picture_facts(film, before.shape.fade_out), provenance=_rendered())


def _captions(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    scenes = film.scenes()
    cues = film_cues(film, scenes, film.timeline(scenes))
    text = to_vtt(cues, film.language)
    return Made(text.encode(), "text/vtt", {"cues": len(cues), "language": film.language})


def _poster(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    data = poster(task.inputs.read("image:1"), film.title, film.format, language=film.language)
    return Made(data, "image/jpeg", {"width": film.format.width, "height": film.format.height})


def _video(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    scenes = film.scenes()
    timeline = film.timeline(scenes)
    segments = [task.inputs.path(f"{segment.kind}:{segment.scene}") for segment in timeline.segments()]
    with tempfile.NamedTemporaryFile(prefix="reelog-", suffix=".mp4", delete=False) as file:
        target = Path(file.name)
    try:
        info = join(
            segments,
            film.format,
            target,
            sound=_sound(task, scenes, timeline),
            chapters=[Chapter(timeline.start_s(scene.number), _chapter_title(scene)) for scene in scenes],
            metadata={"title": film.title},
            # A player would show burned captions twice; a track is for those who asked for no burned ones.
            cues=film_cues(film, scenes, timeline) if task.parameters["captions"] == "sidecar" else (),
            language=film.language,
        )
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    facts = {**_picture_facts(film, info.frames), "audio": task.brief.options.include_audio}
    return Made(target, MP4, facts, provenance=_rendered())


def _sound(task: Task, scenes: Sequence[FilmScene], timeline: Timeline) -> Any:
    """The film's mix (samples, 2) at 48 kHz; None where the film is to have no audio track."""
    if not task.brief.options.include_audio:
        return None
    voices = [
        Placed(scene.speech, timeline.speech_s(scene.number)) for scene in scenes if scene.speech is not None
    ]
    music = read_music(task.inputs.read("music")) if "music" in task.inputs else None
    return mix(timeline.samples, voices, music)


def film_cues(film: Film, scenes: Sequence[FilmScene], timeline: Timeline) -> list[Cue]:
    """All captions on the film's clock."""
    cues = []
    for scene in scenes:
        at = round(timeline.start_s(scene.number) * 1000)
        cues += [
            replace(cue, start_ms=cue.start_ms + at, end_ms=cue.end_ms + at) for cue in _cues(film, scene)
        ]
    return cues


def _cues(film: Film, scene: FilmScene) -> list[Cue]:
    return caption_scene(scene.text, scene.shape, film.format, speech=scene.speech, language=film.language)


def _chapter_title(scene: FilmScene) -> str:
    words = scene.text.split()
    return " ".join(words[:6]) + (" …" if len(words) > 6 else "")  # noqa: PLR2004 - as long as a menu shows


def _picture_facts(film: Film, frames: int) -> dict[str, Any]:
    return {
        "width": film.format.width,
        "height": film.format.height,
        "fps": film.format.fps,
        "frames": frames,
        "duration_s": round(frames / film.format.fps, 3),
    }


def _rendered() -> dict[str, Any]:
    return {"environment": {**environment(), "threads": THREADS}}
