from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from actors.gemini.catalogue import MODELS, Catalogue, answering, find
from actors.gemini.voices import VOICE_SOUNDS, VOICES
from domain.default_models import DEFAULT_MODELS, ModelKind
from domain.pricing import SHIPPED_PRICES, PriceBook

TODAY = date(2026, 11, 28)
KINDS: tuple[ModelKind, ...] = get_args(ModelKind)


def listed(*names: str, **more: Any) -> list[dict[str, Any]]:
    entry = {"supportedGenerationMethods": ["generateContent", "countTokens"], "inputTokenLimit": 1000}
    return [entry | {"name": f"models/{name}"} | more for name in names]


def everything() -> list[dict[str, Any]]:
    return listed(*(model.name for model in MODELS))


@pytest.mark.parametrize(("said", "known"), [(1000, 1000), ("1000", 1000), ({"of": "another kind"}, None)])
def test_a_limit_that_is_no_number_is_unknown(said: object, known: int | None) -> None:
    offers = Catalogue(listed("gemini-nobody-knows", inputTokenLimit=said), TODAY).offers
    [limit] = {o.model.input_tokens for o in offers if o.model.name == "gemini-nobody-knows"}
    assert limit == known


@pytest.mark.parametrize("live", [None, everything()], ids=["shipped", "live"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_default_model_of_every_kind_does_for_it_in_every_shape(
    kind: ModelKind, live: list[dict[str, Any]] | None
) -> None:
    catalogue = Catalogue(live, TODAY)
    for ratio in (None, "16:9", "9:16") if kind == "video" else (None, "16:9", "9:16", "1:1"):
        assert catalogue.why_unfit(DEFAULT_MODELS[kind], kind, aspect_ratio=ratio) is None
        assert catalogue.fit(kind, aspect_ratio=ratio)[0] == DEFAULT_MODELS[kind]


@pytest.mark.parametrize("name", [model.name for model in MODELS if model.kind is not None])
def test_every_shipped_model_has_a_price(name: str) -> None:
    book = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    assert book.price(name, datetime(2026, 11, 28, tzinfo=UTC)) is not None


def test_the_price_of_cached_input_is_known_of_every_text_model() -> None:
    book = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    without = set()
    for model in MODELS:
        if model.kind == "text":
            for at in (datetime(2026, 11, 28, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)):
                price = book.price(model.name, at)
                if price is not None and price.cached_input is None:
                    without.add(model.name)
    assert without == {"gemini-3.5-flash"}  # it is answered, and charged, by another


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
def test_a_model_of_another_kind_is_unfit_and_the_reason_names_both(kind: ModelKind) -> None:
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
    assert Catalogue(None, date(2027, 1, 1)).why_unfit("gemini-3.7-flash", "text") is None


def test_who_answers_for_a_retired_model_is_told_with_the_day() -> None:
    offers = {offer.model.name: offer for offer in Catalogue(None, date(2026, 11, 30)).offers}
    assert offers["gemini-3.5-flash"].answered_by == "gemini-3.6-flash"
    assert offers["gemini-3.7-flash"].note == "From 2026-10-08 on gemini-3.8-flash answers, and is charged"
    assert answering("models/gemini-3.7-flash", date(2026, 10, 7)) == "models/gemini-3.7-flash"
    assert answering("models/gemini-3.7-flash", date(2026, 10, 8)) == "gemini-3.8-flash"
    assert answering("gemini-unheard-of", date(2026, 12, 1)) == "gemini-unheard-of"


@pytest.mark.parametrize("name", ["gemini-2.5-pro", "gemini-2.5-flash"])
def test_models_for_past_users_alone_are_limited_and_answer_themselves(name: str) -> None:
    model = find(name)
    assert model is not None
    assert (model.state, model.routed_to, model.retires) == ("limited", None, None)
    assert answering(name, date(2027, 6, 1)) == name


def test_a_model_that_is_gone_is_not_offered_by_the_shipped_list() -> None:
    assert Catalogue(None, TODAY).why_unfit("gemini-3.1-flash-image", "image") == (
        "gemini-3.1-flash-image was shut down on 2026-10-29"
    )


def test_how_many_pictures_may_go_along_is_known() -> None:
    counts = {model.name: model.reference_images for model in MODELS if model.kind in {"image", "video"}}
    assert counts["gemini-nano-banana-2.1"] == counts["gemini-3-pro-image"] == 14
    assert counts["gemini-omni-1.2-flash"] == 6
    assert all(counts.values())


def test_what_a_second_of_video_takes_is_known_by_resolution() -> None:
    for name in ("gemini-omni-1.2-flash", "gemini-omni-1.1-flash"):
        model = find(name)
        assert model is not None
        assert model.resolutions == ("360p", "720p", "1080p", "4k")
        assert model.video_tokens("720p", 5) == 5 * 5_792
        assert model.video_tokens("360p", 3.5) == 6_759
        assert model.video_tokens("8k", 5) is None
    omni = find("gemini-omni-1.2-flash")
    assert omni is not None
    assert omni.seconds is not None
    assert omni.video_tokens("4k", omni.seconds[1]) == omni.output_tokens


def test_video_is_offered_whatever_the_list_says_of_how_it_is_asked() -> None:
    for methods in ([], ["createInteraction"], ["generateContent"]):
        live = listed("gemini-omni-1.2-flash", supportedGenerationMethods=methods)
        assert Catalogue(live, TODAY).why_unfit("gemini-omni-1.2-flash", "video") is None
        assert Catalogue(live, TODAY).fit("text") == []


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
        ("nano-banana-pro-preview", "image"),
        ("gemini-omni-2-flash", "video"),
        ("lyria-4", "music"),
    ],
)
def test_a_model_that_only_the_provider_knows_does_for_what_its_name_says(name: str, kind: ModelKind) -> None:
    catalogue = Catalogue(listed(name), TODAY)
    assert catalogue.fit(kind) == [name]
    offer = next(offer for offer in catalogue.offers if offer.model.name == name)
    assert offer.model.state == "unknown"
    assert offer.model.input_tokens == 1000


