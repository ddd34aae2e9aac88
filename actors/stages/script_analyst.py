"""Stage ``script_analysis``: what the script is about, and its division into scenes and their pictures."""

from collections.abc import Collection
from itertools import accumulate
from typing import Any

from actors.gemini.catalogue import find
from actors.media.errors import TimelineError
from actors.media.reading import spoken
from actors.media.word_budget import check_words
from actors.prompts import Prompt
from actors.stages.checks.answers import check_annotation
from actors.stages.given.author import cast_advice, scenes_advice, with_cast, with_scenes
from actors.work.planning.script_length import scenes_at_most, words_to_speak
from actors.work.provider_call import Provider
from actors.work.rendering import failure_of
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.analysis_facts import AnalysisFacts, BeatFacts, SceneFacts
from domain.asset import AssetKey
from domain.beats import LONGEST_S, SECONDS_A_PICTURE, Seconds, film_s, images_at_most, paced
from domain.document_parts import parts_of
from domain.failures import AttemptFailedError, Code, Failure
from domain.given_scenes import number_scenes
from domain.numbered_script import NumberedScript, number_sentences
from domain.script import (
    Beat,
    Kind,
    Scene,
    ScriptAnalysis,
    ScriptAnnotation,
    annotation_schema,
)
from domain.spoken import SENTENCE_PAUSE_S, reading_s

HEAD_TOKENS = 4_096
"""Title, themes, and a dozen characters with their looks."""
PICTURE_TOKENS = 400
"""Seven times what is usual of a picture; the 150 that a film may have are answered in a minute."""
MOST_REFERENCES = 2
"""Pictures that go along with a prompt; more make the model mix faces, and each costs input tokens."""
USUAL_SHOT_S = (3.0, 10.0)
"""What every video model makes."""
SECONDS_A_SCENE = 15
"""A comfortable length for what belongs together: two or three pictures."""


class ScriptAnalyst:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - the script is all it needs
        prompt = self._provider.asking.prompt("script_analysis")
        options = brief.options
        if options.captions == "burned":
            _refuse_undrawable(brief.reading.spoken_text, brief.analysed_language)
        words = words_to_speak(brief.script, options, brief.given.scenes)
        if words and options.target_duration_s is not None:
            _refuse_unspeakable(words, options.target_duration_s)
        scenes, images = most_scenes_and_images(brief)
        text = filled(prompt, brief, scenes, images)
        model = brief.models["text"]
        return self._provider.plan_document(
            model,
            text,
            prompt.version,
            most_answer_tokens(images),
            max_scenes=scenes,
            max_images=images,
            sentences=len(numbered_of(brief)[0].sentences),
        )

    async def make(self, task: Task) -> Made:
        brief = task.brief
        numbered, ranges = numbered_of(brief)
        sentences, asked = len(numbered.sentences), task.parameters
        if asked.get("sentences") != sentences or "max_images" not in asked:
            raise AttemptFailedError(
                Failure.of(Code.OUTDATED_REQUEST, "The analysis was asked for by another version of Reelog.")
            )
        drawn_by = find(task.brief.models["image"])
        takes_references = drawn_by is not None and drawn_by.reference_images > 0

        def check(annotation: ScriptAnnotation) -> None:
            check_annotation(
                annotation,
                numbered,
                max_scenes=asked["max_scenes"],
                language=task.brief.analysed_language,
            )

        def complete(annotation: ScriptAnnotation) -> tuple[ScriptAnalysis, dict[str, Any]]:
            given = with_scenes(with_cast(annotation, brief.given.cast), brief.given.scenes, ranges)
            analysis = _analysis(given, numbered, asked["max_images"], brief)
            facts = _facts(analysis, brief, with_references=takes_references)
            return analysis, {**facts, "parts": parts_of(analysis)}

        return await self._provider.write_document(
            task,
            ScriptAnnotation,
            check,
            complete,
            schema=annotation_schema(sentences, asked["max_scenes"], asked["max_images"]),
        )


