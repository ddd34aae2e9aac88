"""How long what costs nothing is tried again: by the clock of the events, apart from what may cost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from actors.director.desk import Desk
from actors.work.attempt import Attempts
from actors.work.stage import Task
from domain.asset import Asset
from domain.failures import AttemptFailedError, Code, Failure, RetryPolicy
from domain.job import Job
from tests.actors.conftest import Crew

START = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    @property
    def elapsed_s(self) -> float:
        return (self.now - START).total_seconds()


class Night:
    """One job at one desk, its attempts made one after the other, each as soon as it is due."""

    def __init__(self, crew: Crew, policy: RetryPolicy, **job: object) -> None:
        self.crew = crew
        self.clock = Clock()
        self.desk: Desk = crew.desk()
        self.desk.clock = self.clock
        self.attempts = Attempts(crew.workshop(policy=policy, clock=self.clock, jitter=lambda: 0.999))
        self.job = crew.submit(**job)
        self.read = 0

    def told(self) -> None:
        batch = list(self.crew.log.read(self.read, 1000))
        self.desk.fold(batch)
        self.read = batch[-1].position if batch else self.read

    async def until_ended(self, most: int = 200) -> Job:
        for _ in range(most):
            self.told()
            step = self.desk.step(self.job.id, {})
            if step.ended:
                return self.crew.studio.job(self.job.id)
            if step.wake_at is not None:
                self.clock.now = max(self.clock.now, step.wake_at)
            for order in step.orders:
                await self.attempts.perform(order)
        raise AssertionError("it is tried for ever")


def told_by(crew: Crew, failures: Iterator[Failure]) -> None:
    async def fail(task: Task) -> None:
        if (failure := next(failures, None)) is not None and task.key.name == "analysis":
            raise AttemptFailedError(failure)

    crew.stage.before = fail


def for_ever(code: Code, **context: object) -> Iterator[Failure]:
    while True:
        yield Failure.of(code, "told", **context)


@pytest.mark.parametrize("code", [Code.OVERLOADED, Code.RATE_LIMITED, Code.PROVIDER_ERROR])
async def test_an_outage_is_waited_out_for_half_an_hour_by_default(crew: Crew, code: Code) -> None:
    told_by(crew, for_ever(code))
    night = Night(crew, RetryPolicy())

    job = await night.until_ended()

    failures = crew.events(Asset.AttemptFailed)
    waits = [(e.retry_at - e.timestamp).total_seconds() for e in failures if e.retry_at]
    assert (job.status, night.clock.elapsed_s) == ("failed", 1800.0)
    assert max(waits) == pytest.approx(60.0, rel=0.01), "the cap is reached"
    assert {e.retry_until for e in failures[:-1]} == {START + timedelta(seconds=1800)}
    assert job.failure is not None
    assert "1800 s" in job.failure.hint
    assert "patience_s" in job.failure.hint


async def test_a_film_outlives_ten_minutes_of_overload(crew: Crew) -> None:
    night = Night(crew, RetryPolicy())

    async def fail(_: Task) -> None:
        if night.clock.elapsed_s < 600:
            raise AttemptFailedError(Failure.of(Code.OVERLOADED, "high demand"))

    crew.stage.before = fail
    assert (await night.until_ended()).status == "completed"


async def test_a_job_says_for_itself_how_patient_it_is(crew: Crew) -> None:
    told_by(crew, for_ever(Code.OVERLOADED))
    night = Night(crew, RetryPolicy(), options={"patience_s": 10})
    await night.until_ended()
    assert night.clock.elapsed_s == 10.0


async def test_a_job_without_patience_is_told_at_once(crew: Crew) -> None:
    told_by(crew, for_ever(Code.OVERLOADED))
    await Night(crew, RetryPolicy(), options={"patience_s": 0}).until_ended()
    assert len(crew.events(Asset.AttemptFailed)) == 1


async def test_busy_servers_use_up_no_attempt_of_answers_that_cost(crew: Crew) -> None:
    busy = [Failure.of(Code.OVERLOADED, "busy")] * 4
    bad = [Failure.of(Code.MALFORMED_ANSWER, "no JSON")] * 2
    told_by(crew, iter([*busy, bad[0], *busy, bad[1]]))
    night = Night(crew, RetryPolicy())
    assert (await night.until_ended()).status == "completed"


async def test_bad_answers_end_a_job_after_their_own_count_whatever_came_between(crew: Crew) -> None:
    busy, bad = Failure.of(Code.OVERLOADED, "busy"), Failure.of(Code.MALFORMED_ANSWER, "no JSON")
    told_by(crew, iter([bad, busy, busy, bad, busy, bad, busy]))
    job = await Night(crew, RetryPolicy()).until_ended()
    assert job.failure is not None
    assert (job.failure.code, job.failure.attempt) == ("malformed_answer", 6)


async def test_a_wait_longer_than_the_patience_is_not_begun_and_says_so(crew: Crew) -> None:
    told_by(crew, for_ever(Code.RATE_LIMITED, retry_after_s=3000.0))
    night = Night(crew, RetryPolicy())
    job = await night.until_ended()
    assert night.clock.elapsed_s == 0
    assert job.failure is not None
    assert "asks for a wait of 3000 s" in job.failure.hint


async def test_time_counts_from_the_first_failure_of_the_run(crew: Crew) -> None:
    told_by(crew, for_ever(Code.OVERLOADED))
    night = Night(crew, RetryPolicy(patience_s=30))
    await night.until_ended()
    night.clock.now = ended = START + timedelta(hours=2)

    job = crew.studio.job(night.job.id)
    crew.studio.change_job(job.id, lambda job: job.reopen("retry", now=ended))
    await night.until_ended()

    assert night.clock.now == ended + timedelta(seconds=30)


async def test_a_clock_that_is_set_back_ends_no_patience(crew: Crew) -> None:
    told_by(crew, for_ever(Code.OVERLOADED))
    night = Night(crew, RetryPolicy(patience_s=30))
    night.told()
    [order] = night.desk.step(night.job.id, {}).orders
    await night.attempts.perform(order)
    night.clock.now -= timedelta(days=1)
    night.told()
    asset = crew.asset(night.job, "analysis")
    assert asset.tried(2, Failure.of(Code.OVERLOADED, "busy"), night.clock.now).waited_s == 0.0


async def test_a_worker_whose_clock_is_ahead_is_waited_for_all_the_same(crew: Crew) -> None:
    """The Director measures the wait by its own clock, from when it hears of the failure."""
    told_by(crew, for_ever(Code.OVERLOADED))
    night = Night(crew, RetryPolicy(base_s=30))
    night.told()
    [order] = night.desk.step(night.job.id, {}).orders
    night.clock.now += timedelta(minutes=10)  # the worker's
    await night.attempts.perform(order)
    night.clock.now -= timedelta(minutes=10)  # the Director's
    heard = night.clock.now
    night.told()

    step = night.desk.step(night.job.id, {})

    assert step.orders == []
    assert step.wake_at == heard + timedelta(seconds=30 * 0.9995)
    night.clock.now = step.wake_at
    assert len(night.desk.step(night.job.id, {}).orders) == 1


async def test_the_director_tries_again_until_the_patience_ends(crew: Crew) -> None:
    told_by(crew, for_ever(Code.CONNECTION_FAILED))
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)
    attempts = crew.asset(job, "analysis").attempts
    assert len(attempts) > 5
    assert attempts[-1].retry_at is None


# ---- prices between the request and the order -------------------------------------------------------


async def test_an_order_reserves_at_the_prices_of_its_own_day(crew: Crew) -> None:
    """A server that stood still over the first of a month orders what was requested at the old price."""
    told_by(crew, for_ever(Code.OVERLOADED))
    night = Night(crew, RetryPolicy(patience_s=86_400 * 2))
    asked: list[tuple[str, str]] = []

    def reserve(model: str, prompt: str, _: object) -> float:
        asked.append((model, prompt))
        return 0.01 if night.clock.now < START + timedelta(days=1) else 0.02

    night.desk.reserve = reserve
    night.told()
    [order] = night.desk.step(night.job.id, {}).orders
    await night.attempts.perform(order)
    night.clock.now += timedelta(days=1)
    night.told()
    [order] = night.desk.step(night.job.id, {}).orders
    await night.attempts.perform(order)

    assert [event.reserved_usd for event in crew.events(Asset.AttemptStarted)] == [0.01, 0.02]
    assert asked == [("text-model", "make analysis")] * 2, "once for each day"


async def test_a_budget_that_the_old_price_fitted_is_not_passed_at_the_new_one(crew: Crew) -> None:
    night = Night(crew, RetryPolicy(), max_cost_usd=0.015)
    night.desk.reserve = lambda *_: 0.02
    job = await night.until_ended()
    assert job.failure is not None
    assert (job.failure.code, job.failure.details["step_usd"]) == ("over_budget", 0.02)
    assert crew.stage.calls == []


async def test_a_clock_that_was_set_back_ends_no_wait_of_what_fails_afterwards(crew: Crew) -> None:
    """What was made before lies in the future now, and has no say."""

    async def fail(task: Task) -> None:
        if task.key.name == "storyboard":
            raise AttemptFailedError(Failure.of(Code.OVERLOADED, "busy"))

    crew.stage.before = fail
    night = Night(crew, RetryPolicy(base_s=30))
    night.told()
    [order] = night.desk.step(night.job.id, {}).orders
    await night.attempts.perform(order)
    night.clock.now -= timedelta(hours=1)
    night.told()
    for order in night.desk.step(night.job.id, {}).orders:
        await night.attempts.perform(order)
    night.told()

    step = night.desk.step(night.job.id, {})
    assert "storyboard" not in [order.key.name for order in step.orders]
    assert step.wake_at == night.clock.now + timedelta(seconds=30 * 0.9995)
