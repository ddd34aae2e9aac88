"""What each AI stage asks for: the prompt, its version, its settings, and the most that it may cost."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors import prompts
from actors.gemini.gateway import Gateway
from actors.gemini.thinking import ROOM, Level
from actors.gemini.voices import VOICES
from actors.stages.audio_planner import PAUSE_S, AudioPlanner
from actors.stages.illustrator import Illustrator
from actors.stages.narrator import Narrator
from actors.stages.script_analyst import ScriptAnalyst
from actors.stages.storyboard_artist import StoryboardArtist
from actors.work.asking import Asking
from actors.work.provider_call import IMAGE_TOKENS, Provider
from actors.work.stage import Plan, StageActor
from domain.asset import AssetKey
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.spoken import reading_s
from tests.actors.staging import SCENES, Staging

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
STAGES: dict[str, type[Any]] = {
    "analysis": ScriptAnalyst,
    "storyboard": StoryboardArtist,
    "image:1": Illustrator,
    "image:2": Illustrator,
    "audio_plan": AudioPlanner,
    "narration:1": Narrator,
    "narration:2": Narrator,
}


def never() -> Gateway:
    raise AssertionError("planning calls nobody")


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path)


def planned(staging: Staging, name: str, **changes: Any) -> Plan:
    stage: StageActor = STAGES[name](Provider(never, PRICES, lambda: NOW))
    return stage.plan(staging.brief(**changes), AssetKey.parse(name), staging.inputs())


def said(plan: Plan) -> str:
    assert plan.prompt is not None
    return plan.prompt


@pytest.mark.parametrize("name", STAGES)
def test_the_same_brief_and_inputs_give_the_same_plan(staging: Staging, name: str) -> None:
    assert planned(staging, name) == planned(staging, name)


@pytest.mark.parametrize("name", STAGES)
def test_every_call_has_a_token_limit_and_reserves_its_price(staging: Staging, name: str) -> None:
    plan = planned(staging, name)
    tokens = plan.parameters["max_output_tokens"]
    assert plan.model is not None
    price = PRICES.price(plan.model, NOW)
    assert price is not None
    assert plan.reservation_usd is not None
    # One picture at the dearest rate, and whatever else there is room for as text.
    dear = IMAGE_TOKENS["1K"] if name.startswith("image") else tokens
    rest = float(price.output.get("TEXT", 0)) * (tokens - dear)
    full_answer = (float(max(price.output.values())) * dear + rest) / 1_000_000
    assert full_answer < plan.reservation_usd < full_answer * 1.5 + 0.01


@pytest.mark.parametrize("name", STAGES)
def test_a_model_without_a_price_reserves_an_unknown_sum_not_nothing(staging: Staging, name: str) -> None:
    unpriced = dict.fromkeys(("text", "image", "speech"), "gemini-99-unheard-of")
    assert planned(staging, name, models=unpriced).reservation_usd is None


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("analysis", "script_analysis"),
        ("storyboard", "storyboard"),
        ("image:1", "image"),
        ("audio_plan", "audio_plan"),
    ],
)
def test_the_version_of_a_prompt_is_the_digest_of_its_file(staging: Staging, name: str, prompt: str) -> None:
    file = Path(prompts.__file__).parent / f"{prompt}.md"
    digest = hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()[:12]
    assert planned(staging, name).prompt_version == f"{prompt}@{digest}"


@pytest.mark.parametrize("name", STAGES)
def test_no_placeholder_is_left_in_a_prompt(staging: Staging, name: str) -> None:
    text = said(planned(staging, name))
    assert "$" not in text
    assert text.strip()


def test_the_analyst_is_given_the_script_as_it_is_and_the_limits(staging: Staging) -> None:
    script = "Costs $5 & <b>more</b>: $title. {braces} Ünïcode.\n[[slow zoom]]\n(The end.)"
    plan = planned(
        staging, "analysis", script=script, language="de", options={"max_scenes": 1, "script_form": "prose"}
    )
    listing = "1 Costs $5 & <b>more</b>: $title. {braces} Ünïcode.\n[[slow zoom]]\n2 (The end.)"
    assert f"<sentences>\n{listing}\n</sentences>" in said(plan)
    assert "Below are the 2 numbered sentences" in said(plan)
    assert "<max_scenes>1</max_scenes>" in said(plan)
    assert "<language>de</language>" in said(plan)
    assert plan.parameters["max_scenes"] == 1
    assert plan.parameters["sentences"] == 2


def test_no_more_scenes_are_asked_for_than_there_are_sentences(staging: Staging) -> None:
    plan = planned(staging, "analysis", script="One is. Two is. Three is.", options={"max_scenes": 12})
    assert plan.parameters["max_scenes"] == 3


def test_a_target_length_asks_for_as_many_scenes_as_fit(staging: Staging) -> None:
    script = "The sea is grey. " * 9
    asked = planned(staging, "analysis", script=script, options={"target_duration_s": 60})
    assert "Make about 4 scenes" in said(asked)
    assert "So about 9 pictures suit it" in said(asked), "there are nine sentences"
    assert "Make about" not in said(planned(staging, "analysis"))


@pytest.mark.parametrize("script", ["灯台守は毎晩ランプを持つ。" * 60, "ผู้ดูแลถือตะเกียงขึ้นไป" * 60])
def test_the_model_is_told_how_long_a_script_without_spaces_takes(staging: Staging, script: str) -> None:
    text = said(planned(staging, "analysis", script=script, options={"target_duration_s": 600}))
    assert f"script takes about {reading_s(script):.0f} seconds to read" in text
    assert reading_s(script) > 100


def test_the_film_of_the_sound_director_is_as_long_as_its_texts_take_to_read(staging: Staging) -> None:
    seconds = sum(reading_s(text) for text in SCENES) + 2 * PAUSE_S
    text = " ".join(said(planned(staging, "audio_plan")).split())
    assert f"The film will last about {seconds:.0f} seconds" in text


def test_a_link_goes_to_the_model_as_words_and_a_direction_in_its_brackets(staging: Staging) -> None:
    text = said(planned(staging, "analysis", script="The [[Eiffel Tower]] is high.\n[[slow]]\n\x07Really."))
    assert "<sentences>\n1 The Eiffel Tower is high.\n[[slow]]\n2 Really.\n</sentences>" in text


@pytest.mark.slow
def test_an_answer_gets_room_by_the_number_of_its_pictures_and_for_the_thoughts_before_it(
    staging: Staging,
) -> None:
    short = planned(staging, "analysis").parameters["max_output_tokens"]
    long = planned(staging, "analysis", script="A word. " * 6000, options={"max_scenes": 100})
    assert short == 4096 + 2 * 400 + ROOM["low"]
    assert long.parameters["max_output_tokens"] == 65_536
    fewer = planned(staging, "analysis", script="A word. " * 6000, options={"max_images": 100})
    assert fewer.parameters["max_output_tokens"] == 4096 + 100 * 400 + ROOM["low"]


@pytest.mark.parametrize("name", ["analysis", "storyboard", "audio_plan"])
@pytest.mark.parametrize("level", ["low", "medium", "high", None])
def test_a_document_is_asked_for_with_thoughts_that_are_on_record_and_reserved_for(
    staging: Staging, name: str, level: Level | None
) -> None:
    stage: StageActor = STAGES[name](Provider(never, PRICES, lambda: NOW, Asking(level)))
    plan = stage.plan(staging.brief(), AssetKey.parse(name), staging.inputs())
    without = planned(staging, name)
    assert plan.parameters["thinking"] == level
    more = ROOM[level] - ROOM["low"]
    assert plan.parameters["max_output_tokens"] == without.parameters["max_output_tokens"] + more
    assert plan.reservation_usd is not None
    assert without.reservation_usd is not None
    text = PRICES.price(str(plan.model), NOW)
    assert text is not None
    gained = plan.reservation_usd - without.reservation_usd
    assert gained == pytest.approx(more * float(text.output["TEXT"]) / 1_000_000)


def test_the_storyboard_artist_is_given_the_analysis_the_shape_and_the_style(staging: Staging) -> None:
    text = said(planned(staging, "storyboard", options={"aspect_ratio": "9:16", "style": "woodcut"}))
    assert "sixty, grey plait, yellow coat" in text
    assert "9:16" in text
    assert "<style>woodcut</style>" in text


def test_each_picture_is_asked_for_by_its_own_frame_in_the_films_shape(staging: Staging) -> None:
    first, second = planned(staging, "image:1"), planned(staging, "image:2", options={"aspect_ratio": "1:1"})
    assert "A lighthouse, dusk." in said(first)
    assert "Mara at the lamp." in said(second)
    assert (first.parameters["aspect_ratio"], second.parameters["aspect_ratio"]) == ("16:9", "1:1")
    assert first.model == "gemini-nano-banana-2.1"


def test_the_quality_asked_for_decides_the_size_of_pictures(staging: Staging) -> None:
    sizes = {
        quality: planned(staging, "image:1", options={"quality": quality}).parameters["image_size"]
        for quality in ("low", "high")
    }
    assert sizes["low"] == "1K"
    assert sizes["high"] != "1K"


def test_the_sound_director_chooses_among_all_voices_for_all_scenes(staging: Staging) -> None:
    plan = planned(staging, "audio_plan")
    assert plan.parameters["voices"] == list(VOICES)
    listed = said(plan).split("<voices>\n")[1].split("\n</voices>")[0].splitlines()
    assert [line.split(":")[0] for line in listed] == list(VOICES)
    assert "Charon: informative, male, adult" in listed
    assert "<scene_count>2</scene_count>" in said(plan)


def test_the_narrator_says_the_scenes_words_and_nothing_else(staging: Staging) -> None:
    assert said(planned(staging, "narration:1")) == SCENES[0]
    assert said(planned(staging, "narration:2")) == SCENES[1]


def test_the_narrator_speaks_as_the_plan_says_in_the_voice_that_was_asked_for(staging: Staging) -> None:
    planned_voice = planned(staging, "narration:2").parameters
    assert (planned_voice["voice"], planned_voice["style"]) == ("Kore", "warmly, with wonder")
    assert planned_voice["language"] == "en-GB"
    asked = planned(staging, "narration:2", options={"voice": "Puck"}, language="en-AU").parameters
    assert (asked["voice"], asked["language"]) == ("Puck", "en-AU")
