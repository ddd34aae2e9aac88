"""What ``reelog doctor --live`` found: on a terminal, and as a report that can be attached to an issue.

The report is made of what we asked ourselves, of shapes, numbers, and words of our own. Nothing that a
provider wrote is in it, no header and no address; what stands in a field of the API's vocabulary is named
only when it is spelt as such (`actors.gemini.answer_shape`). The key is taken out on top of that.
"""

import json
import platform
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from actors.gemini.answer_shape import Difference
from actors.gemini.gateway import conceal
from actors.gemini.redact import redacted_request
from actors.gemini.scrub import scrub
from actors.work.live_calls import LiveCall
from actors.work.live_check import Outcome
from api.cli.text import Role, Theme, fit, money, pad, pad_left
from api.durations import duration
from domain.failures import Failure
from domain.pricing import PriceBook

Json = dict[str, Any]

_NAME_WIDTH, _MODEL_WIDTH, _ABOUT_WIDTH, _PRICE_WIDTH = 9, 24, 34, 8
_SAID_WIDTH = 52
_INDENT = " " * (2 + _NAME_WIDTH)
_FREE = {"list": "the models that this key may use", "refusal": "a model that is not there"}
_VERBS = {"missing": "missing", "more": "new"}
_MOST_SHOWN = 12
_LONGEST_MESSAGE, _TEXT_WIDTH = 300, 84


def plan_lines(calls: Sequence[LiveCall], at_most_usd: float, *, charged: bool) -> Iterator[str]:
    """What would be asked, and what each call costs at most."""

    def line(name: str, model: str, about: str, usd: float | None) -> str:
        price = pad_left(money(usd) if usd and charged else "free", _PRICE_WIDTH)
        what = pad(pad(model, _MODEL_WIDTH) + about, _MODEL_WIDTH + _ABOUT_WIDTH)
        return f"  {pad(name, _NAME_WIDTH)}{what}{price}"

    yield line("list", _FREE["list"], "", 0.0)
    for call in calls:
        if call.use is None:
            yield line(call.name, _FREE["refusal"], "", 0.0)
        else:
            yield line(call.name, call.model, call.about, call.at_most_usd)
    if charged:
        yield line("", "", "together at most", at_most_usd)


def outcome_lines(outcome: Outcome, cost_usd: float | None, theme: Theme, secret: str) -> Iterator[str]:
    """One call: whether a film could use the answer, and how it differs from the emulator's."""
    for line in _outcome_lines(outcome, cost_usd, theme, secret):
        yield conceal(line.encode(), secret).decode()


def _outcome_lines(outcome: Outcome, cost_usd: float | None, theme: Theme, secret: str) -> Iterator[str]:
    symbol, role, said = _verdict(outcome)
    answer = outcome.answer
    took = pad_left(duration(answer.elapsed_s), 11) if answer else ""
    cost = f"   {money(cost_usd)}" if cost_usd else ""
    mark = theme.mark(theme.paint(symbol, role))
    yield f"{mark} {pad(outcome.name, _NAME_WIDTH)}{pad(said, _SAID_WIDTH)}{took}{cost}".rstrip()
    if outcome.failure is not None:
        yield from _wrapped(_message(outcome.failure, secret), theme, "plain")
        yield from _wrapped(_hint(outcome.failure), theme, "strong")
    width = max((len(one.path) for one in outcome.differences), default=0) + 2
    for one in outcome.differences[:_MOST_SHOWN]:
        yield f"{_INDENT}{pad(one.path or '(the body)', width)}{_in_words(one)}"
    if len(outcome.differences) > _MOST_SHOWN:
        more = len(outcome.differences) - _MOST_SHOWN
        yield f"{_INDENT}{theme.mark('…')} and {more} more in the report"


def _verdict(outcome: Outcome) -> tuple[str, Role, str]:
    count = len(outcome.differences)
    differs = f"{count} difference{'s' if count > 1 else ''}"
    if outcome.failure is not None:
        return "✗", "bad", outcome.failure.code
    if count:
        return "▲", "warn", f"can be used; {differs} from the emulator's answer"
    if outcome.name == "list":
        return "✓", "good", f"{outcome.listed} models, those of a film among them"
    return "✓", "good", "refused as it should be" if outcome.name == "refusal" else "as the emulator answers"


def _wrapped(text: str, theme: Theme, role: Role) -> Iterator[str]:
    for line in textwrap.wrap(text, _TEXT_WIDTH, break_on_hyphens=False):
        yield f"{_INDENT}{theme.paint(line, role)}"


