"""The Director and accepted calls: those of the dead go to the living, an end waits for none.

Seen to fail where ``Losses`` tells them as lost: the picture is asked for twice.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from actors.director.director import Director
from actors.director.throttle import Limit, Throttle
from actors.work.attempt import Attempts
from domain.asset import Asset
from domain.failures import Code, Failure
from domain.job import Job
from domain.script import Stage
from tests.accepted_calls import LaterPictures, LaterProvider
from tests.actors.conftest import Board, Crew, now

FOREVER = None


def pictures_later(crew: Crew, folder: Path, polls: int | None = 2) -> LaterProvider:
    provider = LaterProvider(folder / "provider", polls)
    crew.stages[Stage.IMAGE_GENERATION] = LaterPictures(provider, crew.stage)
    return provider


async def accepted(crew: Crew, calls: int = 2) -> None:
    seen = 0

    def last(recorded: Any) -> bool:
        nonlocal seen
        seen += isinstance(recorded.event, Asset.CallAccepted)
        return seen == calls

    await crew.until(last)


async def left_by_the_dead(crew: Crew, folder: Path, **changes: Any) -> Job:
    """A job whose worker and Director died while the provider had both of its pictures."""
    pictures_later(crew, folder, FOREVER)
    async with crew.directing() as director:
        job = crew.submit(**changes)
        await accepted(crew)
        director.stop()
    return job


async def until_state(director: Director, begins: str) -> None:
    async with asyncio.timeout(20):
        while not director.state.startswith(begins):  # noqa: ASYNC110 - a state is told, not signalled
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_accepted_calls_of_a_dead_worker_are_gone_on_with_and_nothing_is_asked_twice(
    crew: Crew, tmp_path: Path
) -> None:
    job = await left_by_the_dead(crew, tmp_path)
    provider = pictures_later(crew, tmp_path)
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job)

    assert crew.studio.job(job.id).status == "completed"
    assert provider.count("request") == 2
    pictures = {crew.asset(job, f"image:{n}").id for n in (1, 2)}
    # A narration that was asked for and not yet answered when the worker died is lost; a picture is not.
    assert pictures.isdisjoint(e.originator_id for e in crew.events(Asset.AttemptLost))
    resumed = crew.events(Asset.AttemptResumed)
    assert {e.originator_id for e in resumed} == pictures
    for number in (1, 2):
        picture = crew.asset(job, f"image:{number}")
        assert [a.status for a in picture.attempts] == ["succeeded"]
        assert (picture.requests, picture.spent_usd) == (1, 0.01)


async def test_what_was_asked_and_not_accepted_stays_lost_beside_it(crew: Crew, tmp_path: Path) -> None:
    job = await left_by_the_dead(crew, tmp_path)
    picture = crew.asset(job, "image:1")
    desk = crew.desk()
    desk.take_over(Board(job.id).unfinished())
    assert crew.lose_dead(desk) == {job.id}
    lost = {e.originator_id for e in crew.events(Asset.AttemptLost)}
    assert picture.id not in lost
    step = desk.step(job.id, {})
    going_on = [order for order in step.orders if order.resume]
    assert {order.key.name for order in going_on} == {"image:1", "image:2"}
    assert {order.attempt for order in going_on} == {1}
    assert {order.recipe.reservation_usd for order in going_on} == {0.01}
    ordered = {order.key: order.recipe.reservation_usd for order in step.orders}
    assert desk.lose_dead() == set(), "they are known as abandoned"
    assert [o for o in desk.step(job.id, ordered).orders if o.resume] == []
    assert {o.key.name for o in desk.step(job.id, {}).orders if o.resume} == {"image:1", "image:2"}


async def test_a_live_worker_keeps_its_accepted_calls(crew: Crew, tmp_path: Path) -> None:
    job = await left_by_the_dead(crew, tmp_path)
    desk = crew.desk()
    desk.take_over(Board(job.id).unfinished())
    worker = crew.asset(job, "image:1").open_attempt
    assert worker is not None
    presence = crew.store.presence(worker.worker)
    assert presence.acquire(1)
    crew.lose_dead(desk)
    assert [o for o in desk.step(job.id, {}).orders if o.resume] == []
    presence.release()
    crew.lose_dead(desk)
    assert len([o for o in desk.step(job.id, {}).orders if o.resume]) == 2
    # It was cut off for a while and is back: what was not given away stays with it.
    assert presence.acquire(1)
    desk.lose_dead()
    assert [o for o in desk.step(job.id, {}).orders if o.resume] == []
    presence.release()


async def test_a_call_that_a_live_worker_has_forgotten_is_gone_on_with(crew: Crew, tmp_path: Path) -> None:
    job = await left_by_the_dead(crew, tmp_path)
    desk = crew.desk()
    desk.take_over(Board(job.id).unfinished())
    attempts = {attempt for attempt in desk.open_attempts() if attempt[1].name == "image:1"}
    [(*_, worker)] = attempts
    assert desk.lose_forgotten(attempts, {worker: []}) == set(), "once is not enough"
    assert desk.lose_forgotten(attempts, {worker: []}) == {job.id}
    assert [o.key.name for o in desk.step(job.id, {}).orders if o.resume] == ["image:1"]
    # The same worker may take it: it is its own then, and nobody else's.
    [order] = [o for o in desk.step(job.id, {}).orders if o.resume]
    pictures_later(crew, tmp_path, FOREVER)
    running = asyncio.ensure_future(Attempts(crew.workshop(worker)).perform(order))
    await crew.until(lambda r: isinstance(r.event, Asset.AttemptResumed))
    desk.fold(crew.log.read(0, 1000))
    assert [o.key.name for o in desk.step(job.id, {}).orders if o.resume] == []
    running.cancel()
    await asyncio.wait([running])


async def test_an_end_with_grace_does_not_wait_for_accepted_calls(crew: Crew, tmp_path: Path) -> None:
    """Fails where all calls are waited for: this Director would take half a minute to end."""
    provider = pictures_later(crew, tmp_path, FOREVER)
    async with crew.directing() as director:
        job = crew.submit(options={"include_audio": False})
        await accepted(crew)
        async with asyncio.timeout(15):
            director.stop(grace_s=30)
            await until_state(director, "stopped")
    assert provider.count("cancel") == 0
    assert crew.asset(job, "image:1").open_attempt is not None


async def test_a_call_that_is_accepted_during_the_grace_is_let_go_at_once(
    crew: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = pictures_later(crew, tmp_path, FOREVER)
    may_accept, asked = asyncio.Event(), asyncio.Event()
    stage = crew.stages[Stage.IMAGE_GENERATION]
    make = stage.make

    async def later(task: Any) -> Any:
        asked.set()
        await may_accept.wait()
        return await make(task)

    monkeypatch.setattr(stage, "make", later)
    async with crew.directing() as director:
        crew.submit(options={"include_audio": False})
        await asyncio.wait_for(asked.wait(), 20)
        async with asyncio.timeout(15):
            director.stop(grace_s=30)
            await until_state(director, "letting")
            may_accept.set()
            await until_state(director, "stopped")
    assert provider.count("request") == len(crew.events(Asset.CallAccepted)) >= 1


async def test_cancelling_a_job_cancels_its_accepted_calls_and_ends_it(crew: Crew, tmp_path: Path) -> None:
    provider = pictures_later(crew, tmp_path, FOREVER)
    async with crew.directing():
        job = crew.submit(options={"include_audio": False})
        await accepted(crew)
        crew.studio.change_job(job.id, lambda j: j.request_cancel(now=now()))
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "cancelled"
    asked = provider.asked()
    assert [asked["cancel", f"image-{n}-1"] for n in (1, 2)] == [1, 1]
    failed = crew.events(Asset.AttemptFailed)
    assert [(e.cost_usd, e.failure["may_have_been_billed"]) for e in failed] == [(0.01, True)] * 2


@pytest.mark.slow
async def test_cancelling_a_job_cancels_the_accepted_calls_of_the_dead(crew: Crew, tmp_path: Path) -> None:
    job = await left_by_the_dead(crew, tmp_path, options={"include_audio": False})
    crew.studio.change_job(job.id, lambda j: j.request_cancel(now=now()))
    provider = pictures_later(crew, tmp_path, FOREVER)
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "cancelled"
    assert provider.count("request") == 2
    assert provider.count("cancel") == 2
    assert {e.cost_usd for e in crew.events(Asset.AttemptFailed)} == {0.01}
    assert crew.events(Asset.AttemptLost) == []


@pytest.mark.slow
async def test_an_accepted_call_keeps_its_reservation_over_restarts(crew: Crew, tmp_path: Path) -> None:
    """Fails where going on reserves anew: there is room for two pictures and no more."""
    job = await left_by_the_dead(crew, tmp_path, options={"include_audio": False}, max_cost_usd=0.04)
    provider = pictures_later(crew, tmp_path)
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "completed"
    assert provider.count("request") == 2


@pytest.mark.slow
async def test_going_on_takes_no_turn_of_the_models_limit(crew: Crew, tmp_path: Path) -> None:
    """Fails where it waits for one: a model that takes no call today would keep what it has made."""
    job = await left_by_the_dead(crew, tmp_path, options={"include_audio": False})
    pictures_later(crew, tmp_path)
    throttle = Throttle(Limit(concurrency=1))
    await throttle.acquire("text-model")
    async with crew.directing(Board(job.id), throttle=throttle):
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "completed"


async def test_a_job_that_fails_keeps_the_answer_it_has_paid_for(crew: Crew, tmp_path: Path) -> None:
    job = await left_by_the_dead(crew, tmp_path, options={"include_audio": False})
    pictures_later(crew, tmp_path)
    desk = crew.desk()
    desk.take_over(Board(job.id).unfinished())
    crew.lose_dead(desk)
    first, second = (o for o in desk.step(job.id, {}).orders if o.resume)
    # The first fails for good, and the second is still gone on with.
    crew.studio.change_asset(
        first.asset_id, lambda a: a.fail_attempt(1, 1, Failure.of(Code.SAFETY, "no"), run=1, now=now())
    )
    desk.fold(crew.log.read(0, 1000))
    step = desk.step(job.id, {})
    assert step.draining
    assert [o.key.name for o in step.orders if o.resume] == [second.key.name]
