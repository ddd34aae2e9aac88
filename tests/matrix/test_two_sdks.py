"""The whole set of AI stages through google-generativeai: what the models do unasked, it makes; the rest it
refuses by name, at once.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import Gateway, GatewaySettings
from actors.stages.narrator import Narrator
from actors.work.stage import Made, MakeFailedError
from domain.asset import Asset, AssetKey
from tests.actors.staging import Staging
from tests.matrix.ai_crew import KEY, SCRIPT, AICrew, Recorder, assert_nothing_is_faked
from tests.matrix.conftest import Emulator

TEXT, IMAGE = "gemini-3.8-flash", "gemini-nano-banana-2.1"
OLD_SPEECH = "gemini-2.5-flash-preview-tts"
"""It reads its style from the text, which the older SDK can send."""


@pytest.fixture(scope="module")
async def legacy(emulator: Emulator) -> AsyncIterator[Gateway]:
    client = open_gateway(GatewaySettings(SecretStr(KEY), emulator.url, sdk="google-generativeai"))
    yield client
    await client.close()


@pytest.fixture
def film(tmp_path: Path, emulator: Emulator, legacy: Gateway) -> Iterator[AICrew]:
    emulator.spoil()
    crew = AICrew(tmp_path, Recorder(legacy))
    yield crew
    crew.close()


@pytest.mark.slow
async def test_a_square_film_is_made_whole(film: AICrew, emulator: Emulator) -> None:
    job = await film.make(
        script=f"{SCRIPT}\n\n{SCRIPT}", models={"speech": OLD_SPEECH}, options={"max_scenes": 2}
    )

    assert job.status == "completed", job.failure
    assert film.events(Asset.AttemptFailed) == []
    pictures = [film.asset(job, f"image:{scene}").product for scene in (1, 2)]
    assert all(picture and picture.facts["width"] == picture.facts["height"] for picture in pictures)
    settings = [config["generationConfig"] for _, _, config in film.gateway.asked]
    assert not any("imageConfig" in asked for asked in settings), "its shape is not said"
    assert {call["model"] for call in emulator.calls()} == {TEXT, IMAGE, OLD_SPEECH}
    assert_nothing_is_faked(film)


@pytest.mark.slow
async def test_a_picture_of_another_shape_than_was_hoped_for_is_a_failed_attempt(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "wrong_aspect", "stage": "image_generation", "times": "always"})
    job = await film.make(options={"narration": False})

    assert job.failure is not None
    assert (job.status, job.failure.code, job.failure.asset) == ("failed", "wrong_aspect", "image:1")
    assert_nothing_is_faked(film)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"aspect_ratio": "16:9"}, {"quality": "high"}])
async def test_documents_are_written_and_pictures_of_a_said_shape_refused_by_name(
    film: AICrew, emulator: Emulator, options: dict[str, str]
) -> None:
    job = await film.make(options={"narration": False, **options})

    assert job.failure is not None
    assert (job.status, job.failure.code) == ("failed", "capability_missing")
    assert (job.failure.stage, job.failure.asset, job.failure.attempt) == ("image_generation", "image:1", 1)
    assert "image_config" in job.failure.message
    assert "google-genai can" in job.failure.message
    assert not job.failure.may_have_been_billed
    assert film.asset(job, "analysis").product is not None
    assert film.asset(job, "storyboard").product is not None
    assert {call["model"] for call in emulator.calls()} == {TEXT}, "the picture was never asked for"
    assert_nothing_is_faked(film)


@pytest.mark.slow
async def test_a_style_beside_the_text_is_refused_by_name_before_anything_is_sent(
    film: AICrew, emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(MakeFailedError) as refused:
        await spoken(film, tmp_path)

    assert refused.value.failure.code == "capability_missing"
    assert "speech_metadata" in refused.value.failure.message
    assert refused.value.request is not None, "what could not be sent is kept"
    assert refused.value.cost_usd == 0
    assert emulator.calls() == []


@pytest.mark.slow
async def test_speech_of_a_model_that_takes_its_style_in_words_is_spoken(
    film: AICrew, emulator: Emulator, tmp_path: Path
) -> None:
    made = await spoken(film, tmp_path, models={"speech": OLD_SPEECH})

    assert made.facts["duration_s"] > 1
    assert [(call["model"], call["status"]) for call in emulator.calls()] == [(OLD_SPEECH, 200)]


@pytest.mark.slow
async def test_a_language_that_was_asked_for_is_refused_by_name_where_one_that_was_heard_is_left_out(
    film: AICrew, emulator: Emulator, tmp_path: Path
) -> None:
    with pytest.raises(MakeFailedError) as refused:
        await spoken(film, tmp_path, models={"speech": OLD_SPEECH}, language="en-GB")

    assert refused.value.failure.code == "capability_missing"
    assert "speech_language" in refused.value.failure.message
    assert emulator.calls() == []


async def spoken(film: AICrew, folder: Path, **brief: Any) -> Made:
    """Have the first scene's words spoken, as the audio plan says."""
    staging = Staging(folder)
    narrator, asked = Narrator(film.provider, film.studio.find_asset), staging.brief(**brief)
    plan = narrator.plan(asked, AssetKey.parse("narration:1"), staging.inputs())
    return await narrator.make(staging.task("narration:1", plan, asked))
