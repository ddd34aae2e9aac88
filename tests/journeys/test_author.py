"""An author's whole errand at one server: own material, a review, other words, other voices and language.

At each step the provider's calls are counted: none is made that nobody needs.
"""

import json
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
WORDS = ("Mara", "Jonas", "storm", "yellow", "morning", "dusk")
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

    def told(self, job_id: str) -> dict[str, Any]:
        """All that is on record of a job."""
        job = f"jobs/{job_id}"
        told = {what: self._get(f"{job}{what}") for what in ("", "/events?limit=1000", "/explain")}
        assets = self._get(f"{job}/assets")["data"]
        return told | {"assets": [self._get(f"assets/{asset['id']}") for asset in assets]}

    def _get(self, path: str) -> Any:
        answer = self.server.http.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

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

    # Deleted, none of them holds a word of their author's, and all else is told of them as before.
    films = [job["id"], recast["id"], german["id"]]
    before = [errand.told(film) for film in films]
    assert [word for word in WORDS if word not in json.dumps(before)] == []
    for film in films:
        assert server.http.delete(f"/v1/jobs/{film}").status_code in (200, 202)
    after = [errand.told(film) for film in films]
    assert [word for word in WORDS if word in json.dumps(after)] == []
    assert [fields_of(told["assets"]) for told in after] == [fields_of(told["assets"]) for told in before]


def fields_of(value: Any, name: str = "") -> Any:
    """The names of all fields, besides those that are a character's."""
    if isinstance(value, dict) and name not in ("cast", "names"):
        return {name: fields_of(item, name) for name, item in value.items()}
    return [fields_of(item) for item in value] if isinstance(value, list) else None
