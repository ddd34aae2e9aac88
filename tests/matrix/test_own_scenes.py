"""A storyboard of one's own, filmed by the real stages: what is given stays, and nobody is asked for it."""

import io
from collections import Counter
from typing import Any

import pytest
from PIL import Image

from domain.asset import Asset, AssetKey, Provision
from domain.given_scenes import CastMember, Given, GivenScene
from domain.job import Job
from domain.script import ScriptAnalysis, Storyboard
from tests.matrix.ai_crew import AICrew
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

LONG = "The wind rises. The boats turn home. One of them stays out. " * 6
SCENES = (
    GivenScene(text="Mara lights the lamp, as on every evening.", visual="Mara at the lamp, seen from below"),
    GivenScene(text=LONG.strip()),
    GivenScene(text="Then it is dark."),
)
CAST = (CastMember(name="Mara", look="an old woman in a yellow oilskin"),)
OPTIONS = {"max_scenes": 3, "music": False}


def picture() -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((512, 512)).save(out, "PNG")
    return out.getvalue()


def product(film: AICrew, job: Job, name: str) -> str:
    """The digest of what was made."""
    made = film.asset(job, name).product
    assert made is not None
    return made.digest


async def filmed(film: AICrew, there: dict[str, tuple[bytes, str, dict[str, Any]]], **about: Any) -> Job:
    """The job at its end; these assets are there when it begins."""
    async with film.directing():
        job = film.submit_with(
            lambda job: [
                Asset.provide(
                    job.id,
                    AssetKey.parse(name),
                    Provision(film.blobs.put(data), media_type, len(data), facts, {}, "local"),
                    run=1,
                    now=job.created_on,
                )
                for name, (data, media_type, facts) in there.items()
            ],
            script="\n\n".join(scene.text for scene in SCENES),
            options=OPTIONS,
            **about,
        )
        await film.until_ended(job)
    return film.studio.job(job.id)


async def test_what_is_given_stays_and_what_is_there_is_not_asked_for(
    film: AICrew, emulator: Emulator
) -> None:
    there = {
        "image:3": (picture(), "image/png", {"width": 512, "height": 512}),
        "narration:3": (b"RIFF", "audio/wav", {"duration_s": 1.2, "sample_rate": 48000}),
    }
    scenes = [*SCENES[:2], SCENES[2].model_copy(update={"image": film.blobs.put(picture())})]
    job = await filmed(film, there, given=Given(tuple(scenes), CAST))
    assert job.status == "completed", job.failure

    assets = film.studio.assets(job)
    analysis = ScriptAnalysis.model_validate_json(film.blobs.get(product(film, job, "analysis")))
    assert [scene.narration for scene in analysis.scenes] == [scene.text for scene in SCENES]
    assert [scene.text for scene in SCENES] == [
        " ".join(beat.text for beat in scene.pictures) for scene in analysis.scenes
    ]
    assert analysis.scenes[0].visual == SCENES[0].visual
    assert [len(scene.pictures) for scene in analysis.scenes][::2] == [1, 1]
    assert len(analysis.scenes[1].pictures) > 1
    assert [c.look for c in analysis.characters if c.name == "Mara"] == [CAST[0].look]
    asked = Counter(call["model"] for call in emulator.calls())
    drawn = 1 + len(analysis.scenes[1].pictures)
    assert asked == {
        job.models["text"]: 3,  # analysis, storyboard, audio plan
        job.models["image"]: drawn,
        job.models["speech"]: 2,
    }
    assert assets[AssetKey.parse("image:3")].spent_usd == 0


async def test_a_character_s_picture_and_one_for_the_style_go_along_with_every_prompt_that_shows_it(
    film: AICrew,
) -> None:
    face, style = film.blobs.put(picture()), film.blobs.put(picture() + b"\0")
    cast = (CAST[0].model_copy(update={"image": face}),)
    job = await filmed(film, {}, given=Given(SCENES, cast, {"style": style}))
    assert job.status == "completed", job.failure
    assets = film.studio.assets(job)
    board = Storyboard.model_validate_json(film.blobs.get(product(film, job, "storyboard")))
    for frame in board.frames:
        image = assets[AssetKey.parse(f"image:{frame.scene}" + (f".{frame.beat}" if frame.beat > 1 else ""))]
        references = image.recipe.parameters["references"]
        assert references[0] == style
        assert (face in references) == ("Mara" in frame.characters)
        prompt = film.blobs.get(image.recipe.prompt_digest or "").decode()
        assert "Picture 1 shows the style" in prompt
        assert ("Picture 2 shows Mara" in prompt) == ("Mara" in frame.characters)
    assert "Mara" in board.frames[0].characters
    sent = [contents for model, contents, _ in film.gateway.asked if model == job.models["image"]]
    assert all(sum("inlineData" in part for part in one[0]["parts"]) >= 1 for one in sent)
