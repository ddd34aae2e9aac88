"""A Director that is told to stop: no new order, and time for what is under way.

Seen to fail without the wait in ``Director._let_calls_end``.
"""

import asyncio
from typing import Any

import pytest

from actors.director.director import Director
from actors.work.stage import Task
from domain.asset import Asset
from domain.job import Job
from tests.actors.conftest import Board


class Gate:
    """Holds the storyboard; says when it is under way."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, task: Task) -> None:
        if task.key.name == "storyboard":
            self.reached.set()
            await self.open.wait()


async def begin(crew: Any) -> tuple[Job, Gate]:
    crew.stage.before = gate = Gate()
    job = crew.submit()
    await asyncio.wait_for(gate.reached.wait(), 20)
    return job, gate


async def until_state(director: Director, begins: str) -> None:
    async with asyncio.timeout(20):
        while not director.state.startswith(begins):  # noqa: ASYNC110 - a state is told, not signalled
            await asyncio.sleep(0.01)


def status(crew: Any, job: Job, name: str) -> str:
    found: str = crew.asset(job, name).status
    return found


async def test_what_is_under_way_ends_and_is_recorded_and_nothing_new_is_begun(crew: Any) -> None:
    async with crew.directing() as director:
        job, gate = await begin(crew)
        director.stop(grace_s=20)
        await until_state(director, "letting")
        gate.open.set()
        await until_state(director, "stopped")
    assert status(crew, job, "storyboard") == "generated"
    assert not [order for order in crew.orders if order.key.name.startswith(("image", "music"))]
    assert len(crew.events(Asset.AttemptStarted)) == len(crew.events(Asset.Generated))


async def test_after_such_an_end_the_next_director_finds_nothing_lost(crew: Any) -> None:
    async with crew.directing() as director:
        job, gate = await begin(crew)
        director.stop(grace_s=20)
        gate.open.set()
        await until_state(director, "stopped")
    crew.stage.before = None
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "completed"
    assert crew.events(Asset.AttemptLost) == []


@pytest.mark.parametrize("grace_s", [0, 0.2])
async def test_what_does_not_end_in_time_does_not_hold_up_the_end(crew: Any, grace_s: float) -> None:
    async with crew.directing() as director:
        job, _ = await begin(crew)
        director.stop(grace_s=grace_s)
        await until_state(director, "stopped")
    assert status(crew, job, "storyboard") == "running"
