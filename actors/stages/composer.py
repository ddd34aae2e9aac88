"""Stage ``music``: the planned music, synthesised to the film's measured length, and its notes beside it."""

from typing import Any

from actors.media.timeline import SAMPLE_RATE
from actors.work.rendering import crafted
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey

WAV = "audio/wav"


class Composer:
    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - one recipe for all
        return Plan(parameters={"sample_rate": SAMPLE_RATE, "channels": 2})

    async def make(self, task: Task) -> Made:
        return await crafted(_compose, task)


def _compose(task: Task) -> Made:
    # Loaded where music is made: planning in the Director needs nothing of it.
    from actors.media.midi import to_midi  # noqa: PLC0415
    from actors.media.music import compose  # noqa: PLC0415
    from actors.media.score import remarks, write_score  # noqa: PLC0415
    from actors.media.wav import to_wav  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs)
    plan = film.audio_plan
    assert plan is not None, "music is only asked for where there is an audio plan"
    timeline = film.timeline(film.scenes())
    starts = [float(timeline.start_s(number)) for number in range(1, film.count + 1)]
    samples = compose(plan.music, float(timeline.duration_s), starts)
    facts: dict[str, Any] = {
        "duration_s": round(len(samples) / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "tempo_bpm": plan.music.tempo_bpm,
        "key": plan.music.key,
        "remarks": [remark.to_dict() for remark in remarks(plan.music)],
    }
    score = write_score(plan.music, float(timeline.duration_s), starts)
    return Made(to_wav(samples), WAV, facts, extras={"midi_digest": to_midi(score, film.title)})
