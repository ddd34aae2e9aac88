from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from actors.gemini.catalogue import DEFAULT_MODELS, MODELS, Catalogue, Kind, answering, find
from actors.gemini.voices import VOICE_SOUNDS, VOICES
from domain.pricing import SHIPPED_PRICES, PriceBook

TODAY = date(2026, 11, 22)
KINDS: tuple[Kind, ...] = get_args(Kind)


def listed(*names: str, **more: Any) -> list[dict[str, Any]]:
    entry = {"supportedGenerationMethods": ["generateContent", "countTokens"], "inputTokenLimit": 1000}
    return [entry | {"name": f"models/{name}"} | more for name in names]


def everything() -> list[dict[str, Any]]:
    return listed(*(model.name for model in MODELS))


@pytest.mark.parametrize("live", [None, everything()], ids=["shipped", "live"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_default_model_of_every_kind_does_for_it_in_every_shape(
    kind: Kind, live: list[dict[str, Any]] | None
) -> None:
    catalogue = Catalogue(live, TODAY)
    for ratio in (None, "16:9", "9:16", "1:1"):
        assert catalogue.why_unfit(DEFAULT_MODELS[kind], kind, aspect_ratio=ratio) is None
        assert catalogue.fit(kind, aspect_ratio=ratio)[0] == DEFAULT_MODELS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_models_have_a_price(kind: Kind) -> None:
    book = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    assert book.price(DEFAULT_MODELS[kind], datetime(2026, 11, 22, tzinfo=UTC)) is not None


def test_names_are_unique_and_routes_lead_to_known_models_of_the_same_kind() -> None:
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names)
    for model in MODELS:
        if model.routed_to is not None:
            target = find(model.routed_to)
            assert target is not None
            assert target.kind == model.kind


def test_an_unknown_model_is_unfit_and_the_reason_tells_which_list_was_asked() -> None:
    assert "shipped list" in str(Catalogue(None, TODAY).why_unfit("gemini-9", "text"))
    assert "provider does not list it" in str(Catalogue(listed(), TODAY).why_unfit("gemini-9", "text"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_another_kind_is_unfit_and_the_reason_names_both(kind: Kind) -> None:
    catalogue = Catalogue(None, TODAY)
    for other in KINDS:
        if other != kind:
            assert catalogue.why_unfit(DEFAULT_MODELS[other], kind) == (
                f"{DEFAULT_MODELS[other]} makes {other}, not {kind}"
            )


def test_a_model_that_was_shut_down_is_unfit_from_that_day_on() -> None:
    assert Catalogue(None, date(2026, 10, 1)).why_unfit("gemini-2.5-flash-image", "image") is None
    assert Catalogue(None, date(2026, 10, 2)).why_unfit("gemini-2.5-flash-image", "image") == (
        "gemini-2.5-flash-image was shut down on 2026-10-02"
    )


def test_a_retired_model_that_another_answers_for_still_does() -> None:
    assert Catalogue(None, date(2027, 1, 1)).why_unfit("gemini-2.5-pro", "text") is None


def test_who_answers_for_a_retired_model_is_told_with_the_day() -> None:
    offers = {offer.model.name: offer for offer in Catalogue(None, date(2026, 11, 30)).offers}
    assert offers["gemini-3.5-flash"].answered_by == "gemini-3.6-flash"
    assert offers["gemini-2.5-pro"].answered_by == "gemini-2.5-pro"
    assert offers["gemini-2.5-pro"].note == (
        "Only for those who used it before 2026-09-18. "
        "From 2026-12-01 on gemini-3.8-flash answers, and is charged"
    )
    assert answering("models/gemini-2.5-pro", date(2026, 12, 1)) == "gemini-3.8-flash"
    assert answering("gemini-unheard-of", date(2026, 12, 1)) == "gemini-unheard-of"


def test_a_model_that_this_key_may_not_use_is_unfit() -> None:
    catalogue = Catalogue(listed("gemini-3.6-flash"), TODAY)
    assert catalogue.source == "live"
    assert catalogue.fit("text") == ["gemini-3.6-flash"]
    assert "list of models that the provider gives this key" in str(
        catalogue.why_unfit("gemini-3.8-flash", "text")
    )


def test_the_provider_is_believed_over_the_shipped_dates() -> None:
    catalogue = Catalogue(listed("gemini-2.5-flash-image"), TODAY)
    assert catalogue.why_unfit("gemini-2.5-flash-image", "image") is None


def test_a_model_without_generate_content_is_unfit() -> None:
    catalogue = Catalogue(
        listed("gemini-3.8-flash", supportedGenerationMethods=["bidiGenerateContent"]), TODAY
    )
    assert "generateContent" in str(catalogue.why_unfit("gemini-3.8-flash", "text"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gemini-5-neon", "text"),
        ("gemini-5-neon-image", "image"),
        ("gemini-nano-banana-3", "image"),
        ("gemini-5-neon-tts", "speech"),
    ],
)
def test_a_model_that_only_the_provider_knows_does_for_what_its_name_says(name: str, kind: Kind) -> None:
    catalogue = Catalogue(listed(name), TODAY)
    assert catalogue.fit(kind) == [name]
    offer = next(offer for offer in catalogue.offers if offer.model.name == name)
    assert offer.model.state == "unknown"
    assert offer.model.input_tokens == 1000


@pytest.mark.parametrize(
    "name", ["gemini-embedding-2", "veo-4", "imagen-4", "lyria-3", "gemini-3-live-preview", "aqa", "gemma-4"]
)
def test_what_makes_nothing_that_a_stage_needs_does_for_none(name: str) -> None:
    catalogue = Catalogue(listed(name), TODAY)
    for kind in KINDS:
        assert "makes nothing that is needed here" in str(catalogue.why_unfit(name, kind))


def test_an_image_model_is_unfit_for_a_shape_that_it_does_not_draw() -> None:
    catalogue = Catalogue(None, TODAY)
    assert catalogue.why_unfit("gemini-3-pro-image", "image", aspect_ratio="8:1") == (
        "gemini-3-pro-image does not draw in 8:1"
    )
    assert catalogue.why_unfit("gemini-nano-banana-2.1", "image", aspect_ratio="8:1") is None


def test_a_name_may_be_given_as_the_api_spells_it() -> None:
    assert Catalogue(None, TODAY).why_unfit("models/gemini-3.8-flash", "text") is None
    assert find("models/gemini-3.8-flash") == find("gemini-3.8-flash")


def test_there_are_thirty_different_voices() -> None:
    assert len(VOICES) == len(set(VOICES)) == 30
    assert {voice.gender for voice in VOICE_SOUNDS.values()} == {"female", "male"}
