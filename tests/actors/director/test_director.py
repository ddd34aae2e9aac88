"""The Director with real stores: what it orders, and what it makes of trouble."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from actors.director.closed_models import ClosedModels
from actors.director.losses import LOOKS_APART_S
from actors.director.throttle import Limit, Throttle
from actors.gemini.gateway import SDK_CAPABILITIES, Sdk
from actors.gemini.sdk_limits import voices_at_once
from actors.work.attempt import Attempts
from actors.work.stage import Brief, Inputs, Order, Plan, Task
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.script import Kind
from tests.actors.conftest import DEADLINE_S, Board, now


async def the_second_picture_is_blocked(task: Task) -> None:
    if task.key.name == "image:2":
        raise AttemptFailedError(Failure.of(Code.SAFETY, "no"))


async def test_a_submitted_job_runs_to_its_end_with_one_attempt_for_each_asset(crew: Any) -> None:
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)

    assert crew.studio.job(job.id).status == "completed"
    started = [(e.originator_id, e.attempt) for e in crew.events(Asset.AttemptStarted)]
    assert len(started) == len(set(started)) == len(crew.studio.assets(job))
    assert crew.stage.calls[0] == "analysis"
    assert crew.stage.calls[-1] == "manifest"


async def test_a_stage_starts_before_what_is_asked_of_it_and_completes_after(crew: Any) -> None:
    async with crew.directing():
        job = crew.submit()
        history = await crew.until_ended(job)

    names = [
        (type(r.event).TOPIC, getattr(r.event, "stage", None) or getattr(r.event, "kind", None))
        for r in history
    ]
    assert names.index(("job.stage_started", "narration")) < names.index(("asset.requested", "narration"))
    assert names.index(("job.stage_completed", "music")) > names.index(("asset.requested", "music"))
    assert names[-1][0] == "job.completed"


async def test_every_event_but_the_first_names_what_caused_it(crew: Any) -> None:
    async with crew.directing():
        job = crew.submit()
        history = await crew.until_ended(job)

    for recorded in history[1:]:
        assert recorded.event.causation is not None, type(recorded.event).TOPIC
        assert recorded.event.causation < recorded.position


async def test_so_does_every_event_of_a_job_that_was_there_before_its_director(crew: Any) -> None:
    job = crew.submit()
    submitted = crew.log.head()
    board = Board(job.id, position=submitted, latest={job.id: submitted})
    async with crew.directing(board):
        history = await crew.until_ended(job)

    assert [r.event.causation for r in history[1:3]] == [submitted] * 2
    assert all(r.event.causation for r in history[1:])


async def test_a_name_causes_nothing(crew: Any) -> None:
    async def rename(task: Task) -> None:
        if task.key.name in ("image:1", "clip:1"):
            crew.studio.change_job(task.order.brief.job_id, lambda job: job.rename(task.key.name, now=now()))

    crew.stage.before = rename
    async with crew.directing():
        job = crew.submit()
        history = await crew.until_ended(job)

    renamed = {r.position for r in history if isinstance(r.event, Job.Renamed)}
    assert len(renamed) == 2
    assert renamed.isdisjoint(r.event.causation for r in history)


async def test_a_failed_attempt_is_followed_by_another_when_the_failure_passes(crew: Any) -> None:
    failures = iter([Failure.of(Code.OVERLOADED, "busy"), Failure.of(Code.RATE_LIMITED, "slow down")])

    async def twice(task: Task) -> None:
        if task.key.name == "image:1" and (failure := next(failures, None)) is not None:
            raise AttemptFailedError(failure)

    crew.stage.before = twice
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)

    assert crew.studio.job(job.id).status == "completed"
    image = crew.asset(job, "image:1")
    assert [a.status for a in image.attempts] == ["failed", "failed", "succeeded"]
    assert image.attempts[0].failure.code == "overloaded"
    assert image.attempts[0].retry_at is not None


async def test_an_asset_that_fails_for_good_fails_the_job_and_keeps_what_was_made(crew: Any) -> None:
    crew.stage.before = the_second_picture_is_blocked
    async with crew.directing():
        job = crew.submit()
        history = await crew.until_ended(job)

    ended = crew.studio.job(job.id)
    assert (ended.status, ended.failure.code, ended.failure.asset) == ("failed", "safety", "image:2")
    assert crew.asset(job, "image:1").product is not None
    assert isinstance(history[-1].event, Job.Failed)
    assert not any(a.open_attempt for a in crew.studio.assets(ended).values())


async def test_an_unforeseen_error_is_a_failure_with_its_traceback(crew: Any) -> None:
    async def broken(task: Task) -> None:
        if task.key.kind is Kind.STORYBOARD:
            raise ZeroDivisionError("in the stage")

    crew.stage.before = broken
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)

    failure = crew.studio.job(job.id).failure
    assert failure.code == "internal_error"
    assert "ZeroDivisionError: in the stage" in failure.message
    assert any("test_director" in line for line in failure.details["traceback"])


async def test_a_job_that_cannot_be_planned_fails_and_others_go_on(crew: Any) -> None:
    plan = crew.stage.plan

    def refuse(brief: Any, key: AssetKey, inputs: Any) -> Any:
        if brief.priority == "low" and key.kind is Kind.STORYBOARD:
            raise KeyError("frames")
        return plan(brief, key, inputs)

    crew.stage.plan = refuse
    async with crew.directing():
        bad, good = crew.submit(priority="low"), crew.submit()
        await asyncio.gather(crew.until_ended(bad), crew.until_ended(good))

    assert crew.studio.job(bad.id).failure.code == "internal_error"
    assert crew.studio.job(good.id).status == "completed"


async def test_a_cancelled_job_stops_its_calls_within_a_second_and_ends_cancelled(crew: Any) -> None:
    """Fails without ``Director._cancel``: the calls go on to their end."""
    drawing = asyncio.Event()
    asked: list[str] = []

    async def slow(task: Task) -> None:
        if task.key.kind is Kind.IMAGE:
            asked.append(task.key.name)
            drawing.set()
            await asyncio.sleep(60)

    crew.stage.before = slow
    async with crew.directing():
        job = crew.submit()
        await drawing.wait()
        wished_at = now()
        crew.studio.change_job(job.id, lambda j: j.request_cancel(now=wished_at))
        history = await crew.until_ended(job)

    assert isinstance(history[-1].event, Job.Cancelled)
    assert history[-1].event.timestamp - wished_at < timedelta(seconds=1)
    ended = crew.events(Asset.AttemptFailed)
    assert {e.failure["code"] for e in ended} == {"cancelled"}
    # What had begun beside them and was asked of nobody yet costs nothing.
    pictures = {crew.asset(job, name).id for name in asked}
    calls = [e for e in ended if e.originator_id in pictures]
    assert calls
    assert all(e.failure["may_have_been_billed"] for e in calls)
    assert all(e.cost_usd == 0.01 for e in calls), "what may have been billed counts as reserved"


@pytest.mark.slow
async def test_calls_of_a_dead_worker_are_told_as_lost_and_ordered_again(crew: Any) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    # A worker that died: it began, and its presence lock is free.
    dead = Attempts(crew.workshop("worker:dead"))
    assert await dead._start(order) is not None

    async with crew.directing(Board(job.id)):
        await crew.until_ended(job)

    [lost] = crew.events(Asset.AttemptLost)
    assert (lost.worker, lost.attempt, lost.may_have_been_billed) == ("worker:dead", 1, True)
    analysis = crew.asset(job, "analysis")
    assert [a.status for a in analysis.attempts] == ["lost", "succeeded"]
    assert analysis.lost_calls == 1
    assert len(crew.events(Job.Resumed)) == 1


async def test_a_live_worker_is_never_declared_lost(crew: Any) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    presence = crew.store.presence("worker:alive")
    assert presence.acquire(0)
    alive = Attempts(crew.workshop("worker:alive"))
    assert await alive._start(order) is not None

    desk.refresh(job.id, order.key)
    assert desk.lose_dead() == set()
    assert crew.events(Asset.AttemptLost) == []

    presence.release()
    assert crew.lose_dead(desk) == {job.id}
    [lost] = crew.events(Asset.AttemptLost)
    assert lost.attempt == order.attempt
    # Its lock was given back: nobody is kept from it, and the next to ask finds it free.
    assert not crew.store.is_present("worker:alive")
    assert presence.acquire(0)


@pytest.mark.parametrize("until_the_second", [0.0, LOOKS_APART_S - 0.1])
async def test_a_worker_whose_lock_was_free_for_a_moment_is_not_lost(
    crew: Any, until_the_second: float
) -> None:
    """Its session ended, and it has taken the lock again; fails when one look is believed."""
    job = crew.submit()
    times = iter([0.0, until_the_second, 10.0, 20.0, 20.0 + LOOKS_APART_S])
    desk = crew.desk(monotonic=times.__next__)
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    assert await Attempts(crew.workshop("worker:blinking"))._start(order) is not None
    desk.refresh(job.id, order.key)
    presence = crew.store.presence("worker:blinking")
    assert desk.lose_dead() == set()
    assert desk.lose_dead() == set()  # too soon after the first
    assert not crew.store.is_present("worker:blinking")
    assert presence.acquire(0)
    assert desk.lose_dead() == set()
    presence.release()
    assert desk.lose_dead() == set()  # held in between, so this is a first look again
    assert crew.events(Asset.AttemptLost) == []
    assert desk.lose_dead() == {job.id}


async def test_an_attempt_that_another_worker_has_begun_meanwhile_is_not_lost(crew: Any) -> None:
    """Fails when the worker is not compared: the desk knows of the dead one's attempt alone."""
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    assert await Attempts(crew.workshop("worker:dead"))._start(order) is not None
    desk.refresh(job.id, order.key)
    other = crew.desk(boot_id="director:other")
    other.fold(crew.log.read(0, 100))
    assert crew.lose_dead(other) == {job.id}
    [again] = other.step(job.id, {}).orders
    assert await Attempts(crew.workshop("worker:alive"))._start(again) is not None
    assert crew.store.presence("worker:alive").acquire(0)

    crew.lose_dead(desk)

    assert len(crew.events(Asset.AttemptLost)) == 1
    assert crew.asset(job, "analysis").open_attempt.worker == "worker:alive"


