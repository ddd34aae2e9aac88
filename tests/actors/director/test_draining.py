"""A job that cannot go on: what is in flight is finished and kept, and nothing that waits is begun."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from actors.director.dispatch import Dispatch
from actors.director.throttle import Limit, Throttle
from actors.work.attempt import Attempts
from actors.work.stage import Task
from domain.asset import Asset
from domain.script import Kind
from tests.actors.conftest import DEADLINE_S, Crew


def unplannable(crew: Crew, kind: Kind) -> None:
    """Nothing of this kind can be planned; pictures have a model of their own."""
    plan = crew.stage.plan

    def refuse(brief: Any, key: Any, inputs: Any) -> Any:
        if key.kind is kind:
            raise KeyError("deliveries")
        planned = plan(brief, key, inputs)
        return replace(planned, model="image-model") if key.kind is Kind.IMAGE else planned

    crew.stage.plan = refuse  # type: ignore[method-assign]


async def test_nothing_new_is_to_be_begun_once_something_cannot_be_planned(crew: Crew) -> None:
    unplannable(crew, Kind.NARRATION)
    desk, attempts = crew.desk(), Attempts(crew.workshop())
    job = crew.submit()
    [analysis] = desk.look([], {}).steps[job.id].orders
    assert await attempts.perform(analysis) == "generated"
    storyboard, audio_plan = desk.look([], {}).steps[job.id].orders
    assert await attempts._start(storyboard) is not None
    assert await attempts.perform(audio_plan) == "generated"
    step = desk.look([], {}).steps[job.id]
    assert (step.orders, step.draining, step.ended) == ([], True, False)


@pytest.mark.parametrize("queued", ["for a place", "for its model"])
async def test_what_waits_is_not_begun_and_paid_once_something_cannot_be_planned(
    crew: Crew, queued: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplannable(crew, Kind.NARRATION)
    drawing, withdrawn = asyncio.Event(), asyncio.Event()
    withdraw = Dispatch.withdraw

    def told(dispatch: Dispatch, *about: Any) -> Any:
        withdrawn.set()
        return withdraw(dispatch, *about)

    async def hold(task: Task) -> None:
        if task.key.kind is Kind.AUDIO_PLAN:
            await drawing.wait()
        elif task.key.kind is Kind.IMAGE:
            drawing.set()
            await withdrawn.wait()

    monkeypatch.setattr(Dispatch, "withdraw", told)
    crew.stage.before = hold
    throttle = Throttle(Limit(), {"image-model": Limit(concurrency=1)} if queued == "for its model" else {})
    places = 1 if queued == "for a place" else 8
    async with crew.directing(places=lambda _: places, throttle=throttle), asyncio.timeout(DEADLINE_S):
        job = crew.submit()
        await crew.until_ended(job)

    ended = crew.studio.job(job.id)
    assert (ended.status, ended.failure and ended.failure.code) == ("failed", "internal_error")
    drawn = [crew.asset(job, f"image:{scene}") for scene in (1, 2)]
    assert sorted(len(asset.attempts) for asset in drawn) == [0, 1]
    assert [asset.product is not None for asset in drawn].count(True) == 1, "what was in flight is kept"
    assert sum(asset.spent_usd for asset in drawn) == 0.01
    assert len([e for e in crew.events(Asset.Failed) if e.failure["code"] == "withdrawn"]) == 1
