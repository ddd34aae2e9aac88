import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from domain.pricing import SHIPPED_PRICES, PriceBook, Usage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHIPPED = SHIPPED_PRICES.read_text(encoding="utf-8")
BOOK = PriceBook.parse(SHIPPED)


def price_list(**models: list[dict[str, object]]) -> str:
    return json.dumps({"models": {name.replace("_", "-"): prices for name, prices in models.items()}})


def test_text_is_charged_by_its_tokens() -> None:
    usage = Usage(prompt_tokens=1_000_000, output_tokens=1_000_000, total_tokens=2_000_000)
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=NOW) == Decimal("4.50")


def test_an_image_is_charged_by_its_tokens_and_what_is_not_broken_down_as_text() -> None:
    # As recorded: 1120 of 1518 output tokens are the image.
    usage = Usage(prompt_tokens=5, output_tokens=1518, thoughts_tokens=179, by_modality={"IMAGE": 1120})
    charged = (5 * Decimal(2) + 1120 * Decimal(120) + (398 + 179) * Decimal(12)) / 1_000_000
    assert BOOK.cost_usd("gemini-3-pro-image", usage, at=NOW) == charged


def test_one_1k_image_costs_what_the_provider_advertises() -> None:
    usage = Usage(output_tokens=1120, by_modality={"IMAGE": 1120})
    assert BOOK.cost_usd("gemini-nano-banana-2.1", usage, at=NOW) == Decimal("0.0336")


def test_a_minute_of_speech_costs_what_the_provider_advertises() -> None:
    usage = Usage(output_tokens=60 * 25, by_modality={"AUDIO": 60 * 25})
    assert BOOK.cost_usd("gemini-3.8-flash-tts", usage, at=NOW) == Decimal("0.0135")


def test_a_failed_speech_call_without_a_breakdown_is_charged_at_its_only_rate() -> None:
    usage = Usage(prompt_tokens=713, output_tokens=5516)
    charged = (713 * Decimal("0.50") + 5516 * Decimal("9.00")) / 1_000_000
    assert BOOK.cost_usd("gemini-3.8-flash-tts", usage, at=NOW) == charged


def test_a_blocked_image_is_charged_for_its_thoughts() -> None:
    usage = Usage(prompt_tokens=1119, thoughts_tokens=240, total_tokens=1359)
    assert (
        BOOK.cost_usd("gemini-3-pro-image", usage, at=NOW)
        == (1119 * Decimal(2) + 240 * Decimal(12)) / 1_000_000
    )


def test_a_song_costs_what_it_costs_whatever_its_tokens() -> None:
    assert BOOK.cost_usd("lyria-3.5", Usage(), at=NOW) == Decimal("0.08")
    assert BOOK.cost_usd("lyria-3.5", Usage(prompt_tokens=300, output_tokens=900), at=NOW) == Decimal("0.08")
    reserved = BOOK.reservation_usd("lyria-3.5", prompt_tokens=300, max_output_tokens=9, at=NOW)
    assert reserved == Decimal("0.08")
    assert BOOK.cost_usd("lyria-3-clip-preview", Usage(), at=NOW) == Decimal("0.04")


def test_a_shot_is_charged_by_its_video_tokens_and_what_stands_beside_them_as_text() -> None:
    # As measured by others: 5 s at 360p of the model of before.
    usage = Usage(prompt_tokens=1189, output_tokens=10_355, thoughts_tokens=100, by_modality={"VIDEO": 9_655})
    charged = (1189 * Decimal("1.50") + 9_655 * Decimal("17.50") + 800 * Decimal("9.00")) / 1_000_000
    assert BOOK.cost_usd("gemini-omni-1.1-flash", usage, at=NOW) == charged
    assert round(charged, 2) == Decimal("0.18")


@pytest.mark.parametrize(
    ("tokens", "usd"), [(1_931, "0.023"), (5_792, "0.070"), (8_688, "0.104"), (17_376, "0.209")]
)
def test_a_second_of_video_costs_what_it_is_sold_for(tokens: int, usd: str) -> None:
    usage = Usage(output_tokens=tokens, by_modality={"VIDEO": tokens})
    cost = BOOK.cost_usd("gemini-omni-1.2-flash", usage, at=NOW)
    assert cost is not None
    assert round(cost, 3) == Decimal(usd)


def test_a_price_is_by_the_item_or_by_tokens() -> None:
    both = price_list(m=[{"from": "2026-01-01", "item": "0.1", "input": "1", "output": {"TEXT": "2"}}])
    with pytest.raises(ValueError, match="a price by the item has no input and no output"):
        PriceBook.parse(both)
    with pytest.raises(ValueError, match="give item, or input and output"):
        PriceBook.parse(price_list(m=[{"from": "2026-01-01", "input": "1"}]))


