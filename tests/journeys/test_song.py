"""A film whose music a model composes: asked for once, kept as it came, and heard to the film's end."""

import json
from pathlib import Path

import pytest

from actors.media.check import Expected, check
from actors.media.formats import film_format
from tests.processes import SHORT, run

LYRIA = ("--music-model", "lyria-3.5")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_film_with_a_models_song_is_made_and_made_again_without_another_call(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")
    asked = ["make", "story.txt", "--out", "film", "--emulate", "--quality", "low", *LYRIA]

    for wrong, said in (
        ("--midi", "--midi: a song of a model has no notes"),
        ("--no-music", "--music-model: 'lyria-3.5': there is no music to compose"),
    ):
        refused = run(tmp_path, *asked, wrong)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
    done = run(tmp_path, *asked)
    again = run(tmp_path, "remake", "latest", "--verify")

    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    made = {asset["name"]: asset for asset in manifest["assets"]}
    song, sound, film = made["music"], made["soundtrack"], made["video"]
    assert manifest["models"]["music"] == song["model"] == "lyria-3.5"
    assert (song["media_type"], song["cost_usd"], song["attempts"]) == ("audio/mpeg", 0.08, 1)
    assert song["facts"]["asked"]["duration_s"] >= 30
    assert song["facts"]["tempo_bpm"] == pytest.approx(song["facts"]["asked"]["tempo_bpm"], rel=0.03)
    assert "narration:1" not in song["inputs"]
    assert sound["facts"]["music"]["duration_s"] == sound["facts"]["duration_s"]
    expected = Expected(film_format("16:9", "720p", "low", 30), film["facts"]["duration_s"], sound=True)
    report = check(tmp_path / "film" / "video.mp4", expected)
    assert report.ok, report.findings
    assert again.returncode == 0, again.stdout + again.stderr
