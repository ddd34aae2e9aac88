"""``reelog make --scenes``: a film of own pictures, a clip and a voice-over, and no call too many."""

import json
from pathlib import Path

import pytest

from tests.actors.files.material import clip, photo, sound, words
from tests.processes import run

TEXTS = ["The sea is calm in the morning.", "A boat sets out to the north.", "Mara lights the lamp at dusk."]
ASKED = "make --scenes own/scenes.json --cast own/cast.json --out film --emulate --quality low --json"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_film_of_own_scenes_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    photo(own / "sea.jpg")
    photo(own / "mara.jpg")
    sound(own / "calm.wav", words(2.6))
    clip(own / "boat.mp4", seconds=3.0)
    scenes = [
        {"text": TEXTS[0], "image": "sea.jpg", "narration": "calm.wav"},
        {"text": TEXTS[1], "shot": "boat.mp4"},
        {"text": TEXTS[2], "visual": "Mara at a lamp, seen from below"},
    ]
    (own / "scenes.json").write_text(json.dumps(scenes), encoding="utf-8")
    cast = [{"name": "Mara", "look": "an old woman in yellow", "image": "mara.jpg"}]
    (own / "cast.json").write_text(json.dumps(cast), encoding="utf-8")

    done = run(tmp_path, *ASKED.split(), "--no-music")

    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout.splitlines()[-1])
    requests = {stage["name"]: stage["requests"] for stage in job["stages"] if stage["requests"]}
    assert requests == {
        "script_analysis": 1,
        "prompt_generation": 1,
        "image_generation": 1,
        "audio_planning": 1,
        "narration": 2,
    }
    assert [scene["text"] for scene in job["scenes"]] == TEXTS
    manifest = json.loads((tmp_path / "film" / "manifest.json").read_text(encoding="utf-8"))
    made = {asset["name"] for asset in manifest["assets"]}
    assert {"image:1", "image:2", "shot:2", "image:3", "narration:1"} <= made
    assert "shot:1" not in made
