"""What goes from the Director to its workers: as many calls as there are attempts, and no bytes of films."""

import pickle
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from actors.work.seated_crew import SeatedCrew

from actors.work.attempt import Attempts
from actors.work.crew import CREW
from tests.actors.conftest import Crew

ORDER_BYTES, INPUTS_BYTES = 4 * 1024, 400
"""An order holds the job's script, its recipe, and of each input the name, the digest and what was learnt of
it; their bytes stay where they are. A film has a few inputs of each scene; most assets have a few."""


class Worker:
    """Answers as a worker does, in this process; counts what was sent to it and how large it was."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self.calls: list[str] = []
        self.sizes: list[int] = []

    async def call(self, worker: "Worker", method: str, *arguments: Any) -> Any:
        assert worker is self
        self.calls.append(method)
        self.sizes.append(len(pickle.dumps(arguments)))
        return await self._attempts.perform(*arguments) if method == "perform" else {}


@pytest.mark.parametrize("scenes", [8, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_film_is_one_call_an_asset_and_one_a_seat(tmp_path: Path, scenes: int) -> None:
    crew = Crew(tmp_path)
    try:
        crew.stage.scenes = scenes
        name = f"worker:{uuid4().hex}"
        presence = crew.store.presence(name)
        assert presence.acquire(1)
        worker = Worker(Attempts(crew.workshop(name)))
        seated = SeatedCrew(worker.call, lambda _: None, start_s=1)
        for seat in CREW:
            seated.seats.take(seat.name, worker)
        job = crew.submit(options={"max_scenes": scenes})
        async with crew.directing(perform=seated.perform):
            await crew.until_ended(job)
        presence.release()
    finally:
        crew.close()
    assert worker.calls.count("perform") == len(crew.stage.calls) == len(set(crew.stage.calls))
    # Orders that come together find the worker unproven, and each sees whether it has started.
    assert len(worker.calls) - worker.calls.count("perform") <= len(CREW) + 1
    assert max(worker.sizes) < ORDER_BYTES + INPUTS_BYTES * scenes
    assert sum(worker.sizes) < ORDER_BYTES * len(worker.sizes)
