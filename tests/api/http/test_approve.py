"""Approving over HTTP what a job waits for: the price first, once for a key, and nothing where none waits."""

from uuid import UUID

import pytest

from tests.api.conftest import Site
from tests.api.planned import PlannedFilming


@pytest.fixture
def waiting(site: Site) -> UUID:
    filming = PlannedFilming(site.system)
    job_id = filming.submit()
    filming.until_made(job_id, "analysis")
    clock = site.system.clock
    site.system.studio.change_job(job_id, lambda job: job.request_review("script", now=clock()))
    site.settle()
    return job_id


def test_what_waits_is_shown_priced_and_approved_once(site: Site, waiting: UUID) -> None:
    path = f"/v1/jobs/{waiting}"
    page = site.client.get(path).json()
    assert (page["status"], page["review"], page["eta_s"]) == ("awaiting_review", "script", None)
    told = site.client.post(f"{path}/approve", json={"dry_run": True}).json()
    assert "storyboard" in told["redone"]
    assert told["cost"]["at_most_usd"] > 0
    key = {"Idempotency-Key": "k"}
    first = site.client.post(f"{path}/approve", headers=key)
    assert (first.status_code, first.json()["status"]) == (202, "running")
    assert site.client.post(f"{path}/approve", headers=key).status_code == 200
    refused = site.client.post(f"{path}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_awaiting_review")


def test_a_retry_is_refused_while_it_waits(site: Site, waiting: UUID) -> None:
    assert site.client.post(f"/v1/jobs/{waiting}/retry").status_code == 409


def test_a_submission_says_where_it_waits(site: Site) -> None:
    body = {"script": "A boat.", "options": {"review": ["script", "images"]}}
    answer = site.client.post("/v1/jobs", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["options"]["review"] == ["script", "images"]
    assert site.system.studio.job(UUID(answer.json()["id"])).options.review == ("script", "images")
    refused = site.client.post("/v1/jobs", json={"script": "A boat.", "options": {"review": ["film"]}})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/options/review/0"]
