"""A finished film, gone back to: made again byte for byte, relived elsewhere, and its record proven."""

import json
from pathlib import Path

import pytest

from tests.journeys.conftest import SHORT, run


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_film_is_made_again_byte_for_byte_with_no_provider_there(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")
    options = ("--emulate", "--quality", "low", "--fps", "24", "--max-scenes", "2")
    done = run(tmp_path, "make", "story.txt", "--out", "film", *options)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    job_id = manifest["job_id"]

    # The emulator ended with the command, so a provider call would fail.
    again = run(tmp_path, "remake", job_id, "--verify", "--out", "again.mp4", "--json")

    assert again.returncode == 0, again.stderr
    made = [json.loads(line) for line in again.stdout.splitlines()]
    assert {asset["asset"] for asset in made} >= {"music", "clip:1", "captions", "poster", "video"}
    assert all(asset["same"] and asset["same_environment"] for asset in made)
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "film" / "video.mp4").read_bytes()
    [clip] = [asset["digest"] for asset in manifest["assets"] if asset["name"] == "clip:1"]
    [path] = (tmp_path / "reelog-data").rglob(clip.removeprefix("sha256:"))
    path.unlink()
    broken = run(tmp_path, "remake", job_id, "--verify")
    assert broken.returncode == 2
    assert "video cannot be made again" in broken.stderr
    assert run(tmp_path, "verify").returncode == 0