def test_cached_input_of_a_long_prompt_has_a_rate_of_its_own() -> None:
    usage = Usage(prompt_tokens=300_000, cached_tokens=100_000, output_tokens=1000)
    charged = (200_000 * Decimal(4) + 100_000 * Decimal("0.40") + 1000 * Decimal(18)) / 1_000_000
    assert BOOK.cost_usd("gemini-3.1-pro-preview", usage, at=NOW) == charged


def test_cached_input_is_charged_at_its_own_rate() -> None:
    usage = Usage(prompt_tokens=1000, cached_tokens=600, output_tokens=1)
    charged = (400 * Decimal("0.75") + 600 * Decimal("0.075") + Decimal("3.75")) / 1_000_000
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=NOW) == charged


def test_what_the_providers_tools_read_is_charged_as_input() -> None:
    with_tools = Usage(prompt_tokens=10, tool_tokens=90, output_tokens=1)
    without = Usage(prompt_tokens=100, output_tokens=1)
    assert BOOK.cost_usd("gemini-3.8-flash", with_tools, at=NOW) == BOOK.cost_usd(
        "gemini-3.8-flash", without, at=NOW
    )


def test_a_long_prompt_puts_the_whole_call_at_the_higher_rate() -> None:
    at_limit = Usage(prompt_tokens=200_000, output_tokens=1000)
    beyond = Usage(prompt_tokens=200_001, output_tokens=1000)
    assert BOOK.cost_usd("gemini-3.1-pro-preview", at_limit, at=NOW) == Decimal("0.412")
    assert BOOK.cost_usd("gemini-3.1-pro-preview", beyond, at=NOW) == (200_001 * 4 + 1000 * 18) / Decimal(
        1_000_000
    )


def test_a_price_holds_from_its_day_on_in_utc() -> None:
    usage = Usage(prompt_tokens=1_000_000)
    last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=last) == Decimal("0.75")
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=last + timedelta(seconds=1)) == Decimal("1.50")
    in_tokyo = datetime(2027, 1, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=in_tokyo) == Decimal("0.75")


def test_an_announced_change_is_told_until_it_holds() -> None:
    following = BOOK.next_price("gemini-4-argon", NOW)
    assert following is not None
    assert (following.since, following.input) == (date(2026, 12, 1), Decimal("4.00"))
    assert BOOK.next_price("gemini-4-argon", datetime(2026, 12, 1, tzinfo=UTC)) is None


def test_an_unknown_model_is_unpriced_and_never_free() -> None:
    assert BOOK.cost_usd("gemini-9-unheard-of", Usage(prompt_tokens=1), at=NOW) is None
    assert BOOK.reservation_usd("gemini-9-unheard-of", prompt_tokens=1, max_output_tokens=1, at=NOW) is None


def test_a_model_is_unpriced_before_its_first_price() -> None:
    before = datetime(2026, 9, 1, tzinfo=UTC)
    assert BOOK.cost_usd("gemini-3.8-flash", Usage(prompt_tokens=1), at=before) is None


def test_a_kind_of_output_without_a_price_makes_the_call_unpriced() -> None:
    usage = Usage(output_tokens=10, by_modality={"AUDIO": 10})
    assert BOOK.cost_usd("gemini-3.8-flash", usage, at=NOW) is None


def test_a_call_without_any_count_is_unpriced() -> None:
    assert BOOK.cost_usd("gemini-3.8-flash", Usage(), at=NOW) is None


@pytest.mark.parametrize("model", json.loads(SHIPPED)["models"])
def test_no_call_within_its_limits_costs_more_than_was_reserved(model: str) -> None:
    at = datetime(2027, 2, 1, tzinfo=UTC)
    reserved = BOOK.reservation_usd(model, prompt_tokens=3000, max_output_tokens=2000, at=at)
    assert reserved is not None
    price = BOOK.price(model, at)
    assert price is not None
    for modality in price.output:
        usage = Usage(
            prompt_tokens=3000, output_tokens=1500, thoughts_tokens=500, by_modality={modality: 1500}
        )
        cost = BOOK.cost_usd(model, usage, at=at)
        assert cost is not None
        assert 0 < cost <= reserved


def test_a_users_list_replaces_a_models_prices_and_leaves_the_others() -> None:
    mine = price_list(gemini_mine=[{"from": "2026-01-01", "input": "1", "output": {"TEXT": "2"}}])
    dear = json.dumps(
        {"models": {"gemini-3.8-flash": [{"from": "2026-01-01", "input": 9, "output": {"TEXT": 9.5}}]}}
    )
    book = PriceBook.parse(SHIPPED, mine, dear)
    usage = Usage(prompt_tokens=1_000_000)
    assert book.cost_usd("gemini-mine", usage, at=NOW) == 1
    assert book.cost_usd("gemini-3.8-flash", usage, at=NOW) == 9
    assert book.cost_usd("gemini-3.6-flash", usage, at=NOW) == Decimal("0.75")


