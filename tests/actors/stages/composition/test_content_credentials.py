"""What a film says of itself: the models that made it, and no model where none did."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actors.media.credentials import Source
from actors.stages.composition.content_credentials import beside, claim, given, note
from actors.work.stage import Inputs
from domain.asset import AssetKey, Provision
from domain.given_scenes import Given
from domain.topic import Topic, script_facts
from tests.actors.conftest import Crew
from tests.actors.staging import Staging

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MODELS = {"text": "thinker-1", "image": "painter-2", "speech": "speaker-3"}


def asked_of(key: str, model: str | None, *, made: bool = True) -> Any:
    """An asset as far as its credit goes: of a model, or given where there is none."""
    name, is_paid = AssetKey.parse(key), model is not None
    return SimpleNamespace(
        key=name,
        recipe=SimpleNamespace(model=model),
        product=object() if made else None,
        is_paid=is_paid,
        is_provided=not is_paid,
    )


def noted(tmp_path: Path, provider: str, *assets: Any) -> str:
    brief = replace(Staging(tmp_path).brief(options={}), provider=provider, models=MODELS)
    return note(brief, {asset.key: asset for asset in assets})


def test_the_models_are_named_by_what_they_made(tmp_path: Path) -> None:
    made = [
        asked_of("music", "lyria-5"),
        asked_of("narration:1", "speaker-3"),
        *(asked_of(f"image:{scene}", "painter-2") for scene in (1, 2)),
        asked_of("image:3", "painter-4"),
        asked_of("shot:1", "camera-1"),
    ]
    assert noted(tmp_path, "gemini", *made) == (
        "Made with artificial intelligence: pictures by painter-2 and painter-4, shots by camera-1,"
        " voice by speaker-3, music by lyria-5, planning by thinker-1."
    )


def test_no_model_is_credited_with_what_is_not_there_or_was_given(tmp_path: Path) -> None:
    pictures = [asked_of("image:1", None), asked_of("image:2", "painter-2", made=False)]
    assert noted(tmp_path, "gemini", *pictures, asked_of("music", None)) == (
        "Made with artificial intelligence: planning by thinker-1."
    )


def test_the_emulator_is_no_artificial_intelligence(tmp_path: Path) -> None:
    assert "no AI model" in noted(tmp_path, "emulator", asked_of("image:1", "painter-2"))


@pytest.mark.parametrize(
    ("provider", "source"), [("gemini", "trainedAlgorithmicMedia"), ("emulator", "algorithmicMedia")]
)
async def test_everything_seen_and_heard_is_claimed_under_its_digest(
    crew: Crew, tmp_path: Path, provider: str, source: Source
) -> None:
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)
    assets = crew.studio.assets(crew.studio.job(job.id))
    brief = replace(Staging(tmp_path).brief(options={}), provider=provider)

    claimed = claim("A title", brief, assets, Inputs({}, crew.blobs))

    assert claimed.source == source
    assert {each.title: each.digest for each in claimed.ingredients} == {
        key.name: asset.product.digest
        for key, asset in assets.items()
        if key.kind.value in ("image", "narration", "music") and asset.product
    }
    assert all(each.file.is_file() for each in claimed.ingredients)
    [first] = [each.description for each in claimed.ingredients if each.title == "image:1"]
    by = "the emulator" if provider == "emulator" else "text-model"
    assert first == f"Picture of scene 1, drawn by {by}"


@pytest.mark.parametrize(
    ("provider", "source"), [("gemini", "compositeWithTrainedAlgorithmicMedia"), ("emulator", "composite")]
)
async def test_what_a_person_gave_is_told_apart(
    crew: Crew, tmp_path: Path, provider: str, source: Source
) -> None:
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)
    assets = crew.studio.assets(crew.studio.job(job.id))
    assert given(assets) == ""
    image = assets[AssetKey.parse("image:1")]
    assert image.product is not None
    photo = Provision(
        image.product.digest, "image/png", 1, {}, {"file": image.product.digest, "changes": []}, "local"
    )
    assert image.provide_again(photo, run=1, now=NOW)
    brief = replace(Staging(tmp_path).brief(options={}), provider=provider)
    claimed = claim("A title", brief, assets, Inputs({}, crew.blobs))
    pictures = sum(key.kind.value == "image" for key in assets)
    told = f"Provided by a person, made by no model here: picture 1 of {pictures}."
    assert claimed.source == source
    assert claimed.description.endswith(told)
    [first] = [each.description for each in claimed.ingredients if each.title == "image:1"]
    assert first == "Picture of scene 1, provided by local"


async def test_who_wrote_a_script_on_a_topic_is_said_and_that_nobody_checked_it(
    crew: Crew, tmp_path: Path
) -> None:
    async with crew.directing():
        job = crew.submit(script="", given=Given(topic=Topic(about="Tides")))
        await crew.until_ended(job)
    assets = crew.studio.assets(crew.studio.job(job.id))
    brief = replace(Staging(tmp_path).brief(options={}), provider="gemini")
    told = "Script written on a topic by text-model; its facts are not checked."
    assert beside(brief, assets) == told
    assert told in claim("A title", brief, assets, Inputs({}, crew.blobs)).description
    emulated = replace(brief, provider="emulator")
    assert beside(emulated, assets).startswith("Script written on a topic by the emulator")

    script = assets[AssetKey.parse("script")]
    own = Provision(
        "sha256:own", "application/json", 1, dict(script_facts("Mine.")), {"changes": []}, "local"
    )
    assert script.provide_again(own, run=1, now=NOW)
    claimed = claim("A title", brief, assets, Inputs({}, crew.blobs))
    assert beside(brief, assets) == "Script written by a person."
    assert claimed.source == "trainedAlgorithmicMedia"
