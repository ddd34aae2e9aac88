"""The soundtrack: voices at their places and the music that makes way for them, mastered and encoded.

It needs no picture, so it is made beside the clips. What the film's sound can be asked is asked here, of what
a listener gets of it; the film then takes it over as it is.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from actors.media.cancelling import go_on, stopping_when
from actors.media.mix import Master, Placed, levelled, mix
from actors.media.outro import ending, read_sound
from actors.media.song import measure, open_song
from actors.media.song_fit import FittedSong, fit
from actors.media.soundtrack import write_soundtrack
from actors.media.tape import Part, Sound, Tape
from actors.media.timeline import SAMPLE_RATE, Timeline
from actors.media.wav import WavFile
from actors.stages.composition.ending import outro_of
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.composition.quality import accept
from actors.work.rendering import rendered
from actors.work.stage import Made, Task

M4A = "audio/mp4"


def mixed(task: Task) -> Made:
    """Mix the narrations and the music among the task's inputs.

    AttemptFailedError ``quality_check_failed`` tells what is wrong with it; RenderCancelled soon after the
    task is cancelled.
    """
    with stopping_when(task.cancelled.is_set):
        return _mixed(task)


def _mixed(task: Task) -> Made:
    film = FilmFrames(task.brief.options, task.inputs)
    spoken, master = Tape(task.new_file(".raw"), 1), Master(lambda: task.new_file(".raw"))
    music = _music(task) if "music" in task.inputs else None
    outro = outro_of(task, film.format)
    own = Tape(task.new_file(".raw"), 2) if outro is not None and outro.has_sound else None
    target, played = task.new_file(".m4a"), None
    try:
        timeline, voices = _voices(film, spoken)
        after = outro.samples(film.format.fps) if outro is not None else 0
        samples = timeline.samples + (after if own is None else 0)
        bed: Sound | None = music
        if music is not None and (isinstance(music, Tape) or _is_of_another_length(music, samples)):
            bed, played = _fitted(music, task.inputs.facts("music"), samples)
        pieces = mix(samples, voices, bed)
        if outro is not None and own is not None:
            read_sound(outro, own)
            pieces, samples = chain(pieces, ending(own, after)), samples + after
        master.record(pieces)
        heard = write_soundtrack(master, film.format.quality, target)
    finally:
        for opened in (spoken, master, music, own):
            if opened is not None:
                opened.close()
    narrated = [(float(at), float(at) + len(one.voice) / SAMPLE_RATE) for one in voices for at in [one.at_s]]
    checked: dict[str, float | int | str | bool] = {}
    remarks = accept(heard.findings(checked, narrated), checked)
    facts = {
        "duration_s": round(samples / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "channels": 2,
        "checked": checked,
        "remarks": remarks,
        **({"music": played} if played is not None else {}),
    }
    return Made(target, M4A, facts, provenance=rendered())


def _music(task: Task) -> WavFile | Tape:
    """What was synthesised, as long as the film; or a model's song, decoded."""
    path = task.inputs.path("music")
    if "sounding_s" not in task.inputs.facts("music"):
        return WavFile(path)
    return open_song(str(path), lambda: task.new_file(".raw"))


def _is_of_another_length(music: Sound, samples: int) -> bool:
    """What is composed here is as long as its film; a song that somebody gave need not be."""
    return abs(len(music) - samples) > SAMPLE_RATE


def _fitted(song: Sound, facts: Mapping[str, Any], samples: int) -> tuple[Sound, dict[str, Any]]:
    """The song as long as the film, and how that was done."""
    if "sounding_s" not in facts:
        facts = measure(song).to_dict()
    start, end = facts["sounding_s"]
    how = fit(song, (start, end), facts["tempo_bpm"], samples)
    return FittedSong(song, how), how.to_dict()


def _voices(film: FilmFrames, spoken: Tape) -> tuple[Timeline, list[Placed]]:
    """The narrations on a tape, so that none stays in memory, and where each is to be heard."""
    shapes, parts = [], {}
    for place, number in enumerate(film.numbers, 1):
        go_on()
        scene = film.scene(number)
        shapes.append(scene.shape)
        if scene.speech is not None:
            start = len(spoken)
            spoken.append(levelled(scene.speech))
            parts[place] = Part(spoken, start, len(spoken))
    timeline = film.timeline(shapes)
    return timeline, [Placed(part, timeline.speech_s(place)) for place, part in parts.items()]
