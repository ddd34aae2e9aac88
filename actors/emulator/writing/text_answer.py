"""Answers a text request: recognises what is asked for by its schema, and writes it."""

import json
from typing import Any

from actors.emulator.writing import prompt_parser
from actors.emulator.writing.analysis import analyse, by_number
from actors.emulator.writing.audio_plan import audio_plan
from actors.emulator.writing.json_schema import conform, resolve
from actors.emulator.writing.script import written_script
from actors.emulator.writing.sentences import normalise
from actors.emulator.writing.storyboard import storyboard
from actors.emulator.writing.translation import translation

SIGNS = {
    "WrittenScript": {"paragraphs", "sources"},
    "TranslatedWords": {"parts", "title"},
    "ScriptAnalysis": {"scenes", "themes"},
    "Storyboard": {"frames", "style"},
    "AudioPlan": {"deliveries", "music"},
}


def document_of(schema: dict[str, Any] | None) -> str | None:
    """The title of the document that a schema asks for; one of ours is known by its properties as well.

    The legacy SDK cannot send titles, so the properties decide.
    """
    if not schema:
        return None
    names = set(schema.get("properties", {}))
    for title, signs in SIGNS.items():
        if schema.get("title") == title or signs <= names:
            return title
    other = schema.get("title")
    return other if isinstance(other, str) else None


def write(prompt: str, schema: dict[str, Any] | None, *, as_json: bool) -> tuple[str, dict[str, Any] | None]:
    """The answer's text, and the document in it when it is one of ours, with all that was thought of it."""
    given = prompt_parser.read(prompt)
    document = document_of(schema)
    if schema is None:
        text = (
            f"The emulator read {len(normalise(given.script).split())} words: {normalise(given.script)[:400]}"
        )
        return (json.dumps({"answer": text}, ensure_ascii=False) if as_json else text), None
    value: Any = None
    if document == "WrittenScript":
        value = written_script(given)
    elif document == "TranslatedWords":
        value = translation(given)
    elif document == "ScriptAnalysis":
        value = analyse(given)
        if _wants_numbers(schema):
            value = by_number(value)
    elif document == "Storyboard":
        value = storyboard(given.analysis or analyse(given), given.style)
    elif document == "AudioPlan":
        value = audio_plan(given.analysis or analyse(given), given.voices, given.speakers, given.quotes)
    answer = conform(value, schema)
    return json.dumps(answer, ensure_ascii=False), value if document in SIGNS else None


def _wants_numbers(schema: dict[str, Any]) -> bool:
    """Whether ranges of numbered sentences are asked for, and characters by number."""
    item = schema
    for name in ("scenes", "beats"):
        listed = resolve(item["properties"].get(name, {}), schema)
        item = resolve(listed.get("items", {}), schema) or {"properties": {}}
        if {"first", "last"} <= set(item["properties"]):
            return True
    return False
