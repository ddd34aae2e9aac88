"""A job with an event that cannot be folded is named wherever one looks, and is in nobody's way."""

import json
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from tests.api.conftest import Site

pytestmark = pytest.mark.slow  # each takes a while, or there are many


@pytest.fixture
def aside(site: Site) -> str:
    job_id = site.submit()
    job = site.system.studio.job(UUID(job_id))
    site.system.studio.recorder.insert_events(
        [StoredEvent(job.id, job.version + 1, "job.from_the_future", b"{}")]
    )
    site.settle()
    return job_id


def test_all_others_are_submitted_and_shown(site: Site, aside: str) -> None:
    other = site.submit()
    assert site.filming.finish(UUID(other)) == "completed"
    site.settle()
    assert site.client.get(f"/v1/jobs/{other}").json()["status"] == "completed"
    assert {job["id"] for job in site.client.get("/v1/jobs").json()["data"]} == {aside, other}


def test_it_is_shown_as_far_as_it_could_be_folded_and_says_why_no_further(site: Site, aside: str) -> None:
    answer = site.client.get(f"/v1/jobs/{aside}")
    job = answer.json()
    assert (answer.status_code, job["status"], job["position"]) == (200, "queued", 1)
    assert (job["set_aside"]["position"], job["set_aside"]["type"]) == (2, "job.from_the_future")
    assert job["set_aside"]["reason"]
    assert answer.headers["etag"].endswith('-aside"')
    assert site.client.get(f"/v1/jobs/{aside}?at=1").json()["set_aside"] is None
    assert site.client.get(f"/v1/jobs/{aside}?at=2").json() == job


def test_it_is_named_by_readiness_and_metrics_and_the_server_is_ready(site: Site, aside: str) -> None:
    answer = site.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert [one["job_id"] for one in answer.json()["projector"]["set_aside"]] == [aside]
    assert "reelog_jobs_set_aside 1.0\n" in site.client.get("/metrics").text


@pytest.mark.parametrize("verb", ["cancel", "retry", "fork"])
def test_nothing_of_it_can_be_changed(site: Site, aside: str, verb: str) -> None:
    answer = site.client.post(f"/v1/jobs/{aside}/{verb}", json={} if verb != "cancel" else None)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_set_aside")
    assert "event 2 (job.from_the_future)" in answer.json()["detail"]


def test_it_is_not_renamed(site: Site, aside: str) -> None:
    answer = site.client.patch(f"/v1/jobs/{aside}", json={"title": "Holidays"})
    assert (answer.status_code, answer.json()["code"]) == (409, "job_set_aside")


def test_its_stream_tells_what_there_is_and_ends(site: Site, aside: str) -> None:
    told = site.client.get(f"/v1/jobs/{aside}/events?stream=1").text
    names = [line for line in told.splitlines() if line.startswith("event:")]
    assert names == ["event: log", "event: job.submitted", "event: end"]
    assert json.loads(told.split("event: end\ndata: ")[1])["set_aside"] is True
    assert site.client.get(f"/v1/jobs/{aside}/events?stream=1&after=1").status_code == 204
    waited = site.client.post("/v1/jobs", json={"script": "Another."}, headers={"Prefer": "wait=0"})
    assert waited.status_code == 201


def test_a_job_of_which_nothing_could_be_folded_is_a_clear_problem(site: Site) -> None:
    stream = UUID(int=7)
    site.system.studio.recorder.insert_events([StoredEvent(stream, 1, "job.from_the_future", b"{}")])
    site.settle()
    for path in ("", "/events", "/events?stream=1", "/assets"):
        answer = site.client.get(f"/v1/jobs/{stream}{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "job_set_aside")
    assert site.client.get("/v1/events", params={"jobs": str(stream)}).json()["code"] == "job_not_found"


ODD = {
    "endless": b'{"script": "A boat.", "metadata": {"a": 1e999}}',
    "digits": b'{"script": "A boat.", "metadata": {"a": ' + b"9" * 1000 + b"}}",
    "half": b'{"script": "A boat.", "metadata": {"a": "\\ud800"}}',
    "nul": b'{"script": "A boat.", "metadata": {"a": "\\u0000"}}',
    "name": b'{"script": "A boat.", "metadata": {"\\u0000": 1}}',
    "deep": b'{"script": "A boat.", "metadata": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}",
    "deeper": b'{"script": "A boat.", "metadata": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
    "note": b'{"script": "A boat.", "metadata": {"a": {"_type_": "uuid_hex", "_data_": "x"}}}',
    "option": b'{"script": "A boat.", "options": {"style": "a\\u0000b"}}',
    "script": b'{"script": "A boat\\u0000."}',
}


@pytest.mark.parametrize("kind", ODD)
def test_what_a_person_submits_and_nobody_could_keep_is_refused(site: Site, kind: str) -> None:
    answer = site.client.post("/v1/jobs", content=ODD[kind], headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_submission"), answer.text
    assert answer.json()["errors"][0]["message"]
    assert site.system.log.head() == 0
