"""Pictures are kept as their pixels alone, upright; what cannot be decoded to the end is refused by name."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from actors.files import formats, pictures
from actors.files.opened import Opened, Place
from actors.files.refusals import FileRefusedError
from tests.actors.files.material import SECRET, photo

FILM = Place("image", 1280, 720)


def kept(path: Path, fmt: formats.FileFormat = formats.JPEG) -> tuple[Opened, Path]:
    target = path.with_suffix(".kept")
    return pictures.clean(path, target, fmt), target


def refused(path: Path, fmt: formats.FileFormat) -> str:
    with pytest.raises(FileRefusedError) as error:
        pictures.clean(path, path.with_suffix(".kept"), fmt)
    assert error.value.code == "unfit"
    return error.value.message


def test_what_a_phone_says_of_its_owner_is_left_out(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    assert SECRET.encode() in source.read_bytes()
    opened, target = kept(source)
    data = target.read_bytes()
    assert SECRET.encode() not in data
    assert b"Exif" not in data
    with Image.open(target) as picture:
        assert not picture.getexif()
        assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert opened.notes == ["EXIF metadata with the place where it was taken was left out"]
    assert (opened.kind, opened.media_type, opened.facts["width"]) == ("image", "image/jpeg", 1600)


@pytest.mark.parametrize(
    ("orientation", "size", "top"), [(6, (1200, 1600), "red"), (8, (1200, 1600), "blue")]
)
def test_it_stands_upright(tmp_path: Path, orientation: int, size: tuple[int, int], top: str) -> None:
    opened, target = kept(photo(tmp_path / "a.jpg", orientation=orientation))
    assert "turned upright" in opened.notes
    with Image.open(target) as picture:
        assert picture.size == size
        red, _, blue = picture.convert("RGB").getpixel((600, 100))  # type: ignore[misc]
    assert (red > blue) == (top == "red")


def test_the_same_file_is_kept_as_the_same_bytes(tmp_path: Path) -> None:
    assert kept(photo(tmp_path / "a.jpg"))[1].read_bytes() == kept(photo(tmp_path / "b.jpg"))[1].read_bytes()


def test_what_hides_behind_a_picture_goes(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    source.write_bytes(source.read_bytes() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in kept(source)[1].read_bytes()


def test_transparency_stays_and_none_is_forgotten(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (100, 100), (255, 0, 0, 80)).save(logo)
    opened, target = kept(logo, formats.PNG)
    assert (opened.media_type, opened.facts["alpha"]) == ("image/png", True)
    with Image.open(target) as picture:
        assert picture.mode == "RGBA"
    Image.new("RGBA", (100, 100), (255, 0, 0, 255)).save(logo)
    assert kept(logo, formats.PNG)[0].facts["alpha"] is False


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_picture_that_was_cut_short_is_broken(tmp_path: Path, form: str) -> None:
    source = tmp_path / "a"
    Image.effect_noise((400, 300), 80).convert("RGB").save(source, form)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert "broken or cut short" in refused(source, getattr(formats, form))


def test_a_bomb_is_refused_by_what_it_says_before_it_is_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )
    assert "too large: at most 80 megapixels are taken" in refused(bomb, formats.PNG)


def test_one_that_is_large_and_no_bomb_is_told_its_figures(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    Image.new("1", (10_000, 9_000)).save(large)
    assert "10000x9000" in refused(large, formats.PNG)


def test_what_moves_is_no_picture(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    moving = tmp_path / "a.png"
    frames[0].save(moving, "PNG", save_all=True, append_images=frames[1:])
    assert "animated" in refused(moving, formats.PNG)
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    assert "animated" in refused(moving, formats.WEBP)


def test_of_the_several_pictures_of_a_phone_the_first_counts(tmp_path: Path) -> None:
    several = tmp_path / "a.jpg"
    Image.new("RGB", (200, 100), "red").save(
        several, "MPO", save_all=True, append_images=[Image.new("RGB", (50, 50), "blue")]
    )
    assert kept(several)[0].facts["width"] == 200


def test_a_small_one_is_refused_with_its_size(tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    Image.new("RGB", (300, 40)).save(small)
    assert "300x40" in refused(small, formats.PNG)


def test_other_bytes_under_the_magic_of_a_picture_are_broken(tmp_path: Path) -> None:
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"\x89PNG\r\n\x1a\n" + b"#!/bin/sh\nrm -rf /\n" * 10)
    assert "broken" in refused(fake, formats.PNG)


# ---- in its place -----------------------------------------------------------------------------------


def test_one_of_the_films_shape_stays_whole(tmp_path: Path) -> None:
    opened = pictures.fit(photo(tmp_path / "a.jpg", (1920, 1080)), tmp_path / "b", FILM)
    assert (opened.facts, opened.notes) == ({"width": 1920, "height": 1080, "kept": 1.0}, [])


def test_another_shape_is_cropped_and_the_share_is_told(tmp_path: Path) -> None:
    opened = pictures.fit(photo(tmp_path / "a.jpg"), tmp_path / "b", FILM)
    assert (opened.facts["width"], opened.facts["height"], opened.facts["kept"]) == (1600, 900, 0.75)
    assert opened.notes == ["cropped around its subject: 75% is kept"]


def test_the_subject_stays(tmp_path: Path) -> None:
    picture = Image.new("RGB", (2400, 1200), "grey")
    picture.paste(Image.effect_noise((200, 200), 120).convert("RGB"), (2000, 500))
    source = tmp_path / "a.png"
    picture.save(source)
    pictures.fit(source, tmp_path / "b", Place("image", 720, 720))
    with Image.open(tmp_path / "b") as fitted:
        assert fitted.convert("RGB").crop((600, 400, 1200, 800)).getextrema()[0][0] < 100


def test_too_little_left_is_refused_with_the_figure(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="only 32% would be left in a film of 1280x720"):
        pictures.fit(photo(tmp_path / "a.jpg", (1080, 1920)), tmp_path / "b", FILM)


def test_too_small_a_picture_is_refused_with_the_figure(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"640x360 .* 3\.0 times"):
        pictures.fit(photo(tmp_path / "a.jpg", (640, 360)), tmp_path / "b", Place("image", 1920, 1080))


def test_one_that_is_larger_than_a_film_shows_is_made_smaller(tmp_path: Path) -> None:
    opened = pictures.fit(photo(tmp_path / "a.jpg", (4000, 2250)), tmp_path / "b", FILM)
    assert (opened.facts["width"], opened.facts["height"]) == (2560, 1440)


def test_what_shows_through_is_paper(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (1280, 720), (255, 0, 0, 0)).save(logo)
    pictures.fit(logo, tmp_path / "b", FILM)
    with Image.open(tmp_path / "b") as fitted:
        assert fitted.getpixel((5, 5)) == (255, 255, 255)


def test_the_largest_part_lies_as_near_to_the_focus_as_the_edges_allow() -> None:
    assert pictures.crop_box((1000, 500), 1.0, (0.5, 0.5)) == (250, 0, 750, 500)
    assert pictures.crop_box((1000, 500), 1.0, (0.95, 0.5)) == (500, 0, 1000, 500)
    assert pictures.crop_box((500, 1000), 1.0, (0.5, 0.1)) == (0, 0, 500, 500)


def test_a_picture_of_which_nothing_is_to_be_seen_is_refused(tmp_path: Path) -> None:
    Image.new("RGBA", (200, 100)).save(tmp_path / "nothing.png")
    assert "transparent from edge to edge" in refused(tmp_path / "nothing.png", formats.PNG)