async def test_two_directors_on_one_folder_never_both_give_orders(crew: Any) -> None:
    async with crew.directing() as first, crew.directing() as second:
        job = crew.submit()
        await crew.until_ended(job)
        states = {first.state, second.state}

    assert "waiting for the lease" in states
    assert "directing" in states
    names = [order.name for order in crew.orders]
    assert len(names) == len(set(names))


@pytest.mark.slow
@pytest.mark.parametrize("on_the_board", [True, False], ids=["on the board", "met in the log"])
async def test_a_second_director_goes_on_where_the_first_one_stopped(crew: Any, on_the_board: bool) -> None:
    """Fails when only jobs of the board are noted as resumed: it may lie behind the log."""
    drawn = asyncio.Event()

    async def wait_at_images(task: Task) -> None:
        if task.key.name == "clip:1":
            drawn.set()
            await asyncio.sleep(60)

    crew.stage.before = wait_at_images
    job = crew.submit()
    async with crew.directing(Board(job.id)):
        await drawn.wait()
    crew.stage.before = None
    before = list(crew.stage.calls)
    async with crew.directing(Board(job.id) if on_the_board else Board()):
        await crew.until_ended(job)

    assert crew.studio.job(job.id).status == "completed"
    assert len(crew.events(Job.Resumed)) == 1
    again = crew.stage.calls[len(before) :]
    finished = {"analysis", "storyboard", "audio_plan", "image:1", "image:2", "narration:1"}
    assert not finished & set(again)


