"""Presets and casts over HTTP: kept by name, used by name, and what was used is on record."""

from typing import Any
from uuid import UUID

import pytest

from api.cases import presets
from tests.api.conftest import Site

VALUES = {"options": {"aspect_ratio": "9:16", "fps": 24}, "metadata": {"serial": "Harbour"}}
CREW = [{"name": "Ada", "look": "a tall woman in a yellow coat"}]


def put(site: Site, path: str, value: Any, status: int) -> dict[str, Any]:
    answer = site.client.put(path, json=value)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def job(site: Site, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = site.client.get(f"/v1/jobs/{site.submit(**changes)}").json()
    return told


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["message"]) for fault in answer.json()["errors"]]


def test_a_preset_is_kept_listed_changed_and_forgotten(site: Site) -> None:
    assert site.client.get("/v1/presets").json() == {"data": [], "has_more": False}
    told = put(site, "/v1/presets/serial", VALUES, 201)
    assert (told["name"], told["version"], told["values"]) == ("serial", 1, VALUES)
    head = site.system.log.head()
    assert put(site, "/v1/presets/serial", VALUES, 200) == told
    assert site.system.log.head() == head
    changed = put(site, "/v1/presets/serial", {"priority": "low"}, 200)
    assert (changed["version"], changed["values"]) == (2, {"priority": "low"})
    assert site.client.get("/v1/presets/serial").json() == changed
    put(site, "/v1/presets/another", VALUES, 201)
    page = site.client.get("/v1/presets?limit=1").json()
    assert ([one["name"] for one in page["data"]], page["has_more"]) == (["another"], True)
    assert site.client.delete("/v1/presets/serial").status_code == 204
    for ask in (site.client.get, site.client.delete):
        answer = ask("/v1/presets/serial")
        assert (answer.status_code, answer.json()["code"]) == (404, "preset_not_found")
        assert "there are another" in answer.json()["detail"].lower()
    assert put(site, "/v1/presets/serial", VALUES, 201)["version"] == 3


def test_what_is_given_goes_before_the_preset_and_the_job_records_what_was_in_force(site: Site) -> None:
    put(site, "/v1/presets/serial", VALUES, 201)
    made = job(site, preset="serial", options={"fps": 60}, metadata={"episode": 3})
    assert (made["options"]["aspect_ratio"], made["options"]["fps"]) == ("9:16", 60)
    assert made["options"]["quality"] == "medium"
    reference = {"name": "serial", "version": 1}
    assert made["metadata"] == {"preset": reference, "serial": "Harbour", "episode": 3}
    put(site, "/v1/presets/serial", {"options": {"aspect_ratio": "1:1"}}, 200)
    assert site.client.get(made["links"]["self"]).json()["options"] == made["options"]
    later = job(site, preset="serial")
    assert (later["options"]["aspect_ratio"], later["metadata"]["preset"]["version"]) == ("1:1", 2)


def test_the_same_key_gives_the_same_job_after_its_preset_was_changed_or_removed(site: Site) -> None:
    put(site, "/v1/presets/serial", VALUES, 201)
    body = {"script": "A boat sets out at dawn.", "preset": "serial"}
    first = site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"})
    site.client.delete("/v1/presets/serial")
    again = site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_an_estimate_knows_presets_too(site: Site) -> None:
    put(site, "/v1/presets/short", {"max_cost_usd": 0.5}, 201)
    answer = site.client.post("/v1/estimate", json={"script": "A boat sets out.", "preset": "short"})
    assert (answer.status_code, answer.json()["max_cost_usd"]) == (200, 0.5)


