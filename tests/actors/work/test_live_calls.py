"""The calls of a live check: a film's own in small, at a price that is small at any date of the list."""

from datetime import UTC, datetime

import pytest

from actors.gemini.gateway import SDK_CAPABILITIES, Sdk
from actors.work.live_calls import paid_calls, refusal_call
from domain.default_models import ALWAYS_ASKED, DEFAULT_MODELS
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import ScriptAnnotation

PRICES = PriceBook.parse(SHIPPED_PRICES.read_text("utf-8"))


@pytest.mark.parametrize("sdk", SDK_CAPABILITIES)
@pytest.mark.parametrize("at", [datetime(2026, 11, 28, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)])
def test_all_together_cost_less_than_ten_cents_at_most(sdk: Sdk, at: datetime) -> None:
    calls = [refusal_call(), *paid_calls(SDK_CAPABILITIES[sdk], PRICES, at)]
    prices = [call.at_most_usd for call in calls]
    assert prices[0] == 0
    assert all(price is not None and price > 0 for price in prices[1:])
    assert sum(price or 0 for price in prices) < 0.10


@pytest.mark.parametrize("sdk", SDK_CAPABILITIES)
def test_each_kind_of_a_film_s_calls_is_there_with_a_limit(sdk: Sdk) -> None:
    calls = paid_calls(SDK_CAPABILITIES[sdk], PRICES, datetime.now(UTC))
    assert {call.name: call.model for call in calls} == {kind: DEFAULT_MODELS[kind] for kind in ALWAYS_ASKED}
    for call in calls:
        assert call.request.config["generationConfig"]["maxOutputTokens"] == call.max_output_tokens


def test_the_text_is_asked_for_by_a_film_s_schema_with_thinking() -> None:
    [text, *_] = paid_calls(SDK_CAPABILITIES["google-genai"], PRICES, datetime.now(UTC))
    asked = text.request.config["generationConfig"]
    assert asked["responseJsonSchema"]["title"] == ScriptAnnotation.__name__
    assert asked["thinkingConfig"] == {"thinkingLevel": "low"}