async def test_a_reopened_job_is_not_resumed_by_the_director_that_is_there(crew: Any) -> None:
    """Fails when any job that is not queued counts as another Director's."""

    crew.stage.before = the_second_picture_is_blocked
    async with crew.directing():
        job = crew.submit()
        history = await crew.until_ended(job)
        crew.stage.before = None
        crew.studio.change_job(job.id, lambda job: job.reopen("retry", now=job.modified_on))
        await crew.until_ended(job, after=history[-1].position)

    assert crew.studio.job(job.id).status == "completed"
    assert crew.events(Job.Resumed) == []


async def test_a_director_leaves_jobs_of_another_provider_alone(crew: Any) -> None:
    real = crew.submit(provider="gemini")
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)

    assert crew.studio.job(real.id).status == "queued"
    assert not any(order.brief.job_id == real.id for order in crew.orders)


async def test_a_director_for_one_job_leaves_all_others_alone(crew: Any) -> None:
    mine = uuid4()
    other = crew.submit()
    async with crew.directing(desk=crew.desk(only=frozenset({mine}))):
        job = crew.submit(job_id=mine)
        await crew.until_ended(job)

    assert crew.studio.job(other.id).status == "queued"


async def test_an_order_delivered_twice_starts_one_attempt(crew: Any) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    one, two = Attempts(crew.workshop("worker:1")), Attempts(crew.workshop("worker:2"))

    outcomes = await asyncio.gather(one.perform(order), two.perform(order))

    assert sorted(outcomes) == ["generated", "stale"]
    assert len(crew.events(Asset.AttemptStarted)) == 1
    assert crew.stage.calls == ["analysis"]


