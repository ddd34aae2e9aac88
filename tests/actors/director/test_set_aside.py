"""What is wrong with one job, or with one attempt, never stops the others, and is told."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from actors.director import desk as module
from actors.director.orders import Orders
from actors.work.attempt import Attempts
from actors.work.stage import Task
from domain.asset import Asset
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.ports import Unfinished
from tests.actors.conftest import Board

DEADLINE_S = 60


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pause_s", lambda _: 0.2)


async def until(told: Callable[[], Any]) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        while not told():  # noqa: ASYNC110 - a state is told, not signalled
            await asyncio.sleep(0.01)
    return told()


def broken_for(bad: set[UUID], function: Callable[..., Any], job_id: Callable[..., UUID]) -> Any:
    """The function, which raises for some jobs."""

    def call(*arguments: Any, **named: Any) -> Any:
        if job_id(*arguments) in bad:
            raise KeyError("scenes")
        return function(*arguments, **named)

    return call


BROKEN: dict[str, tuple[Any, str, Callable[..., UUID]]] = {
    "planning": (module, "workflow", lambda film, *_: film.job.id),
    "ordering": (Orders, "order", lambda _, case, __: case.job.id),
    "carrying out": (module, "carry_out", lambda film, *_: film.job.id),
    "saving": (module.Desk, "_save", lambda _, case: case.job.id),
    "folding": (module.Desk, "_note", lambda _, recorded: recorded.event.job_id),
    "opening": (module.Desk, "_open", lambda _, job_id, __: job_id),
}


@pytest.mark.parametrize("where", BROKEN)
async def test_a_job_that_breaks_the_director_is_set_aside_alone_and_told_and_goes_on_when_it_is_mended(
    crew: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    bad: set[UUID] = set()
    owner, name, job_id = BROKEN[where]
    with monkeypatch.context() as broken:
        broken.setattr(owner, name, broken_for(bad, getattr(owner, name), job_id))
        async with crew.directing(desk=crew.desk()) as director:
            sick_id = UUID(int=7)
            bad.add(sick_id)
            sick = crew.submit(job_id=sick_id)
            well = [crew.submit() for _ in range(2)]
            await asyncio.gather(*(crew.until_ended(job) for job in well))
            assert [crew.studio.job(job.id).status for job in well] == ["completed"] * 2
            [told] = await until(lambda: director.status()["set_aside"])
            assert (told["job"], told["reason"]) == (str(sick.id), "KeyError: 'scenes'")
            assert crew.studio.job(sick.id).status in ("queued", "running")
            bad.clear()
            _, *history = [r for r in await crew.until_ended(sick) if r.event.job_id == sick.id]
            await until(lambda: not director.status()["set_aside"])
    assert crew.studio.job(sick.id).status == "completed"
    # But what a Director goes on with is its own doing.
    assert all(r.event.causation or isinstance(r.event, Job.Resumed) for r in history)


async def test_a_job_whose_failure_cannot_be_looked_at_is_set_aside_alone_and_goes_on(
    crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([Failure.of(Code.OVERLOADED, "busy")])
    aside: list[UUID] = []
    set_aside = module.Desk.set_aside

    async def once(_: Task) -> None:
        if (failure := next(failures, None)) is not None:
            raise AttemptFailedError(failure)

    def refresh(*_: Any) -> None:
        raise KeyError("scenes")

    def note(desk: module.Desk, job_id: UUID, error: BaseException) -> None:
        aside.append(job_id)
        set_aside(desk, job_id, error)

    crew.stage.before = once
    monkeypatch.setattr(module.Desk, "refresh", refresh)
    monkeypatch.setattr(module.Desk, "set_aside", note)
    async with crew.directing(desk=crew.desk()):
        job, other = crew.submit(), crew.submit()
        await asyncio.gather(crew.until_ended(job), crew.until_ended(other))
    assert len(aside) == 1
    assert [crew.studio.job(j.id).status for j in (job, other)] == ["completed"] * 2


async def test_a_job_found_broken_at_taking_over_does_not_keep_a_director_from_office(
    crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = crew.submit(), crew.submit()
    opened = module.Desk._open
    monkeypatch.setattr(
        module.Desk, "_open", broken_for({sick.id}, opened, lambda _, job_id, __: job_id), raising=True
    )
    async with crew.directing(Board(sick.id, well.id)) as director:
        await crew.until_ended(well)
        assert director.status()["set_aside"][0]["job"] == str(sick.id)


# ---- attempts that nobody works on -------------------------------------------------------------------


async def test_an_attempt_that_its_live_worker_has_forgotten_is_told_as_lost(
    crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.director.director.FORGOTTEN_LOOK_S", 0.02)
    monkeypatch.setattr("actors.director.director.LIFE_SIGNS_S", 0.02)
    presence = crew.store.presence("worker:forgetful")
    assert presence.acquire(0)
    attempts = Attempts(crew.workshop("worker:forgetful"))
    forgotten: list[str] = []

    async def perform(order: Any) -> str:
        if order.key.name == "image:1" and not forgotten:
            forgotten.append(order.name)
            assert await attempts._start(order) is not None
            raise TypeError("in the worker, where nobody records it")
        return await attempts.perform(order)

    async def at_work() -> dict[str, list[str]]:
        return {"worker:forgetful": attempts.running}

    async with crew.directing(desk=crew.desk(), perform=perform, at_work=at_work):
        job = crew.submit()
        await crew.until_ended(job)
    presence.release()

    assert crew.studio.job(job.id).status == "completed"
    [lost] = crew.events(Asset.AttemptLost)
    assert (lost.worker, lost.may_have_been_billed) == ("worker:forgetful", True)
    assert [a.status for a in crew.asset(job, "image:1").attempts] == ["lost", "succeeded"]


async def test_an_attempt_must_be_missed_twice_and_one_that_is_worked_on_is_never_lost(crew: Any) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    assert await Attempts(crew.workshop("worker:one"))._start(order) is not None
    desk.refresh(job.id, order.key)
    [seen] = desk.open_attempts()

    assert desk.lose_forgotten([seen], {}) == set(), "who does not answer says nothing"
    assert desk.lose_forgotten([seen], {"worker:one": [order.name]}) == set()
    assert desk.lose_forgotten([seen], {"worker:one": []}) == set()
    assert desk.lose_forgotten([seen], {"worker:one": [order.name]}) == set()
    assert desk.lose_forgotten([seen], {"worker:one": []}) == set(), "missed twice in a row only"
    assert desk.lose_forgotten([seen], {"worker:one": []}) == {job.id}
    assert desk.lose_forgotten([seen], {"worker:one": []}) == set()
    assert len(crew.events(Asset.AttemptLost)) == 1


# ---- a cancellation at a bad moment ------------------------------------------------------------------


async def test_a_cancellation_between_two_instructions_of_the_worker_is_heeded(
    crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the flag is looked at before the task is there: the call then went on to its end."""
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    attempts = Attempts(crew.workshop("worker:one"))
    called: list[str] = []

    def cancel_now(point: str, *_: Any) -> None:
        if point == "before:making":
            assert attempts.cancel(job.id) == 1

    async def never(task: Task) -> None:
        called.append(task.key.name)
        await asyncio.Event().wait()

    crew.stage.before = never
    monkeypatch.setattr("actors.work.attempt.reached", cancel_now)
    assert await asyncio.wait_for(attempts.perform(order), DEADLINE_S) == "cancelled"
    assert called == []
    assert isinstance(crew.studio.job(job.id), Job)


# ---- events that cannot be read ----------------------------------------------------------------------


def spoil(crew: Any, job: Job) -> None:
    version = crew.studio.job(job.id).version + 1
    crew.studio.recorder.insert_events([StoredEvent(job.id, version, "job.from_the_future", b"{}")])


async def test_a_director_that_meets_such_an_event_finishes_the_other_films(crew: Any) -> None:
    bad, good = crew.submit(), crew.submit()
    spoil(crew, bad)
    async with crew.directing(Board()) as director:
        await crew.until_ended(good)
        assert director.state == "directing"
    assert all(
        r.event.job_id == good.id for r in crew.log.read(0, 10_000) if isinstance(r.event, Asset.Event)
    )


async def test_a_director_that_takes_over_leaves_it_alone(crew: Any) -> None:
    bad, good = crew.submit(), crew.submit()
    spoil(crew, bad)
    desk = crew.desk()
    assert desk.take_over(Unfinished((bad.id, good.id), crew.log.head())) == [good.id]
