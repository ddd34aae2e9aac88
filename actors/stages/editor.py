"""Stage ``composition``: clips, transitions, soundtrack, captions, poster, film and manifest.

Each is its own asset with its own inputs, so a clip is rendered as soon as its picture and narration exist,
and a changed scene renders its clip and its transitions alone. What draws and encodes is loaded where it is
used: the Director, which only plans, never pays for it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from actors.media.formats import THREADS, film_format
from actors.media.subtitles import to_vtt
from actors.media.timeline import SAMPLE_RATE, joint_frames
from actors.stages.composition.manifest import manifest_of
from actors.stages.composition.quality import accept
from actors.stages.words.film_words import words_of
from actors.work.rendering import crafted, rendered
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from actors.work.store_reads import read_when_there
from domain.asset import Asset, AssetKey
from domain.film_graph import playing
from domain.job import Job
from domain.script import Kind
from domain.store import Studio
from domain.submission import Options

if TYPE_CHECKING:
    from actors.media.credentials import Signing
    from actors.media.overlay import Overlay
    from actors.media.segments import Drawn
    from actors.stages.composition.film_frames import FilmFrames

MP4 = "video/mp4"


class Editor:
    """``studio`` is read for the film and the manifest, which tell where everything in them came from.

    With ``signing`` the film carries Content Credentials.
    """

    LIBRARIES = (
        "actors.stages.composition.content_credentials",
        "actors.stages.composition.final_cut",
        "actors.stages.composition.film_frames",
        "actors.stages.composition.mixing",
        "actors.media.captions",
        "actors.media.credentials",
        "actors.media.logo",
        "actors.media.outro",
        "actors.media.poster",
        "actors.media.render",
        "actors.media.segments",
    )

    def __init__(
        self, studio: Studio, clock: Callable[[], datetime], signing: "Signing | None" = None
    ) -> None:
        self._studio = studio
        self._clock = clock
        self._signing = signing

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - a stage's form
        if key.kind is Kind.MANIFEST:
            return Plan()
        options = brief.options
        fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
        if key.kind is Kind.SOUNDTRACK:
            heard = {"sample_rate": SAMPLE_RATE, "channels": 2, "quality": fmt.quality}
            return Plan(parameters={**heard, **options.pace_parameters, **brief.given.outro_parameters})
        parameters: dict[str, Any] = {"width": fmt.width, "height": fmt.height}
        if key.kind in (Kind.CLIP, Kind.TRANSITION, Kind.VIDEO):
            parameters |= {
                "fps": fmt.fps,
                "preset": fmt.preset,
                "crf": fmt.crf,
                "threads": THREADS,
            }
        parameters |= _caption_parameters(options, key.kind)
        if key.kind in (Kind.CLIP, Kind.TRANSITION) and "logo" in brief.given.files:
            parameters["logo"] = brief.given.files["logo"]
        if key.kind is Kind.VIDEO:
            parameters |= brief.given.outro_parameters
        if key.kind in (Kind.CLIP, Kind.TRANSITION, Kind.CAPTIONS):
            parameters |= options.pace_parameters
        return Plan(parameters=parameters)

    async def make(self, task: Task) -> Made:
        crafts: dict[Kind, Callable[[Task], Made]] = {
            Kind.CLIP: _clip,
            Kind.TRANSITION: _transition,
            Kind.SOUNDTRACK: _soundtrack,
            Kind.CAPTIONS: _captions,
            Kind.POSTER: _poster,
            Kind.VIDEO: self._film,
            Kind.MANIFEST: self._manifest,
        }
        return await crafted(crafts[task.key.kind], task)

    def _film(self, task: Task) -> Made:
        from actors.media.credentials import sign  # noqa: PLC0415
        from actors.stages.composition import content_credentials  # noqa: PLC0415
        from actors.stages.composition.final_cut import final_cut  # noqa: PLC0415

        _, assets = self._read(task)
        assets = playing(assets)
        comment, signing = content_credentials.comment(task.brief, assets), self._signing
        if signing is None:
            return final_cut(task, comment=comment)
        claim = content_credentials.claim(words_of(task.inputs)["title"], task.brief, assets, task.inputs)
        return final_cut(task, lambda film, signed: sign(film, signed, claim, signing), comment=comment)

    def _manifest(self, task: Task) -> Made:
        job, assets = self._read(task)
        text = manifest_of(job, assets, self._clock(), task.inputs)
        return Made(text.encode(), "application/json")

    def _read(self, task: Task) -> tuple[Job, dict[AssetKey, Asset]]:
        def read() -> tuple[Job, dict[AssetKey, Asset]]:
            job = self._studio.job(task.brief.job_id)
            return job, self._studio.assets(job)

        return read_when_there(task, read)


def _caption_parameters(options: Options, kind: Kind) -> dict[str, Any]:
    """How captions are shown. What is not as it always was is told only where it is: clips of before stay."""
    burned = kind is Kind.CLIP and options.captions == "burned"
    parameters: dict[str, Any] = {}
    if kind in (Kind.CLIP, Kind.CAPTIONS, Kind.VIDEO):
        parameters["captions"] = options.captions
    if burned and options.captions_highlight:
        parameters["highlight"] = True
    if kind in (Kind.CLIP, Kind.CAPTIONS) and options.burned_style != "plain":
        parameters["caption_style"] = options.burned_style
    if options.caption_speakers and (kind is Kind.CAPTIONS or burned):
        parameters["caption_speakers"] = True
    return parameters


def _soundtrack(task: Task) -> Made:
    from actors.stages.composition.mixing import mixed  # noqa: PLC0415

    return mixed(task)


def _clip(task: Task) -> Made:
    from actors.media.captions import draw_cues  # noqa: PLC0415
    from actors.media.render import render_clip  # noqa: PLC0415
    from actors.media.segments import Drawn  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs, task.brief.reading)
    assert task.key.scene is not None
    scene = film.scene(task.key.scene)
    burned = task.parameters["captions"] == "burned"
    drawn = (
        draw_cues(
            film.scene_cues(scene),
            film.format,
            language=film.language,
            highlight=task.parameters.get("highlight", False),
            look=task.parameters.get("caption_style", "plain"),
        )
        if burned
        else ()
    )
    drawing = Drawn(film.format)
    data = render_clip(
        film.shots(scene),
        film.format,
        drawn,
        logo=_logo(task, film),
        threads=task.parameters["threads"],
        cancelled=task.cancelled.is_set,
        see=drawing.see,
    )
    facts = film.picture_facts(len(scene.shape.clip))
    if len(scene.beats) > 1:
        into = scene.shape.clip.start
        facts["cuts_s"] = [round((seen.start - into) / film.format.fps, 3) for seen in scene.beat_frames[1:]]
    return _segment(task, film, data, drawing, facts)


def _transition(task: Task) -> Made:
    from actors.media.render import render_transition  # noqa: PLC0415
    from actors.media.segments import Drawn  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs)
    assert task.key.scene is not None
    before, after = film.scene(task.key.scene), film.scene(film.after(task.key.scene))
    drawing = Drawn(film.format)
    data = render_transition(
        film.shot(before, len(before.beats)),
        film.shot(after, 1),
        film.format,
        logo=_logo(task, film),
        threads=task.parameters["threads"],
        cancelled=task.cancelled.is_set,
        see=drawing.see,
    )
    facts = film.picture_facts(joint_frames(before.shape, after.shape))
    return _segment(task, film, data, drawing, facts)


def _logo(task: Task, film: "FilmFrames") -> "Overlay | None":
    from actors.media.logo import logo  # noqa: PLC0415

    digest = task.parameters.get("logo")
    return logo(task.inputs.blob(digest), film.format) if digest else None


def _segment(task: Task, film: "FilmFrames", data: bytes, drawing: "Drawn", facts: dict[str, Any]) -> Made:
    """A segment that is what was asked for; what is remarkable about it is told with the film."""
    from actors.media.segments import check_segment  # noqa: PLC0415

    remarks = accept(check_segment(data, film.format, facts["frames"], drawing), facts)
    if remarks:
        facts["remarks"] = remarks
    return Made(data, MP4, facts, provenance=rendered(task.parameters["threads"]))


def _captions(task: Task) -> Made:
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs, task.brief.reading)
    cues = film.cues()
    text = to_vtt(cues, film.language)
    return Made(text.encode(), "text/vtt", {"cues": len(cues), "language": film.language})


def _poster(task: Task) -> Made:
    from actors.media.poster import poster  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs)
    picture = task.inputs.read(f"image:{film.numbers[0]}")
    data = poster(picture, film.title, film.format, language=film.language)
    facts = {"width": film.format.width, "height": film.format.height}
    return Made(data, "image/jpeg", facts, provenance=rendered())
