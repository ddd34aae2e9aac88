"""The film: segments joined, sound mixed, chapters set, and the whole checked before it counts as made.

A film that fails its check is a failed composition with everything that was found, not a success. What is
remarkable about a good one is recorded with it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from actors.media.cancelling import go_on, stopping_when
from actors.media.check import Expected, Report, check
from actors.media.film import Chapter, join, through_codec
from actors.media.formats import Format
from actors.media.mix import Placed, mix
from actors.media.speech import Samples
from actors.media.timeline import Timeline
from actors.media.wav import from_wav
from actors.stages.composition import content_credentials
from actors.stages.composition.film_frames import FilmFrames, FilmScene
from actors.work.rendering import digest_of, rendered
from actors.work.stage import Made, Task
from domain.failures import AttemptFailedError, Code, Failure

CHAPTER_WORDS = 6
"""As many as a player's menu shows."""
FINDINGS_TOLD = 20


def final_cut(task: Task, sign: Callable[[Path, Path], None] | None = None) -> Made:
    """Make the film, and ``sign`` it (from one file into another) where it is to carry Content Credentials.

    AttemptFailedError ``quality_check_failed`` tells what is wrong with it; RenderCancelled soon after the
    task is cancelled.
    """
    with stopping_when(task.cancelled.is_set):
        return _cut(task, sign)


def _cut(task: Task, sign: Callable[[Path, Path], None] | None) -> Made:
    film = FilmFrames(task.brief.options, task.inputs)
    scenes = film.scenes()
    timeline = film.timeline(scenes)
    cues = film.cues(scenes, timeline)
    segments = [task.inputs.path(f"{segment.kind}:{segment.scene}") for segment in timeline.segments()]
    target = task.new_file(".mp4")
    info = join(
        segments,
        film.format,
        target,
        sound=_sound(task, scenes, timeline, film.format),
        chapters=[Chapter(timeline.start_s(scene.number), _chapter_title(scene)) for scene in scenes],
        metadata={"title": film.title, "comment": content_credentials.note(task.brief)},
        # A player would show burned captions twice: a track is for those who asked for no burned ones.
        cues=cues if task.parameters["captions"] == "sidecar" else (),
        language=film.language,
        spoken=task.brief.options.has_narration,
    )
    provenance = rendered(task.parameters["threads"])
    if sign is not None:
        # A signature holds the hour and chance: what can be made again is the film that was signed.
        provenance["unsigned_digest"] = digest_of(target)
        unsigned, target = target, task.new_file(".mp4")
        sign(unsigned, target)
    report = check(
        target,
        Expected(
            film.format,
            float(timeline.duration_s),
            task.brief.options.has_sound,
            narrated=_narrated(scenes, timeline),
            cues=cues,
        ),
    )
    _accept(report)
    go_on()  # what nobody waits for any longer is not left behind
    facts = {
        **film.picture_facts(info.frames),
        "audio": task.brief.options.has_sound,
        "checked": report.measured,
        "remarks": [remark.to_dict() for remark in report.remarks[:FINDINGS_TOLD]],
    }
    return Made(target, "video/mp4", facts, provenance=provenance)


def _sound(task: Task, scenes: Sequence[FilmScene], timeline: Timeline, fmt: Format) -> Samples | None:
    """The film's mix (samples, 2) at 48 kHz; None where the film is to have no audio track."""
    if not task.brief.options.has_sound:
        return None
    voices = [
        Placed(scene.speech, timeline.speech_s(scene.number)) for scene in scenes if scene.speech is not None
    ]
    music = from_wav(task.inputs.read("music")) if "music" in task.inputs else None
    return mix(timeline.samples, voices, music, heard=lambda sound: through_codec(sound, fmt))


def _narrated(scenes: Sequence[FilmScene], timeline: Timeline) -> list[tuple[float, float]]:
    """When somebody speaks, scene by scene, in seconds of the film."""
    spoken = []
    for scene in scenes:
        if scene.speech is not None:
            start = float(timeline.speech_s(scene.number))
            spoken.append((start, start + scene.speech.duration_s))
    return spoken


def _accept(report: Report) -> None:
    if report.ok:
        return
    findings = [finding.to_dict() for finding in report.findings[:FINDINGS_TOLD]]
    told = "; ".join(
        f.message if f.at_s is None else f"{f.message} (at {f.at_s:.1f} s)" for f in report.findings[:3]
    )
    more = f"; and {len(report.findings) - 3} more" if len(report.findings) > 3 else ""  # noqa: PLR2004 - as told
    details = {"findings": findings, "measured": report.measured}
    raise AttemptFailedError(Failure.of(Code.QUALITY_CHECK_FAILED, told + more, details=details))


def _chapter_title(scene: FilmScene) -> str:
    words = scene.text.split()
    return " ".join(words[:CHAPTER_WORDS]) + (" …" if len(words) > CHAPTER_WORDS else "")