def test_an_alias_has_the_price_of_its_model() -> None:
    alias = json.dumps({"models": {}, "aliases": {"gemini-3.8-flash-0915": "gemini-3.8-flash"}})
    book = PriceBook.parse(SHIPPED, alias)
    usage = Usage(prompt_tokens=1_000_000)
    assert book.cost_usd("models/gemini-3.8-flash-0915", usage, at=NOW) == Decimal("0.75")


def test_a_faulty_list_is_refused_with_the_place_and_the_reason() -> None:
    faulty = price_list(m=[{"from": "soon", "input": -1, "output": {}, "outptu": 1}])
    with pytest.raises(ValueError, match="price list") as raised:
        PriceBook.parse(faulty)
    for place in ("/models/m/0/from", "/models/m/0/input", "/models/m/0/output", "/models/m/0/outptu"):
        assert place in str(raised.value)


GOOD: dict[str, object] = {"from": "2026-01-01", "input": "1", "output": {"TEXT": "2"}}
LONG: dict[str, object] = {"over": 1000, "input": 1, "output": {"TEXT": 1}}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"from": 86400}, '/from: 86400 is no day; write it as text, such as "2026-09-02"'),
        ({"from": "86400"}, '/from: "86400" is no day'),
        ({"from": "2026-01-01T00:00:00"}, '/from: "2026-01-01T00:00:00" is no day'),
        ({"from": "2026-02-30"}, '/from: "2026-02-30" is no day'),
        ({"from": True}, "/from: true is no day"),
        ({"input": -0.5}, "/input is -0.5; it should be greater than or equal to 0"),
        ({"input": True}, '/input is true; it should be a number, such as 0.75 or "0.75"'),
        ({"input": "dear"}, '/input is "dear"; it should be a number'),
        ({"input": "NaN"}, '/input is "NaN"; it should be a finite number'),
        ({"input": float("inf")}, "/input is Infinity; it should be a finite number"),
        ({"input": "1e400"}, '/input is "1e400"; it should be less than or equal to 1000000'),
        ({"cached_input": -1}, "/cached_input is -1; it should be greater"),
        ({"output": {"TEXT": -1}}, "/output/TEXT is -1; it should be greater"),
        ({"output": {"TEXT": False}}, "/output/TEXT is false; it should be a number"),
        ({"output": {"TEXT": 1, "text": 1}}, '/output/text: "text" is no kind of output; write TEXT, IMAGE'),
        ({"output": {}}, "/output is {}; it should be an object of rates"),
        ({"output": [1]}, "/output is [1]; it should be an object"),
        ({"outptu": 1}, "/outptu is not known; leave it out"),
        ({"long_context": LONG | {"output": {"TEXT": -1}}}, "/long_context/output/TEXT is -1; it should be"),
        ({"long_context": LONG | {"output": {"IMG": 1}}}, '/long_context/output/IMG: "IMG" is no kind'),
        ({"long_context": LONG | {"output": {}}}, "/long_context/output is {}; it should"),
        ({"long_context": LONG | {"input": -1}}, "/long_context/input is -1; it should be greater"),
        ({"long_context": LONG | {"over": True}}, "/long_context/over is true; it should be a valid integer"),
        ({"long_context": {"over": 1000, "input": 1}}, "/long_context/output is missing"),
    ],
)
def test_what_is_no_price_is_told_with_its_place_its_value_and_what_would_do(
    wrong: dict[str, object], told: str
) -> None:
    PriceBook.parse(price_list(m=[GOOD | {"long_context": LONG}]))
    with pytest.raises(ValueError, match="price list") as raised:
        PriceBook.parse(price_list(m=[GOOD | wrong]))
    assert f"/models/m/0{told}" in str(raised.value)


def test_a_song_has_no_negative_price_either() -> None:
    with pytest.raises(ValueError, match=r"/models/m/0/item is -0\.08; it should be greater than"):
        PriceBook.parse(price_list(m=[{"from": "2026-01-01", "item": -0.08}]))


def test_every_shipped_price_tells_its_source() -> None:
    for prices in json.loads(SHIPPED)["models"].values():
        assert all(price["source"] for price in prices)


def test_usage_survives_storage() -> None:
    usage = Usage(prompt_tokens=1, output_tokens=2, by_modality={"IMAGE": 2})
    assert Usage.from_dict(json.loads(json.dumps(usage.to_dict()))) == usage
