"""Forking over HTTP: what is answered, what is refused and where, and that the source stays as it was.

What a fork keeps and costs is tested at its case. Seen to fail with a new id for the same key, and a manifest
that is kept.
"""

from typing import Any
from uuid import UUID

import pytest

from domain.asset import Asset, AssetKey
from domain.job import Job
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming

pytestmark = pytest.mark.slow


@pytest.fixture
def source(site: Site, filming: PlannedFilming) -> UUID:
    job_id = filming.submit(metadata={"n": 1})
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def fork(site: Site, source: UUID, **body: Any) -> Any:
    return site.client.post(f"/v1/jobs/{source}/fork", json=body)


def events_of(site: Site, job_id: UUID) -> list[Any]:
    return [r.event for r in site.system.log.read(0, 10_000) if r.event.job_id == job_id]


def test_a_fork_without_changes_keeps_all_but_the_manifest_and_costs_nothing(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    before = site.client.get(f"/v1/jobs/{source}").json()

    answer = fork(site, source)

    job = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert (job["status"], job["metadata"], job["cost"]["usd"]) == ("queued", {"n": 1}, 0.0)
    new = UUID(job["id"])
    first, *rest = events_of(site, new)
    assert isinstance(first, Job.Submitted)
    assert first.forked_from == {"job_id": str(source), "position": before["position"]}
    assert {type(event) for event in rest} == {Asset.Reused}
    assert filming.finish(new) == "completed"
    made = [e for e in events_of(site, new) if isinstance(e, Asset.Generated)]
    assert len(made) == 1
    assert AssetKey.parse("manifest").id_in(new) == made[0].originator_id
    site.settle()
    assert site.client.get(f"/v1/jobs/{source}").json() == before


@pytest.mark.parametrize(
    ("changes", "pointer", "why"),
    [
        ({"prompts": {"image:9": "x"}}, "/changes/prompts/image:9", "no such asset"),
        ({"prompts": {"picture": "x"}}, "/changes/prompts/picture", "no asset is named"),
        ({"prompts": {"music": "x"}}, "/changes/prompts/music", "made here"),
        ({"prompts": {"image:1": "x"}, "options": {"style": "ink"}}, "/changes/prompts/image:1", "made anew"),
        ({"prompts": {"image:1": ""}}, "/changes/prompts/image:1", "is empty"),
        ({"options": {"fps": 7}}, "/changes/options/fps", "24"),
        ({"options": {"voice": "Nobody"}}, "/changes/options/voice", "voices are"),
        ({"models": {"image": "gemini-none"}}, "/changes/models/image", "these would do"),
        ({"scrpt": "x"}, "/changes/scrpt", "script"),
        ({"script": " "}, "/changes/script", "empty"),
        ({"cast": [{"name": "Mara", "voice": "Nobody"}]}, "/changes/cast/0/voice", "voices are"),
    ],
)
def test_changes_that_cannot_be_made_are_named_with_their_place(
    site: Site, source: UUID, changes: dict[str, Any], pointer: str, why: str
) -> None:
    head = site.system.log.head()
    answer = fork(site, source, changes=changes)
    assert answer.status_code == 422
    assert why in {e["pointer"]: e["message"] for e in answer.json()["errors"]}[pointer]
    assert site.system.log.head() == head


# ---- when -------------------------------------------------------------------------------------------


def test_a_moment_that_has_not_come_or_was_before_the_job_is_refused(site: Site, source: UUID) -> None:
    beyond = fork(site, source, at=site.system.log.head() + 1)
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (422, "/at")
    other = UUID(site.submit())
    assert fork(site, other, at=1).json()["code"] == "job_not_found"
    assert fork(site, UUID(int=5)).json()["code"] == "job_not_found"


# ---- twice ------------------------------------------------------------------------------------------


def test_the_same_key_and_body_give_the_same_fork(site: Site, source: UUID) -> None:
    def post(body: dict[str, Any]) -> Any:
        return site.client.post(f"/v1/jobs/{source}/fork", json=body, headers={"Idempotency-Key": "k"})

    first, second = post({}), post({})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert post({"changes": {"priority": "low"}}).json()["code"] == "idempotency_key_reused"
    assert len([e for e in events_of(site, UUID(first.json()["id"])) if isinstance(e, Job.Submitted)]) == 1
