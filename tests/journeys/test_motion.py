"""A film whose pictures move, from submission to file; killed while shots are made, none is paid twice.

The one that a command makes has a model's song, too: asked for once, kept as it came, heard to its end.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest

from actors.media.check import Expected, check
from actors.media.formats import film_format
from tests.emulating import Emulator
from tests.journeys.sharing import House
from tests.processes import SHORT, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MOVING = {"motion": "generated", "quality": "low", "fps": 30, "max_scenes": 2, "music": False}


def shots_asked(emulator: Emulator) -> list[dict[str, Any]]:
    asked = httpx.get(f"{emulator.url}/emulator/requests", trust_env=False).json()["data"]
    return [
        call
        for call in asked
        if call["path"].endswith("/interactions") and call.get("method", "POST") == "POST"
    ]


def shots_among(events: list[dict[str, Any]], kind: str) -> list[str]:
    return [e["asset"]["id"] for e in events if e["type"] == kind and e["asset"]["kind"] == "shot"]


@pytest.mark.crash
def test_killed_while_its_shots_are_made_it_goes_on_and_pays_for_none_twice(
    house: House, emulator: Emulator
) -> None:
    server = house.server()
    job = server.submit(script=SHORT, options=MOVING)
    before = server.follow(job["id"], stop=lambda event: event["type"] == "asset.call_accepted")
    server.process.kill_tree()

    again = house.server()
    history = before + again.follow(job["id"], after=before[-1]["position"])
    done = again.job(job["id"])
    assert done["status"] == "completed", done["failure"]
    made = Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated")
    assert set(made.values()) == {1}, "every asset was made exactly once"
    shots = shots_among(history, "asset.generated")
    assert len(shots) == sum(len(scene["shots"]) for scene in done["scenes"]) > 0
    lost = shots_among(history, "asset.attempt_lost")
    # A call that was accepted is gone on with; one that was only asked may be lost, and is asked again.
    assert not set(lost) & set(shots_among(before, "asset.call_accepted"))
    # One that was lost may not even have been asked for.
    assert len(shots) <= len(shots_asked(emulator)) <= len(shots) + len(lost)
    assert "asset.attempt_resumed" in {event["type"] for event in history}
    assert all(scene["shot"]["status"] == "generated" for scene in done["scenes"])


def test_a_moving_film_with_a_models_song_is_checked_and_made_again_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SHORT, encoding="utf-8")
    flags = "--emulate --motion generated --quality low --max-scenes 2 --music-model lyria-3.5"
    done = run(tmp_path, "make", "story.txt", "--out", "film", *flags.split())
    assert done.returncode == 0, done.stderr
    film = tmp_path / "film" / "video.mp4"
    assert run(tmp_path, "check", str(film)).returncode == 0
    assert moves(film) > 0.9, "what is seen moves nearly always"

    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    shots = [asset for asset in manifest["assets"] if asset["name"].startswith("shot:")]
    assert shots
    assert all(asset["cost_usd"] > 0 and asset["media_type"] == "video/mp4" for asset in shots)
    again = run(tmp_path, "remake", manifest["job_id"], "--verify", "--json")
    assert again.returncode == 0, again.stderr
    made = {asset["asset"]: asset for asset in map(json.loads, again.stdout.splitlines())}
    assert {"clip:1", "video"} <= set(made)
    assert not any(name.startswith(("shot", "music")) for name in made), "what was paid for stays as it is"
    assert all(asset["same"] for asset in made.values())
    its_song_is_heard(manifest, film)


def its_song_is_heard(manifest: dict[str, Any], film: Path) -> None:
    made = {asset["name"]: asset for asset in manifest["assets"]}
    song, sound, video = made["music"], made["soundtrack"], made["video"]
    assert manifest["models"]["music"] == song["model"] == "lyria-3.5"
    assert (song["media_type"], song["cost_usd"], song["attempts"]) == ("audio/mpeg", 0.08, 1)
    assert song["facts"]["asked"]["duration_s"] >= 30
    assert song["facts"]["tempo_bpm"] == pytest.approx(song["facts"]["asked"]["tempo_bpm"], rel=0.03)
    assert "narration:1" not in song["inputs"]
    assert sound["facts"]["music"]["duration_s"] == sound["facts"]["duration_s"]
    expected = Expected(film_format("16:9", "720p", "low", 30), video["facts"]["duration_s"], sound=True)
    report = check(film, expected)
    assert report.ok, report.findings


def moves(film: Path) -> float:
    """The share of the film's frames that differ from the one before."""
    changes, before = [], None
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            luma = frame.to_ndarray()[: frame.height : 4, ::4].astype(int)
            if before is not None:
                changes.append(float(np.abs(luma - before).mean()) > 0.01)
            before = luma
    return float(np.mean(changes))
