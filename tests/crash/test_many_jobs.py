"""Many jobs share one crew: so many at a time, by priority, in turns, and in order also after a restart."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from actors.work.stage import Order, Task
from domain.asset import Asset
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.script import Kind
from projections.database import open_database
from projections.projector import Projector
from projections.readers import ReadModels
from tests.actors.conftest import DEADLINE_S, Crew

pytestmark = pytest.mark.slow

SILENT = {"include_audio": False}


@pytest.fixture
def crew(tmp_path: Path, store_url: str) -> Iterator[Crew]:
    crew = Crew(tmp_path, store_url)
    yield crew
    crew.close()


@contextmanager
def board_of(crew: Crew) -> Iterator[Any]:
    """The real board, kept by a projector: what a Director starts from."""
    database = open_database(crew.store.url)
    projector = Projector(crew.store, crew.log, database)
    projector.start()
    try:
        yield ReadModels(crew.store, crew.log, database)
    finally:
        projector.close()
        database.close()


def begun(crew: Crew) -> list[Any]:
    """The jobs in the order in which their work began."""
    return list(dict.fromkeys(e.job_id for e in crew.events(Job.StageStarted)))


async def test_no_more_jobs_are_under_way_than_the_limit(crew: Crew) -> None:
    """Fails without the limit in ``Turns.take_due``: all six are under way at once."""
    async with crew.directing(max_active_jobs=2):
        jobs = [crew.submit(options=SILENT) for _ in range(6)]
        await asyncio.gather(*(crew.until_ended(job) for job in jobs))

    under_way: set[Any] = set()
    most = 0
    for event in crew.events(Job.StageStarted, Job.Completed):
        if isinstance(event, Job.Completed):
            under_way.remove(event.job_id)
        else:
            under_way.add(event.job_id)
        most = max(most, len(under_way))
    assert most == 2


async def test_the_queue_is_served_by_priority_and_then_by_arrival(crew: Crew) -> None:
    """Fails without the priority in ``Case.rank``."""
    priorities = ["low", "normal", "high", "normal", "high", "low"]
    jobs = [crew.submit(options=SILENT, priority=priority) for priority in priorities]
    with board_of(crew) as board:
        assert board.wait_for(crew.log.head(), DEADLINE_S)
        async with crew.directing(board, max_active_jobs=1):
            await asyncio.gather(*(crew.until_ended(job) for job in jobs))

    assert begun(crew) == [jobs[n].id for n in (2, 4, 1, 3, 0, 5)]


async def test_a_long_job_does_not_hold_up_a_short_one(crew: Crew) -> None:
    """Fails without turns in ``Dispatch._turn``: the short job's picture waits behind fifty others."""
    crew.stage.scenes = 50
    pictures: list[Order] = []
    the_long_one_draws, the_short_one_is_there = asyncio.Event(), asyncio.Event()

    async def slow(task: Task) -> None:
        if task.key.kind is Kind.IMAGE:
            pictures.append(task.order)
            if len(pictures) == 4:
                the_long_one_draws.set()
                await the_short_one_is_there.wait()
            await asyncio.sleep(0.02)

    crew.stage.before = slow
    async with crew.directing(places=lambda _: 1):
        long = crew.submit(options=SILENT | {"max_scenes": 50})
        async with asyncio.timeout(DEADLINE_S):
            await the_long_one_draws.wait()
        crew.stage.scenes = 2
        short = crew.submit(options=SILENT)
        the_short_one_is_there.set()
        await crew.until_ended(short)
        assert crew.studio.job(long.id).status == "running"
        crew.studio.change_job(long.id, lambda job: job.request_cancel(now=job.modified_on))
        await crew.until_ended(long)

    whose = [order.brief.job_id for order in pictures]
    # A second picture may be asked for only after the first has come: how many are drawn between is the
    # machine's affair, and that they take turns while both wait is held where lanes are.
    last = len(whose) - 1 - whose[::-1].index(short.id)
    assert whose[:last].count(long.id) < 25, "the long job had most of its pictures still to draw"


@pytest.mark.slow
async def test_two_hundred_queued_jobs_survive_a_restart_in_order(crew: Crew) -> None:
    """Fails when the Director begins without the board's jobs, or the board tells them in another order."""

    async def refused(_: Task) -> None:
        raise AttemptFailedError(Failure.of(Code.SAFETY, "no"))

    crew.stage.before = refused
    jobs = [crew.submit() for _ in range(200)]

    def ended(number: int) -> Any:
        return crew.until(lambda r: isinstance(r.event, Job.Failed) and r.event.job_id == jobs[number].id)

    with board_of(crew) as board:
        active = board
        assert board.wait_for(crew.log.head(), DEADLINE_S)
        async with crew.directing(active, max_active_jobs=1):
            await ended(20)
        assert board.wait_for(crew.log.head(), DEADLINE_S)
        left = [job.id for job in jobs if not crew.studio.job(job.id).ended]
        assert 100 < len(left) < 180
        assert list(board.unfinished().job_ids) == left
        async with crew.directing(active, max_active_jobs=1):
            await ended(199)

    assert begun(crew) == [job.id for job in jobs]
    # What was under way when the first Director left is told as lost and asked for again; nothing else is.
    attempts = Counter(e.originator_id for e in crew.events(Asset.AttemptStarted))
    assert len(attempts) == 200
    lost = [e.originator_id for e in crew.events(Asset.AttemptLost)]
    assert attempts - Counter(set(attempts)) == Counter(lost)
    assert len(lost) <= 1
