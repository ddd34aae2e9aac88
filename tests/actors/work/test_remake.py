"""Comparing what was made again with what is on record, where the bytes may honestly differ."""

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from actors.work.remake import ALIKE, Remade, _difference, _same_environment
from actors.work.rendering import rendered
from domain.asset import AssetKey, Product
from domain.script import Kind


def png(path: Path, level: int, size: tuple[int, int] = (8, 6)) -> Path:
    Image.new("RGB", size, (level, level, level)).save(path, "PNG")
    return path


def wav(path: Path, level: float, seconds: float = 0.1) -> Path:
    samples = np.full(int(48_000 * seconds), level * 32767, "<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())
    return path


def test_pictures_are_compared_by_their_pixels(tmp_path: Path) -> None:
    one, other = png(tmp_path / "a.png", 100), png(tmp_path / "b.png", 103)
    assert _difference(one, other, "image/png") == 3.0
    assert _difference(one, one, "image/png") == 0.0
    assert _difference(one, png(tmp_path / "c.png", 100, (9, 6)), "image/png") == float("inf")


def test_sound_is_compared_by_its_samples_and_a_shorter_one_is_another(tmp_path: Path) -> None:
    one, other = wav(tmp_path / "a.wav", 0.5), wav(tmp_path / "b.wav", 0.51)
    assert _difference(one, other, "audio/wav") == pytest.approx(1.28, abs=0.05)
    assert _difference(one, wav(tmp_path / "c.wav", 0.5, 0.2), "audio/wav") == float("inf")


def test_what_cannot_be_decoded_is_the_same_by_its_bytes_or_not_at_all(tmp_path: Path) -> None:
    text = tmp_path / "captions.vtt"
    text.write_text("WEBVTT\n", encoding="utf-8")
    assert _difference(text, text, "text/vtt") is None
    assert not Remade(AssetKey(Kind.CAPTIONS), "sha256:a", "sha256:b", same_environment=False).alike


@pytest.mark.parametrize(
    ("difference", "alike"), [(0.0, True), (ALIKE, True), (ALIKE + 1, False), (None, False)]
)
def test_a_little_is_alike_and_more_is_not(difference: float | None, alike: bool) -> None:
    made = Remade(AssetKey(Kind.VIDEO), "sha256:a", "sha256:b", same_environment=False, difference=difference)
    assert (made.same, made.alike) == (False, alike)


@pytest.mark.parametrize("kind", [Kind.MUSIC, Kind.POSTER])
def test_where_it_was_made_is_not_known_of_what_recorded_none_and_has_other_bytes(kind: Kind) -> None:
    key = AssetKey(kind)
    old, new = (Product("sha256:a", "image/jpeg", 1, {}, 1, where) for where in ({}, rendered()))
    assert [_same_environment(key, old, same=same) for same in (True, False)] == [True, False]
    assert _same_environment(key, new, same=False)
    assert _same_environment(AssetKey(Kind.CAPTIONS), old, same=False), "text depends on none"
