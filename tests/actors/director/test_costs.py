"""What a film costs the disk and the database, counted: nothing here depends on how fast a machine is.

A film is made in waves here: everything that can be ordered is made, one after the other, and then the
Director looks once. In real life attempts end at one time and share their transactions, so it costs less.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest

from actors.director.cases import Look
from actors.director.desk import Desk
from actors.work.attempt import Attempts
from domain import checkpoints
from domain.failures import Code, Failure
from domain.job import Job
from domain.store import sqlite_connections
from tests.actors.conftest import Crew, now

WAVES = 8
"""A film's longest way from the script to the video, and its end."""


class Costs:
    """Counts from ``reset`` on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: Counter[str] = Counter()
        self.transactions: list[int] = []
        """Of each, how many appends it had."""
        self.fsyncs = 0
        connect, fsync = sqlite_connections.connect, os.fsync

        def traced(*arguments: object, **named: object) -> object:
            connection = connect(*arguments, **named)  # type: ignore[arg-type]
            connection.set_trace_callback(lambda statement: self.statements.update([statement.split()[0]]))
            return connection

        def counted(descriptor: int) -> None:
            self.fsyncs += 1
            fsync(descriptor)

        monkeypatch.setattr(sqlite_connections, "connect", traced)
        monkeypatch.setattr(os, "fsync", counted)
        self._end = checkpoints.watch(self._watch)

    def _watch(self, point: str, about: str) -> None:
        if point == "after:commit":
            self.transactions.append(int(about))

    def reset(self) -> None:
        self.statements.clear()
        self.transactions.clear()
        self.fsyncs = 0

    def close(self) -> None:
        self._end()


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Costs]:
    costs = Costs(monkeypatch)
    yield costs
    costs.close()


@pytest.fixture
def crew(costs: Costs, tmp_path: object) -> Iterator[Crew]:
    assert costs, "the store's connections are counted from the first one on"
    crew = Crew(tmp_path)  # type: ignore[arg-type]
    yield crew
    crew.close()


def open_desk(crew: Crew, jobs: int, scenes: int) -> tuple[Desk, list[Job]]:
    crew.stage.scenes = scenes
    desk = crew.desk()
    desk.turns.most_active = jobs
    return desk, [crew.submit(options={"max_scenes": scenes}) for _ in range(jobs)]


async def make(crew: Crew, desk: Desk, happened_to: set[UUID]) -> tuple[int, int]:
    """Make the films to their end; gives the number of looks, and of steps."""
    attempts, looks, steps = Attempts(crew.workshop()), 0, 0
    while True:
        look: Look = desk.look(happened_to, {})
        looks += 1
        orders = [order for step in look.steps.values() for order in step.orders]
        if not orders:
            return looks, steps
        happened_to = {order.brief.job_id for order in orders}
        for order in orders:
            assert await attempts.perform(order) == "generated"
            steps += 1


@pytest.mark.parametrize("scenes", [8, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_step_costs_two_transactions_and_a_wave_one_however_long_the_film_is(
    crew: Crew, costs: Costs, scenes: int
) -> None:
    desk, [job] = open_desk(crew, 1, scenes)
    costs.reset()
    looks, steps = await make(crew, desk, set())
    assert crew.studio.job(job.id).status == "completed"
    assert steps == 4 * scenes + 8
    assert looks == WAVES
    # Each step: its asset is read once; begun and ended, each with one statement between BEGIN and COMMIT.
    assert len(costs.transactions) == costs.statements["COMMIT"] == 2 * steps + WAVES
    assert costs.statements["INSERT"] == costs.statements["BEGIN"] == len(costs.transactions)
    # One question to the log for each look, two to open the job, and the one above.
    assert costs.statements["SELECT"] == steps + WAVES + 3
    assert costs.statements.keys() - {"PRAGMA"} == {"BEGIN", "INSERT", "COMMIT", "SELECT"}
    # Of each blob the bytes and the folder it is named in; two more folders where it is the first there.
    blobs = len([path for path in (crew.folder / "blobs").rglob("*") if path.is_file()])
    folders = len([path for path in (crew.folder / "blobs").rglob("*") if path.is_dir()]) - 1
    assert 2 * blobs <= costs.fsyncs <= 2 * blobs + folders


@pytest.mark.slow
async def test_what_is_decided_for_many_films_is_one_transaction(crew: Crew, costs: Costs) -> None:
    desk, jobs = open_desk(crew, 20, 2)
    costs.reset()
    look = desk.look([], {})
    assert list(look.steps) == [job.id for job in jobs]
    assert costs.transactions == [20]
    assert costs.statements["INSERT"] == 1
    costs.reset()
    looks, steps = await make(crew, desk, {job.id for job in jobs})
    assert {crew.studio.job(job.id).status for job in jobs} == {"completed"}
    assert len(costs.transactions) == 2 * steps + looks - 1


@pytest.mark.parametrize("scenes", [8, pytest.param(100, marks=pytest.mark.slow)])
async def test_attempts_that_begin_at_one_time_share_a_transaction(
    crew: Crew, costs: Costs, scenes: int
) -> None:
    """And a look at the log; those that end at one time share what they happen to meet in."""
    desk, [job] = open_desk(crew, 1, scenes)
    attempts, looks, steps, happened_to = Attempts(crew.workshop()), 0, 0, set[UUID]()
    costs.reset()
    while orders := [o for step in desk.look(happened_to, {}).steps.values() for o in step.orders]:
        outcomes = await asyncio.gather(*(attempts.perform(order) for order in orders))
        assert set(outcomes) == {"generated"}
        looks, steps, happened_to = looks + 1, steps + len(orders), {job.id}
    assert crew.studio.job(job.id).status == "completed"
    assert steps == 4 * scenes + 8
    begun = looks
    assert len(costs.transactions) <= WAVES + begun + steps
    # One question for each look and for all that begin after it, and three to open the job.
    assert costs.statements["SELECT"] <= WAVES + begun + 3


async def test_an_answer_is_looked_at_where_it_leaves_something_to_order(crew: Crew) -> None:
    desk, [job] = open_desk(crew, 1, 2)
    [order] = desk.look([], {}).steps[job.id].orders
    attempts = Attempts(crew.workshop())
    assert desk.look([], {job.id: {order.key: 0.0}}, [(job.id, order.key)]).steps[job.id].orders == []
    assert desk.look([], {}, [(job.id, order.key)]).steps[job.id].orders == [order], "it came to nothing"
    assert await attempts.perform(order) == "generated"
    assert desk.look([], {job.id: {order.key: 0.0}}).steps[job.id].orders
    assert desk.look([], {}, [(job.id, order.key)]).steps == {}, "all that it made possible is ordered"


async def test_a_beginning_is_no_reason_to_look_at_a_film_but_where_it_is_cancelled(crew: Crew) -> None:
    desk, jobs = open_desk(crew, 2, 2)
    look = desk.look([], {})
    attempts = Attempts(crew.workshop())
    orders = [look.steps[job.id].orders[0] for job in jobs]
    crew.studio.change_job(jobs[1].id, lambda job: job.request_cancel(now=now()))
    ordered = {order.brief.job_id: {order.key: 0.0} for order in orders}
    for order in orders:
        assert await attempts._start(order) is not None
    assert list(desk.look([], ordered).steps) == [jobs[1].id]


@pytest.mark.parametrize("retried", [False, True])
async def test_a_look_costs_the_same_with_a_hundred_jobs_waiting(
    crew: Crew, costs: Costs, *, retried: bool
) -> None:
    desk, _ = open_desk(crew, 1, 2)
    spent = []
    for waiting in (1, 100):
        for _ in range(waiting):
            job = crew.submit(options={"max_scenes": 2})
            if retried:
                crew.studio.change_job(job.id, lambda job: job.fail(Failure.of(Code.SAFETY, ""), now=now()))
                crew.studio.change_job(job.id, lambda job: job.reopen("retry", now=now()))
        desk.look([], {})
        costs.reset()
        desk.look([], {})
        spent.append((costs.transactions.copy(), dict(costs.statements), costs.fsyncs))
    assert spent[0] == spent[1]
    assert len(desk.cases) == 102
