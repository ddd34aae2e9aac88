"""A read that names a position is true at it, or is an error: nobody is told an older state and its name.

Seen to fail where the result of the wait is not looked at, and where a position beyond the log is waited for.
"""

from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from api.http.app import ENDPOINTS
from tests.api.conftest import Site
from tests.projections.filming import refusal

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
    "a list of deliveries": ("/v1/webhooks/{hook}/deliveries?after={n}", {}, "?after"),
}
UNAWAITED = {"a list of jobs", "a list of deliveries"}
"""Pages of what is newest, which is no state of a moment."""


def ask(site: Site, kind: str, job_id: str, beyond: int = 0) -> Any:
    """At the log's end, or so far beyond it."""
    url, headers, _ = BEYOND[kind]
    values: dict[str, Any] = {"id": job_id}
    if "{hook}" in url:
        values["hook"] = site.client.post("/v1/webhooks", json={"url": "https://hook.invalid/"}).json()["id"]
    values["n"] = site.system.log.head() + beyond
    return site.client.get(
        url.format(**values), headers={name: text.format(**values) for name, text in headers.items()}
    )


@pytest.mark.parametrize("kind", BEYOND)
def test_a_position_beyond_the_log_is_refused(site: Site, kind: str) -> None:
    job_id = site.submit()
    site.settle()
    answer = ask(site, kind, job_id, 1)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "position_unknown")
    assert [error["pointer"] for error in problem["errors"]] == [BEYOND[kind][2]]
    assert f"the log ends at {site.system.log.head()}" in problem["detail"]


@pytest.mark.parametrize("kind", [kind for kind in BEYOND if "stream=1" not in BEYOND[kind][0]])
def test_the_logs_end_itself_is_a_position(site: Site, kind: str) -> None:
    job_id = site.submit()
    site.settle()
    assert ask(site, kind, job_id).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in BEYOND if kind not in UNAWAITED])
def test_a_position_that_is_not_projected_is_not_answered_from_an_older_state(
    site: Site, behind: str, kind: str
) -> None:
    answer = ask(site, kind, behind)
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


@pytest.mark.parametrize("what", ["cancel", "retry"])
def test_what_is_asked_of_many_goes_on_only_from_what_has_happened(site: Site, what: str) -> None:
    """A `next` of another log would begin runs of jobs that nobody meant."""
    site.submit()
    site.filming.faults["image:1"] = [refusal()]
    assert site.filming.finish(UUID(site.submit())) == "failed"
    site.settle()
    head = site.system.log.head()

    def post(after: int) -> Any:
        body = {"filter": {"provider": "emulator"}, "after": after}
        return site.client.post(f"/v1/jobs/{what}", json=body)

    for after, code in (
        *((head + 1, "position_unknown"), (2**53, "position_unknown")),
        *((2**53 + 1, "invalid_submission"), (2**63, "invalid_submission")),
    ):
        answer = post(after)
        assert (answer.status_code, answer.json()["code"]) == (422, code), after
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/after"]
    assert site.system.log.head() == head
    assert [item["outcome"] for item in post(head).json()["data"]] == ["accepted"]


def test_every_parameter_and_field_of_this_name_is_a_position() -> None:
    """So that a new list cannot be without the check: its description says that it may be refused."""
    for endpoint in ENDPOINTS:
        body = endpoint.operation.body
        fields = body.model_fields if isinstance(body, type) and issubclass(body, BaseModel) else {}
        named = {*(parameter.name for parameter in endpoint.operation.parameters), *fields}
        if named & {"after", "at", "Last-Event-ID"}:
            assert "position_unknown" in endpoint.problems, endpoint.operation.id


def test_pages_of_events_and_readiness_name_the_store(site: Site) -> None:
    job_id = site.submit()
    site.settle()
    store = str(site.system.store.id)
    for url in (f"/v1/jobs/{job_id}/events", "/v1/events", "/readyz"):
        assert site.client.get(url).json()["store"] == store
