"""A new cap on a job that goes on: judged by all models that its film asks, as at its submission."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from api.cases.approve import Approve, ApproveRequest, approve
from api.cases.errors import Faults
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.retry import Retry, RetryRequest, retry
from domain.asset import AssetKey
from domain.default_models import DEFAULT_MODELS
from domain.given_scenes import Given, GivenScene
from domain.job import Job
from domain.script import Kind
from tests.api.cases.conftest import Studio

MOVING = Given(scenes=(GivenScene(text="One.", motion="generated"), GivenScene(text="Two.")))


def failed(studio: Studio) -> UUID:
    return studio.failed(given=MOVING, models=DEFAULT_MODELS)


def reviewed(studio: Studio) -> UUID:
    job_id = studio.submit(given=MOVING, models=DEFAULT_MODELS)

    def ask(job: Job) -> None:
        job.request_review("script", now=studio.tick(1))

    studio.studio.change_job(job_id, ask)
    return job_id


ASKED: dict[str, tuple[Callable[[Studio], UUID], Callable[[Studio, UUID], Any]]] = {
    "retry": (failed, lambda s, job_id: retry(s.system, RetryRequest(job_id, Retry(max_cost_usd=5)))),
    "approve": (
        reviewed,
        lambda s, job_id: approve(s.system, ApproveRequest(job_id, Approve(max_cost_usd=5))),
    ),
    "regenerate": (
        failed,
        lambda s, job_id: regenerate(
            s.system,
            RegenerateRequest(AssetKey(Kind.STORYBOARD).id_in(job_id), Regenerate(max_cost_usd=5)),
        ),
    ),
}


@pytest.mark.parametrize("how", ASKED)
def test_no_cap_can_be_kept_where_a_scene_moves_and_its_model_has_no_price(studio: Studio, how: str) -> None:
    prepare, ask = ASKED[how]
    job_id = prepare(studio)
    del studio.system.prices._models[DEFAULT_MODELS["video"]]
    with pytest.raises(Faults) as refused:
        ask(studio, job_id)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("unpriced_model", "/max_cost_usd")
    assert f"{DEFAULT_MODELS['video']} has no known price" in refused.value.errors[0].message
    assert studio.studio.job(job_id).max_cost_usd is None