def _analysis(
    annotation: ScriptAnnotation, numbered: NumberedScript, max_images: int, brief: Brief
) -> ScriptAnalysis:
    """The analysis as it is stored: with the author's own words in place of their numbers."""
    names = [character.name for character in annotation.characters]
    seconds = _clock(numbered, brief.options.target_duration_s)
    # Where the author says what is seen, that is seen all the while.
    whole = {place for place, scene in enumerate(brief.given.scenes) if scene.has_one_picture}
    answered_of = [scene.beats for scene in annotation.scenes]
    free = iter(
        paced(
            [b for place, b in enumerate(answered_of) if place not in whole], seconds, max_images - len(whole)
        )
    )
    beats_of = [each if place in whole else next(free) for place, each in enumerate(answered_of)]
    scenes = []
    for number, (scene, answered) in enumerate(zip(annotation.scenes, beats_of, strict=True), 1):
        beats = [
            Beat(
                text=numbered.text(beat.first, beat.last),
                visual=beat.visual,
                characters=[names[number - 1] for number in dict.fromkeys(beat.characters)],
            )
            for beat in answered
        ]
        scenes.append(
            Scene(
                narration=numbered.text(answered[0].first, answered[-1].last),
                visual=beats[0].visual,
                mood=scene.mood,
                characters=list(dict.fromkeys(name for beat in beats for name in beat.characters)),
                transition=scene.transition,
                beats=beats,
                number=number,
            )
        )
    return ScriptAnalysis(**annotation.model_dump(exclude={"scenes"}), scenes=scenes)


def _clock(numbered: NumberedScript, target_s: float | None) -> Seconds:
    """How long runs of sentences are spoken, in a film of the length that is asked for.

    By words and letters both: long words take longer.
    """
    lengths = (sum(spoken(s.text).in_its_language) / 2 + SENTENCE_PAUSE_S for s in numbered.sentences)
    upto = list(accumulate(lengths, initial=0.0))
    pace = 1.0 if target_s is None else target_s / upto[-1]
    return lambda first, last: (upto[last] - upto[first - 1]) * pace


def _refuse_undrawable(words: str, language: str | None) -> None:
    """Say before anything is paid that the captions could not be burned in, though it is refused at the door.

    The fonts of the machine that accepted the job need not be those of this one.
    """
    from actors.media.fonts import missing_letters  # noqa: PLC0415 - only films with drawn captions need fonts

    missing = missing_letters(words, language or "")
    if missing:
        shown = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing[:12])
        raise AttemptFailedError(
            Failure.of(
                Code.MISSING_GLYPHS,
                f"{len(missing)} letters of the script cannot be drawn as captions: {shown}",
                details={"missing": missing[:100]},
            )
        )


def _refuse_unspeakable(words: str, target_s: float) -> None:
    """Say before anything is paid that so many words do not fit into so short a film."""
    try:
        check_words(words, target_s)
    except TimelineError as error:
        raise AttemptFailedError(failure_of(error)) from error


def most_scenes_and_images(brief: Brief) -> tuple[int, int]:
    """How many scenes and pictures a film of this script may have: no more than it has sentences."""
    sentences = len(numbered_of(brief)[0].sentences)
    if brief.given.scenes:
        images = images_at_most(film_s(brief.script, brief.options), brief.options, len(brief.given.scenes))
        return len(brief.given.scenes), min(images, sentences)
    scenes = min(scenes_at_most(brief.script, brief.options), sentences)
    return scenes, min(images_at_most(film_s(brief.script, brief.options), brief.options, scenes), sentences)


def numbered_of(brief: Brief) -> tuple[NumberedScript, list[tuple[int, int]]]:
    """The sentences of the script; and of each given scene its first and its last one."""
    if brief.given.scenes:
        return number_scenes(brief.given.scenes, brief.options.script_form)
    return number_sentences(brief.reading), []