async def test_a_late_answer_of_a_worker_given_up_for_lost_counts_while_the_asset_is_unmade(
    crew: Any,
) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    answer = asyncio.Event()
    asked = asyncio.Event()

    async def wait(_: Task) -> None:
        asked.set()
        await answer.wait()

    crew.stage.before = wait
    cut_off = asyncio.create_task(Attempts(crew.workshop("worker:cut-off")).perform(order))
    await asked.wait()
    desk.refresh(job.id, order.key)
    assert crew.lose_dead(desk) == {job.id}  # its lock was free: the network took it
    answer.set()

    assert await cut_off == "generated"
    analysis = crew.asset(job, "analysis")
    assert analysis.status == "generated"
    assert analysis.lost_calls == 0
    assert analysis.spent_usd == 0.01


async def test_an_answer_that_comes_after_another_attempt_made_it_is_recorded_with_its_cost(
    crew: Any,
) -> None:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    [first] = desk.step(job.id, {}).orders
    gates = {1: asyncio.Event(), 2: asyncio.Event()}
    asked = {1: asyncio.Event(), 2: asyncio.Event()}

    async def wait(task: Task) -> None:
        asked[task.order.attempt].set()
        await gates[task.order.attempt].wait()

    crew.stage.before = wait
    one = asyncio.create_task(Attempts(crew.workshop("worker:cut-off")).perform(first))
    await asked[1].wait()
    desk.refresh(job.id, first.key)
    crew.lose_dead(desk)
    [second] = desk.step(job.id, {}).orders
    two = asyncio.create_task(Attempts(crew.workshop("worker:new")).perform(second))
    await asked[2].wait()
    gates[1].set()
    assert await one == "generated"
    gates[2].set()
    assert await two == "superseded"

    analysis = crew.asset(job, "analysis")
    assert analysis.attempts[1].failure.code == "superseded"
    assert analysis.spent_usd == 0.02
    assert len(crew.events(Asset.Generated)) == 1


@pytest.mark.slow
async def test_a_worker_that_vanishes_without_a_word_does_not_stop_the_job(crew: Any) -> None:
    worker = crew.store.presence("worker:2")
    assert worker.acquire(0)
    attempts = Attempts(crew.workshop("worker:2"))
    vanished: list[Order] = []

    async def perform(order: Order) -> str:
        if order.key.name == "image:1" and not vanished:
            vanished.append(order)
            doomed = Attempts(crew.workshop("worker:vanished"))
            await doomed._start(order)
            raise ConnectionError("the actor died")
        return await attempts.perform(order)

    async with crew.directing(perform=perform):
        job = crew.submit()
        await crew.until_ended(job)
    worker.release()

    assert crew.studio.job(job.id).status == "completed"
    assert [a.status for a in crew.asset(job, "image:1").attempts] == ["lost", "succeeded"]


async def test_a_job_stops_before_it_would_pass_its_budget(crew: Any) -> None:
    async with crew.directing():
        job = crew.submit(max_cost_usd=0.035)
        await crew.until_ended(job)

    failure = crew.studio.job(job.id).failure
    assert failure.code == "over_budget"
    assert failure.details["max_cost_usd"] == 0.035
    spent = sum(a.spent_usd for a in crew.studio.assets(job).values())
    assert spent == 0.03, "three calls at 0.01; the fourth was not begun"


