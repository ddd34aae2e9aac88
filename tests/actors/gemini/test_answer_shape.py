"""Shapes: what is there, of which type, and nothing that was written; differences told once, by path."""

import json
from typing import Any

import pytest

from actors.gemini.answer_shape import UNNAMED, Difference, differences, shape_of, shape_of_json

ANSWER: dict[str, Any] = {
    "candidates": [
        {
            "content": {"parts": [{"text": "Told in words."}], "role": "model"},
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"details": [{"modality": "TEXT", "tokenCount": 3}], "totalTokenCount": 3},
    "modelVersion": "gemini-3.8-flash",
    "responseId": "abc",
}


def test_a_shape_names_types_and_words_of_the_api_alone() -> None:
    shape = shape_of(json.dumps(ANSWER).encode())
    assert shape["candidates[].finishReason"] == {"STOP"}
    assert shape["candidates[].content.role"] == {"model"}
    assert shape["candidates[].content.parts[].text"] == {"text"}
    assert shape["usageMetadata.details[].modality"] == {"TEXT"}
    assert shape["usageMetadata.totalTokenCount"] == {"number"}
    assert shape["modelVersion"] == {"gemini-3.8-flash"}
    assert shape["responseId"] == {"text"}
    assert "Told" not in str(shape)


def test_items_of_a_list_share_a_path_with_all_that_is_among_them() -> None:
    parts = [{"text": '{"a": 1}'}, {"text": "x", "thought": True}, {"text": ""}]
    assert shape_of_json({"parts": parts})["parts[].text"] == {"JSON", "text"}
    assert shape_of_json({"parts": parts})["parts[].thought"] == {"true"}
    assert shape_of_json({"id": ""})["id"] == {"empty text"}
    assert shape_of_json([None])["[]"] == {"null"}


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff\xfe", b'{"cut'])
def test_what_is_no_json_has_a_shape_too(body: bytes) -> None:
    assert shape_of(body) == {"": {"not JSON"}}


def test_the_same_shape_differs_in_nothing_whatever_is_said_in_it() -> None:
    other = json.loads(json.dumps(ANSWER).replace("Told in words.", "Other words.").replace(": 3", ": 9"))
    assert differences(shape_of_json(ANSWER), shape_of_json(other)) == []


def test_a_difference_is_told_once_at_its_outermost_path() -> None:
    other = json.loads(json.dumps(ANSWER).replace('"STOP"', '"SAFETY"'))
    del other["usageMetadata"]
    other["candidates"][0]["safety"] = [{"category": "x", "blocked": False}]
    assert differences(shape_of_json(ANSWER), shape_of_json(other)) == [
        Difference("candidates[].finishReason", "other", "STOP", "SAFETY"),
        Difference("usageMetadata", "missing", "object", ""),
        Difference("candidates[].safety", "more", "", "list"),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("finishReason", "AIzaSyA-a-key"),
        ("finishReason", "because of Ann"),
        ("modelVersion", "projects/ann/models/mine"),
        ("mimeType", "image/png; name=the-holidays-of-ann.png"),
        ("role", "ann@example.org"),
        ("status", "Ann"),
    ],
)
def test_what_is_not_spelt_as_a_word_of_the_api_is_not_named(name: str, value: str) -> None:
    assert shape_of_json({name: value})[name] == {"a word that the API does not have"}


@pytest.mark.parametrize(
    "name", ["AIzaSyA-a-key", "projects/ann", "ann@example.org", "two words", "x" * 40, ""]
)
def test_nor_is_a_field_of_a_name_that_no_field_has(name: str) -> None:
    assert set(shape_of_json({name: 1})) == {"", UNNAMED}


@pytest.mark.parametrize("name", ["@type", "inlineData", "inline_data", "thoughtsTokenCount"])
def test_fields_are_named_in_both_spellings(name: str) -> None:
    assert set(shape_of_json({name: 1})) == {"", name}
