"""On a loop whose clock jumps to the next timer: minutes take no time, and nothing depends on speed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from actors.director.throttle import Limit, Throttle

MODEL = "gemini-a"


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumped = 0.0
        super().__init__()

    def time(self) -> float:
        return self._jumped

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._jumped = max(self._jumped, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(story())


def now() -> float:
    return asyncio.get_running_loop().time()


async def settle() -> None:
    """Let everything that can run now, run."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_no_more_calls_are_in_flight_than_the_limit_allows() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=3))
        flying = most = 0

        async def call() -> None:
            nonlocal flying, most
            async with throttle.slot(MODEL):
                flying += 1
                most = max(most, flying)
                await asyncio.sleep(1)
                flying -= 1

        await asyncio.gather(*(call() for _ in range(10)))
        assert most == 3
        assert now() == pytest.approx(4)

    run(story)


def test_several_calls_in_a_row_count_as_so_many_in_the_minute() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=100, per_minute=5))
        begun: list[tuple[int, float]] = []

        async def order(calls: int) -> None:
            async with throttle.slot(MODEL, calls=calls):
                begun.append((calls, now()))
                await asyncio.sleep(0.5)

        await asyncio.gather(*(order(calls) for calls in (3, 2, 1, 4, 8, 1)))
        assert begun == [(3, 0.0), (2, 0.0), (1, 60.0), (4, 60.0), (8, 120.0), (1, 180.0)]

    run(story)


def test_no_more_calls_begin_in_any_minute_than_the_limit_allows() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=100, per_minute=5))
        begun: list[float] = []

        async def call() -> None:
            async with throttle.slot(MODEL):
                begun.append(now())
                await asyncio.sleep(0.5)

        await asyncio.gather(*(call() for _ in range(12)))
        assert begun == [*[0.0] * 5, *[60.0] * 5, *[120.0] * 2]

    run(story)


def test_places_are_given_in_order_of_arrival() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        order: list[int] = []

        async def call(number: int) -> None:
            async with throttle.slot(MODEL):
                order.append(number)
                await asyncio.sleep(1)

        await asyncio.gather(*(call(number) for number in range(6)))
        assert order == list(range(6))

    run(story)


def test_a_wait_that_the_provider_asked_for_closes_the_model_to_all_callers() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=4))
        await throttle.back_off(MODEL, 34.07)
        await asyncio.gather(*(throttle.acquire(MODEL) for _ in range(4)))
        assert now() == pytest.approx(34.07)

    run(story)


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    async def story() -> None:
        throttle = Throttle(Limit())
        await throttle.back_off(MODEL, 30)
        await throttle.back_off(MODEL, 2)
        await throttle.acquire(MODEL)
        assert now() == pytest.approx(30)

    run(story)


def test_a_caller_that_already_waits_obeys_a_wait_that_comes_later() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        first = await throttle.acquire(MODEL)
        second = asyncio.create_task(throttle.acquire(MODEL))
        await settle()
        await throttle.back_off(MODEL, 50)
        await throttle.release(first)
        await second
        assert now() == pytest.approx(50)

    run(story)


def test_one_models_storm_does_not_hold_up_another_model() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        await throttle.acquire(MODEL)
        await throttle.back_off(MODEL, 600)
        waiting = asyncio.create_task(throttle.acquire(MODEL))
        await settle()
        for _ in range(5):
            await throttle.release(await throttle.acquire("gemini-b"))
        assert now() == 0
        assert not waiting.done()
        waiting.cancel()

    run(story)


def test_the_lease_of_a_caller_that_died_ends_by_itself() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        await throttle.acquire(MODEL, hold_s=120)
        await throttle.acquire(MODEL)
        assert now() == pytest.approx(120)

    run(story)


def test_a_place_is_given_back_at_most_once() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        first = await throttle.acquire(MODEL)
        await throttle.release(first)
        second = await throttle.acquire(MODEL, hold_s=90)
        await throttle.release(first)
        await throttle.release("never given")
        await throttle.acquire(MODEL)
        assert now() == pytest.approx(90), "the second lease was still held"
        assert second != first

    run(story)


def test_a_caller_that_gives_up_waiting_leaves_its_place_in_the_queue() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=1))
        held = await throttle.acquire(MODEL)
        impatient = asyncio.create_task(throttle.acquire(MODEL))
        patient = asyncio.create_task(throttle.acquire(MODEL))
        await settle()
        impatient.cancel()
        await settle()
        await throttle.release(held)
        assert await patient
        assert now() == 0
        assert (await throttle.state())[MODEL].waiting == 0

    run(story)


def test_a_model_can_have_a_limit_of_its_own() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=50), {MODEL: Limit(concurrency=1)})
        await throttle.acquire(MODEL)
        second = asyncio.create_task(throttle.acquire(MODEL))
        await asyncio.gather(*(throttle.acquire("gemini-b") for _ in range(50)))
        assert not second.done()
        second.cancel()

    run(story)


def test_its_state_tells_who_flies_who_waits_and_for_how_long_it_is_closed() -> None:
    async def story() -> None:
        throttle = Throttle(Limit(concurrency=2))
        await throttle.acquire(MODEL)
        await throttle.back_off(MODEL, 30)
        waiting = asyncio.create_task(throttle.acquire(MODEL))
        await settle()
        state = (await throttle.state())[MODEL]
        assert (state.in_flight, state.waiting, state.closed_for_s) == (1, 1, pytest.approx(30))
        waiting.cancel()

    run(story)
