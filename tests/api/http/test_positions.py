"""A read that names a position is true at it, or is an error: nobody is told an older state and its name.

Seen to fail where the result of the wait is not looked at, and where a position beyond the log is waited for.
"""

from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Site

pytestmark = pytest.mark.slow  # each takes a while, or there are many


@pytest.fixture
def behind(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """A job whose last events are in the log and not in the read models."""
    job_id = site.submit()
    site.settle()
    site.system.projector.close()
    site.filming.finish(UUID(job_id))
    monkeypatch.setattr("api.cases.positions.PROJECTION_WAIT_S", 0.05)
    return job_id


BEYOND = {
    "a job as it was": ("/v1/jobs/{id}?at={n}", {}, "?at"),
    "a job's page of events": ("/v1/jobs/{id}/events?after={n}", {}, "?after"),
    "a page of all events": ("/v1/events?after={n}", {}, "?after"),
    "a page of some events": ("/v1/events?after={n}&jobs={id}", {}, "?after"),
    "a job's stream": ("/v1/jobs/{id}/events?stream=1&after={n}", {}, "?after"),
    "the stream of all": ("/v1/events?stream=1&after={n}", {}, "?after"),
    "a reconnect": ("/v1/jobs/{id}/events?stream=1", {"Last-Event-ID": "{n}"}, "Last-Event-ID"),
    "a reconnect to all": ("/v1/events?stream=1&after=0", {"Last-Event-ID": "{n}"}, "Last-Event-ID"),
    "a list of jobs": ("/v1/jobs?after={n}", {}, "?after"),
}


def ask(site: Site, kind: str, job_id: str, position: int) -> Any:
    url, headers, _ = BEYOND[kind]
    values = {"id": job_id, "n": position}
    return site.client.get(
        url.format(**values), headers={name: text.format(**values) for name, text in headers.items()}
    )


@pytest.mark.parametrize("kind", BEYOND)
def test_a_position_beyond_the_log_is_refused(site: Site, kind: str) -> None:
    job_id = site.submit()
    site.settle()
    answer = ask(site, kind, job_id, site.system.log.head() + 1)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "position_unknown")
    assert [error["pointer"] for error in problem["errors"]] == [BEYOND[kind][2]]
    assert "the log ends at 1" in problem["detail"]


@pytest.mark.parametrize("kind", [kind for kind in BEYOND if "stream=1" not in BEYOND[kind][0]])
def test_the_logs_end_itself_is_a_position(site: Site, kind: str) -> None:
    job_id = site.submit()
    site.settle()
    assert ask(site, kind, job_id, site.system.log.head()).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in BEYOND if kind != "a list of jobs"])
def test_a_position_that_is_not_projected_is_not_answered_from_an_older_state(
    site: Site, behind: str, kind: str
) -> None:
    answer = ask(site, kind, behind, site.system.log.head())
    assert (answer.status_code, answer.json()["code"]) == (503, "behind")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("at", [None, "head"])
def test_a_fork_is_not_planned_from_an_older_state(site: Site, behind: str, at: str | None) -> None:
    body = {"dry_run": True} | ({"at": site.system.log.head()} if at else {})
    answer = site.client.post(f"/v1/jobs/{behind}/fork", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "behind")


def test_a_fork_of_what_has_not_happened_is_refused(site: Site) -> None:
    job_id = site.submit()
    answer = site.client.post(f"/v1/jobs/{job_id}/fork", json={"at": 99, "dry_run": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "position_unknown")
    assert answer.json()["errors"][0]["pointer"] == "/at"


def test_pages_of_events_and_readiness_name_the_store(site: Site) -> None:
    job_id = site.submit()
    site.settle()
    store = str(site.system.store.id)
    for url in (f"/v1/jobs/{job_id}/events", "/v1/events", "/readyz"):
        assert site.client.get(url).json()["store"] == store
