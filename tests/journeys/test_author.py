"""An author's whole errand at one server: own material, a review, other words, other voices and language.

At each step the provider's calls are counted: none is made that nobody needs.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.actors.files.material import photo, sound, words
from tests.emulating import Emulator
from tests.journeys.sharing import House
from tests.processes import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCENES = [
    {"text": "The sea is calm in the morning."},
    {"text": "“A storm is coming,” said Mara. “Then we stay at home,” said Jonas."},
    {"text": "In the evening Mara lights the lamp."},
]
KINDS = ("text", "image", "speech")


class Errand:
    def __init__(self, server: Server, emulator: Emulator) -> None:
        self.server = server
        self._emulator = emulator
        self._known = 0

    def send(self, path: Path) -> str:
        answer = self.server.http.post("/v1/files", content=path.read_bytes())
        assert answer.status_code == 201, answer.text
        digest: str = answer.json()["digest"]
        return digest

    def calls(self, job: dict[str, Any]) -> dict[str, int]:
        """Those since the last look, by the kind of their model."""
        calls = self._emulator.calls()
        new, self._known = calls[self._known :], len(calls)
        models = {job["models"][kind]: kind for kind in KINDS}
        return dict(Counter(models[call["model"]] for call in new))

    def change(self, job: dict[str, Any], method: str, path: str, **asked: Any) -> dict[str, Any]:
        """Ask for the price first, then for the change; give the job as it ended."""
        at = f"/v1/jobs/{job['id']}/{path}"
        before = len(self._emulator.calls())
        told = self.server.http.request(method, at, json={**asked, "dry_run": True})
        assert told.status_code == 200, told.text
        assert len(self._emulator.calls()) == before
        begun = self.server.http.request(method, at, json=asked)
        assert begun.status_code in (201, 202), begun.text
        changed = begun.json()
        self.server.follow(changed["id"], after=None if changed["id"] != job["id"] else job["position"])
        ended = self.server.job(changed["id"])
        assert ended["status"] == "completed", ended["failure"]
        return ended


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_film_is_made_as_its_author_wants_it_and_nothing_is_paid_for_in_vain(
    house: House, emulator: Emulator, tmp_path: Path
) -> None:
    server = house.server()
    errand = Errand(server, emulator)

    # Two own pictures and an own voice-over, and a look at the storyboard before anything is drawn.
    spoken = errand.send(sound(tmp_path / "calm.wav", words(2.6)))
    scenes = [
        {
            **SCENES[0],
            "image": errand.send(photo(tmp_path / "sea.jpg")),
            "narration": spoken,
        },
        SCENES[1],
        {**SCENES[2], "image": errand.send(photo(tmp_path / "lamp.jpg", (1920, 1080)))},
    ]
    options = {"quality": "low", "voices": "cast", "music": False, "review": ["storyboard"]}
    cast = [{"name": "Mara", "look": "an old woman in yellow"}]
    answer = server.http.post("/v1/jobs", json={"scenes": scenes, "cast": cast, "options": options})
    assert answer.status_code == 201, answer.text
    job = answer.json()
    server.follow(job["id"], stop=lambda event: event["type"] == "job.review_requested")
    job = server.job(job["id"])
    assert job["status"] == "awaiting_review"
    assert errand.calls(job) == {"text": 2}

    # One scene's words are changed while it waits: nothing was spoken yet.
    words_3 = "At dusk Mara lights the lamp and waits."
    answer = server.http.patch(f"/v1/jobs/{job['id']}/scenes", json={"scenes": {"3": {"text": words_3}}})
    assert answer.status_code == 202, answer.text
    assert errand.calls(job) == {}

    done = errand.change(job, "POST", "approve")
    # The sound is planned; two scenes are spoken, one is drawn.
    made = errand.calls(job)
    assert (made["text"], made["image"]) == (1, 1)
    assert made["speech"] >= 2
    assert [scene["text"] for scene in done["scenes"]] == [SCENES[0]["text"], SCENES[1]["text"], words_3]

    # Words of a finished film.
    errand.change(done, "PATCH", "scenes", scenes={"3": {"text": "The lamp burns, and Mara waits."}})
    assert errand.calls(job) == {"speech": 1}

    # One character with another voice: only the scene in which she speaks is spoken anew.
    changes: dict[str, Any] = {"cast": [{"name": "Mara", "voice": "Zephyr"}]}
    recast = errand.change(done, "POST", "fork", changes=changes)
    assert set(errand.calls(job)) == {"speech"}
    kept = server.http.get(f"/v1/jobs/{recast['id']}/assets").json()["data"]
    anew = {asset["name"] for asset in kept if asset["kind"] == "narration" and asset["cost"]["requests"]}
    assert anew == {"narration:2"}

    # In another language: the pictures stay, all words are made anew, also the voice-over's.
    german = errand.change(recast, "POST", "fork", changes={"language": "de"})
    calls = errand.calls(job)
    assert calls.pop("text") == 1
    assert set(calls) == {"speech"}
    assert german["cost"]["usd"] < done["cost"]["usd"] / 4
    assert not {scene["text"] for scene in german["scenes"]} & {scene["text"] for scene in done["scenes"]}
