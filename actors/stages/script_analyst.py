"""Stage ``script_analysis``: what the script is about, and its division into scenes."""

from typing import Any

from actors.gemini.catalogue import find
from actors.media.errors import TimelineError
from actors.media.reading import reading_s
from actors.media.word_budget import check_words
from actors.prompts import Prompt
from actors.stages.checks.answers import check_annotation
from actors.work.planning.script_length import scenes_at_most
from actors.work.provider_call import Provider
from actors.work.rendering import failure_of
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.numbered_script import NumberedScript, number_sentences
from domain.script import AnalysisFacts, Scene, ScriptAnalysis, ScriptAnnotation, annotation_schema

HEAD_TOKENS = 4_096
"""Title, themes, and a dozen characters with their looks."""
SCENE_TOKENS = 400
"""What is said of a scene in five sentences at most; a hundred are usual."""
MOST_REFERENCES = 2
"""Pictures that go along with a prompt; more make the model mix faces, and each costs input tokens."""
SECONDS_A_SCENE = 8
"""A comfortable length for one still picture."""


class ScriptAnalyst:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - the script is all it needs
        prompt = self._provider.asking.prompt("script_analysis")
        options = brief.options
        if options.captions == "burned":
            _refuse_undrawable(brief.reading.spoken_text, brief.language)
        if options.target_duration_s is not None and options.has_narration:
            _refuse_unspeakable(brief.reading.spoken_text, options.target_duration_s)
        numbered = number_sentences(brief.reading)
        scenes = min(scenes_at_most(brief.script, options), len(numbered.sentences))
        text = filled(prompt, brief, scenes)
        model = brief.models["text"]
        return self._provider.plan_document(
            model,
            text,
            prompt.version,
            most_answer_tokens(scenes),
            max_scenes=scenes,
            sentences=len(numbered.sentences),
        )

    async def make(self, task: Task) -> Made:
        numbered = number_sentences(task.brief.reading)
        if task.parameters.get("sentences") != len(numbered.sentences):
            raise AttemptFailedError(
                Failure.of(Code.OUTDATED_REQUEST, "The analysis was asked for by another version of Reelog.")
            )
        drawn_by = find(task.brief.models["image"])
        takes_references = drawn_by is not None and drawn_by.reference_images

        def check(annotation: ScriptAnnotation) -> None:
            check_annotation(
                annotation,
                numbered,
                max_scenes=task.parameters["max_scenes"],
                language=task.brief.language,
            )

        def complete(annotation: ScriptAnnotation) -> tuple[ScriptAnalysis, dict[str, Any]]:
            analysis = _analysis(annotation, numbered)
            return analysis, dict(_facts(analysis, with_references=takes_references))

        return await self._provider.write_document(
            task,
            ScriptAnnotation,
            check,
            complete,
            schema=annotation_schema(len(numbered.sentences), task.parameters["max_scenes"]),
        )


def _analysis(annotation: ScriptAnnotation, numbered: NumberedScript) -> ScriptAnalysis:
    """The analysis as it is stored: with the author's own words in place of their numbers."""
    names = [character.name for character in annotation.characters]
    return ScriptAnalysis(
        **annotation.model_dump(exclude={"scenes"}),
        scenes=[
            Scene(
                narration=numbered.text(scene.first, scene.last),
                visual=scene.visual,
                mood=scene.mood,
                characters=[names[number - 1] for number in dict.fromkeys(scene.characters)],
                transition=scene.transition,
            )
            for scene in annotation.scenes
        ],
    )


def _refuse_undrawable(spoken: str, language: str | None) -> None:
    """Say before anything is paid that the captions could not be burned in, though it is refused at the door.

    The fonts of the machine that accepted the job need not be those of this one.
    """
    from actors.media.fonts import missing_letters  # noqa: PLC0415 - only films with drawn captions need fonts

    missing = missing_letters(spoken, language or "")
    if missing:
        shown = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing[:12])
        raise AttemptFailedError(
            Failure.of(
                Code.MISSING_GLYPHS,
                f"{len(missing)} letters of the script cannot be drawn as captions: {shown}",
                details={"missing": missing[:100]},
            )
        )


def _refuse_unspeakable(spoken: str, target_s: float) -> None:
    """Say before anything is paid that so many words do not fit into so short a film."""
    try:
        check_words(spoken, target_s)
    except TimelineError as error:
        raise AttemptFailedError(failure_of(error)) from error


def filled(prompt: Prompt, brief: Brief, scenes: int) -> str:
    """The prompt about this script, to be divided into at most so many scenes."""
    numbered = number_sentences(brief.reading)
    seconds = reading_s(brief.reading.spoken_text)
    return prompt.render(
        script=numbered.listing(),
        sentences=str(len(numbered.sentences)),
        max_scenes=str(scenes),
        language=brief.language or "none",
        seconds=f"{seconds:.0f}",
        comfortable=str(_comfortable(seconds, scenes)),
        length=_length_advice(brief.options.target_duration_s, scenes),
    )


def most_answer_tokens(scenes: int) -> int:
    """The answer describes the whole and each scene; none of the script's words are in it."""
    return HEAD_TOKENS + SCENE_TOKENS * scenes


def _facts(analysis: ScriptAnalysis, *, with_references: bool) -> AnalysisFacts:
    first_seen = _first_seen(analysis) if with_references else {}
    return {
        "title": analysis.title,
        "language": analysis.language,
        "mood": analysis.mood,
        "scenes": [
            {
                "scene": number,
                "text": scene.narration,
                "mood": scene.mood,
                "references": first_seen.get(number, []),
            }
            for number, scene in enumerate(analysis.scenes, 1)
        ],
    }


def _first_seen(analysis: ScriptAnalysis) -> dict[int, list[int]]:
    """For each scene, the earlier scenes in which its characters were first seen, at most two."""
    first: dict[str, int] = {}
    references: dict[int, list[int]] = {}
    listed = {character.name.casefold() for character in analysis.characters}
    for number, scene in enumerate(analysis.scenes, 1):
        seen = [name.casefold() for name in scene.characters if name.casefold() in listed]
        earlier = sorted({first[name] for name in seen if name in first})
        references[number] = earlier[:MOST_REFERENCES]
        for name in seen:
            first.setdefault(name, number)
    return references


def _comfortable(seconds: float, max_scenes: int) -> int:
    return max(1, min(max_scenes, round(seconds / SECONDS_A_SCENE)))


def _length_advice(target_s: float | None, max_scenes: int) -> str:
    if target_s is None:
        return ""
    scenes = _comfortable(target_s, max_scenes)
    return f"\n- The film is to last {target_s:g} seconds. Make about {scenes} scenes."