def _message(failure: Failure, secret: str) -> str:
    """What the provider said, cut where it is long: for whoever sits here, and for no report."""
    return fit(conceal(failure.message.encode(), secret).decode(), _LONGEST_MESSAGE)


def _hint(failure: Failure) -> str:
    wait = failure.retry_after_s
    return failure.hint if wait is None else f"{failure.hint} The provider asks to wait {duration(wait)}."


def _in_words(one: Difference) -> str:
    if one.kind in _VERBS:
        return f"{_VERBS[one.kind]}: {one.expected or one.found}"
    return (
        f"{one.found}; the emulator: {one.expected}"
        if one.kind == "other"
        else (f"{one.found}; expected {one.expected}")
    )


def summary(outcomes: Sequence[Outcome], not_asked: Sequence[str], cost_usd: float | None) -> Iterator[str]:
    """What it comes to, in a sentence or two."""
    failed = [one.name for one in outcomes if one.failure is not None]
    differ = [one.name for one in outcomes if one.failure is None and one.differences]
    if failed:
        yield f"A film would fail of: {', '.join(failed)}."
    if differ:
        yield f"A film can use what differs: {', '.join(differ)}."
    if not_asked:
        yield f"Not asked any more: {', '.join(not_asked)}."
    if not (failed or differ or not_asked):
        yield "Everything is as the emulator answers."
    if cost_usd is not None:
        yield (
            f"It cost {money(cost_usd)}, by the tokens that were counted."
            if cost_usd
            else ("No tokens were counted that cost anything.")
        )


def report_of(
    outcomes: Sequence[Outcome],
    calls: Sequence[LiveCall],
    costs: Sequence[float | None],
    *,
    provider: str,
    sdk: str,
    elsewhere: bool,
    at: datetime,
    secret: str,
) -> Json:
    """The report. ``secret`` is the key, which is in nothing of it."""
    planned = {call.name: call for call in calls}
    asked = {outcome.name for outcome in outcomes}
    report = {
        "report": "reelog doctor --live",
        "made_at": at.isoformat(timespec="seconds"),
        "reelog": version("reelog"),
        "python": platform.python_version(),
        "sdk": {"name": sdk, "version": version(sdk)},
        "provider": provider,
        "address": "another than Google's" if elsewhere else "Google's",
        "agrees": all(one.failure is None and not one.differences for one in outcomes)
        and asked >= planned.keys(),
        "cost_usd": sum(cost or 0.0 for cost in costs),
        "not_asked": [name for name in planned if name not in asked],
        "calls": [_call(one, planned.get(one.name), cost) for one, cost in zip(outcomes, costs, strict=True)],
    }
    return without_secrets(report, secret)


def without_secrets(report: Json, secret: str) -> Json:
    """The report without the key and whatever else is spelt like a credential."""
    text = json.dumps(report, ensure_ascii=False)
    kept: Json = json.loads(scrub(conceal(text.encode(), secret).decode()))
    return kept


def _call(outcome: Outcome, call: LiveCall | None, cost_usd: float | None) -> Json:
    usage = outcome.usage
    return {
        "name": outcome.name,
        "model": call.model if call else None,
        "request": json.loads(redacted_request(outcome.request)) if outcome.request else None,
        "http_status": outcome.answer.status if outcome.answer else None,
        "elapsed_s": round(outcome.answer.elapsed_s, 3) if outcome.answer else None,
        "at_most_usd": call.at_most_usd if call else 0.0,
        "cost_usd": cost_usd,
        "tokens": usage.total_tokens if usage else None,
        "measures": dict(outcome.used.measures) if outcome.used else {},
        "failure": _failure(outcome.failure) if outcome.failure else None,
        "differences": [
            {"path": one.path, "kind": one.kind, "expected": one.expected, "found": one.found}
            for one in outcome.differences
        ],
        "shape": {path: sorted(found) for path, found in outcome.shape.items()},
    }


def _failure(failure: Failure) -> Json:
    """What is ours of a failure: its message is often the provider's, who may name an account."""
    return {
        "code": failure.code,
        "hint": failure.hint,
        "http_status": failure.http_status,
        "retry_after_s": failure.retry_after_s,
    }


def cost_of(outcome: Outcome, call: LiveCall | None, prices: PriceBook, at: datetime) -> float | None:
    """What a call cost, by the tokens that were counted; None where nothing is known to be charged."""
    usage = outcome.usage
    if usage is None or call is None:
        return None
    answered_by = outcome.used.provenance.model_version if outcome.used else None
    cost = prices.cost_usd(answered_by or call.model, usage, at=at)
    return None if cost is None else float(cost)
