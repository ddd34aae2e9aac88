"""Stage ``music``: the planned music, synthesised to the film's measured length, or composed by a model.

A model is asked for a song by the audio plan alone, before anything is spoken: about as long as the words
will take. What comes is kept as it came, and is fitted to the film where that is mixed
(``composition/mixing.py``), so that a voice that is spoken anew never pays for another song.
"""

from contextlib import closing
from typing import Any

from actors.gemini.reader import SongAnswer, read_song
from actors.gemini.requests import song_request
from actors.media.errors import TimelineError
from actors.media.timeline import SAMPLE_RATE
from actors.stages.composition.song_plan import by_place, song_plan
from actors.work.provider_call import Provider
from actors.work.rendering import crafted, failure_of, rendered
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError
from domain.script import AudioPlan, ScriptAnalysis

WAV = "audio/wav"
CHANNELS = 2
TIMEOUT_S = 240.0
"""A song of three minutes has been seen to take one."""
MOST_TOLD = 4_000
"""Characters of what a model says of its song that stand in the event; all of it is in the answer kept."""


class Composer:
    LIBRARIES = (
        "actors.media.midi",
        "actors.media.music",
        "actors.media.score",
        "actors.media.wav",
        "actors.stages.checks.songs",
        "actors.stages.composition.ending",
        "actors.stages.composition.film_frames",
    )

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - there is one music
        model = brief.models.get("music")
        if model is None:
            own = {**brief.options.pace_parameters, **brief.given.outro_parameters}
            return Plan(parameters={"sample_rate": SAMPLE_RATE, "channels": CHANNELS, **own})
        analysis, audio = (
            inputs.document("analysis", ScriptAnalysis),
            inputs.document("audio_plan", AudioPlan),
        )
        prompt = self._provider.asking.prompt("music")
        try:
            song = song_plan(analysis, audio, brief.options)
        except TimelineError as error:
            raise AttemptFailedError(failure_of(error)) from error
        text = prompt.render(
            seconds=str(song.duration_s),
            mood=audio.music.mood,
            tempo_bpm=str(audio.music.tempo_bpm),
            key=audio.music.key,
            instruments=", ".join(audio.music.instruments),
            sections="\n".join(str(section) for section in song.sections),
        )
        return self._provider.plan(model, text, prompt.version, {"asked": song.to_dict()})

    async def make(self, task: Task) -> Made:
        if task.order.recipe.model is None:
            return await crafted(_compose, task)
        return await self._ask(task, task.order.recipe.model)

    async def _ask(self, task: Task, model: str) -> Made:
        from actors.stages.checks.songs import check_song  # noqa: PLC0415 - loads what the Director has no use for

        assert task.prompt is not None
        asked: dict[str, Any] = task.parameters["asked"]
        heard: dict[str, Any] = {}

        def check(answer: SongAnswer) -> None:
            heard.update(check_song(answer.data, asked, task.new_file).to_dict())

        return await self._provider.call(
            song_request(model, task.prompt),
            timeout_s=TIMEOUT_S,
            read=read_song,
            check=check,
            present=lambda answer: (
                answer.data,
                answer.media_type,
                heard | {"asked": asked, "structure": answer.text[:MOST_TOLD], "audio_parts": answer.parts},
            ),
        )


def _compose(task: Task) -> Made:
    # Loaded where music is made: planning in the Director needs nothing of it.
    from actors.media.cancelling import stopping_when  # noqa: PLC0415
    from actors.media.midi import to_midi  # noqa: PLC0415
    from actors.media.music import compose  # noqa: PLC0415
    from actors.media.score import remarks, write_score  # noqa: PLC0415
    from actors.media.wav import write_wav  # noqa: PLC0415
    from actors.stages.composition.ending import music_after  # noqa: PLC0415
    from actors.stages.composition.film_frames import FilmFrames  # noqa: PLC0415

    film = FilmFrames(task.brief.options, task.inputs)
    plan = film.audio_plan
    assert plan is not None, "music is only asked for where there is an audio plan"
    timeline = film.timeline()
    seconds = float(timeline.duration_s + music_after(task, film.format))
    starts = [float(timeline.start_s(place)) for place in range(1, len(film.numbers) + 1)]
    music = by_place(plan.music, film.numbers)
    target = task.new_file(".wav")
    pieces = compose(music, seconds, starts, new_file=lambda: task.new_file(".raw"))
    with stopping_when(task.cancelled.is_set), closing(pieces):
        samples = write_wav(target, pieces, CHANNELS)
    facts: dict[str, Any] = {
        "duration_s": round(samples / SAMPLE_RATE, 3),
        "sample_rate": SAMPLE_RATE,
        "tempo_bpm": plan.music.tempo_bpm,
        "key": plan.music.key,
        "remarks": [remark.to_dict() for remark in remarks(plan.music)],
    }
    score = write_score(music, seconds, starts)
    notes = {"midi_digest": to_midi(score, film.title)}
    return Made(target, WAV, facts, provenance=rendered(), extras=notes)
