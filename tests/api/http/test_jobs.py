"""Listing, looking at, cancelling and retrying jobs over HTTP."""

from uuid import UUID, uuid4

import pytest

from projections.tables import FOLD
from tests.api.conftest import Site
from tests.projections.filming import refusal


@pytest.fixture
def completed(site: Site) -> str:
    job_id = site.submit()
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    return job_id


def test_jobs_are_listed_newest_first_with_a_cursor(site: Site) -> None:
    made = [site.submit(metadata={"n": n}) for n in range(5)]
    first = site.client.get("/v1/jobs?limit=3").json()
    assert [job["id"] for job in first["data"]] == made[:1:-1]
    assert first["has_more"]
    rest = site.client.get(f"/v1/jobs?limit=3&after={first['next']}").json()
    assert [job["id"] for job in rest["data"]] == made[1::-1]
    assert (rest["has_more"], rest["next"]) == (False, None)
    assert first["position"] == site.system.log.head()


def test_jobs_are_filtered_by_status(site: Site, completed: str) -> None:
    queued = site.submit()
    assert [j["id"] for j in site.client.get("/v1/jobs?status=completed").json()["data"]] == [completed]
    assert [j["id"] for j in site.client.get("/v1/jobs?status=queued").json()["data"]] == [queued]


def test_jobs_are_found_by_the_beginning_of_their_ids(site: Site) -> None:
    first = site.filming.submit(job_id=UUID("3fa1b2c3-0000-4000-8000-000000000001"))
    second = site.filming.submit(job_id=UUID("3fa1b2c4-0000-4000-8000-000000000002"))
    site.filming.submit(job_id=UUID("e0000000-0000-4000-8000-000000000003"))
    site.filming.finish(first)
    site.settle()

    def found(query: str) -> list[str]:
        return [job["id"] for job in site.client.get(f"/v1/jobs?{query}").json()["data"]]

    assert found("id=3fa1") == [str(second), str(first)]
    assert found("id=3FA1B2C3") == found("id=3fa1b2c30") == found(f"id={first}") == [str(first)]
    assert found("id=3fa1&status=queued") == [str(second)]
    assert found("id=4") == []
    page = site.client.get("/v1/jobs?id=3fa1&limit=1").json()
    assert found(f"id=3fa1&after={page['next']}") == [str(first)]


@pytest.mark.parametrize(
    "query",
    [
        "id=",
        "id=latest",
        "id=3fa1%25",
        "id=_",
        "id=" + "0" * 33,
        "status=done",
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=",
        "after=-1",
        "limit=٣",
        "after=1e3",
    ],
)
def test_a_wrong_parameter_is_named_with_what_would_do(site: Site, query: str) -> None:
    answer = site.client.get(f"/v1/jobs?{query}")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == f"?{query.partition('=')[0]}"
    assert "write" in error["message"]


def test_a_misspelt_parameter_is_not_passed_over(site: Site) -> None:
    answer = site.client.get("/v1/jobs?limt=3&status=done")
    assert answer.status_code == 422
    found = {error["pointer"]: error["message"] for error in answer.json()["errors"]}
    assert set(found) == {"?limt", "?status"}
    assert "did you mean limit?" in found["?limt"]


def test_a_parameter_that_is_given_twice_is_not_chosen_from(site: Site) -> None:
    answer = site.client.get("/v1/jobs?limit=5&limit=1")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "?limit", "message": "limit is given 2 times; give it once"}
    ]


