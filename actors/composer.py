"""Stage ``music``: the planned music, synthesised to the film's measured length."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydub import AudioSegment

from actors.craft import crafted
from actors.film import Film
from actors.media.music import compose
from actors.media.timeline import SAMPLE_RATE
from actors.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey

WAV = "audio/wav"


class Composer:
    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - one recipe for all
        return Plan(parameters={"sample_rate": SAMPLE_RATE, "channels": 2})

    async def make(self, task: Task) -> Made:
        return await crafted(_compose, task)


def _compose(task: Task) -> Made:
    film = Film(task.brief.options, task.inputs)
    plan = film.audio_plan
    assert plan is not None, "music is only asked for where there is an audio plan"
    timeline = film.timeline(film.scenes())
    starts = [float(timeline.start_s(number)) for number in range(1, film.count + 1)]
    samples = compose(plan.music, float(timeline.duration_s), starts)
    pcm = (samples.clip(-1, 1) * 32767).astype("<i2")
    wav = BytesIO()
    AudioSegment(data=pcm.tobytes(), sample_width=2, frame_rate=SAMPLE_RATE, channels=pcm.shape[1]).export(
        wav, format="wav"
    )
    facts: dict[str, Any] = {
        "duration_s": round(len(pcm) / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "tempo_bpm": plan.music.tempo_bpm,
        "key": plan.music.key,
    }
    return Made(wav.getvalue(), WAV, facts)


def read_music(wav: bytes) -> NDArray[np.float32]:
    """The composed music as (samples, 2) float32 at 48 kHz."""
    sound = AudioSegment.from_wav(BytesIO(wav))
    pcm = np.frombuffer(sound.raw_data, "<i2").reshape(-1, sound.channels)
    return (pcm / np.float32(32768)).astype(np.float32)
