"""Renaming a film over HTTP: who may, what is seen by whom, and that an ended job stays ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Site

ADMIN = "the-administrators-key"
LONG_AGO = datetime.now(UTC) - timedelta(days=100)


def ended(site: Site) -> UUID:
    job_id = site.filming.submit()
    assert site.filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def rename(site: Site, job_id: Any, title: Any, key: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return site.client.patch(f"/v1/jobs/{job_id}", json={"title": title}, headers=headers)


def test_a_film_that_is_finished_is_renamed_seen_and_found(site: Site) -> None:
    job_id = ended(site)
    before = site.client.get(f"/v1/jobs/{job_id}")
    answer = rename(site, job_id, "The keeper of the light")
    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert job == before.json() | {"title": "The keeper of the light", "position": site.filming.head()}
    after = site.client.get(f"/v1/jobs/{job_id}", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()) == (200, job)
    [found] = site.client.get("/v1/jobs", params={"q": "keeper light", "fields": "id,title"}).json()["data"]
    assert found == {"id": str(job_id), "title": "The keeper of the light"}
    page = site.client.get(f"/v1/jobs/{job_id}/events", params={"after": before.json()["position"]}).json()
    [event] = page["data"]
    assert (event["type"], event["data"]) == (
        "job.renamed",
        {"title": "The keeper of the light", "caller": "local"},
    )
    assert (event["progress"], event["asset"], event["stage"]) == (1.0, None, None)
    again = rename(site, job_id, "The keeper of the light")
    assert (again.status_code, again.json()) == (200, job)
    video = site.client.head(f"{job['links']['video']}?download=1")
    assert "The-keeper-of-the-light.mp4" in video.headers["content-disposition"]


def test_whoever_waits_for_a_job_that_was_renamed_after_its_end_is_answered_at_once(site: Site) -> None:
    key = {"Idempotency-Key": "k", "Prefer": "wait=60"}
    body = {"script": "A boat sets out at dawn."}
    job_id = site.client.post("/v1/jobs", json=body, headers=key | {"Prefer": "wait=0"}).json()["id"]
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    assert rename(site, job_id, "Holidays").status_code == 200
    begun = datetime.now(UTC)
    answer = site.client.post("/v1/jobs", json=body, headers=key)
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert datetime.now(UTC) - begun < timedelta(seconds=30)


def test_a_stream_of_a_job_that_was_renamed_after_its_end_tells_that_and_closes(site: Site) -> None:
    job_id = ended(site)
    end = site.filming.head()
    rename(site, job_id, "Holidays")
    url = f"/v1/jobs/{job_id}/events"
    told = site.client.get(url, params={"stream": 1, "after": end})
    events = [line for line in told.text.splitlines() if line.startswith("event:")]
    assert events == ["event: log", "event: job.renamed", "event: end"]
    assert site.client.get(url, params={"stream": 1, "after": end + 1}).status_code == 204


def test_what_is_no_name_is_refused_with_its_place(site: Site) -> None:
    job_id = ended(site)
    head = site.filming.head()
    for title in ("a" * 201, "two\nlines", 7):
        answer = rename(site, job_id, title)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_submission")
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/title"
        assert error["message"].startswith("title ")
    empty = site.client.patch(f"/v1/jobs/{job_id}", json={})
    assert empty.json()["errors"][0]["message"] == "title is missing and must be given"
    other = site.client.patch(f"/v1/jobs/{job_id}", json={"title": "A", "status": "completed"})
    assert other.json()["errors"][0]["pointer"] == "/status"
    assert site.filming.head() == head


def test_a_deleted_job_is_not_renamed(site: Site) -> None:
    site.filming.now = LONG_AGO
    job_id = ended(site)
    assert rename(site, job_id, "Quincunx").status_code == 200
    assert site.client.delete(f"/v1/jobs/{job_id}").status_code in (200, 202)
    answer = rename(site, job_id, "Holidays")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_pruned")
    told = site.client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000})
    assert "Quincunx" not in told.text
    assert "Quincunx" not in site.client.get(f"/v1/jobs/{job_id}").text


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("submit", 200)])
def test_a_key_renames_its_own_jobs_where_it_may_submit(
    open_site: Callable[..., Site], scope: str, status: int
) -> None:
    site = open_site({"REELOG_API_KEY": ADMIN})
    admin = {"Authorization": f"Bearer {ADMIN}"}
    key = site.client.post("/v1/keys", json={"name": "ada", "scope": scope}, headers=admin).json()["key"]
    own, others = site.filming.submit(caller="ada"), site.filming.submit(caller="bo")
    site.settle()
    assert rename(site, own, "Holidays", key).status_code == status
    if status == 200:
        assert rename(site, others, "Holidays", key).status_code == 404
        page = site.client.get(f"/v1/jobs/{own}/events", headers=admin).json()
        assert page["data"][-1]["message"] == "Renamed to “Holidays” by ada"
