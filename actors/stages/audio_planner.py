"""Stage ``audio_planning``: the voices, the delivery scene by scene, and the music."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from actors.gemini.voices import VOICE_SOUNDS, VOICES
from actors.prompts.material import analysis_material
from actors.stages.casting.voices import characters_of, choose_voices, given_voices, voices_of_film
from actors.stages.checks.answers import check_sound
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.analysis_facts import numbered_scenes
from domain.asset import AssetKey
from domain.document_parts import parts_of
from domain.script import AudioPlan, CastVoice, ScriptAnalysis
from domain.sound_direction import NOBODY, SoundDirection, SpeakingPart, sound_schema
from domain.spoken import reading_s
from domain.spoken_lines import Quote, cast_of, quotes_of_scenes

HEAD_TOKENS = 4_096
"""The music: eight sections with their chords take a few hundred."""
SCENE_TOKENS = 160
"""What is said of how a scene is spoken; forty are usual."""
SPEAKER_TOKENS = 40
"""A name and what voice it suits."""
QUOTE_TOKENS = 24
"""A number and a name."""
PAUSE_S = 1.2
"""Between the words of two scenes."""


class AudioPlanner:
    LIBRARIES = ("actors.media.score",)

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - there is one audio plan
        prompt = self._provider.asking.prompt("audio_plan")
        analysis = inputs.document("analysis", ScriptAnalysis)
        scenes = analysis.scenes
        seconds = sum(reading_s(scene.narration) for scene in scenes) + PAUSE_S * len(scenes)
        # All of them, also where the job names one: another voice then asks for narrations anew, and for no
        # other plan. The narrator obeys the job.
        voices = list(VOICES)
        text = prompt.render(
            voices="\n".join(f"{name}: {VOICE_SOUNDS[name].description}" for name in voices),
            scene_count=str(len(scenes)),
            seconds=str(round(seconds)),
            analysis=analysis_material(analysis),
        )
        version = prompt.version
        parameters: dict[str, Any] = {"voices": voices}
        cast = self._provider.asking.prompt("cast")
        speakers, quotes = who_speaks(brief, analysis, quotes="quotes" in cast.placeholders)
        if speakers:
            text += cast.render(
                speakers="\n".join(speakers),
                quotes="\n".join(f"{n}, scene {q.scene}: {q.text}" for n, q in enumerate(quotes, 1))
                or "none",
            )
            version = f"{version}+{cast.version}"
            parameters["speakers"] = list(speakers)
        if quotes:
            parameters["quotes"] = [{"scene": quote.scene, "text": quote.text} for quote in quotes]
        most = most_answer_tokens(len(scenes)) + SPEAKER_TOKENS * len(speakers) + QUOTE_TOKENS * len(quotes)
        return self._provider.plan_document(brief.models["text"], text, version, most, **parameters)

    async def make(self, task: Task) -> Made:
        from actors.media.score import remarks  # noqa: PLC0415 - loads what the Director has no use for

        numbers = list(numbered_scenes(task.inputs.facts("analysis")))
        scenes = len(numbers)
        voices = tuple(task.parameters["voices"])
        speakers = tuple(task.parameters.get("speakers", ()))
        quotes = [Quote(**quote) for quote in task.parameters.get("quotes", ())]
        given = given_voices(task.brief.given.cast)

        def complete(answer: SoundDirection) -> tuple[AudioPlan, dict[str, Any]]:
            by_script = cast_of(task.brief.reading)
            parts = sorted(answer.cast, key=lambda part: speakers.index(part.speaker))
            said = _named(answer, quotes)
            heard = {*by_script, *(quote.speaker for quote in said)}
            parts = [part for part in parts if part.speaker in heard]
            plan = _numbered(_plan(answer, parts, said, given), numbers)
            return plan, {
                "voice": plan.voice,
                **({"cast": {m.speaker: m.voice for m in plan.cast}} if speakers else {}),
                "music": f"{plan.music.mood}, {plan.music.key}, {plan.music.tempo_bpm} bpm",
                "remarks": [remark.to_dict() for remark in remarks(plan.music)],
                "parts": parts_of(plan),
            }

        return await self._provider.write_document(
            task,
            SoundDirection,
            lambda answer: check_sound(answer, scenes, voices, speakers, len(quotes)),
            complete,
            schema=sound_schema(scenes, voices, speakers, len(quotes)),
        )


def who_speaks(
    brief: Brief, analysis: ScriptAnalysis, *, quotes: bool = True
) -> tuple[tuple[str, ...], list[Quote]]:
    """Who may have a voice beside the narrator's, and what is quoted, where anybody may have said it."""
    if brief.options.voices != "cast":
        return (), []
    texts = [scene.narration for scene in analysis.scenes]
    said = quotes_of_scenes(brief.reading, texts) if quotes else []
    speakers = characters_of(brief, analysis, quoted=bool(said))
    return speakers, said if speakers else []


def _named(answer: SoundDirection, quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes with whom the text names as their speaker."""
    names = {said.quote: said.speaker for said in answer.quotes if said.speaker != NOBODY}
    return [replace(quote, speaker=names.get(number)) for number, quote in enumerate(quotes, 1)]


def _plan(
    answer: SoundDirection,
    parts: Sequence[SpeakingPart],
    quotes: list[Quote],
    given: Mapping[str, str],
) -> AudioPlan:
    """The answer with a voice for each who speaks."""
    voices = choose_voices(parts, given)
    plan = AudioPlan(
        voice=answer.voice,
        cast=[CastVoice(speaker=speaker, voice=voice) for speaker, voice in voices.items()],
        quotes=quotes,
        deliveries=answer.deliveries,
        music=answer.music,
    )
    # The characters have theirs first, so that another narrator leaves them as they are.
    return plan.model_copy(update={"voice": voices_of_film(plan, None, given)[0]})


def _numbered(plan: AudioPlan, numbers: Sequence[int]) -> AudioPlan:
    """The plan of scenes that were asked for by their places, with their numbers."""
    deliveries = [one.model_copy(update={"scene": numbers[one.scene - 1]}) for one in plan.deliveries]
    # A cue of a scene that there is none of is heard nowhere.
    cues = [
        cue.model_copy(update={"scene": numbers[cue.scene - 1]})
        for cue in plan.music.cues
        if cue.scene <= len(numbers)
    ]
    music = plan.music.model_copy(update={"cues": cues})
    quotes = [replace(quote, scene=numbers[quote.scene - 1]) for quote in plan.quotes]
    return plan.model_copy(update={"deliveries": deliveries, "music": music, "quotes": quotes})


def most_answer_tokens(scenes: int) -> int:
    return HEAD_TOKENS + SCENE_TOKENS * scenes
