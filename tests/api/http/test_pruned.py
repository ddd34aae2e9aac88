"""A pruned job over HTTP: what happened is told, what is gone is said to be gone, nothing is begun."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey
from domain.store import Retention
from tests.api.conftest import Site
from tests.projections.filming import refusal
from tests.projections.wordy import WORDS, WordyFilming

pytestmark = pytest.mark.slow  # each takes a while, or there are many

LONG_AGO = datetime.now(UTC) - timedelta(days=100)


def prune(site: Site) -> None:
    for path in Path(site.system.settings.data_dir, "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    site.settle()
    system = site.system
    retention = Retention(system.studio, system.log, system.files, system.readers, system.blobs, system.clock)
    [done] = retention.prune(timedelta(days=90))
    assert done.finished
    site.settle()


def film(site: Site, *, failing: bool = False) -> UUID:
    site.filming.now = LONG_AGO
    if failing:
        site.filming.faults["image:1"] = [refusal()]
    job_id = site.filming.submit(metadata={"customer": "Ada"})
    site.filming.finish(job_id)
    site.settle()
    return job_id


@pytest.fixture
def pruned(site: Site) -> UUID:
    job_id = film(site)
    prune(site)
    return job_id


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_job_is_shown_with_markers_in_place_of_texts(site: Site, pruned: UUID) -> None:
    job = site.client.get(f"/v1/jobs/{pruned}").json()
    assert job["status"] == "completed"
    assert job["pruned_at"] is not None
    assert job["title"].startswith("[pruned: ")
    assert job["scenes"][0]["text"].startswith("[pruned: ")
    assert job["metadata"] == {}
    assert job["links"]["video"] is None


def test_its_events_are_all_told_and_hold_no_words(site: Site, pruned: UUID) -> None:
    answer = site.client.get(f"/v1/jobs/{pruned}/events", params={"limit": 1000})
    events = answer.json()["data"]
    assert [e["type"] for e in events][-3:] == ["job.completed", "job.prune_started", "job.pruned"]
    assert events[0]["data"]["script"] == "[pruned: 18 words, 86 bytes]"
    assert "a script of 18 words" in events[0]["message"]
    assert "boat" not in answer.text


def answers(site: Site, job_id: UUID) -> str:
    """All that is told of a job, its assets and its history."""
    job = f"/v1/jobs/{job_id}"
    positions = [event["position"] for event in site.client.get(f"{job}/events?limit=1000").json()["data"]]
    assets = site.client.get(f"{job}/assets").json()["data"]
    paths = [job, f"{job}/assets", f"{job}/events?limit=1000", f"{job}/explain", "/v1/jobs", "/v1/events"]
    paths += [f"{job}{what}?at={position}" for position in positions[::10] for what in ("", "/explain")]
    told = [site.client.get(path) for path in paths + [f"/v1/assets/{asset['id']}" for asset in assets]]
    assert {answer.status_code for answer in told} == {200}
    return "".join(answer.text for answer in told)


@pytest.mark.parametrize("kind", ["translated", "on_a_topic"])
def test_no_answer_holds_a_word_of_a_film_that_was_pruned(site: Site, kind: str) -> None:
    filming = WordyFilming(site.system.store, site.system.blobs)
    filming.now = LONG_AGO
    job_id: UUID = getattr(filming, kind)()
    site.settle()
    told = answers(site, job_id)
    assert len([word for word in WORDS if word in told]) > 10
    prune(site)
    told = answers(site, job_id)
    assert [word for word in WORDS if word in told] == []


def test_a_stream_resumed_at_the_end_tells_of_the_pruning_and_closes(site: Site, pruned: UUID) -> None:
    events = site.client.get(f"/v1/jobs/{pruned}/events", params={"limit": 1000}).json()["data"]
    url = f"/v1/jobs/{pruned}/events"
    told = site.client.get(url, params={"stream": 1, "after": events[-3]["position"]})
    assert [line for line in told.text.splitlines() if line.startswith("event:")] == [
        "event: log",
        "event: job.prune_started",
        "event: job.pruned",
        "event: end",
    ]
    rest = site.client.get(url, params={"stream": 1, "after": events[-1]["position"]})
    assert rest.status_code == 204


def test_a_reader_of_the_stream_never_gets_texts_from_memory(site: Site) -> None:
    job_id = film(site)
    prune(site)
    told = site.client.get(f"/v1/jobs/{job_id}/events", params={"stream": 1})
    assert told.text.count("event: job.submitted") == 1
    assert "boat" not in told.text


def test_its_past_can_still_be_looked_at(site: Site, pruned: UUID) -> None:
    events = site.client.get(f"/v1/jobs/{pruned}/events", params={"limit": 1000}).json()["data"]
    past = site.client.get(f"/v1/jobs/{pruned}", params={"at": events[10]["position"]}).json()
    assert (past["status"], past["pruned_at"]) == ("running", None)


def test_bytes_are_gone_for_good(site: Site, pruned: UUID) -> None:
    asset_id = AssetKey.parse("image:1").id_in(pruned)
    assert problem(site.client.get(f"/v1/assets/{asset_id}/content")) == (410, "content_pruned")
    assert problem(site.client.get(f"/v1/assets/{asset_id}/content?revision=1")) == (410, "content_pruned")
    page = site.client.get(f"/v1/assets/{asset_id}").json()
    assert (page["pruned_at"] is not None, page["links"]["content"]) == (True, None)
    assert page["digest"].startswith("sha256:")


def test_nothing_is_begun_with_it(site: Site) -> None:
    job_id = film(site, failing=True)
    prune(site)
    before = site.system.log.head()
    asset_id = AssetKey.parse("storyboard").id_in(job_id)
    for answer in (
        site.client.post(f"/v1/jobs/{job_id}/retry"),
        site.client.post(f"/v1/jobs/{job_id}/fork", json={}),
        site.client.post(f"/v1/jobs/{job_id}/fork", json={"at": 20}),
        site.client.post(f"/v1/jobs/{job_id}/fork", json={"dry_run": True}),
        site.client.post(f"/v1/assets/{asset_id}/regenerate"),
        site.client.post(f"/v1/assets/{asset_id}/regenerate", json={"dry_run": True}),
    ):
        assert problem(answer) == (409, "job_pruned")
        assert "was pruned on" in answer.json()["detail"]
    assert site.system.log.head() == before
