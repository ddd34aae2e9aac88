"""A picture that no clip could be made of is refused where it is paid for, and asked for again."""

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from actors.stages.illustrator import Illustrator
from actors.work.provider_call import Provider
from actors.work.stage import Made, MakeFailedError, Source
from domain.asset import AssetKey
from domain.failures import Failure
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.staging import Staging
from tests.actors.work.test_provider_call import Answering

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
GENAI = frozenset({"image_config"})


def picture(width: int, height: int, form: str = "JPEG", *, turned: bool = False) -> bytes:
    image = Image.radial_gradient("L").convert("RGB").resize((width, height))
    out = io.BytesIO()
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6  # to be shown turned by 90 degrees
    image.save(out, form, **({"exif": exif} if turned else {}))
    return out.getvalue()


async def drawn(
    tmp_path: Path,
    data: bytes,
    *,
    model: str | None = None,
    quality: str = "medium",
    before: tuple[Failure, ...] = (),
    reference: bytes | None = None,
) -> Made:
    body = {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}}
                    ],
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 1120, "totalTokenCount": 1220},
        "modelVersion": "gemini-nano-banana-2.1",
    }
    staging = Staging(tmp_path)
    provider = Provider(lambda: Answering(json.dumps(body).encode(), can=GENAI), PRICES, lambda: NOW)
    models = {"image": model} if model else {}
    brief = staging.brief(options={"quality": quality}, models=models)
    artist = Illustrator(provider)
    more = [Source("image:1", staging.blobs.put(reference), "image/png", {})] if reference else []
    plan = artist.plan(brief, AssetKey.parse("image:2"), staging.inputs(*more))
    task = staging.task("image:2", plan, brief)
    order = replace(task.order, failures=before, attempt=len(before) + 1)
    return await artist.make(replace(task, order=order, inputs=staging.inputs(*more)))


@pytest.mark.parametrize(
    ("size", "quality"),
    [((1344, 768), "medium"), ((1376, 768), "low"), ((2752, 1536), "high"), ((2688, 1536), "high")],
)
async def test_the_sizes_that_models_answer_with_are_taken(
    tmp_path: Path, size: tuple[int, int], quality: str
) -> None:
    made = await drawn(tmp_path, picture(*size), quality=quality)
    assert (made.facts["width"], made.facts["height"]) == size


@pytest.mark.parametrize(
    ("size", "quality"), [((672, 384), "medium"), ((512, 288), "high"), ((1344, 768), "high")]
)
async def test_a_picture_smaller_than_was_asked_for_is_refused_with_its_cost(
    tmp_path: Path, size: tuple[int, int], quality: str
) -> None:
    with pytest.raises(MakeFailedError) as raised:
        await drawn(tmp_path, picture(*size), quality=quality)
    failure = raised.value.failure
    assert (failure.code, failure.retryable) == ("image_too_small", True)
    assert f"{size[0]}x{size[1]}" in failure.message
    assert raised.value.cost_usd


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-9-flash-image"])
async def test_a_model_that_takes_no_size_is_held_to_the_usual_one(tmp_path: Path, model: str) -> None:
    assert (await drawn(tmp_path, picture(1344, 768), model=model, quality="high")).facts["width"] == 1344


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
async def test_a_picture_of_a_kind_that_no_clip_is_made_of_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(MakeFailedError) as raised:
        await drawn(tmp_path, picture(1344, 768, form))
    assert raised.value.failure.code == "malformed_image"


async def test_a_picture_that_lies_on_its_side_is_judged_as_it_is_seen(tmp_path: Path) -> None:
    await drawn(tmp_path, picture(768, 1344, turned=True))
    with pytest.raises(MakeFailedError) as raised:
        await drawn(tmp_path, picture(1344, 768, turned=True))
    assert raised.value.failure.code == "wrong_aspect"


def framed(data: bytes) -> bytes:
    out = io.BytesIO()
    ImageOps.expand(ImageOps.crop(Image.open(io.BytesIO(data)), 40), 40, "white").save(out, "PNG")
    return out.getvalue()


async def test_a_border_is_asked_for_again_and_taken_with_a_remark_where_it_stays(tmp_path: Path) -> None:
    data = framed(picture(1376, 768))
    with pytest.raises(MakeFailedError) as caught:
        await drawn(tmp_path, data)
    failure = caught.value.failure
    assert (failure.code, failure.retryable) == ("bordered_image", True)
    assert "top 40 px" in failure.message
    made = await drawn(tmp_path, data, before=(failure, failure))
    assert [remark["code"] for remark in made.facts["remarks"]] == ["bordered_image"]
    assert made.data == data


async def test_a_picture_that_went_along_and_came_back_is_asked_for_again(tmp_path: Path) -> None:
    with pytest.raises(MakeFailedError) as caught:
        await drawn(tmp_path, picture(1376, 768), reference=picture(1344, 768, "PNG"))
    assert caught.value.failure.code == "copied_reference"
    made = await drawn(tmp_path, picture(1376, 768), reference=picture(1376, 768, turned=True))
    assert "remarks" not in made.facts


async def test_no_more_pictures_go_along_than_the_model_takes(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    artist = Illustrator(Provider(lambda: Answering(b"{}"), PRICES, lambda: NOW))
    earlier = [
        Source(f"image:{scene}", staging.blobs.put(f"picture {scene}".encode()), "image/png", {})
        for scene in (1, *range(3, 21))
    ]

    def along(model: str) -> int:
        brief = staging.brief(models={"image": model})
        plan = artist.plan(brief, AssetKey.parse("image:2"), staging.inputs(*earlier))
        return len(plan.parameters["references"])

    assert along("gemini-nano-banana-2.1") == 14
    assert along("gemini-2.5-flash-image") == 3
