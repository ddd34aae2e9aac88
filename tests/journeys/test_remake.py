"""A finished film, gone back to: made again byte for byte, relived elsewhere, and its record proven."""

import json
import shutil
from pathlib import Path

import pytest

from actors.media.credentials import read
from tests.certificates import SIGNER, issue
from tests.journeys.sharing import MadeFilm
from tests.processes import SHORT, run


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_film_is_made_again_byte_for_byte_with_no_provider_there(
    made_film: MadeFilm, tmp_path: Path
) -> None:
    assert made_film.done.returncode == 0, made_film.done.stderr
    shutil.copytree(made_film.folder, tmp_path, dirs_exist_ok=True)
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


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_signed_film_is_made_again_under_its_signature_and_its_key_is_nowhere_kept(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")
    issued = issue(tmp_path / "certificate")
    options = ("--emulate", "--quality", "low", "--fps", "24", "--max-scenes", "2")
    done = run(tmp_path, "make", "story.txt", "--out", "film", *options, **issued.environment)
    assert done.returncode == 0, done.stderr
    film = tmp_path / "film" / "video.mp4"
    reading = read(film)
    assert reading is not None
    assert (reading.signer, reading.faults) == (SIGNER, ())
    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    made_of = {asset["digest"] for asset in manifest["assets"] if asset["name"].startswith(("image", "narr"))}
    assert {each["instance_id"] for each in reading.manifest["ingredients"]} > made_of
    assert run(tmp_path, "check", str(film)).returncode == 0

    # Nobody needs the key to make it again: what was signed is compared.
    again = run(tmp_path, "remake", manifest["job_id"], "--verify", "--out", "again.mp4", "--json")
    assert again.returncode == 0, again.stderr
    [video] = [made for made in map(json.loads, again.stdout.splitlines()) if made["asset"] == "video"]
    assert (video["same"], video["signed"]) == (True, True)
    assert read(tmp_path / "again.mp4") is None

    secret = issued.key.read_bytes().splitlines()[1]
    holding = [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert holding == [issued.key]
