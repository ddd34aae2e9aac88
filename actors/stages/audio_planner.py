"""Stage ``audio_planning``: the voices, the delivery scene by scene, and the music."""

from collections.abc import Sequence
from typing import Any

from actors.gemini.voices import VOICE_SOUNDS, VOICES
from actors.prompts.material import analysis_material
from actors.stages.checks.answers import check_audio_plan
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.analysis_facts import numbered_scenes
from domain.asset import AssetKey
from domain.document_parts import parts_of
from domain.script import AudioPlan, ScriptAnalysis, audio_plan_schema
from domain.spoken import reading_s
from domain.spoken_lines import cast_of

HEAD_TOKENS = 4_096
"""The music: eight sections with their chords take a few hundred."""
SCENE_TOKENS = 160
"""What is said of how a scene is spoken; forty are usual."""
SPEAKER_TOKENS = 40
"""A name and its voice."""
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
            voices="\n".join(f"{name}: {', '.join(VOICE_SOUNDS[name])}" for name in voices),
            scene_count=str(len(scenes)),
            seconds=str(round(seconds)),
            analysis=analysis_material(analysis),
        )
        version, parameters = prompt.version, {"voices": voices}
        speakers = speakers_of(brief)
        if speakers:
            cast = self._provider.asking.prompt("cast")
            text += cast.render(speakers="\n".join(speakers))
            version, parameters = f"{version}+{cast.version}", parameters | {"speakers": list(speakers)}
        most = most_answer_tokens(len(scenes)) + SPEAKER_TOKENS * len(speakers)
        return self._provider.plan_document(brief.models["text"], text, version, most, **parameters)

    async def make(self, task: Task) -> Made:
        from actors.media.score import remarks  # noqa: PLC0415 - loads what the Director has no use for

        numbers = list(numbered_scenes(task.inputs.facts("analysis")))
        scenes = len(numbers)
        voices = tuple(task.parameters["voices"])
        speakers = tuple(task.parameters.get("speakers", ()))

        def complete(answered: AudioPlan) -> tuple[AudioPlan, dict[str, Any]]:
            plan = _numbered(answered, numbers)
            return plan, {
                "voice": plan.voice,
                **({"cast": {m.speaker: m.voice for m in plan.cast}} if speakers else {}),
                "music": f"{plan.music.mood}, {plan.music.key}, {plan.music.tempo_bpm} bpm",
                "remarks": [remark.to_dict() for remark in remarks(plan.music)],
                "parts": parts_of(plan),
            }

        return await self._provider.write_document(
            task,
            AudioPlan,
            lambda plan: check_audio_plan(plan, scenes, voices, speakers),
            complete,
            schema=audio_plan_schema(scenes, voices, speakers),
        )


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
    return plan.model_copy(update={"deliveries": deliveries, "music": music})


def speakers_of(brief: Brief) -> tuple[str, ...]:
    """Who has a voice beside the narrator's."""
    return cast_of(brief.reading) if brief.options.voices == "cast" else ()


def most_answer_tokens(scenes: int) -> int:
    return HEAD_TOKENS + SCENE_TOKENS * scenes
