"""The film: segments and soundtrack joined, chapters set, and the file checked before it counts as made.

What is seen and heard was looked at and listened to when the segments and the soundtrack were made: here the
container is checked, and what was remarked then is told of the film. A film that fails its check is a failed
composition with everything that was found, not a success.
"""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from actors.media.cancelling import go_on, stopping_when
from actors.media.check import Expected, check_joined
from actors.media.cues import shortened
from actors.media.film import Chapter, join
from actors.media.subtitles import vtt_cues
from actors.media.words import join_words, split_words
from actors.stages.composition.ending import rendered_ending
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.composition.mixing import mixed
from actors.stages.composition.quality import FINDINGS_TOLD, accept
from actors.work.rendering import digest_of, rendered
from actors.work.stage import Made, Task

CHAPTER_WORDS = 6
CHAPTER_COLUMNS = 40
"""As many as a player's menu shows."""
_BRIDGED_S = 1.1
"""A standstill is not seen in a transition, since it is too short for one: two beside it are one."""


def final_cut(task: Task, sign: Callable[[Path, Path], None] | None = None, *, comment: str = "") -> Made:
    """Make the film, and ``sign`` it (from one file into another) where it is to carry Content Credentials.

    ``comment`` says who made it, and what of it a person gave.

    AttemptFailedError ``quality_check_failed`` tells what is wrong with it; RenderCancelled soon after the
    task is cancelled.
    """
    with stopping_when(task.cancelled.is_set):
        return _cut(task, sign, comment)


def _cut(task: Task, sign: Callable[[Path, Path], None] | None, comment: str) -> Made:
    film = FilmFrames(task.brief.options, task.inputs)
    segments, starts = film.segments()
    parts = [task.inputs.path(f"{segment.kind}:{segment.scene}") for segment in segments]
    frames = sum(segment.length for segment in segments)
    ending = rendered_ending(task, film.format, parts[-1])
    if ending is not None:
        parts, frames = [*parts, ending.path], frames + ending.outro.frames
    cues = vtt_cues(task.inputs.read("captions").decode())
    sound, heard = _soundtrack(task)
    target = task.new_file(".mp4")
    info = join(
        parts,
        film.format,
        target,
        sound=sound,
        chapters=[
            Chapter(start, _chapter_title(scene.narration))
            for start, scene in zip(starts, film.analysis.scenes, strict=True)
        ],
        metadata={"title": film.title, "comment": comment},
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
    report = check_joined(
        target, Expected(film.format, frames / film.format.fps, task.brief.options.has_sound, cues=cues)
    )
    remarks = accept((*report.findings, *report.remarks), report.measured)
    go_on()  # what nobody waits for any longer is not left behind
    seen = _joined([*_seen(task, film)])
    facts = {
        **film.picture_facts(info.frames),
        "audio": task.brief.options.has_sound,
        "checked": report.measured | heard.get("checked", {}),
        "remarks": [*remarks, *seen, *heard.get("remarks", ())][:FINDINGS_TOLD],
    }
    if ending is not None:
        facts["outro_s"] = round(ending.outro.frames / film.format.fps, 3)
    return Made(target, "video/mp4", facts, provenance=provenance)


def _soundtrack(task: Task) -> tuple[Path | None, dict[str, Any]]:
    """The file with the film's sound and what is known of it; None where it is to have no audio track."""
    if not task.brief.options.has_sound:
        return None, {}
    if "soundtrack" in task.inputs:
        return task.inputs.path("soundtrack"), task.inputs.facts("soundtrack")
    made = mixed(task)  # a film that was asked for before soundtracks were made apart
    assert isinstance(made.data, Path)
    return made.data, made.facts


def _seen(task: Task, film: FilmFrames) -> Iterator[dict[str, Any]]:
    """What was remarked of the segments, on the film's clock."""
    for segment in film.segments()[0]:
        for remark in task.inputs.facts(f"{segment.kind}:{segment.scene}").get("remarks", ()):
            yield remark | {"at_s": round(remark["at_s"] + segment.start / film.format.fps, 3)}


def _joined(remarks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with those of one kind that follow each other made one."""
    told: dict[str, list[dict[str, Any]]] = {}
    for remark in remarks:
        before = told.setdefault(remark["code"], [])
        if before and remark["at_s"] - (before[-1]["at_s"] + before[-1]["value"]) <= _BRIDGED_S:
            length = round(remark["at_s"] + remark["value"] - before[-1]["at_s"], 3)
            kind = remark["code"].removesuffix("_picture")
            before[-1] |= {"value": length, "message": f"The picture is {kind} for {length:.1f} s"}
        else:
            before.append(dict(remark))
    return [remark for same in told.values() for remark in same]


def _chapter_title(text: str) -> str:
    """The first words; where no spaces part them, up to where a phrase begins."""
    words = split_words(text)
    titles = [join_words(words[:count]) for count in range(1, min(len(words), CHAPTER_COLUMNS) + 1)]
    fitting = [n for n, title in enumerate(titles, 1) if len(title.split()) <= CHAPTER_WORDS]
    fitting = [n for n in fitting if _columns(titles[n - 1]) <= CHAPTER_COLUMNS]
    if len(words) in fitting or not words:
        return join_words(words)
    count = max([n for n in fitting if words[n].begins] or fitting or [1])
    return shortened(titles[count - 1], _columns, CHAPTER_COLUMNS, "") + " …"


def _columns(text: str) -> int:
    """Its width in a menu, where an ideograph is as wide as two letters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
