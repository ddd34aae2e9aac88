"""Thoughts: what each model takes, what they count, and what they leave of ``maxOutputTokens``."""

from typing import Any

import pytest
from google.genai import types

from actors.emulator.models import MODELS
from actors.emulator.thinking import LEVEL_RANGES, think
from tests.actors.emulator.calling import IMAGE, SPEECH, TEXT, Caller, text_of

LEVELS_ALONE, BUDGETS_ALONE, ALWAYS = "gemini-4-argon", "gemini-2.5-flash", "gemini-2.5-pro"


def thinking(**config: Any) -> dict[str, Any]:
    return {"thinkingConfig": config}


def thoughts_of(answer: dict[str, Any]) -> int:
    count: int = answer["usageMetadata"].get("thoughtsTokenCount", 0)
    return count


def test_a_thinking_model_counts_its_thoughts_in_every_answer_and_the_same_ones_again(
    emulator: Caller,
) -> None:
    first, second = emulator.post(TEXT).json(), emulator.post(TEXT).json()
    usage = first["usageMetadata"]
    assert thoughts_of(first) == thoughts_of(second) > 0
    assert usage["totalTokenCount"] == sum(
        usage[name] for name in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    )
    assert not any(part.get("thought") for part in first["candidates"][0]["content"]["parts"])


def test_thoughts_that_are_asked_for_are_a_part_by_itself_before_the_answer(emulator: Caller) -> None:
    shown = emulator.post(TEXT, config=thinking(includeThoughts=True, thinkingLevel="low")).json()
    plain = emulator.post(TEXT, config=thinking(thinkingLevel="low")).json()
    thought, *answer = shown["candidates"][0]["content"]["parts"]
    assert thought["thought"] is True
    assert thought["text"]
    assert "".join(part["text"] for part in answer) == text_of(plain)
    assert types.GenerateContentResponse.model_validate(shown).text == text_of(plain)


def test_a_higher_level_thinks_more() -> None:
    counts = [
        think(MODELS[TEXT], thinking(thinkingLevel=level), "a request", freely=True).count
        for level in LEVEL_RANGES
    ]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize(("budget", "most"), [(0, 0), (100, 100), (-1, LEVEL_RANGES["MEDIUM"][1])])
def test_a_budget_is_kept(budget: int, most: int) -> None:
    found = think(MODELS[BUDGETS_ALONE], thinking(thinkingBudget=budget), "a request", freely=True)
    assert found.count <= most


@pytest.mark.parametrize(
    ("model", "config", "message"),
    [
        (LEVELS_ALONE, {"thinkingBudget": 100}, "Thinking budget is not supported"),
        (LEVELS_ALONE, {"thinkingLevel": "minimal"}, "Thinking level MINIMAL is not supported"),
        (BUDGETS_ALONE, {"thinkingLevel": "low"}, "Thinking level is not supported"),
        (BUDGETS_ALONE, {"thinkingBudget": 24_577}, "between 0 and 24576"),
        (ALWAYS, {"thinkingBudget": 0}, "only works in thinking mode"),
        (ALWAYS, {"thinkingBudget": 100}, "between 128 and 32768"),
        (TEXT, {"thinkingBudget": 100, "thinkingLevel": "low"}, "only one of"),
        (SPEECH, {"thinkingLevel": "low"}, "Thinking is not enabled"),
    ],
)
def test_thinking_that_a_model_does_not_offer_is_refused(
    emulator: Caller, model: str, config: dict[str, Any], message: str
) -> None:
    answer = emulator.post(model, config=thinking(**config))
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("model", "config"),
    [
        (LEVELS_ALONE, {"thinkingLevel": "HIGH"}),
        (TEXT, {"thinkingLevel": "minimal"}),
        (TEXT, {"thinkingBudget": 512}),
        (BUDGETS_ALONE, {"thinkingBudget": 0}),
        (ALWAYS, {"thinkingBudget": -1}),
    ],
)
def test_thinking_that_a_model_offers_is_taken(emulator: Caller, model: str, config: dict[str, Any]) -> None:
    assert emulator.post(model, config=thinking(**config)).status_code == 200


def test_an_answer_for_which_thoughts_left_no_room_has_no_parts(emulator: Caller) -> None:
    emulator.set_faults({"fault": "max_tokens_on_thoughts"})
    answer = emulator.post(TEXT, config={"maxOutputTokens": 500}).json()
    assert answer["candidates"] == [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}]
    usage = answer["usageMetadata"]
    assert usage["thoughtsTokenCount"] == 500
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + 500
    assert not {"candidatesTokenCount", "candidatesTokensDetails"} & set(usage)
    types.GenerateContentResponse.model_validate(answer)


@pytest.mark.parametrize("cap", [40, 400])
def test_thoughts_leave_room_for_the_answer_where_nobody_asked_for_googles_ways(
    emulator: Caller, cap: int
) -> None:
    answer = emulator.post(TEXT, config={"maxOutputTokens": cap}).json()
    assert 0 < thoughts_of(answer) <= cap // 4
    assert text_of(answer)


@pytest.mark.slow
def test_pictures_count_thoughts_only_like_google(emulator: Caller) -> None:
    assert not thoughts_of(emulator.post(IMAGE).json())
