"""Options become sizes; image bytes of every kind become upright opaque sRGB or a clear refusal."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from actors.media.errors import FormatError, PictureError
from actors.media.formats import film_format
from actors.media.pictures import inspect, open_rgb


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", "720p", (1280, 720)),
        ("9:16", "720p", (720, 1280)),
        ("1:1", "720p", (720, 720)),
        ("16:9", "1080p", (1920, 1080)),
        ("9:16", "2160p", (2160, 3840)),
    ],
)
def test_the_resolution_names_the_short_side(ratio: str, resolution: str, size: tuple[int, int]) -> None:
    fmt = film_format(ratio, resolution)
    assert (fmt.width, fmt.height) == size


def test_better_quality_costs_more_at_the_encoder_and_at_the_image_model() -> None:
    low, medium, high = (film_format(quality=quality) for quality in ("low", "medium", "high"))
    assert low.crf > medium.crf > high.crf
    assert (low.image_size, medium.image_size, high.image_size) == ("1K", "1K", "2K")
    assert film_format(resolution="1080p").image_size == "2K"


@pytest.mark.parametrize(
    "options", [{"aspect_ratio": "4:3"}, {"resolution": "480p"}, {"quality": "best"}, {"fps": 23}]
)
def test_an_unknown_option_is_refused_with_what_would_do(options: dict[str, object]) -> None:
    with pytest.raises(FormatError) as caught:
        film_format(**options)  # type: ignore[arg-type]
    assert next(iter(options)) in caught.value.message
    assert caught.value.hint.startswith("Use one of ")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_says_its_type_and_size(kind: str) -> None:
    info = inspect(encoded(Image.new("RGB", (120, 80), "teal"), kind))
    assert (info.media_type, info.width, info.height) == (f"image/{kind.lower()}", 120, 80)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_short_is_refused(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), kind)
    with pytest.raises(PictureError, match="picture_unreadable"):
        inspect(whole[: len(whole) // 2])


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(PictureError, match="picture_unreadable"):
        inspect(b"<html>quota exceeded</html>")
    with pytest.raises(PictureError, match="picture_empty"):
        inspect(b"")
    with pytest.raises(PictureError, match="picture_too_small"):
        inspect(encoded(Image.new("RGB", (1, 1)), "PNG"))


@pytest.mark.parametrize(("width", "height"), [(9_500, 9_500), (40_000, 40_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b""))
    )
    with pytest.raises(PictureError, match="picture_too_large"):
        inspect(b"\x89PNG\r\n\x1a\n" + chunks)


def test_an_orientation_tag_turns_the_picture() -> None:
    image = Image.new("RGB", (120, 80), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    info = inspect(encoded(image, "JPEG", exif=exif))
    assert (info.width, info.height) == (80, 120)


def test_transparency_shows_paper() -> None:
    image = Image.new("RGBA", (80, 80), (255, 0, 0, 0))
    assert open_rgb(encoded(image, "PNG")).getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (80, 80), 3)
    palette.putpalette([0, 0, 0, 9, 9, 9, 8, 8, 8, 0, 128, 0])
    assert open_rgb(encoded(palette, "PNG", transparency=3)).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bit_grey_keeps_its_middle() -> None:
    deep = Image.fromarray(np.linspace(0, 65_535, 80 * 80).reshape(80, 80).astype(np.uint16))
    picture = open_rgb(encoded(deep, "PNG"))
    assert picture.mode == "RGB"
    middle = picture.getpixel((40, 40))
    assert isinstance(middle, tuple)
    assert abs(middle[0] - 129) <= 2


def test_print_colours_become_screen_colours() -> None:
    picture = open_rgb(encoded(Image.new("CMYK", (80, 80), (0, 255, 255, 0)), "JPEG"))
    red, green, blue = picture.getpixel((40, 40))  # type: ignore[misc]
    assert picture.mode == "RGB"
    assert red > 200
    assert max(green, blue) < 60
