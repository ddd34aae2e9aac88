"""Stage ``music``: the planned music, synthesised to the film's measured length, and its notes beside it."""

from typing import Any

from actors.media.timeline import SAMPLE_RATE
from actors.work.rendering import crafted, rendered
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey

WAV = "audio/wav"
CHANNELS = 2


class Composer:
    LIBRARIES = (
        "actors.media.midi",
        "actors.media.music",
        "actors.media.score",
        "actors.media.wav",
        "actors.stages.composition.film_frames",
    )

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - one recipe for all
        return Plan(parameters={"sample_rate": SAMPLE_RATE, "channels": CHANNELS})

    async def make(self, task: Task) -> Made:
        return await crafted(_compose, task)


def _compose(task: Task) -> Made:
    # Loaded where music is made: planning in the Director needs nothing of it.
    from actors.media.cancelling import stopping_when  # noqa: PLC0415
    from actors.media.midi import to_midi  # noqa: PLC0415
    from actors.media.music import compose  # noqa: PLC0415
    from actors.media.score import remarks, write_score  # noqa: PLC0415
    from actors.media.wav import write_wav  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs)
    plan = film.audio_plan
    assert plan is not None, "music is only asked for where there is an audio plan"
    timeline = film.timeline()
    starts = [float(timeline.start_s(number)) for number in range(1, film.count + 1)]
    target = task.new_file(".wav")
    pieces = compose(plan.music, float(timeline.duration_s), starts, new_file=lambda: task.new_file(".raw"))
    with stopping_when(task.cancelled.is_set):
        samples = write_wav(target, pieces, CHANNELS)
    facts: dict[str, Any] = {
        "duration_s": round(samples / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "tempo_bpm": plan.music.tempo_bpm,
        "key": plan.music.key,
        "remarks": [remark.to_dict() for remark in remarks(plan.music)],
    }
    score = write_score(plan.music, float(timeline.duration_s), starts)
    notes = {"midi_digest": to_midi(score, film.title)}
    return Made(target, WAV, facts, provenance=rendered(), extras=notes)
