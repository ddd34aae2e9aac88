"""The emulator as a script's writer: on the topic, as long as was asked for, and the same each time."""

import jsonschema
import pytest

from actors import prompts
from actors.emulator.writing.prompt_parser import read
from actors.emulator.writing.script import written_script
from actors.emulator.writing.sentences import split
from actors.emulator.writing.text_answer import document_of, write
from actors.stages.checks.languages import why_not_in
from domain.script import response_schema
from domain.spoken import reading_s
from domain.topic import WrittenScript, asked_sentences, asked_words

TOPICS = ("Why there are tides", "The lighthouse in Brittany: its keepers and its storms")


def prompt(topic: str, length_s: float = 60, language: str = "none") -> str:
    return prompts.load("script_writing").render(
        topic=topic,
        audience="none",
        tone="none",
        language=language,
        seconds=f"{length_s:g}",
        words=str(asked_words(length_s)),
        sentences=str(asked_sentences(length_s)),
    )


def script_of(asked: str) -> WrittenScript:
    return WrittenScript.model_validate(written_script(read(asked)))


def test_it_obeys_the_schema_and_is_the_same_each_time() -> None:
    schema = response_schema(WrittenScript)
    assert document_of(schema) == document_of({"properties": schema["properties"]}) == "WrittenScript"
    (text, document), again = (write(prompt(TOPICS[0]), schema, as_json=True) for _ in range(2))
    jsonschema.validate(document, schema)
    assert text == again[0]
    assert WrittenScript.model_validate_json(text).sources


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("length_s", [5, 30, 60, 300])
@pytest.mark.parametrize("language", ["none", "de", "fr", "es", "it", "pt", "nl", "ja", "ru"])
def test_it_has_as_many_sentences_and_is_about_as_long_as_was_asked_for(
    topic: str, length_s: float, language: str
) -> None:
    text = script_of(prompt(topic, length_s, language)).text
    assert len(split(text)[1]) == asked_sentences(length_s)
    assert 0.6 < reading_s(text) / length_s < 1.43
    assert why_not_in(text, "en" if language == "none" else language) is None


def test_it_is_about_the_topic() -> None:
    text = script_of(prompt(TOPICS[1])).text.lower()
    assert all(word in text for word in ("lighthouse", "brittany", "keepers", "storms"))


def test_a_direction_for_its_faults_is_not_written_about() -> None:
    assert "fault" not in script_of(prompt("Tides [[fault: 429 script_writing]]")).text
