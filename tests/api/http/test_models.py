"""The list of models, and what is refused at the door because no model, SDK or voice can do it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from actors.gemini.catalogue import Catalogue
from api.model_directory import ModelDirectory
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import outage


def listed(site: Site) -> tuple[dict[str, Any], dict[str, Any]]:
    told = site.client.get("/v1/models").json()
    return told, {model["id"]: model for model in told["data"]}


def test_each_stage_has_its_models_the_default_first(site: Site) -> None:
    told, models = listed(site)
    assert (told["source"], told["provider"], told["sdk"]) == ("shipped", "emulator", "google-genai")
    stages = {stage["stage"]: stage for stage in told["stages"]}
    assert list(stages) == [
        "script_writing",
        "script_analysis",
        "prompt_generation",
        "image_generation",
        "video_generation",
        "audio_planning",
        "narration",
        "music",
    ]
    assert stages["music"]["default"] is None, "it is synthesised where no model is named"
    assert stages["music"]["models"] == ["lyria-3.5", "lyria-3-clip-preview"]
    assert (models["lyria-3.5"]["default"], models["lyria-3.5"]["price"]["item"]) == (False, 0.08)
    assert (
        stages["image_generation"]["default"]
        == stages["image_generation"]["models"][0]
        == "gemini-nano-banana-2.1"
    )
    assert all(models[name]["available"] for stage in stages.values() for name in stage["models"])
    assert models["gemini-3.8-flash"]["stages"] == [
        "script_writing",
        "script_analysis",
        "prompt_generation",
        "audio_planning",
    ]


def test_a_model_tells_what_it_can_do_what_it_costs_and_why_it_will_not_do(site: Site) -> None:
    site.system.clock = lambda: datetime(2026, 11, 22, tzinfo=UTC)
    _, models = listed(site)
    text = models["gemini-3.8-flash"]
    assert text["capabilities"]["json_schema"] is True
    assert (text["price"]["input"], text["price"]["output"]) == (0.75, {"TEXT": 3.75})
    assert text["price"]["next"] == {"since": "2027-01-01", "input": 1.5, "output": {"TEXT": 7.5}}
    gone = models["gemini-2.5-flash-image"]
    assert not gone["available"]
    assert "shut down on 2026-10-02" in gone["reason"]


def test_a_model_without_a_price_says_null_and_not_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(site.system.prices), "price", lambda *_: None)
    _, models = listed(site)
    assert {model["price"] for model in models.values()} == {None}


def test_health_is_what_our_own_calls_came_to(site: Site) -> None:
    _, before = listed(site)
    assert before["gemini-nano-banana-2.1"]["health"]["calls"] == 0
    filming = PlannedFilming(site.system)
    filming.faults["image:1"] = [outage(), outage()]
    assert filming.finish(filming.submit()) == "completed"
    site.settle()
    _, models = listed(site)
    drawn = models["gemini-nano-banana-2.1"]["health"]
    assert (drawn["calls"], drawn["errors"]) == (4, {"overloaded": 2})
    assert drawn["median_latency_s"] == filming.latency_s
    assert drawn["last_success_at"] > drawn["last_error_at"]
    assert set(models["gemini-3.8-flash"]["health"]["stages"]) == {
        "script_analysis",
        "prompt_generation",
        "audio_planning",
    }


# ---- refused at the door ----------------------------------------------------------------------------


def refused(site: Site, **changes: Any) -> dict[str, str]:
    answer = site.client.post("/v1/jobs", json={"script": "A boat."} | changes)
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["message"] for error in answer.json()["errors"]}


def test_a_voice_that_no_model_has_is_refused_with_those_that_there_are(site: Site) -> None:
    said = refused(site, options={"voice": "kore"})["/options/voice"]
    assert "did you mean Kore?" in said
    assert "Zephyr" in said
    assert site.submit(options={"voice": "Kore"})


def test_a_voice_of_the_providers_library_or_of_ones_own_is_taken_by_the_newest_speech_models(
    site: Site,
) -> None:
    listed_voices = [{"id": "Meridian", "type": "prebuilt"}, {"id": "voice_mine", "type": "prompted"}]
    site.system.models = ModelDirectory(partial(Catalogue, None, date(2026, 11, 28), listed_voices))
    for voice in ("Meridian", "voice_mine", "voice_of_another", "voicekey_aGVsbG8="):
        assert site.submit(options={"voice": voice})
    assert "did you mean Meridian?" in refused(site, options={"voice": "Meridien"})["/options/voice"]
    older = {"speech": "gemini-2.5-flash-preview-tts"}
    assert (
        "gemini-3.8-flash-tts" in refused(site, options={"voice": "Meridian"}, models=older)["/options/voice"]
    )


def test_models_of_video_and_music_are_listed_with_what_they_cost(site: Site) -> None:
    site.system.clock = lambda: datetime(2026, 11, 28, tzinfo=UTC)
    _, models = listed(site)
    video, music = models["gemini-omni-1.2-flash"], models["lyria-3.5"]
    assert (video["kinds"], video["default"], video["available"]) == (["video"], True, True)
    assert video["price"]["per_second"] == {"360p": 0.023, "720p": 0.07, "1080p": 0.104, "4k": 0.209}
    assert video["capabilities"]["seconds"] == [3.0, 15.0]
    assert video["capabilities"]["resolutions"] == ["360p", "720p", "1080p", "4k"]
    assert video["capabilities"]["reference_images"] == 6
    assert (music["kinds"], music["available"]) == (["music"], True)
    assert (music["price"]["item"], music["price"]["input"], music["price"]["per_second"]) == (
        0.08,
        None,
        None,
    )


def test_what_the_old_sdk_cannot_say_is_refused_before_anything_is_paid(
    open_site: Callable[..., Site],
) -> None:
    site = open_site(GEMINI_SDK="google-generativeai")
    said = refused(site, language="en-US")
    assert "cannot ask for a picture's shape" in said["/options/aspect_ratio"]
    assert said["/options/aspect_ratio"].endswith("1:1")
    assert "gemini-2.5-flash-preview-tts" in said["/models/speech"]
    assert "name the language of speech" in said["/language"]
    assert all("google-genai" in message for message in said.values())
    _, models = listed(site)
    assert not models["gemini-3.8-flash-tts"]["available"]
    assert "google-genai" in models["gemini-3.8-flash-tts"]["reason"]
    assert models["gemini-3.8-flash"]["available"]
    assert models["gemini-nano-banana-2.1"]["available"], "it draws squares unasked"


@pytest.mark.parametrize(
    ("options", "at", "enough"),
    [
        ({"quality": "high"}, "/options/quality", "medium"),
        ({"resolution": "1080p"}, "/options/resolution", "720p"),
        ({"resolution": "1080p", "quality": "high"}, "/options/quality", "medium"),
    ],
)
def test_a_square_film_is_taken_with_the_old_sdk_at_the_size_that_is_drawn_unasked(
    open_site: Callable[..., Site], options: dict[str, str], at: str, enough: str
) -> None:
    site = open_site(GEMINI_SDK="google-generativeai")
    square = {"aspect_ratio": "1:1"}
    older = {"speech": "gemini-2.5-flash-preview-tts"}
    assert site.submit(options=square, models=older)
    said = refused(site, options=square | options, models=older)
    assert list(said) == [at]
    assert said[at].endswith(enough)
