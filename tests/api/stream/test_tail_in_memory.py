"""The end of the timeline in memory: what happens to those who watch when the tables cannot be read."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from api.stream.tail import Tail
from projections.database import ReadModelsUnavailableError
from projections.projector import SIGNAL
from tests.api.conftest import Site

DEADLINE_S = 60


async def test_it_goes_on_when_the_tables_are_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when the task that follows ends with the first error: every stream would stand still for ever."""
    readers, entries = site.system.readers, site.system.readers.entries
    refused = asyncio.Event()
    away = True

    def away_for_a_while(**asked: Any) -> Any:
        if away:
            loop.call_soon_threadsafe(refused.set)
            raise ReadModelsUnavailableError("the database is away")
        return entries(**asked)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(readers, "entries", away_for_a_while)
    async with asyncio.timeout(DEADLINE_S), Tail(readers, site.system.store.signal(SIGNAL)) as tail:
        job_id = await asyncio.to_thread(site.submit)
        await refused.wait()
        away = False
        async for frames in tail.frames(0, [UUID(job_id)]):
            if frames:
                break
    assert [frame.type for frame in frames] == ["job.submitted"]
