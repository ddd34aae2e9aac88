"""Retrying: what is missing is made, the price is told before, and one key begins one run.

Seen to fail with a key that is not in the event, a fingerprint that is not compared, a decision that does not
look for the key, and a preview without what is made from what is missing.
"""

import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from api.cases.accepted import Accepted
from api.cases.errors import Faults, Refusal
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.retry import Retry, RetryRequest, retry
from domain.asset import AssetKey
from domain.failures import Code
from domain.job import Job
from domain.job_pruned import JobPrunedError
from tests.api.cases.conftest import Studio
from tests.projections.filming import refusal

REDONE = ["image:1", "clip:1", "transition:1", "poster", "video", "manifest"]


def begin(studio: Studio, job_id: UUID, key: str | None = None, **asked: Any) -> Accepted:
    result = retry(studio.system, RetryRequest(job_id, Retry(**asked), key))
    assert isinstance(result, Accepted)
    return result


def preview(studio: Studio, job_id: UUID, key: str | None = None, **asked: Any) -> dict[str, Any]:
    result = retry(studio.system, RetryRequest(job_id, Retry(dry_run=True, **asked), key))
    assert isinstance(result, Preview)
    return result.to_json()


def reopenings(studio: Studio) -> list[Job.Reopened]:
    events = [recorded.event for recorded in studio.log.read(0, 100_000)]
    return [event for event in events if isinstance(event, Job.Reopened)]


def test_what_failed_is_made_by_the_next_run_and_what_is_made_is_kept(studio: Studio) -> None:
    job_id = studio.failed()
    accepted = begin(studio, job_id)
    page = json.loads(accepted.job)
    assert (accepted.began, page["status"], page["run"]) == (True, "running", 2)
    assert studio.finish(job_id) == "completed"


def test_a_preview_tells_what_the_run_makes_and_costs_and_begins_nothing(studio: Studio) -> None:
    job_id = studio.failed()
    head = studio.head()

    told = preview(studio, job_id)

    assert studio.head() == head
    assert (told["job_id"], told["dry_run"]) == (str(job_id), True)
    # What is missing, and what was never asked for since the first failure.
    job = studio.studio.job(job_id)
    made = {key.name for key, asset in studio.studio.assets(job).items() if asset.product is not None}
    assert set(told["redone"]) >= set(REDONE)
    assert not made & set(told["redone"])
    assert set(told["reused"]) == made
    assert 0 < told["cost"]["usd"] < told["cost"]["at_most_usd"]

    begin(studio, job_id)
    before = {key: asset.revision for key, asset in studio.studio.assets(job).items() if asset.product}
    assert studio.finish(job_id) == "completed"
    after = studio.studio.assets(studio.studio.job(job_id))
    again = {key for key, asset in after.items() if before.get(key) != asset.revision}
    assert {key.name for key in again} == set(told["redone"])


def test_a_run_whose_analysis_is_missing_is_priced_as_a_whole_film(studio: Studio) -> None:
    whole = studio.failed("analysis")
    part = studio.failed("image:1")
    told = preview(studio, whole)
    assert (told["redone"], told["reused"]) == (["analysis"], [])
    assert told["cost"]["at_most_usd"] > preview(studio, part)["cost"]["at_most_usd"]


def test_what_comes_of_what_is_missing_is_made_anew_too(studio: Studio) -> None:
    job_id = studio.completed()
    image = AssetKey.parse("image:1").id_in(job_id)
    regenerate(studio.system, RegenerateRequest(image, Regenerate(prompt="A quieter boat.")))
    studio.studio.change_job(job_id, lambda job: job.request_cancel(now=studio.tick(1)))
    assert studio.finish(job_id) == "cancelled"
    studio.settle()
    assert preview(studio, job_id)["redone"] == REDONE


@pytest.mark.parametrize("status", ["queued", "completed"])
def test_only_what_failed_or_was_cancelled_is_retried(studio: Studio, status: str) -> None:
    job_id = studio.completed() if status == "completed" else studio.submit()
    for dry_run in (False, True):
        with pytest.raises(Refusal) as refused:
            retry(studio.system, RetryRequest(job_id, Retry(dry_run=dry_run)))
        assert refused.value.code == "job_not_retryable"
        assert status in refused.value.detail
    assert reopenings(studio) == []


def test_the_other_provider_s_job_is_left_to_it(studio: Studio) -> None:
    job_id = studio.failed(provider="gemini")
    with pytest.raises(Refusal) as refused:
        begin(studio, job_id)
    assert refused.value.code == "other_provider"


def test_nothing_is_left_to_retry_of_a_pruned_job(studio: Studio) -> None:
    job_id = studio.failed()
    studio.studio.change_job(job_id, lambda job: job.start_pruning(1, now=studio.tick(1)))
    for ask in (begin, preview):
        with pytest.raises(JobPrunedError):
            ask(studio, job_id)


