"""What is doubted is asked for again, and taken where that does not help; honest answers are not doubted."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from actors.media.reading import spoken
from actors.stages.checks.doubts import picture_doubts, settle, speech_doubts
from actors.work.stage import Order, Plan
from domain.failures import AttemptFailedError, Code, Failure
from tests.actors.staging import Staging

BUSY = Failure.of(Code.OVERLOADED, "busy")
WRONG = Failure.of(Code.WRONG_ASPECT, "another shape")
BORDER = Failure.of(Code.BORDERED_IMAGE, "a border")

THREE = "The sea is old and grey today. Its keeper lights the lamp at dusk. Nobody has come for years."
USUAL_S = sum(spoken(THREE).in_its_language) / 2
FILM = (1.0, 1.05, 0.95)


def order(tmp_path: Path, *before: Failure, attempt: int | None = None) -> Order:
    staging = Staging(tmp_path)
    task = staging.task("image:1", Plan(), staging.brief())
    return replace(task.order, failures=before, attempt=attempt or len(before) + 1)


def missing(voiced_s: float) -> Failure:
    return Failure.of(Code.SWALLOWED_SENTENCE, "a sentence", details={"voiced_s": voiced_s})


def codes(found: list[Failure]) -> list[str]:
    return [doubt.code for doubt in found]


# ---- what becomes of a doubt ------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), (BUSY, BUSY, BUSY), (WRONG,), (BUSY, BORDER)])
def test_what_is_doubted_is_asked_for_again(tmp_path: Path, before: tuple[Failure, ...]) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        settle([BORDER], order(tmp_path, *before))
    assert caught.value.failure == BORDER
    assert BORDER.retryable


@pytest.mark.parametrize("before", [(BORDER, BORDER), (WRONG, BORDER), (BUSY, WRONG, BUSY, WRONG)])
def test_a_doubt_never_ends_an_asset(tmp_path: Path, before: tuple[Failure, ...]) -> None:
    [remark] = settle([BORDER], order(tmp_path, *before))["remarks"]
    assert (remark["code"], remark["message"]) == ("bordered_image", "a border; asking again did not help")


def test_attempts_that_were_lost_count(tmp_path: Path) -> None:
    assert settle([BORDER], order(tmp_path, BORDER, attempt=3))["remarks"]


def test_what_is_not_doubted_has_no_remark(tmp_path: Path) -> None:
    assert settle([], order(tmp_path, BORDER)) == {}


def test_what_takes_a_voice_as_long_again_is_its_pace(tmp_path: Path) -> None:
    assert settle([missing(4.1)], order(tmp_path, missing(4.0)))["remarks"]
    with pytest.raises(AttemptFailedError):
        settle([missing(4.9)], order(tmp_path, missing(4.0)))


# ---- speech -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "pauses", "rates", "doubted"),
    [
        (1.0, 2, FILM, False),
        (0.85, 2, FILM, False),
        (1.3, 0, FILM, False),
        (0.67, 2, FILM, True),
        (0.67, 1, FILM, True),
        (0.82, 1, FILM, True),
        (0.9, 1, FILM, False),
        (0.67, 1, (), True),
        (0.67, 2, (), False),
        (0.85, 1, (), False),
        (0.67, 2, FILM[:2], True),
    ],
)
def test_a_sentence_is_missed_by_time_and_pauses(
    share: float, pauses: int, rates: tuple[float, ...], doubted: bool
) -> None:
    found = speech_doubts(USUAL_S * share, pauses, THREE, rates)
    assert codes(found) == (["swallowed_sentence"] if doubted else [])


def test_a_fast_film_makes_no_doubt() -> None:
    assert speech_doubts(USUAL_S / 1.5, 0, THREE, (1.5, 1.5, 1.5)) == []


@pytest.mark.parametrize(
    "text", [THREE.partition(".")[0], "No. Go. Now.", "It was 1984. 2 + 2 = 5. 1/2 > 1."]
)
def test_one_sentence_a_breath_and_figures_are_never_doubted(text: str) -> None:
    assert speech_doubts(1.0, 0, text, FILM) == []


def test_less_than_half_of_the_shortest_sentence_is_no_sentence() -> None:
    two = "The sea is old and grey today and so is its keeper. Nobody has come to see the lamp for years now."
    usual = sum(spoken(two).in_its_language) / 2
    assert speech_doubts(usual * 0.77, 1, two, FILM) == []
    assert codes(speech_doubts(usual * 0.5, 0, two, FILM)) == ["swallowed_sentence"]


# ---- pictures ---------------------------------------------------------------------------------------------


def scene(seed: int, size: tuple[int, int] = (1376, 768)) -> Image.Image:
    """Coarse and fine shapes, as a picture has them."""
    rng = np.random.default_rng(seed)
    coarse, fine = (
        Image.fromarray(rng.integers(0, 256, (h, w, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
        for w, h in ((7, 5), (90, 50))
    )
    return Image.blend(coarse, fine, 0.3)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> Image.Image:
    out = io.BytesIO()
    # To pack a PNG well takes a second of what is no test, and changes no pixel.
    image.save(out, kind, **({"compress_level": 1} if kind == "PNG" else {}), **options)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def test_pictures_of_their_own_are_not_doubted() -> None:
    assert picture_doubts(scene(1), [scene(2), scene(3)]) == []


@pytest.mark.parametrize("colour", ["white", "black", "#e8dcc0"])
@pytest.mark.parametrize(
    "edges", [(32, 32, 32, 32), (0, 96, 0, 96), (160, 0, 160, 0)], ids=["border", "letterbox", "pillars"]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_border_and_bars_are_doubted(colour: str, edges: tuple[int, int, int, int], kind: str) -> None:
    bordered = encoded(ImageOps.expand(scene(1), edges, colour), kind)
    [doubt] = picture_doubts(bordered, [])
    assert doubt.code == "bordered_image"
    left, top, right, bottom = edges
    asked = {"left": left, "top": top, "right": right, "bottom": bottom}
    # Compression blurs the line, by a block or two.
    assert doubt.details["border"] == {edge: pytest.approx(px, abs=16) for edge, px in asked.items() if px}


def ground(colour: str) -> Image.Image:
    """A logo in the middle of plain ground."""
    image = Image.new("RGB", (1024, 1024), colour)
    ImageDraw.Draw(image).ellipse((380, 380, 640, 640), "orange")
    return image


def night() -> Image.Image:
    """A black sky, a black sea, and a ship's lights between them."""
    image = Image.new("RGB", (1376, 768), "black")
    image.paste(scene(4, (1100, 200)), (140, 300))
    return image


