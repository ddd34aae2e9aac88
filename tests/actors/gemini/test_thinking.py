"""What text models are asked to think, in the words of their generation, and the room that it takes."""

from typing import get_args

import pytest

from actors.gemini.catalogue import MODELS, find
from actors.gemini.requests import text_json_request
from actors.gemini.thinking import BUDGETS, ROOM, Level, thinking_config, with_room


@pytest.mark.parametrize("level", get_args(Level))
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gemini-3.8-flash", "thinkingLevel"),
        ("models/gemini-3.1-pro-preview", "thinkingLevel"),
        ("gemini-4-argon", "thinkingLevel"),
        ("gemini-3-flash-preview", "thinkingLevel"),
        ("gemini-2.5-pro", "thinkingBudget"),
        ("gemini-2.5-flash-lite", "thinkingBudget"),
    ],
)
def test_each_generation_is_asked_in_its_own_words(model: str, words: str, level: Level) -> None:
    asked = {"thinkingLevel": level, "thinkingBudget": BUDGETS[level]}
    request = text_json_request(model, "p", {}, max_output_tokens=9, thinking=level)
    assert request.config["generationConfig"]["thinkingConfig"] == {words: asked[words]}


@pytest.mark.parametrize("model", ["gemini-2.0-flash", "gemini-flash-latest", "gemma-3-27b-it"])
def test_a_model_of_which_nobody_knows_how_it_is_asked_is_not_asked(model: str) -> None:
    assert thinking_config(model, "low") == {}


def test_every_text_model_of_the_shipped_list_is_asked() -> None:
    assert all(thinking_config(model.name, "low") for model in MODELS if model.kind == "text")


def test_nothing_is_asked_where_no_level_is_given() -> None:
    request = text_json_request("gemini-3.8-flash", "p", {}, max_output_tokens=9)
    assert "thinkingConfig" not in request.config["generationConfig"]


@pytest.mark.parametrize("level", get_args(Level))
def test_the_room_for_thoughts_holds_what_a_budget_allows(level: Level) -> None:
    assert ROOM[level] > BUDGETS[level]
    assert with_room("gemini-2.5-pro", 1000, level) == 1000 + ROOM[level]


def test_no_model_is_asked_for_more_than_it_can_write() -> None:
    known = find("gemini-3.8-flash")
    assert known is not None
    assert with_room("gemini-3.8-flash", 65_000, "high") == known.output_tokens
    assert with_room("gemini-9-unheard-of", 65_000, "high") == 65_536