@pytest.mark.parametrize("job_id", ["5b1f7a52-3c0e-4c55-9c43-6f3d1f0a7f10", "nonsense", "%2e%2e"])
@pytest.mark.parametrize("rest", ["", "/events", "/assets", "/events?stream=1"])
def test_a_job_that_is_not_there_is_not_found(site: Site, job_id: str, rest: str) -> None:
    answer = site.client.get(f"/v1/jobs/{job_id}{rest}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "job_not_found"


def test_a_job_that_has_not_changed_is_not_sent_again(site: Site, completed: str) -> None:
    first = site.client.get(f"/v1/jobs/{completed}", headers={"Accept-Encoding": "identity"})
    assert first.headers["etag"] == f'"{first.json()["position"]}-{FOLD}"'
    again = site.client.get(f"/v1/jobs/{completed}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = site.client.get(f"/v1/jobs/{completed}", headers={"If-None-Match": '"1"'})
    assert other.status_code == 200
    for known in (
        [("If-None-Match", f'"1", W/{first.headers["etag"]}')],
        [("If-None-Match", '"1"'), ("If-None-Match", first.headers["etag"])],
        [("If-None-Match", "*")],
    ):
        assert site.client.get(f"/v1/jobs/{completed}", headers=known).status_code == 304


def test_a_job_is_shown_as_it_was(site: Site, completed: str) -> None:
    now = site.client.get(f"/v1/jobs/{completed}").json()
    assert site.client.get(f"/v1/jobs/{completed}?at={now['position']}").json() == now
    then = site.client.get(f"/v1/jobs/{completed}?at=1")
    assert then.json()["status"] == "queued"
    # How it is told may change with a version; what it was does not.
    assert then.headers["cache-control"] == "private, max-age=86400"
    assert then.headers["etag"].removeprefix("W/") == f'"1-{FOLD}"'
    for event in site.client.get(f"/v1/jobs/{completed}/events").json()["data"]:
        past = site.client.get(f"/v1/jobs/{completed}?at={event['position']}").json()
        assert (past["position"], past["progress"]) == (event["position"], event["progress"])
        assert past["eta_s"] == event["eta_s"]


def test_a_time_that_has_not_come_or_was_before_the_job_is_refused(site: Site, completed: str) -> None:
    beyond = site.client.get(f"/v1/jobs/{completed}?at={site.system.log.head() + 1}")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "position_unknown")
    assert beyond.json()["errors"][0]["pointer"] == "?at"
    later = site.submit()
    before = site.client.get(f"/v1/jobs/{later}?at=1")
    assert before.status_code == 404


def test_cancel_is_recorded_once_and_again_changes_nothing(site: Site) -> None:
    job_id = site.submit()
    first = site.client.post(f"/v1/jobs/{job_id}/cancel")
    again = site.client.post(f"/v1/jobs/{job_id}/cancel")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["cancel_requested"]
    assert again.json() == first.json()
    assert site.filming.finish(UUID(job_id)) == "cancelled"
    site.settle()
    ended = site.client.post(f"/v1/jobs/{job_id}/cancel")
    assert ended.status_code == 200
    assert ended.json()["status"] == "cancelled"


def test_an_ended_job_is_not_cancelled(site: Site, completed: str) -> None:
    before = site.client.get(f"/v1/jobs/{completed}").json()
    answer = site.client.post(f"/v1/jobs/{completed}/cancel")
    assert (answer.status_code, answer.json()) == (200, before)


def test_a_failed_job_is_retried_from_what_is_missing(site: Site) -> None:
    site.filming.faults["image:2"] = [refusal()]
    job_id = site.submit()
    assert site.filming.finish(UUID(job_id)) == "failed"
    site.settle()
    answer = site.client.post(f"/v1/jobs/{job_id}/retry")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["run"]) == ("running", 2)
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    assets = site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    revisions = {asset["name"]: asset["revision"] for asset in assets}
    assert revisions["image:2"] == 2
    assert revisions["image:1"] == revisions["storyboard"] == 1


@pytest.mark.parametrize("until", ["queued", "completed"])
def test_only_an_ended_job_without_its_film_is_retried(site: Site, until: str) -> None:
    job_id = site.submit()
    if until == "completed":
        site.filming.finish(UUID(job_id))
    answer = site.client.post(f"/v1/jobs/{job_id}/retry")
    assert answer.status_code == 409
    assert answer.json()["code"] == "job_not_retryable"
    assert until in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_a_job_that_is_not_there_cannot_be_changed(site: Site, verb: str) -> None:
    assert site.client.post(f"/v1/jobs/{uuid4()}/{verb}").status_code == 404


def test_a_write_is_answered_truly_even_when_the_projector_is_behind(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cases.positions.PROJECTION_WAIT_S", 0.05)
    site.system.projector.close()
    answer = site.client.post("/v1/jobs", json={"script": "Alone."})
    assert answer.status_code == 201
    assert answer.json()["status"] == "queued"
    cancelled = site.client.post(f"/v1/jobs/{answer.json()['id']}/cancel")
    assert cancelled.status_code == 202
    assert cancelled.json()["cancel_requested"]
