"""Doing work again over HTTP: retry with another budget, regenerate one asset, and the price of both.

Seen to fail with a dry run that begins, a provider that is not looked at, and a budget that stays as it was.
"""

from typing import Any
from uuid import UUID

import pytest

from domain.asset import Asset, AssetKey
from domain.failures import Code
from domain.film_graph import LATEST_GRAPH
from domain.job import Job
from domain.submission import Options
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal


@pytest.fixture
def completed(site: Site, filming: PlannedFilming) -> UUID:
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def asset_of(site: Site, job_id: UUID, name: str) -> Asset:
    asset = site.system.studio.find_asset(job_id, AssetKey.parse(name))
    assert asset is not None
    return asset


def regenerate(site: Site, job_id: UUID, name: str, body: Any = None) -> Any:
    return site.client.post(f"/v1/assets/{AssetKey.parse(name).id_in(job_id)}/regenerate", json=body or {})


# ---- regenerate -------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_be_redone_and_the_price_and_does_nothing(
    site: Site, completed: UUID
) -> None:
    head = site.system.log.head()

    answer = regenerate(site, completed, "image:1", {"prompt": "A quieter boat.", "dry_run": True})

    told = answer.json()
    assert answer.status_code == 200
    assert told["redone"] == ["image:1", "clip:1", "transition:1", "poster", "video", "manifest"]
    assert "narration:1" in told["reused"]
    assert told["cost"]["usd"] == 0.01  # what the picture cost when it was made
    assert told["cost"]["at_most_usd"] > told["cost"]["usd"]
    assert told["cost"]["unpriced"] == 0
    assert site.system.log.head() == head


def test_a_blank_prompt_is_not_paid_for(site: Site, completed: UUID) -> None:
    head = site.system.log.head()
    refused = regenerate(site, completed, "image:1", {"prompt": " \n"})
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert fault["pointer"] == "/prompt"
    assert fault["message"].endswith("it should be more than blanks")
    assert site.system.log.head() == head


