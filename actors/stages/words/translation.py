"""A film's words in another language, for stage ``script_writing``: one call, every part of every scene.

An answer counts where no part is missing, empty, or left as it was, and where each takes about as long to say
as before. What is wrong is told by scene, and goes along with the next attempt.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from actors.media.errors import TimelineError
from actors.media.word_budget import check_words
from actors.stages.checks.languages import primary, why_not_in
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import AudioPlan, ScriptAnalysis
from domain.spoken import reading_s, word_count
from domain.spoken_lines import Quote, lines_by_number
from domain.translation import (
    Part,
    TranslatedWords,
    Translation,
    completed,
    parts_of,
    translation_schema,
)

HEAD_TOKENS = 1_024
"""Title and names."""
PART_TOKENS = 40
"""A part's numbers, and the signs around it."""
WORD_TOKENS = 8
"""Twice what a word takes in languages that models know less well, and some words more."""
LONGEST, SHORTEST = 2.5, 0.3
"""How much longer or shorter to say a scene may get: German takes a third more than English."""
BESIDE_S = 5.0
"""Short texts vary more."""
SAME_WORDS = 3
"""So many words are nobody's name; fewer may be the same in both languages."""
TOLD = 5


def plan_translation(provider: Provider, brief: Brief, inputs: Inputs) -> Plan:
    prompt = provider.asking.prompt("translation")
    analysis = inputs.document("analysis", ScriptAnalysis)
    parts = film_parts(brief, analysis, _quotes(inputs))
    text = prompt.render(
        from_language=analysis.language,
        language=str(brief.language),
        title=analysis.title,
        names="\n".join(_names(analysis)) or "none",
        parts="\n".join(f"{_number(part)}{_spoken_by(part)} {_on_one_line(part.text)}" for part in parts),
    )
    most = most_answer_tokens(len(parts), sum(word_count(part.text) for part in parts))
    return provider.plan_document(
        brief.models["text"],
        text,
        prompt.version,
        most,
        language=brief.language,
        translated_from=analysis.language,
    )


async def make_translation(provider: Provider, task: Task) -> Made:
    brief, analysis = task.brief, task.inputs.document("analysis", ScriptAnalysis)
    language, parts = task.parameters["language"], film_parts(brief, analysis, _quotes(task.inputs))

    def complete(answer: TranslatedWords) -> tuple[Any, dict[str, Any]]:
        translation = completed(answer, analysis, parts, language)
        return translation, dict(translation.facts())

    return await provider.write_document(
        task,
        TranslatedWords,
        lambda answer: check_translation(answer, brief, analysis, parts, language),
        complete,
        schema=translation_schema(parts, _names(analysis)),
    )


def most_answer_tokens(parts: int, words: float) -> int:
    return HEAD_TOKENS + PART_TOKENS * parts + round(WORD_TOKENS * words)


def film_parts(brief: Brief, analysis: ScriptAnalysis, quotes: Sequence[Quote] = ()) -> list[Part]:
    """What is translated at once, of all scenes; by speakers where these have voices of their own."""
    if brief.options.voices != "cast":
        return parts_of(analysis)
    texts = {number: scene.narration for number, scene in analysis.numbered()}
    return parts_of(analysis, list(lines_by_number(brief.reading, texts, quotes).values()))


def _quotes(inputs: Inputs) -> Sequence[Quote]:
    return inputs.document("audio_plan", AudioPlan).quotes if "audio_plan" in inputs else ()


def check_translation(
    answer: TranslatedWords, brief: Brief, analysis: ScriptAnalysis, parts: Sequence[Part], language: str
) -> None:
    """Raise AttemptFailedError unless every part is there, in its language, about as long as it was."""
    _refuse(Code.INCONSISTENT_ANSWER, _incomplete(answer, parts))
    translation = completed(answer, analysis, parts, language)
    texts = [scene.text for scene in translation.scenes]
    _refuse(Code.WRONG_LANGUAGE, _untranslated(answer, parts))
    _refuse(Code.WRONG_LANGUAGE, _foreign(translation, language))
    if (why := why_not_in(" ".join(texts), language)) is not None:
        _refuse(Code.WRONG_LANGUAGE, [f"{language} was asked for, but {why}"])
    _refuse(Code.INCONSISTENT_ANSWER, _of_another_length(texts, analysis))
    target_s = brief.options.target_duration_s
    if target_s is not None and brief.options.has_narration:
        try:
            check_words(" ".join(texts), target_s)
        except TimelineError as error:
            _refuse(Code.INCONSISTENT_ANSWER, [error.message])


def _incomplete(answer: TranslatedWords, parts: Sequence[Part]) -> Iterator[str]:
    given: dict[tuple[int, int], str] = {}
    for one in answer.parts:
        if (one.scene, one.part) in given:
            yield f"Scene {one.scene} has part {one.part} twice"
        given[one.scene, one.part] = one.text
    several = {part.scene for part in parts if part.number > 1}
    for part in parts:
        which = (
            f"Part {part.number} of scene {part.scene}" if part.scene in several else f"Scene {part.scene}"
        )
        text = given.get((part.scene, part.number))
        if text is None:
            yield f"{which} is missing from the translation"
        elif not any(character.isalnum() for character in text) and any(c.isalnum() for c in part.text):
            yield f"{which} has no words in the translation"


def _untranslated(answer: TranslatedWords, parts: Sequence[Part]) -> Iterator[str]:
    given = {(one.scene, one.part): one.text for one in answer.parts}
    for part in parts:
        if word_count(part.text) >= SAME_WORDS and _bare(given[part.scene, part.number]) == _bare(part.text):
            yield f"Scene {part.scene} was left in the old language: {part.text[:80]!r}"


def _foreign(translation: Translation, language: str) -> Iterator[str]:
    for scene in translation.scenes:
        why = why_not_in(scene.text, language) if word_count(scene.text) >= SAME_WORDS else None
        if why is not None:
            yield f"Scene {scene.scene} is not in {language}: {why}"


def _of_another_length(texts: Sequence[str], analysis: ScriptAnalysis) -> Iterator[str]:
    for text, (number, scene) in zip(texts, analysis.numbered(), strict=True):
        before_s, now_s = reading_s(scene.narration), reading_s(text)
        if not SHORTEST * before_s - BESIDE_S <= now_s <= LONGEST * before_s + BESIDE_S:
            yield f"Scene {number} takes about {now_s:.0f} s to say, where it took {before_s:.0f} s"


def is_other_language(language: str, tag: str) -> bool:
    """Whether the two tags name different languages, not regions or spellings of one."""
    return primary(language) != primary(tag)


def _names(analysis: ScriptAnalysis) -> list[str]:
    return list(dict.fromkeys(character.name for character in analysis.characters))


def _number(part: Part) -> str:
    return f"{part.scene}.{part.number}"


def _spoken_by(part: Part) -> str:
    return f" ({part.speaker})" if part.speaker else ""


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _refuse(code: Code, wrong: Iterator[str] | Sequence[str]) -> None:
    found = list(wrong)
    if not found:
        return
    more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
    raise AttemptFailedError(Failure.of(code, "; ".join(found[:TOLD]) + more, details={"wrong": found[:100]}))
