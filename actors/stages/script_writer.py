"""Stage ``script_writing``: a script on a topic, to a length, for an audience and in a tone.

Where a film is made in another language it translates the words that are there (``words/translation.py``).
"""

from typing import Any

from actors.media.errors import TimelineError
from actors.media.word_budget import check_words
from actors.stages.checks.languages import why_not_in
from actors.stages.words.translation import make_translation, plan_translation
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.characters import cleaned
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import MAX_SCRIPT_CHARACTERS
from domain.script_forms.reading import read_script
from domain.spoken import reading_s
from domain.topic import (
    USUAL_LENGTH_S,
    ScriptFacts,
    WrittenScript,
    asked_sentences,
    asked_words,
    script_facts,
)

HEAD_TOKENS = 2_048
"""The sources: a dozen take half of it."""
WORD_TOKENS = 6
"""Twice what a word takes in languages that models know less well."""
SHORTEST = 0.6
LONGEST = 1.5
"""How far from the length that was asked for a script may be: models do not count well."""


class ScriptWriter:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - there is one script
        if brief.given.translated_from is not None:
            return plan_translation(self._provider, brief, inputs)
        prompt, topic = self._provider.asking.prompt("script_writing"), brief.given.topic
        if topic is None:
            raise AttemptFailedError(Failure.of(Code.INTERNAL_ERROR, "The job names no topic."))
        length_s = brief.options.target_duration_s
        text = prompt.render(
            topic=topic.about,
            audience=topic.audience or "none",
            tone=topic.tone or "none",
            language=brief.language or "none",
            seconds=f"{length_s or USUAL_LENGTH_S:g}",
            words=str(asked_words(length_s)),
            sentences=str(asked_sentences(length_s)),
        )
        return self._provider.plan_document(
            brief.models["text"], text, prompt.version, most_answer_tokens(asked_words(length_s))
        )

    async def make(self, task: Task) -> Made:
        brief = task.brief
        if brief.given.translated_from is not None:
            return await make_translation(self._provider, task)

        def complete(answer: WrittenScript) -> tuple[WrittenScript, dict[str, Any]]:
            script = WrittenScript(paragraphs=_paragraphs(answer), sources=answer.sources)
            facts: ScriptFacts = script_facts(script.text, script.sources)
            return script, dict(facts)

        return await self._provider.write_document(
            task, WrittenScript, lambda answer: check_script(answer, brief), complete
        )


def most_answer_tokens(words: int) -> int:
    return HEAD_TOKENS + WORD_TOKENS * words


def check_script(answer: WrittenScript, brief: Brief) -> None:
    """Raise AttemptFailedError unless it can be spoken, in about the time and the language asked for."""
    text = "\n\n".join(_paragraphs(answer))
    reading = read_script(text, brief.options.script_form)
    if not reading.says_something:
        raise _failed(Code.INCONSISTENT_ANSWER, "The script holds no word that is spoken")
    if len(text) > MAX_SCRIPT_CHARACTERS:
        message = f"The script has {len(text)} characters; at most {MAX_SCRIPT_CHARACTERS} are taken"
        raise _failed(Code.INCONSISTENT_ANSWER, message)
    if brief.language is not None and (why := why_not_in(text, brief.language)) is not None:
        raise _failed(Code.WRONG_LANGUAGE, f"{brief.language} was asked for, but {why}")
    _check_length(reading.spoken_text, brief)


def _check_length(spoken: str, brief: Brief) -> None:
    asked_s = brief.options.target_duration_s or USUAL_LENGTH_S
    # What narrates a few words takes its breath as well.
    asked_read_s, read_s = max(asked_s, 3.0), reading_s(spoken)
    if not SHORTEST * asked_read_s <= read_s <= LONGEST * asked_read_s:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"The script takes about {read_s:.0f} s to read, where {asked_s:g} s were asked for: about "
            f"{asked_words(asked_s)} words",
            read_s=round(read_s, 1),
        )
    target_s = brief.options.target_duration_s
    if target_s is not None and brief.options.has_narration:
        try:
            check_words(spoken, target_s)
        except TimelineError as error:
            raise _failed(Code.INCONSISTENT_ANSWER, error.message) from error


def _paragraphs(answer: WrittenScript) -> list[str]:
    """As they are kept: clean text, none of them empty."""
    paragraphs = (cleaned(paragraph).strip() for paragraph in answer.paragraphs)
    return [paragraph for paragraph in paragraphs if paragraph]


def _failed(code: Code, message: str, **details: object) -> AttemptFailedError:
    return AttemptFailedError(Failure.of(code, message, details=details))