# ---- budgets ------------------------------------------------------------------------------------------


def over_budget(studio: Studio) -> UUID:
    job_id = studio.submit(max_cost_usd=0.02)
    assert studio.finish(job_id) == "failed"
    failure = studio.studio.job(job_id).failure
    assert failure is not None
    assert failure.code == Code.OVER_BUDGET
    return job_id


def test_a_job_over_its_budget_goes_on_with_another_and_fails_with_the_old_one(studio: Studio) -> None:
    job_id = over_budget(studio)
    assert json.loads(begin(studio, job_id).job)["cost"]["max_usd"] == 0.02
    assert studio.finish(job_id) == "failed"
    assert json.loads(begin(studio, job_id, max_cost_usd=50).job)["cost"]["max_usd"] == 50
    assert studio.finish(job_id) == "completed"


def test_no_budget_can_be_given_to_models_without_a_price(studio: Studio) -> None:
    models = {"text": "gemini-3.8-flash", "image": "gemini-unheard-of", "speech": "x"}
    job_id = studio.submit(models=models)
    studio.studio.change_job(job_id, lambda job: job.fail(refusal(), now=studio.tick(1)))
    for ask in (begin, preview):
        with pytest.raises(Faults) as refused:
            ask(studio, job_id, max_cost_usd=5)
        assert (refused.value.code, refused.value.errors[0].pointer) == ("unpriced_model", "/max_cost_usd")
        assert "gemini-unheard-of" in refused.value.detail
    assert reopenings(studio) == []


# ---- once ---------------------------------------------------------------------------------------------


def test_a_key_begins_one_run_and_is_known_after_a_restart(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    job_id = studio.failed()
    first = begin(studio, job_id, "k", max_cost_usd=3)
    again = begin(open_studio(), job_id, "k", max_cost_usd=3)

    assert (first.began, again.began) == (True, False)
    assert first.job == again.job
    [reopened] = reopenings(studio)
    assert "k" not in (reopened.idempotency_key, reopened.fingerprint)


def test_a_repeated_request_is_answered_with_the_job_as_it_is_by_then(studio: Studio) -> None:
    job_id = studio.failed()
    begin(studio, job_id, "k")
    assert studio.finish(job_id) == "completed"
    again = begin(studio, job_id, "k")
    assert (again.began, json.loads(again.job)["status"]) == (False, "completed")
    assert len(reopenings(studio)) == 1


def test_a_key_of_an_earlier_run_begins_no_later_one(studio: Studio) -> None:
    job_id = studio.failed()
    begin(studio, job_id, "first")
    studio.studio.change_job(job_id, lambda job: job.request_cancel(now=studio.tick(1)))
    assert studio.finish(job_id) == "cancelled"
    assert not begin(studio, job_id, "first").began
    assert studio.studio.job(job_id).status == "cancelled"
    assert begin(studio, job_id, "second").began
    assert len(reopenings(studio)) == 2


def test_a_key_with_another_body_is_refused(studio: Studio) -> None:
    job_id = studio.failed()
    begin(studio, job_id, "k", max_cost_usd=3)
    for ask in (begin, preview):
        with pytest.raises(Faults) as refused:
            ask(studio, job_id, "k", max_cost_usd=4)
        assert refused.value.code == "idempotency_key_reused"
    assert len(reopenings(studio)) == 1


def test_a_refused_request_does_not_use_up_its_key(studio: Studio) -> None:
    job_id = studio.submit()
    with pytest.raises(Refusal):
        begin(studio, job_id, "k")
    studio.faults["image:1"] = []
    studio.studio.change_job(job_id, lambda job: job.request_cancel(now=studio.tick(1)))
    assert studio.finish(job_id) == "cancelled"
    assert begin(studio, job_id, "k").began


def test_a_preview_with_a_known_key_says_that_nothing_more_is_begun(studio: Studio) -> None:
    job_id = studio.failed()
    begin(studio, job_id, "k")
    told = preview(studio, job_id, "k")
    assert (told["redone"], told["cost"]) == ([], {"usd": 0.0, "at_most_usd": 0.0, "unpriced": 0})


def test_twins_at_the_same_moment_begin_one_run(studio: Studio) -> None:
    job_id = studio.failed()
    barrier = threading.Barrier(6)
    results: list[Accepted] = []

    def ask() -> None:
        barrier.wait()
        results.append(begin(studio, job_id, "twins"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.began for result in results) == [False] * 5 + [True]
    assert len(reopenings(studio)) == 1
    assert {json.loads(result.job)["run"] for result in results} == {2}
