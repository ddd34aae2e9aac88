"""The soundtrack: voices at their places and the music that makes way for them, mastered and encoded.

It needs no picture, so it is made beside the clips. What the film's sound can be asked is asked here, of what
a listener gets of it; the film then takes it over as it is.
"""

from actors.media.cancelling import stopping_when
from actors.media.mix import Master, Placed, mix
from actors.media.soundtrack import write_soundtrack
from actors.media.timeline import SAMPLE_RATE
from actors.media.wav import WavFile
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
    scenes = film.scenes()
    timeline = film.timeline(scenes)
    voices = [
        Placed(scene.speech, timeline.speech_s(scene.number)) for scene in scenes if scene.speech is not None
    ]
    music = WavFile(task.inputs.path("music")) if "music" in task.inputs else None
    master = Master(lambda: task.new_file(".raw"))
    target = task.new_file(".m4a")
    try:
        master.record(mix(timeline.samples, voices, music))
        heard = write_soundtrack(master, film.format.quality, target)
    finally:
        master.close()
        if music is not None:
            music.close()
    narrated = [(float(at), float(at) + voice.speech.duration_s) for voice in voices for at in [voice.at_s]]
    checked: dict[str, float | int | str | bool] = {}
    remarks = accept(heard.findings(checked, narrated), checked)
    facts = {
        "duration_s": round(timeline.samples / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "channels": 2,
        "checked": checked,
        "remarks": remarks,
    }
    return Made(target, M4A, facts, provenance=rendered())
