"""A job that cannot go on: what is in flight is finished and kept, and nothing that waits is begun."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from actors.director.dispatch import Dispatch
from actors.director.throttle import Limit, Throttle
from actors.work.attempt import Attempts
from actors.work.stage import Order, Task
from domain.asset import Asset
from domain.job import Job
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


@pytest.fixture
def withdrawn(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the Director forgets what waits for a place."""
    told, withdraw = asyncio.Event(), Dispatch.withdraw

    def tell(dispatch: Dispatch, *about: Any) -> Any:
        told.set()
        return withdraw(dispatch, *about)

    monkeypatch.setattr(Dispatch, "withdraw", tell)
    return told


def fails_while_it_draws(crew: Crew, withdrawn: asyncio.Event) -> None:
    """A picture is being drawn when a narration cannot be planned, and until that is heard of."""
    unplannable(crew, Kind.NARRATION)
    drawing = asyncio.Event()

    async def hold(task: Task) -> None:
        if task.key.kind is Kind.AUDIO_PLAN:
            await drawing.wait()
        elif task.key.kind is Kind.IMAGE:
            drawing.set()
            await withdrawn.wait()

    crew.stage.before = hold


def only_these_were_drawn(crew: Crew, job: Job, count: int) -> None:
    ended = crew.studio.job(job.id)
    assert (ended.status, ended.failure and ended.failure.code) == ("failed", "internal_error")
    drawn = [asset for key, asset in crew.studio.assets(ended).items() if key.kind is Kind.IMAGE]
    assert len([asset for asset in drawn if asset.product]) == count, "what was in flight is kept"
    assert [len(asset.attempts) for asset in drawn if not asset.product] == [0]
    assert sum(asset.spent_usd for asset in drawn) == count * 0.01
    assert len([e for e in crew.events(Asset.Failed) if e.failure["code"] == "withdrawn"]) == 1


async def test_what_waits_for_a_place_is_not_begun_and_paid_once_something_cannot_be_planned(
    crew: Crew, withdrawn: asyncio.Event
) -> None:
    fails_while_it_draws(crew, withdrawn)
    async with crew.directing(places=lambda _: 1), asyncio.timeout(DEADLINE_S):
        job = crew.submit()
        await crew.until_ended(job)
    only_these_were_drawn(crew, job, 1)


async def test_nor_is_what_was_handed_over_and_waits_for_a_worker(
    crew: Crew, withdrawn: asyncio.Event
) -> None:
    """Of three pictures two workers draw two; the third gets the place of one while the other goes on."""
    crew.stage.scenes = 3
    fails_while_it_draws(crew, withdrawn)
    attempts, settled, hold = Attempts(crew.workshop()), asyncio.Event(), crew.stage.before
    taken: list[Order] = []
    place: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    assert hold is not None

    async def hold_the_second(task: Task) -> None:
        await hold(task)
        if len(taken) > 1 and task.key == taken[1].key:
            await settled.wait()

    def withdraw(goes: Callable[[Order], bool]) -> None:
        if len(taken) == 3 and goes(taken[2]) and not place.done():
            place.set_result(False)

    async def perform(order: Order) -> str:
        if order.key.kind is not Kind.IMAGE:
            return await attempts.perform(order)
        taken.append(order)
        if order is taken[0]:
            outcome = await attempts.perform(order)
            if not place.done():
                place.set_result(True)
            return outcome
        if len(taken) == 2:
            return await attempts.perform(order)
        outcome = await attempts.perform(order) if await place else "withdrawn"
        settled.set()
        return outcome

    crew.stage.before = hold_the_second
    async with crew.directing(perform=perform, withdraw=withdraw), asyncio.timeout(DEADLINE_S):
        job = crew.submit()
        await crew.until_ended(job)
    only_these_were_drawn(crew, job, 2)


class ToldThrottle(Throttle):
    """Tells when two places of the model that draws were given back."""

    def __init__(self) -> None:
        super().__init__(Limit(), {"image-model": Limit(concurrency=2)})
        self.back = 0
        self.settled = asyncio.Event()

    async def release(self, lease: str) -> None:
        await super().release(lease)
        self.back += lease.startswith("image-model")
        if self.back == 2:
            self.settled.set()


async def test_nor_is_what_waits_for_its_model(crew: Crew, withdrawn: asyncio.Event) -> None:
    """Of three pictures two are being drawn; the third gets the place of one while the other goes on."""
    crew.stage.scenes = 3
    fails_while_it_draws(crew, withdrawn)
    throttle, hold, drawn = ToldThrottle(), crew.stage.before, set[str]()
    assert hold is not None

    async def hold_the_second(task: Task) -> None:
        await hold(task)
        if task.key.kind is Kind.IMAGE:
            drawn.add(task.key.name)
            if len(drawn) == 2:
                await throttle.settled.wait()
            elif len(drawn) == 3:
                throttle.settled.set()  # it was begun all the same

    crew.stage.before = hold_the_second
    async with crew.directing(throttle=throttle), asyncio.timeout(DEADLINE_S):
        job = crew.submit()
        await crew.until_ended(job)
    only_these_were_drawn(crew, job, 2)
