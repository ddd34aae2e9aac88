"""A script at the door: what cannot be said or shown is refused, what may surprise is told in time."""

from datetime import date
from typing import Any

import pytest

from actors.gemini.catalogue import Catalogue
from api.model_directory import ModelDirectory
from tests.actors.gemini.test_catalogue import everything
from tests.api.conftest import Site

SAYS_NOTHING = ["[[a boat at sea]]", "\u200b", "... !", "🚀", "\x07\x1b[0m", "[[a]]\n\n[[b]]"]
TOLD = [
    ("The [[Eiffel Tower]] is high.", ["brackets_spoken"]),
    ("The sea.\n[[slow zoom]]\nThe sky.", ["directions_not_spoken"]),
    ("# The sea\n\nIt is **wide**.", ["read_as", "left_out"]),
    ("INT. SEA - DAY\n\nA boat.\n\nANNA\nAhoy.\n", ["read_as"]),
    ("\\section{Sea} The \\textbf{sea}.", ["markup_spoken"]),
    ("Three things: ► speed ✗ waste.", ["signs_not_drawn"]),
    ("A boat sets out at dawn.", []),
]


LIST = "models_not_listed"
"""Told of every film here, where no provider is asked."""


def codes_of(told: Any) -> list[str]:
    """What is told of the script."""
    return [notice["code"] for notice in told["notices"] if notice["code"] != LIST]


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["message"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/estimate"])
@pytest.mark.parametrize("script", SAYS_NOTHING)
def test_a_script_that_says_nothing_is_refused(site: Site, path: str, script: str) -> None:
    told = errors(site.client.post(path, json={"script": script}))
    assert "nothing in it can be said" in told["/script"]
    assert site.system.log.head() == 0


def test_a_fork_with_a_script_that_says_nothing_is_refused(site: Site) -> None:
    job = site.submit()
    told = errors(site.client.post(f"/v1/jobs/{job}/fork", json={"changes": {"script": "[[a boat]]"}}))
    assert "nothing in it can be said" in told["/changes/script"]


@pytest.mark.parametrize(("script", "codes"), TOLD)
def test_what_may_surprise_is_told_with_the_estimate_and_stays_with_the_job(
    site: Site, script: str, codes: list[str]
) -> None:
    estimate = site.client.post("/v1/estimate", json={"script": script}).json()
    submitted = site.client.post("/v1/jobs", json={"script": script}).json()
    site.settle()
    job = site.client.get(f"/v1/jobs/{submitted['id']}").json()
    event = site.client.get(f"/v1/jobs/{submitted['id']}/events").json()["data"][0]
    assert codes_of(estimate) == codes
    assert submitted["notices"] == job["notices"] == event["data"]["notices"] == estimate["notices"]


def test_a_script_may_be_spoken_as_it_stands_and_the_form_says_so(site: Site) -> None:
    body = {"script": "# The sea\n\nIt is **wide**.", "options": {"script_form": "prose"}}
    told = site.client.post("/v1/estimate", json=body).json()
    assert codes_of(told) == ["markup_spoken"]
    assert told["script"] == {"form": "prose", "directions": 0, "speakers": [], "not_spoken": []}
    job = site.client.post("/v1/jobs", json=body).json()
    assert job["options"]["script_form"] == "prose"


def test_an_estimate_says_how_the_script_is_read(site: Site) -> None:
    script = "INT. SEA - DAY\n\nA boat.\n\nANNA\nAhoy.\n"
    told = site.client.post("/v1/estimate", json={"script": script}).json()["script"]
    assert (told["form"], told["directions"]) == ("screenplay", 2)
    assert told["speakers"] == [{"name": "ANNA", "turns": 1}]
    assert {"what": "line of action", "count": 1, "examples": ["A boat."]} in told["not_spoken"]


def test_a_script_that_says_nothing_in_its_form_is_refused_at_the_script(site: Site) -> None:
    told = errors(site.client.post("/v1/jobs", json={"script": "```\ncode\n```"}))
    assert "read as markdown it holds no word" in told["/script"]
    assert "script_form" in told["/script"]


def test_the_price_of_a_fork_comes_with_notices_of_its_script(site: Site) -> None:
    changes = {"changes": {"script": "See [[Rome]] there."}, "dry_run": True}
    told = site.client.post(f"/v1/jobs/{site.submit()}/fork", json=changes).json()
    assert codes_of(told) == ["brackets_spoken"]


def test_letters_that_no_font_has_are_refused_where_captions_are_burned_in(site: Site) -> None:
    script = "The name is ދިވެހި, they say."
    told = errors(site.client.post("/v1/jobs", json={"script": script}))
    assert "ދ (U+078B)" in told["/script"]
    assert "sidecar" in told["/script"]
    for captions in ("sidecar", "none"):
        answer = site.client.post("/v1/jobs", json={"script": script, "options": {"captions": captions}})
        assert answer.status_code == 201, answer.text


def test_a_sign_that_no_font_has_stops_no_job(site: Site) -> None:
    for sign in "►➤▸✗✘☐☒✦❝❞⟶↳🫩\uf0b7\u0600\ufffc":
        answer = site.client.post("/v1/estimate", json={"script": f"Note: {sign} speed matters."})
        assert answer.status_code == 200, answer.text
        assert codes_of(answer.json()) in ([], ["signs_not_drawn"])


def test_a_script_is_recorded_without_control_characters(site: Site) -> None:
    script = "The\x07 terminal said \x1b[31mred\x1b[0m.\u2028It stopped."
    job = site.client.post("/v1/jobs", json={"script": script}).json()
    event = site.client.get(f"/v1/jobs/{job['id']}/events").json()["data"][0]
    assert event["data"]["script"] == "The terminal said red.\nIt stopped."
    assert codes_of(job) == []


def test_it_is_told_by_which_list_the_models_were_checked(site: Site) -> None:
    def told(path: str) -> Any:
        return site.client.post(path, json={"script": "A boat sets out."}).json()["notices"]

    for path in ("/v1/estimate", "/v1/jobs"):
        [notice] = told(path)
        assert notice["code"] == LIST
        assert "shipped" in notice["message"]
    own = Catalogue(everything(), date(2026, 11, 22))
    site.system.models = ModelDirectory(lambda: own)
    assert told("/v1/estimate") == told("/v1/jobs") == []
