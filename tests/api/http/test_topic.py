"""A film on a topic over HTTP: submitted, shown with its sources, and given other words."""

from uuid import UUID

import pytest

from domain.film_graph import SCRIPT
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming

TIDES = {"about": "Why there are <tides>", "audience": None, "tone": "warm"}


@pytest.fixture
def reviewed(site: Site) -> UUID:
    answer = site.client.post("/v1/jobs", json={"topic": TIDES})
    assert answer.status_code == 201, answer.text
    job_id = UUID(answer.json()["id"])
    assert PlannedFilming(site.system).finish(job_id) == "awaiting_review"
    site.settle()
    return job_id


def test_the_job_tells_its_topic_and_sources_and_the_page_shows_them_as_text(
    site: Site, reviewed: UUID
) -> None:
    job = site.client.get(f"/v1/jobs/{reviewed}").json()
    assert (job["topic"], job["review"]) == (TIDES, "script")
    assert job["sources"] == [{"fact": "It does.", "source": "An atlas", "checked": False}]
    shown = site.client.get(f"/jobs/{reviewed}").text
    assert "Topic: Why there are &lt;tides&gt;" in shown
    assert "they are not checked" in shown
    assert "It does. (An atlas)" in shown
    first = site.client.get(f"/v1/jobs/{reviewed}/events").json()["data"][0]
    assert first["data"]["given"]["topic"] == {"about": TIDES["about"], "tone": "warm"}


def test_other_words_take_its_place_the_price_first(site: Site, reviewed: UUID) -> None:
    address = f"/v1/assets/{SCRIPT.id_in(reviewed)}"
    told = site.client.put(address, json={"text": "The sea comes.", "dry_run": True})
    assert (told.status_code, told.json()["redone"]) == (200, ["analysis"])
    assert told.json()["cost"]["usd"] > 0
    answer = site.client.put(address, json={"text": "The sea comes."}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 202, answer.text
    again = site.client.put(address, json={"text": "The sea comes."}, headers={"Idempotency-Key": "k"})
    assert again.status_code == 200
    site.settle()
    page = site.client.get(address).json()
    assert (page["revision"], page["facts"]["text"]) == (2, "The sea comes.")
    assert page["provided"]["by"] == "local"
    assert site.client.get(f"{address}/content").json()["paragraphs"] == ["The sea comes."]


def test_one_of_file_and_text_is_given(site: Site, reviewed: UUID) -> None:
    for body in ({}, {"text": "a", "file": f"sha256:{'1' * 64}"}):
        answer = site.client.put(f"/v1/assets/{SCRIPT.id_in(reviewed)}", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["message"].endswith("give either a file or a text")
