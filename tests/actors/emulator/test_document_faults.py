"""What a real text model gets wrong within its schema: what is left open changes, what is said holds."""

import copy
from typing import Any

import pytest

from actors.emulator.document_faults import DOCUMENT_FAULTS, other_chord, spoil_document

SCENES = [
    {"visual": "a lamp", "characters": ["Keeper", "Mara"], "transition": "cut"},
    {"visual": "the sea", "characters": ["The Keeper"], "transition": "fade"},
]
DOCUMENT: dict[str, Any] = {
    "characters": [{"name": "Keeper"}, {"name": "Mara"}],
    "scenes": SCENES,
    "voice": "Charon",
    "music": {"key": "A minor", "chords": ["Am", "Bb", "F#m7", "Bm7b5", "C"]},
}


def schema(**changes: Any) -> dict[str, Any]:
    """Names are free, counts are free, transition and characters need not be there."""
    text = {"type": "string"}
    names = {"type": "array", "items": changes.get("name", text)}
    scene = {
        "type": "object",
        "properties": {"visual": text, "characters": names, "transition": text},
        "required": ["visual", *changes.get("required", [])],
    }
    music = {
        "type": "object",
        "properties": {"key": text, "chords": {"type": "array", "items": changes.get("chord", text)}},
        "required": ["key", "chords"],
    }
    return {
        "type": "object",
        "$defs": {"Scene": scene},
        "properties": {
            "characters": {"type": "array", "items": {"type": "object", "properties": {"name": text}}},
            "scenes": {"type": "array", "items": {"$ref": "#/$defs/Scene"}, **changes.get("scenes", {})},
            "voice": changes.get("voice", text),
            "music": music,
        },
        "required": ["characters", "scenes", "voice", "music"],
    }


def spoilt(fault: str, **changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    spoil_document(document, schema(**changes), fault)
    return document


def test_fields_that_are_not_required_are_left_out() -> None:
    assert spoilt("missing_optional")["scenes"] == [{"visual": "a lamp"}, {"visual": "the sea"}]
    kept = spoilt("missing_optional", required=["characters", "transition"])
    assert kept["scenes"] == SCENES


def test_names_are_dropped_and_misspelt() -> None:
    assert spoilt("dropped_name")["scenes"][0]["characters"] == ["Keeper"]
    misspelt = spoilt("misspelt_name")
    assert [scene["characters"] for scene in misspelt["scenes"]] == [
        ["the keeper", "the mara"],
        ["the keeper"],
    ]
    assert misspelt["voice"] == "charon"


def test_names_that_an_enum_fixes_are_not_misspelt() -> None:
    fixed = {"type": "string", "enum": ["Keeper", "Mara", "The Keeper"]}
    document = spoilt("misspelt_name", name=fixed, voice={"type": "string", "enum": ["Charon"]})
    assert document == DOCUMENT


def test_a_reference_by_number_is_one_too_high_unless_the_schema_has_a_maximum() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["scenes"][0]["characters"] = [1, 2]
    document["scenes"][1]["characters"] = []
    bounded = copy.deepcopy(document)
    spoil_document(document, schema(name={"type": "integer"}), "misspelt_name")
    assert document["scenes"][0]["characters"] == [3, 3]
    spoil_document(bounded, schema(name={"type": "integer", "maximum": 2}), "misspelt_name")
    assert bounded["scenes"][0]["characters"] == [1, 2]


@pytest.mark.parametrize(("fault", "count"), [("one_too_few", 1), ("one_too_many", 3)])
def test_counts_are_off_by_one_unless_the_schema_forbids_it(fault: str, count: int) -> None:
    assert len(spoilt(fault)["scenes"]) == count
    assert len(spoilt(fault, scenes={"minItems": 2, "maxItems": 2})["scenes"]) == 2


def test_chords_and_keys_are_spelt_as_other_musicians_do_unless_an_enum_fixes_them() -> None:
    music = spoilt("other_chords")["music"]
    assert music == {"key": "Am", "chords": ["Amin", "B♭", "F♯min7", "Bø7", "C/E"]}
    fixed = {"type": "string", "enum": DOCUMENT["music"]["chords"]}
    assert spoilt("other_chords", chord=fixed)["music"]["chords"] == DOCUMENT["music"]["chords"]


def test_no_spelling_is_the_one_that_was_given() -> None:
    for chord in ("Am", "Bb", "F#m", "C", "Gsus4", "Ddim", "Cmaj7"):
        assert other_chord(chord) != chord


@pytest.mark.parametrize("fault", DOCUMENT_FAULTS)
def test_a_document_of_another_kind_is_left_alone(fault: str) -> None:
    document = {"answer": "yes"}
    spoil_document(document, {"properties": {"answer": {"type": "string"}}, "required": ["answer"]}, fault)
    assert document == {"answer": "yes"}
