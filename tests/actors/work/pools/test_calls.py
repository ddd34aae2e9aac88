"""What goes from the Director to its workers: as many calls as there are attempts, and no bytes of films."""

import asyncio
import contextlib
import pickle
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from actors.work.attempt import Attempts
from actors.work.crew import CREW
from actors.work.pools.crew import PooledCrew
from actors.work.pools.machines import Machines
from actors.work.pools.place import Start
from tests.actors.conftest import Crew
from tests.actors.work.pools.conftest import machines

ORDER_BYTES, INPUTS_BYTES = 5 * 1024, 400
"""An order holds the job's script, its recipe, and of each input the name, the digest and what was learnt of
it; their bytes stay where they are. A film has a few inputs of each scene; most assets have a few."""


class Worker:
    """Answers as a worker does, in this process; counts what was sent to it and how large it was."""

    def __init__(self, name: str, attempts: Attempts) -> None:
        self._name = name
        self._attempts = attempts
        self.calls: list[str] = []
        self.sizes: list[int] = []
        self.started: list[str] = []
        """The seat of each process that a cluster would have started."""

    async def call(self, worker: "Worker", method: str, *arguments: Any) -> Any:
        assert worker is self
        self.calls.append(method)
        if method != "perform":
            return {"worker": self._name, "pid": 1}
        self.sizes.append(len(pickle.dumps(arguments)))
        return await self._attempts.perform(*arguments)


class OneMachine:
    def machines(self) -> Machines:
        return machines(2)

    def where(self, worker: Any) -> Any:  # noqa: ARG002 - as it is asked
        raise AssertionError("nobody looks after the places here")


async def fill(pools: PooledCrew, worker: Worker) -> None:
    """Have the worker sit in each place that is asked for."""
    while True:
        wanted = await pools.wanted()
        if isinstance(wanted, Start):
            worker.started.append(wanted.seat)
            await pools.seat(wanted, worker)


@pytest.mark.parametrize("scenes", [8, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_film_is_one_call_an_asset_and_one_a_seat(tmp_path: Path, scenes: int) -> None:
    with contextlib.closing(Crew(tmp_path)) as crew:
        crew.stage.scenes = scenes
        name = f"worker:{uuid4().hex}"
        presence = crew.store.presence(name)
        assert presence.acquire(1)
        worker = Worker(name, Attempts(crew.workshop(name)))
        pools = PooledCrew(worker.call, lambda _: None, OneMachine(), start_s=1, limits={})
        filling = asyncio.create_task(fill(pools, worker))
        job = crew.submit(options={"max_scenes": scenes})
        async with crew.directing(perform=pools.perform):
            await crew.until_ended(job)
        filling.cancel()
        presence.release()
    assert worker.calls.count("perform") == len(crew.stage.calls) == len(set(crew.stage.calls))
    assert worker.started == [seat.name for seat in CREW], "processes do not grow with a film"
    assert len(worker.calls) - worker.calls.count("perform") == len(CREW)
    assert max(worker.sizes) < ORDER_BYTES + INPUTS_BYTES * scenes
    assert sum(worker.sizes) < ORDER_BYTES * len(worker.sizes)