def filled(prompt: Prompt, brief: Brief, scenes: int, images: int) -> str:
    """The prompt about this script, to be divided into at most so many scenes and pictures."""
    numbered, ranges = numbered_of(brief)
    seconds = reading_s(brief.reading.spoken_text)
    return prompt.render(
        script=numbered.listing(),
        sentences=str(len(numbered.sentences)),
        max_scenes=str(scenes),
        max_images=str(images),
        language=brief.analysed_language or "none",
        seconds=f"{seconds:.0f}",
        comfortable=str(_comfortable(seconds, scenes, SECONDS_A_SCENE)),
        pictures=str(_comfortable(film_s(brief.script, brief.options), images, SECONDS_A_PICTURE)),
        length=_length_advice(brief.options.target_duration_s, scenes)
        + _motion_advice(brief)
        + scenes_advice(brief.given.scenes, ranges)
        + cast_advice(brief.given.cast),
    )


def most_answer_tokens(images: int) -> int:
    """The answer describes the whole and each picture; none of the script's words are in it."""
    return HEAD_TOKENS + PICTURE_TOKENS * images


def _facts(analysis: ScriptAnalysis, brief: Brief, *, with_references: bool) -> AnalysisFacts:
    pictured = {member.name.casefold() for member in brief.given.cast if member.image is not None}
    first_seen = _first_seen(analysis, pictured)
    scenes: list[SceneFacts] = []
    for number, scene in enumerate(analysis.scenes, 1):
        images = [AssetKey(Kind.IMAGE, number, beat) for beat in range(1, len(scene.pictures) + 1)]
        beats: list[BeatFacts] = [
            {"references": [seen.name for seen in first_seen[image]] if with_references else []}
            for image in images
        ]
        facts: SceneFacts = {"scene": number, "text": scene.narration, "mood": scene.mood, "beats": beats}
        if brief.given.scenes and (moves := brief.given.scenes[number - 1].moves) is not None:
            facts["motion"] = moves
        scenes.append(facts)
    return {
        "title": analysis.title,
        "language": analysis.language,
        "mood": analysis.mood,
        "scenes": scenes,
    }


def _first_seen(analysis: ScriptAnalysis, pictured: Collection[str]) -> dict[AssetKey, list[AssetKey]]:
    """For each picture, the earlier ones in which its characters were first seen, at most two.

    None for who is ``pictured``: these have a picture of their own.
    """
    first: dict[str, AssetKey] = {}
    references: dict[AssetKey, list[AssetKey]] = {}
    listed = {character.name.casefold() for character in analysis.characters}.difference(pictured)
    for number, scene in enumerate(analysis.scenes, 1):
        for place, beat in enumerate(scene.pictures, 1):
            image = AssetKey(Kind.IMAGE, number, place)
            seen = [name.casefold() for name in beat.characters if name.casefold() in listed]
            references[image] = sorted({first[name] for name in seen if name in first})[:MOST_REFERENCES]
            for name in seen:
                first.setdefault(name, image)
    return references


def _comfortable(seconds: float, most: int, seconds_each: float) -> int:
    return max(1, min(most, round(seconds / seconds_each)))


def _motion_advice(brief: Brief) -> str:
    """What a moving film asks of its beats: each is one shot, and no model makes one of any length."""
    if brief.options.motion != "generated":
        return ""
    model = find(brief.models["video"])
    shortest, longest = model.seconds if model is not None and model.seconds else USUAL_SHOT_S
    return (
        f"\n- Each beat becomes one moving shot of {shortest:g} to {longest:g} seconds, in one place and "
        f"without a cut: none may take longer than {min(longest, LONGEST_S):g} seconds to read. It shows the "
        "moment in which something begins to move."
    )


def _length_advice(target_s: float | None, max_scenes: int) -> str:
    if target_s is None:
        return ""
    scenes = _comfortable(target_s, max_scenes, SECONDS_A_SCENE)
    return f"\n- The film is to last {target_s:g} seconds. Make about {scenes} scenes."
