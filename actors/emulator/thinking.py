"""How much a model thinks before it answers, and what that leaves of ``maxOutputTokens``.

Thoughts are paid for as output and count against the same limit as the answer: a limit that holds the answer
alone cuts it, or leaves nothing of it. The published amounts are ranges at best; ours lie within what
recorded answers show (24 to some thousands of tokens) and are the same for the same request.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from actors.emulator import errors
from actors.emulator.errors import Refused
from actors.emulator.models import Model

LEVEL_RANGES = {
    "MINIMAL": (0, 32),
    "LOW": (40, 400),
    "MEDIUM": (300, 1_600),
    "HIGH": (900, 4_800),
    "XHIGH": (2_000, 9_600),
}
"""Least and most tokens of thoughts for each level."""
CALM_SHARE = 0.1
"""Of the range above the least: how much the emulator thinks where it is not asked to be like Google."""
DYNAMIC = -1
"""The budget by which the model decides."""


@dataclass(frozen=True)
class Thoughts:
    """Tokens that were thought, and whether a summary of them is to be shown."""

    count: int
    shown: bool = False

    def summary(self) -> str:
        return (
            "**Reading the request**\n\nI look at what is asked for and at the form that the answer must "
            "have, then I put it together piece by piece.\n"
        )


def _config(config: dict[str, Any]) -> dict[str, Any]:
    return config.get("thinkingConfig") or {}


def _level(config: dict[str, Any]) -> str | None:
    level = _config(config).get("thinkingLevel")
    if level in {None, 0, "THINKING_LEVEL_UNSPECIFIED"}:
        return None
    if isinstance(level, int):
        numbered = ("", "LOW", "HIGH", "MEDIUM", "MINIMAL")
        return numbered[level] if level < len(numbered) else str(level)
    return str(level).upper()


def check(model: Model, config: dict[str, Any]) -> None:
    """Raises Refused for thinking that the model does not offer.

    The words for both at once and for an unsupported level and budget are those of public reports; the model
    without thoughts answers in the words of its other missing modes.
    """
    level, budget = _level(config), _config(config).get("thinkingBudget")
    if level is None and budget is None and not _config(config).get("includeThoughts"):
        return
    if not model.thinking:
        raise Refused(errors.invalid(f"Thinking is not enabled for models/{model.name}"))
    if level is not None and budget is not None:
        raise Refused(errors.invalid("You can only set only one of thinking budget and thinking level."))
    if level is not None and not model.thinking_levels:
        raise Refused(errors.invalid("Thinking level is not supported for this model."))
    if level is not None and level not in model.thinking_levels:
        raise Refused(
            errors.invalid(f"Thinking level {level} is not supported for this model. Please retry with other "
                           "thinking level.")
        )  # fmt: skip
    if budget is not None:
        _check_budget(model, int(budget))


def _check_budget(model: Model, budget: int) -> None:
    if model.thinking_budgets is None:
        raise Refused(
            errors.invalid("Thinking budget is not supported for this model. Please use thinking_level.")
        )
    if budget == 0 and not model.can_skip_thinking:
        raise Refused(errors.invalid("Budget 0 is invalid. This model only works in thinking mode."))
    least, most = model.thinking_budgets
    if budget not in {0, DYNAMIC} and not least <= budget <= most:
        raise Refused(
            errors.invalid(f"The thinking budget {budget} is invalid. Please choose a value between {least} "
                           f"and {most}.")
        )  # fmt: skip


def think(model: Model, config: dict[str, Any], request: str, *, freely: bool) -> Thoughts:
    """The thoughts on a request; ``freely`` as a real model, else as little as the level allows."""
    if not model.thinking:
        return Thoughts(0)
    shown = bool(_config(config).get("includeThoughts"))
    budget = _config(config).get("thinkingBudget")
    if budget == 0:
        return Thoughts(0)
    level = _level(config) or model.thinking_default
    least, most = LEVEL_RANGES[level]
    share = int.from_bytes(hashlib.sha256(f"thoughts:{request}".encode()).digest()[:4]) / 2**32
    count = round(least + (most - least) * share * (1.0 if freely else CALM_SHARE))
    if budget is not None and int(budget) != DYNAMIC:
        count = min(count, int(budget))
    return Thoughts(count, shown)