@pytest.mark.parametrize(
    "name",
    [
        "gemini-embedding-2",
        "veo-4",
        "imagen-4",
        "lyria-realtime-exp",
        "gemini-3-live-preview",
        "gemini-2.5-flash-native-audio-latest",
        "gemini-3.5-transcribe",
        "gemini-5-transcribe-preview",
        "gemini-4-live-translate",
        "gemini-5-translate",
        "gemini-robotics-er-2",
        "gemini-2.5-computer-use-preview",
        "aqa",
        "gemma-4",
    ],
)
def test_what_makes_nothing_that_a_stage_needs_does_for_none(name: str) -> None:
    catalogue = Catalogue(listed(name), TODAY)
    for kind in KINDS:
        assert "makes nothing that is needed here" in str(catalogue.why_unfit(name, kind))


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("gemini-5-neon", ["predictLongRunning"]),
        ("gemini-5-neon", []),
        ("gemini-5-neon", None),
        ("gemini-omni-2-flash", ["bidiGenerateContent"]),
        ("lyria-4", ["bidiGenerateMusic"]),
    ],
)
def test_a_model_that_nobody_knows_is_offered_for_nothing_that_its_listing_does_not_fit(
    name: str, methods: list[str] | None
) -> None:
    catalogue = Catalogue(listed(name, supportedGenerationMethods=methods), TODAY)
    assert [kind for kind in KINDS if name in catalogue.fit(kind)] == []


def test_a_video_model_is_unfit_for_a_square() -> None:
    assert Catalogue(None, TODAY).why_unfit("gemini-omni-1.2-flash", "video", aspect_ratio="1:1") == (
        "gemini-omni-1.2-flash does not film in 1:1, only in 16:9, 9:16"
    )


def test_an_image_model_is_unfit_for_a_shape_that_it_does_not_draw() -> None:
    catalogue = Catalogue(None, TODAY)
    assert catalogue.why_unfit("gemini-3-pro-image", "image", aspect_ratio="8:1") == (
        "gemini-3-pro-image does not draw in 8:1, only in 1:1, 2:3, 3:2, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9"
    )
    assert catalogue.why_unfit("gemini-nano-banana-2.1", "image", aspect_ratio="8:1") is None


def test_a_name_may_be_given_as_the_api_spells_it() -> None:
    assert Catalogue(None, TODAY).why_unfit("models/gemini-3.8-flash", "text") is None
    assert find("models/gemini-3.8-flash") == find("gemini-3.8-flash")


def test_there_are_thirty_different_voices() -> None:
    assert len(VOICES) == len(set(VOICES)) == 30
    assert {voice.gender for voice in VOICE_SOUNDS.values()} == {"female", "male"}
