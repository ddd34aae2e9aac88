import json
from pathlib import Path

import numpy as np
import pytest

from actors.media.encode import encode_segment
from actors.media.film import join
from actors.media.formats import Format
from tests.api.cli.conftest import Run

SHAPE = Format(64, 48, 24)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A second of noise that moves, with no sound: small, and nothing is wrong with it."""
    rng = np.random.default_rng(4)
    scene = np.repeat(np.repeat(rng.integers(30, 220, (18, 40), np.uint8), 4, axis=0), 4, axis=1)
    frames = []
    for n in range(24):
        frame = np.full((72, 64), 128, np.uint8)
        frame[:48] = scene[:48, 2 * n : 2 * n + 64]
        frames.append(frame)
    path = tmp_path / "film.mp4"
    join([encode_segment(frames, SHAPE)], SHAPE, path)
    return path


def test_a_good_film_ends_with_zero_and_shows_what_was_measured(run: Run, film: Path) -> None:
    checked = run("check", str(film))

    assert checked.exit_code == 0, checked.output
    assert "width              64" in checked.stdout
    assert "frames             24" in checked.stdout
    assert "WRONG" not in checked.stdout


def test_a_film_that_is_not_what_was_expected_ends_with_one_and_names_it(run: Run, film: Path) -> None:
    checked = run("check", str(film), "--expect", "size=128x72", "--expect", "sound=yes", "--json")

    told = json.loads(checked.stdout)
    assert checked.exit_code == 1
    assert [finding["code"] for finding in told["findings"]] == ["wrong_size", "sound_missing"]
    assert not told["ok"]
    assert told["measured"]["duration_s"] == 1.0


def test_a_file_that_is_no_film_ends_with_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a film")
    checked = run("check", "notes.mp4")

    assert checked.exit_code == 1
    assert "WRONG film_unreadable" in checked.stdout


def test_captions_are_checked_with_the_film(run: Run, film: Path, tmp_path: Path) -> None:
    (tmp_path / "late.vtt").write_text("WEBVTT\n\n1\n00:00:00.500 --> 00:00:09.000\nToo late\n")
    checked = run("check", str(film), "--captions", "late.vtt")

    assert checked.exit_code == 1
    assert "WRONG caption_outside at 0.50 s" in checked.stdout


@pytest.mark.parametrize(
    "wrong",
    [["--expect", "colour=blue"], ["--expect", "fps=none"], ["--expect", "fps=0"], ["--captions", "x"]],
)
def test_an_expectation_that_cannot_be_read_ends_with_two(run: Run, film: Path, wrong: list[str]) -> None:
    assert run("check", str(film), *wrong).exit_code == 2


def test_a_file_that_is_not_there_ends_with_two(run: Run) -> None:
    assert run("check", "nowhere.mp4").exit_code == 2


def test_a_film_that_was_cut_short_ends_with_one_and_says_so(run: Run, film: Path) -> None:
    film.write_bytes(film.read_bytes()[:-100])
    checked = run("check", str(film))

    assert checked.exit_code == 1
    assert "WRONG cut_short: The file was cut short: 100 bytes of its mdat are missing" in checked.stdout


def test_what_is_only_remarkable_is_told_and_ends_with_zero(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "grey.mp4"
    join([encode_segment([np.full((72, 64), 128, np.uint8)] * 48, SHAPE)], SHAPE, path)
    checked, told = run("check", str(path)), run("check", str(path), "--json")

    assert (checked.exit_code, told.exit_code) == (0, 0)
    assert "NOTE flat_picture at 0.00 s: The picture is flat for 2.0 s (1.958)" in checked.stdout
    assert checked.stderr.strip() == "Nothing is wrong; 2 remarks."
    page = json.loads(told.stdout)
    assert page["ok"]
    assert page["findings"] == []
    assert [remark["code"] for remark in page["remarks"]] == ["flat_picture", "frozen_picture"]