def horizon() -> Image.Image:
    """A plain sky ends in a straight line, and the sea below it is another colour."""
    image = Image.new("RGB", (1376, 768), "#9ad0f0")
    image.paste("#104060", (0, 400, 1376, 768))
    return image


def striped() -> Image.Image:
    """Walls of one colour at both sides, of another width than any bar."""
    image = scene(5)
    image.paste("#402010", (0, 0, 500, 768))
    image.paste("#402010", (876, 0, 1376, 768))
    return image


@pytest.mark.parametrize("picture", [ground("#00a1fe"), night(), horizon(), striped()])
def test_plain_ground_is_no_border(picture: Image.Image) -> None:
    assert picture_doubts(encoded(picture), []) == []


@pytest.mark.parametrize("size", [(1376, 768), (1024, 576), (2752, 1536)])
def test_a_copy_is_doubted_however_large_and_bright_it_is(size: tuple[int, int]) -> None:
    copy = encoded(scene(1).resize(size).point(lambda value: min(255, value + 8)), quality=70)
    [doubt] = picture_doubts(copy, [scene(2), scene(1)])
    assert (doubt.code, "attached picture 2" in doubt.message) == ("copied_reference", True)


def test_two_dark_pictures_are_not_the_same() -> None:
    dark = [Image.fromarray((np.asarray(scene(seed), np.float32) * 0.06).astype(np.uint8)) for seed in (1, 2)]
    assert picture_doubts(dark[0], [dark[1]]) == []
