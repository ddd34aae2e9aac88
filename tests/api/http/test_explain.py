"""Why over HTTP: the decisions of a moment, now or of the past, as the command tells them."""

from uuid import UUID, uuid4

import pytest

from api.cases.explain import ExplainRequest, explain
from tests.api.conftest import Site


@pytest.fixture
def job_id(site: Site) -> UUID:
    job_id = UUID(site.submit())
    assert site.filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def test_any_moment_is_explained_as_the_case_explains_it(site: Site, job_id: UUID) -> None:
    events = site.client.get(f"/v1/jobs/{job_id}/events").json()["data"]
    analysed = next(event["position"] for event in events if event["type"] == "asset.generated")

    then = site.client.get(f"/v1/jobs/{job_id}/explain?at={analysed}")
    now = site.client.get(f"/v1/jobs/{job_id}/explain")

    assert then.status_code == now.status_code == 200
    assert then.json() == explain(site.system, ExplainRequest(job_id, analysed)).to_json()
    assert then.json()["after"] == next(event for event in events if event["position"] == analysed)
    assert any(sentence.startswith("Request ") for sentence in then.json()["decisions"])
    assert now.json()["at"] == events[-1]["position"]
    assert now.json()["decisions"] == [
        "The job is completed; nothing more is decided until it is reopened.",
    ]


def test_what_has_not_happened_is_not_explained(site: Site, job_id: UUID) -> None:
    beyond = site.client.get(f"/v1/jobs/{job_id}/explain?at={site.system.log.head() + 1}")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "position_unknown")
    unknown = site.client.get(f"/v1/jobs/{uuid4()}/explain")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "job_not_found")
