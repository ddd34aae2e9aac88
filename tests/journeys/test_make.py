"""``reelog make`` as its users meet it: five files and a film that passes its checks, or one clear error."""

import json
from pathlib import Path

import pytest

from actors.media.check import Expected, check
from actors.media.formats import film_format
from tests.journeys.sharing import MadeFilm
from tests.processes import SHORT, run

LYRIA = ("--music-model", "lyria-3.5")
FILES = ["captions.srt", "captions.vtt", "manifest.json", "poster.jpg", "video.mp4"]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_make_leaves_the_five_files_and_a_film_that_passes_its_checks(made_film: MadeFilm) -> None:
    done = made_film.done
    assert done.returncode == 0, done.stderr
    folder = made_film.folder / "film"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert list(made_film.temporary.iterdir()) == []
    assert list((made_film.folder / "reelog-data" / "blobs" / "unfinished").iterdir()) == []
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    [film] = [asset for asset in manifest["assets"] if asset["name"] == "video"]
    report = check(
        folder / "video.mp4",
        Expected(film_format("9:16", "720p", "low", 30), film["facts"]["duration_s"], sound=True),
    )
    assert report.ok, report.findings
    assert manifest["provider"] == "emulator"
    assert all(asset["digest"] for asset in manifest["assets"])
    assert "EMULATOR" in done.stderr
    captions = (folder / "captions.vtt").read_text(encoding="utf-8")
    spoken = [line for line in captions.splitlines() if line and "-->" not in line and not line.isdigit()]
    assert " ".join(spoken[2:]) == SHORT


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_older_sdk_makes_a_square_film_and_refuses_any_other(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")
    asked = ["make", "story.txt", "--out", "film", "--emulate", "--quality", "low"]
    older = ["--aspect-ratio", "1:1", "--speech-model", "gemini-2.5-flash-preview-tts"]
    sdk = "google-generativeai"

    refused = run(tmp_path, *asked, REELOG_GEMINI_SDK=sdk)
    done = run(tmp_path, *asked, *older, "--midi", REELOG_GEMINI_SDK=sdk)

    assert refused.returncode == 2, refused.stderr
    assert "REELOG_GEMINI_SDK=google-genai" in refused.stderr
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    [film] = [asset for asset in manifest["assets"] if asset["name"] == "video"]
    expected = Expected(film_format("1:1", "720p", "low", 30), film["facts"]["duration_s"], sound=True)
    report = check(tmp_path / "film" / "video.mp4", expected)
    assert report.ok, report.findings
    assert sorted(path.name for path in (tmp_path / "film").iterdir()) == sorted([*FILES, "music.mid"])
    assert (tmp_path / "film" / "music.mid").read_bytes().startswith(b"MThd")


@pytest.mark.slow
@pytest.mark.beside
def test_make_without_a_key_says_which_variable_where_to_get_one_and_how_to_try(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")

    refused = run(tmp_path, "make", "story.txt", "--out", "film")

    assert refused.returncode == 2
    for wanted in ("GEMINI_API_KEY", "https://aistudio.google.com/apikey", "--emulate", "reelog demo"):
        assert wanted in refused.stderr
    assert not (tmp_path / "film" / "video.mp4").exists()


@pytest.mark.slow
@pytest.mark.beside
@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"  \n ", [], "empty"),
        (b"word " * 10_001, [], "50,005 characters"),
        (b"caf\xe9 au lait", [], "UTF-8"),
        (b"Fine.", ["--resolution", "480p"], "720p"),
        (b"Fine.", ["--aspect-ratio", "4:3"], "16:9"),
        (b"Fine.", ["--text-model", "gpt-9"], "gemini-3.8-flash"),
        (b"Fine.", ["--sparkle"], "--sparkle"),
        (b"Fine.", ["--max-cost", "-1"], "-1"),
        (b"Fine.", ["--midi", "--no-audio"], "--no-music"),
        (b"Fine.", [*LYRIA, "--midi"], "--midi: a song of a model has no notes"),
        (b"Fine.", [*LYRIA, "--no-music"], '--music-model is "lyria-3.5": there is no music to compose'),
    ],
    ids=[
        "empty",
        "too-long",
        "not-utf-8",
        "resolution",
        "aspect-ratio",
        "model",
        "unknown-option",
        "cost",
        "midi",
        "midi-of-a-song",
        "song-without-music",
    ],
)
def test_bad_input_is_one_clear_error_with_exit_code_2(
    tmp_path: Path, content: bytes, options: list[str], said: str
) -> None:
    (tmp_path / "story.txt").write_bytes(content)

    refused = run(tmp_path, "make", "story.txt", "--out", "film", "--emulate", *options)

    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