def test_what_is_made_here_costs_nothing_and_takes_no_prompt(site: Site, completed: UUID) -> None:
    told = regenerate(site, completed, "music", {"dry_run": True}).json()
    assert told["cost"] == {"usd": 0.0, "at_most_usd": 0.0, "unpriced": 0}
    refused = regenerate(site, completed, "music", {"prompt": "louder"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/prompt")


def test_a_job_under_way_is_not_regenerated_and_the_way_out_is_told(
    site: Site, filming: PlannedFilming
) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "image:1")
    site.settle()
    answer = regenerate(site, job_id, "image:1")
    assert (answer.status_code, answer.json()["code"]) == (409, "asset_not_revisable")
    assert "cancel it" in answer.json()["detail"]
    assert regenerate(site, job_id, "image:1", {"dry_run": True}).status_code == 409


def test_an_asset_that_is_not_there_and_a_body_that_is_wrong_are_told(site: Site, completed: UUID) -> None:
    assert regenerate(site, UUID(int=1), "image:1").json()["code"] == "asset_not_found"
    wrong = regenerate(site, completed, "image:1", {"promt": "x"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/promt")
    assert "did you mean prompt?" in wrong.json()["errors"][0]["message"]


def test_a_job_of_another_provider_is_not_touched(site: Site, filming: PlannedFilming) -> None:
    job_id = filming.submit(provider="gemini")
    filming.faults["image:1"] = [refusal()]
    assert filming.finish(job_id) == "failed"
    site.settle()
    head = site.system.log.head()
    for answer in (
        regenerate(site, job_id, "image:1"),
        site.client.post(f"/v1/jobs/{job_id}/retry"),
        site.client.post(f"/v1/jobs/{job_id}/fork"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "other_provider")
    assert site.system.log.head() == head


# ---- retry ------------------------------------------------------------------------------------------


def over_budget(filming: PlannedFilming) -> UUID:
    job_id = filming.submit(max_cost_usd=0.02, options=Options(max_scenes=2).model_dump(mode="json"))
    assert filming.finish(job_id) == "failed"
    job = filming.studio.job(job_id)
    assert job.failure is not None
    assert job.failure.code == Code.OVER_BUDGET
    return job_id


def test_a_job_over_its_budget_goes_on_with_another(site: Site, filming: PlannedFilming) -> None:
    job_id = over_budget(filming)

    answer = site.client.post(f"/v1/jobs/{job_id}/retry", json={"max_cost_usd": 50})

    assert answer.status_code == 202
    assert (answer.json()["cost"]["max_usd"], answer.json()["run"]) == (50, 2)
    assert filming.finish(job_id) == "completed"
    [reopened] = [
        e
        for e in site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
        if e["type"] == "job.reopened"
    ]
    data = {"reason": "retry", "max_cost_usd": 50, "graph": LATEST_GRAPH, "traceparent": None}
    assert reopened["data"] == data
    assert reopened["message"].endswith("with a budget of USD 50")


@pytest.mark.parametrize("budget", [0, -1, "5", True])
def test_a_budget_that_is_none_is_refused(site: Site, filming: PlannedFilming, budget: Any) -> None:
    job_id = over_budget(filming)
    answer = site.client.post(f"/v1/jobs/{job_id}/retry", json={"max_cost_usd": budget})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/max_cost_usd")


def test_a_dry_run_of_a_retry_tells_what_would_be_made_and_the_price_and_does_nothing(
    site: Site, filming: PlannedFilming
) -> None:
    job_id = over_budget(filming)
    head = site.system.log.head()
    answer = site.client.post(f"/v1/jobs/{job_id}/retry", json={"max_cost_usd": 50, "dry_run": True})
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"job_id", "dry_run", "reused", "redone", "cost"}
    assert (told["job_id"], told["dry_run"]) == (str(job_id), True)
    # The rest depends on the analysis, and is in the price.
    assert (told["redone"], told["reused"]) == (["analysis"], [])
    assert 0 < told["cost"]["usd"] < told["cost"]["at_most_usd"]
    assert site.system.log.head() == head


# ---- once -------------------------------------------------------------------------------------------


def paths(site: Site, filming: PlannedFilming) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """What begins a run: its address, a body, and another body."""
    filming.faults["image:1"] = [refusal()]
    failed, completed = filming.submit(), filming.submit()
    assert filming.finish(failed) == "failed"
    assert filming.finish(completed) == "completed"
    site.settle()
    asset = AssetKey.parse("image:1").id_in(completed)
    return {
        "retry": (f"/v1/jobs/{failed}/retry", {"max_cost_usd": 9}, {}),
        "regenerate": (f"/v1/assets/{asset}/regenerate", {"prompt": "A red boat."}, {}),
    }


@pytest.mark.parametrize("operation", ["retry", "regenerate"])
def test_the_same_key_and_body_begin_one_run(
    site: Site, filming: PlannedFilming, open_site: Any, operation: str
) -> None:
    path, body, other = paths(site, filming)[operation]
    key = {"Idempotency-Key": "k-1"}

    first = site.client.post(path, json=body, headers=key)
    again = site.client.post(path, json=body, headers={"Idempotency-Key": '"k-1"'})
    restarted = open_site().client.post(path, json=body, headers=key)

    assert [first.status_code, again.status_code, restarted.status_code] == [202, 200, 200]
    assert first.json() == again.json() == restarted.json()
    assert first.json()["run"] == 2
    refused = site.client.post(path, json=other, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert refused.json()["errors"][0]["pointer"] == "Idempotency-Key"
    events = [r.event for r in site.system.log.read(0, 10_000)]
    assert len([event for event in events if isinstance(event, Job.Reopened)]) == 1


def test_a_regeneration_may_bring_a_budget(site: Site, completed: UUID) -> None:
    answer = regenerate(site, completed, "image:1", {"max_cost_usd": 0.75})

    assert answer.status_code == 202
    assert answer.json()["cost"]["max_usd"] == 0.75


def test_a_job_that_waits_for_review_gets_its_budget_with_the_approval(
    site: Site, filming: PlannedFilming
) -> None:
    job_id = filming.submit(options=Options(review=("images",)).model_dump(mode="json"))
    assert filming.finish(job_id) == "awaiting_review"
    site.settle()

    answer = regenerate(site, job_id, "image:1", {"max_cost_usd": 0.75})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/max_cost_usd"