@pytest.mark.parametrize(("path", "field"), [("/v1/presets", "preset"), ("/v1/casts", "cast")])
def test_an_unknown_name_says_which_there_are_and_no_endless_list_of_them(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str, field: str
) -> None:
    body = {"script": "A boat sets out.", field: "nobody"}
    [(pointer, message)] = faults(site.client.post("/v1/jobs", json=body))
    assert (pointer, message) == (f"/{field}", f"there is no {field} 'nobody'; no {field} is kept yet")
    monkeypatch.setattr(presets, "NAMES_SHOWN", 2)
    for name in ("b", "a", "c"):
        put(site, f"{path}/{name}", VALUES if field == "preset" else CREW, 201)
    [(_, message)] = faults(site.client.post("/v1/jobs", json=body))
    assert message == f"there is no {field} 'nobody'; there are a, b and 1 more"


@pytest.mark.parametrize(
    ("path", "value", "pointer", "said"),
    [
        ("presets/x", {}, "", "at least one value"),
        ("presets/x", [], "", "an object of values"),
        ("presets/x", {"script": "Words."}, "/script", "a preset holds no script"),
        ("presets/x", {"preset": "y"}, "/preset", "a preset holds no preset"),
        ("presets/x", {"options": {"fps": 23}}, "/options/fps", "it should be 24, 25, 30 or 60"),
        ("presets/x", {"option": {}}, "/option", "did you mean options?"),
        ("presets/x", {"cast": "nobody"}, "/cast", "no cast is kept yet"),
        ("presets/X", VALUES, "", "is no name; write up to 64 small letters"),
        ("casts/x", [], "/cast", "give at least 1"),
        ("casts/x", [{"name": "Ada"}, {"name": "ada "}], "/cast/1/name", "in the cast already"),
        ("casts/x", [{"nam": "Ada"}], "/cast/0/nam", "not known here"),
        ("casts/x", {"presets": 1}, "/presets", "not known here"),
    ],
)
def test_what_cannot_be_kept_is_named(site: Site, path: str, value: Any, pointer: str, said: str) -> None:
    head = site.system.log.head()
    found = faults(site.client.put(f"/v1/{path}", json=value))
    assert any(at == pointer and said in message for at, message in found), found
    assert site.system.log.head() == head


def test_no_more_are_kept_than_may_be(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MOST_KEPT", 1)
    put(site, "/v1/presets/a", VALUES, 201)
    put(site, "/v1/presets/a", {"priority": "low"}, 200)
    [(_, message)] = faults(site.client.put("/v1/presets/b", json=VALUES))
    assert message == "1 are kept already, and no more may be; delete one first"
    put(site, "/v1/casts/b", CREW, 201)
    monkeypatch.setattr(presets, "MOST_BYTES", 10)
    [(_, message)] = faults(site.client.put("/v1/presets/a", json=VALUES))
    assert "at most 10 are kept" in message


def test_a_cast_is_used_by_its_name_also_from_a_preset(site: Site) -> None:
    told = put(site, "/v1/casts/crew", CREW, 201)
    assert (told["cast"][0]["name"], told["version"]) == ("Ada", 1)
    made = job(site, cast="crew")
    assert made["metadata"] == {"cast": {"name": "crew", "version": 1}}
    stored = site.system.studio.job(UUID(made["id"]))
    assert [one.name for one in stored.given.cast] == ["Ada"]
    put(site, "/v1/presets/serial", {"cast": "crew"}, 201)
    both = job(site, preset="serial")
    assert set(both["metadata"]) == {"preset", "cast"}
    assert [one.name for one in site.system.studio.job(UUID(both["id"])).given.cast] == ["Ada"]


def test_streams_and_jobs_pass_presets_over(site: Site) -> None:
    put(site, "/v1/presets/serial", VALUES, 201)
    put(site, "/v1/casts/crew", CREW, 201)
    site.settle()
    assert site.client.get("/v1/events").json()["data"] == []
    assert site.client.get("/v1/jobs").json()["data"] == []
    made = job(site, preset="serial")
    types = [event["type"] for event in site.client.get(made["links"]["events"]).json()["data"]]
    assert types == ["job.submitted"]


def test_they_survive_a_restart(open_site: Any) -> None:
    first = open_site()
    put(first, "/v1/presets/serial", VALUES, 201)
    second = open_site()
    assert second.client.get("/v1/presets").json()["data"][0]["values"] == VALUES
