"""How much a text model is asked to think before it answers, and what room its thoughts need.

Thoughts are written before the answer, are charged as output, and count against ``maxOutputTokens``: a limit
without room for them cuts the answer off. Generations are asked in different words: a level from the third
on, a budget of tokens before. A model of which nobody here knows which it takes is not asked.
"""

import re
from typing import Literal

from actors.gemini.catalogue import find
from actors.gemini.gateway import Json

Level = Literal["low", "medium", "high"]
DEFAULT: Level = "low"
"""Structured answers need little of it: the form is given, and the checks find what is wrong."""

BUDGETS: dict[Level, int] = {"low": 1_024, "medium": 8_192, "high": 24_576}
"""The provider's own equivalents of the levels, for models that take a budget."""
ROOM: dict[Level | None, int] = {None: 16_384, "low": 8_192, "medium": 16_384, "high": 32_768}
"""Tokens held for thoughts. A level is no bound; where nobody may ask (None), a model thinks as it likes."""
MOST_ANSWER_TOKENS = 65_536
"""The most that a model writes, thoughts and answer together, where its own limit is not known."""

_BY_BUDGET = re.compile(r"gemini-2\.5-")
_BY_LEVEL = re.compile(r"gemini-([3-9]|\d\d)[.-]")


def thinking_config(model: str, level: Level | None) -> Json:
    """The part of ``generationConfig`` that asks this model for this much; empty where it is not asked."""
    name = model.removeprefix("models/")
    if level is None:
        return {}
    if _BY_BUDGET.match(name):
        return {"thinkingConfig": {"thinkingBudget": BUDGETS[level]}}
    return {"thinkingConfig": {"thinkingLevel": level}} if _BY_LEVEL.match(name) else {}


def with_room(model: str, answer_tokens: int, level: Level | None) -> int:
    """The limit of an answer of so many tokens with the thoughts before it, as far as the model allows."""
    return min(answer_tokens + ROOM[level], most_answer_tokens(model))


def most_answer_tokens(model: str) -> int:
    known = find(model)
    return (known.output_tokens if known else None) or MOST_ANSWER_TOKENS