async def test_orders_of_a_retried_job_wait_their_turn_behind_other_jobs_and_are_not_forgotten(
    crew: Any,
) -> None:
    refused = iter([True])

    async def once(task: Task) -> None:
        if task.key.name == "image:2" and next(refused, False):
            raise AttemptFailedError(Failure.of(Code.SAFETY, "no"))

    crew.stage.before = once
    async with crew.directing(places=lambda _: 1):
        job = crew.submit()
        history = await crew.until_ended(job)
        others = [crew.submit() for _ in range(3)]
        crew.studio.change_job(job.id, lambda j: j.reopen("retry", now=j.modified_on))
        await asyncio.gather(*(crew.until_ended(other) for other in others))
        await crew.until_ended(job, after=history[-1].position)

    assert crew.studio.job(job.id).status == "completed"


class ToldThrottle(Throttle):
    """Keeps what was asked of it, in order."""

    def __init__(self) -> None:
        super().__init__(Limit(concurrency=1))
        self.told: list[tuple[str, float]] = []
        self.calls: list[int] = []
        self.ended = asyncio.Event()

    async def acquire(self, model: str, hold_s: float = 600.0, calls: int = 1) -> str:
        lease = await super().acquire(model, hold_s, calls)
        self.told.append(("begins", 0.0))
        self.calls.append(calls)
        return lease

    async def release(self, lease: str) -> None:
        self.told.append(("ends", 0.0))
        self.ended.set()
        await super().release(lease)

    async def back_off(self, model: str, seconds: float) -> None:
        self.told.append(("closed", seconds))
        await super().back_off(model, seconds)


@pytest.mark.parametrize("code", [Code.RATE_LIMITED, Code.OVERLOADED])
async def test_a_models_later_closes_it_before_its_place_is_given_to_the_next_call(
    crew: Any, code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def later(*_: object) -> None:
        """The log tells it too, and may be late."""

    monkeypatch.setattr(ClosedModels, "note", later)
    failures = iter([Failure.of(code, "later", model="text-model", retry_after_s=60)])

    async def fail(_: Task) -> None:
        for failure in failures:
            raise AttemptFailedError(failure)

    crew.stage.before = fail
    throttle = ToldThrottle()
    # Longer than any machine takes to note it, and nobody waits for it here.
    async with crew.directing(throttle=throttle), asyncio.timeout(DEADLINE_S):
        crew.submit(options={"patience_s": 3600})
        await throttle.ended.wait()
    steps = [step for step, _ in throttle.told]
    assert steps[:3] == ["begins", "closed", "ends"]
    assert 0.0 < throttle.told[1][1] <= 72, "with the jitter of who waits"


async def test_a_refusal_that_speaks_of_one_call_closes_no_model(crew: Any) -> None:
    failures = iter([Failure.of(Code.MALFORMED_ANSWER, "no JSON", model="text-model")])

    async def fail(_: Task) -> None:
        for failure in failures:
            raise AttemptFailedError(failure)

    crew.stage.before = fail
    throttle = ToldThrottle()
    async with crew.directing(throttle=throttle):
        await crew.until_ended(crew.submit())
    assert "closed" not in [step for step, _ in throttle.told]


@pytest.mark.parametrize(
    ("voices", "sdk", "calls"),
    [
        (("Puck", "Kore"), "google-genai", 1),
        (("Puck", "Kore"), "google-generativeai", 3),
        (("Puck", "Kore", "Leda"), "google-genai", 4),
    ],
)
async def test_an_order_takes_as_much_of_its_models_minute_as_it_makes_calls(
    crew: Any, voices: tuple[str, ...], sdk: Sdk, calls: int
) -> None:
    """More voices than speak in one call have one for each line."""
    lines = [{"speaker": voice, "voice": voice, "text": "Ahoy."} for voice in (*voices, voices[0])]
    plan = crew.stage.plan

    def spoken(brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        made: Plan = plan(brief, key, inputs)
        return replace(made, parameters={"lines": lines}) if key.kind is Kind.NARRATION else made

    crew.stage.plan = spoken
    throttle = ToldThrottle()
    calls_of = partial(Order.calls, voices_at_once=voices_at_once(SDK_CAPABILITIES[sdk]))
    async with crew.directing(throttle=throttle, calls_of=calls_of):
        await crew.until_ended(crew.submit())
    assert {count for count in throttle.calls if count != 1} == ({calls} - {1})
