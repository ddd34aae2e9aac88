"""What an asset's page says of how it came about."""

from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey, InputRef
from projections.job_fold import JobFold
from tests.projections.filming import Filming, outage, refusal


def pages(filming: Filming, job_id: UUID) -> dict[str, dict[str, Any]]:
    fold = JobFold.of(r for r in filming.log.read(0, 10_000) if r.event.job_id == job_id)
    return {key.name: page | {"revisions": all_} for key, page, all_ in fold.asset_pages().values()}


def test_an_image_tells_what_it_was_made_from_by_whom_and_at_what_cost(filming: Filming) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    image = pages(filming, job_id)["image:2"]
    assert image["id"] == str(AssetKey.parse("image:2").id_in(job_id))
    assert (image["kind"], image["scene"], image["stage"]) == ("image", 2, "image_generation")
    assert image["status"] == "generated"
    assert image["media_type"] == "image/png"
    assert image["digest"].startswith("sha256:")
    assert [i["name"] for i in image["inputs"]] == ["storyboard"]
    assert image["recipe"]["model"] == "image-model"
    assert image["provenance"] == {"provider": "emulator", "model": "image-model"}
    assert image["usage"]["total_tokens"] == 150
    assert image["cost_usd"] == 0.01
    assert image["latency_s"] == filming.latency_s
    assert image["links"]["content"] == f"/v1/assets/{image['id']}/content"
    assert not image["stale"]


def test_each_attempt_is_told_with_its_failure_and_its_wait(filming: Filming) -> None:
    filming.faults["image:1"] = [outage(), outage()]
    job_id = filming.submit()
    filming.finish(job_id)
    first, second, third = pages(filming, job_id)["image:1"]["attempts"]
    assert first["status"] == second["status"] == "failed"
    assert first["failure"]["code"] == "overloaded"
    assert first["failure"]["http_status"] == 503
    assert first["retry_at"] > first["ended_at"]
    assert third["status"] == "succeeded"
    assert third["started_at"] >= second["retry_at"]


def test_an_accepted_call_is_told_with_its_receipt_and_by_whoever_has_it(filming: Filming) -> None:
    filming.accepted = {"image:1"}
    job_id = filming.submit()
    filming.finish(job_id)
    [accepted] = pages(filming, job_id)["image:1"]["attempts"]
    assert accepted["receipt"]["call_id"] == "call-image:1"
    assert accepted["started_at"] < accepted["receipt"]["accepted_at"] < accepted["receipt"]["expires_at"]
    assert (accepted["worker"], accepted["resumes"], accepted["status"]) == ("worker-2", 1, "succeeded")
    [plain] = pages(filming, job_id)["image:2"]["attempts"]
    assert (plain["receipt"], plain["resumes"]) == (None, 0)


def test_an_asset_that_will_not_be_made_says_why(filming: Filming) -> None:
    filming.faults["image:1"] = [refusal()]
    job_id = filming.submit()
    filming.finish(job_id)
    image = pages(filming, job_id)["image:1"]
    assert image["status"] == "failed"
    assert image["failure"]["code"] == "safety"
    assert image["digest"] is None
    assert image["links"]["content"] is None


def test_a_lost_attempt_counts_as_billed_until_its_late_answer_tells_the_truth(filming: Filming) -> None:
    job_id = filming.submit()
    while filming.studio.find_asset(job_id, AssetKey.parse("analysis")) is None:
        filming.step(job_id)
    asset_id = AssetKey.parse("analysis").id_in(job_id)
    asset = filming.studio.find_asset(job_id, AssetKey.parse("analysis"))
    assert asset is not None
    if asset.product is not None:
        pytest.fail("the analysis was made before its attempt could be lost")
    filming.studio.change_asset(
        asset_id,
        lambda a: a.start_attempt(1, 1, "worker-9", run=1, now=filming.tick(1), reserved_usd=0.02),
    )
    filming.studio.change_asset(asset_id, lambda a: a.lose_attempt(1, 1, run=1, now=filming.tick(1)))
    lost = pages(filming, job_id)["analysis"]
    assert lost["attempts"][0]["status"] == "lost"
    assert lost["attempts"][0]["may_have_been_billed"]
    assert lost["cost"]["lost_calls"] == 1
    assert lost["cost"]["usd"] == 0.02
    filming.studio.change_asset(
        asset_id,
        lambda a: a.generate(
            1,
            1,
            run=1,
            now=filming.tick(1),
            digest="sha256:" + "1" * 64,
            media_type="application/json",
            size=2,
            facts=filming.facts(AssetKey.parse("analysis")),
            provenance={},
            cost_usd=0.005,
        ),
    )
    found = pages(filming, job_id)["analysis"]
    assert found["attempts"][0]["status"] == "succeeded"
    assert found["cost"]["lost_calls"] == 0
    assert found["cost"]["usd"] == 0.005


def test_a_new_revision_keeps_the_old_one_and_makes_what_was_made_from_it_stale(filming: Filming) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    storyboard = filming.studio.find_asset(job_id, AssetKey.parse("storyboard"))
    assert storyboard is not None
    references = [InputRef.from_dict(one) for one in pages(filming, job_id)["storyboard"]["inputs"]]
    filming.studio.change_job(job_id, lambda job: job.reopen("regenerate", now=filming.tick(1)))
    filming.studio.change_asset(
        storyboard.id,
        lambda a: a.request_again(2, a.recipe, references, run=2, now=filming.tick(1)),
    )
    filming.until_made(job_id, "storyboard")
    between = pages(filming, job_id)
    assert [r["revision"] for r in between["storyboard"]["revisions"]] == [1, 2]
    assert between["storyboard"]["revisions"][0]["digest"] != between["storyboard"]["digest"]
    assert between["image:1"]["stale"]
    assert not between["audio_plan"]["stale"]
    assert filming.finish(job_id) == "completed"
    after = pages(filming, job_id)
    assert not any(page["stale"] for page in after.values())
    assert after["image:1"]["revision"] == 2
    assert after["narration:1"]["revision"] == 1
