"""What every event store promises about signals: nobody who made a waiter sleeps through one."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.store import Changes, EventStore
from domain.store.signals import Waiter

pytestmark = pytest.mark.slow  # each takes a while, or there are many

Start = Callable[..., Any]
NAME = "projected"


@pytest.fixture
def waiter(store: EventStore) -> Iterator[Waiter]:
    waiter = store.signal(NAME).waiter()
    yield waiter
    waiter.close()


def test_a_signal_wakes_a_waiter_in_another_process(waiter: Waiter, helper: Start) -> None:
    other = helper("raise", NAME)
    assert other.hear() == "ready"
    assert not waiter.wait(0)
    other.tell()
    assert waiter.wait(60)
    assert other.hear() == "raised"


def test_a_signal_raised_before_the_wait_ends_it_at_once(store: EventStore, waiter: Waiter) -> None:
    """Level-triggered: fails when a waiter begins to listen only in wait()."""
    store.signal(NAME).raise_()
    assert waiter.wait(60)


def test_after_a_wake_up_the_waiter_sleeps_again(store: EventStore, waiter: Waiter) -> None:
    signal = store.signal(NAME)
    for _ in range(20):
        signal.raise_()
    assert waiter.wait(60)
    while waiter.wait(0.2):
        pass
    assert not waiter.wait(0)
    signal.raise_()
    assert waiter.wait(60)


def test_every_waiter_is_woken(store: EventStore, waiter: Waiter) -> None:
    other = store.signal(NAME).waiter()
    try:
        store.signal(NAME).raise_()
        assert waiter.wait(60)
        assert other.wait(60)
    finally:
        other.close()


def test_signals_of_other_names_wake_nobody(store: EventStore, waiter: Waiter) -> None:
    store.signal("pröjected/other").raise_()
    assert not waiter.wait(0.2)


def test_wake_ends_a_wait_from_another_thread(waiter: Waiter) -> None:
    waiter.wake()
    assert waiter.wait(600)
    threading.Timer(0.1, waiter.wake).start()
    assert waiter.wait(600)
    assert not waiter.wait(0)


def test_many_tasks_await_one_signal_of_another_process_and_look_once_before(
    store: EventStore, helper: Start
) -> None:
    """The safety poll is off: only the signal can end the second look."""
    other = helper("raise", NAME)
    assert other.hear() == "ready"

    async def look_twice(changes: Changes, looked: asyncio.Queue[int]) -> int:
        looks = 0
        async for _ in changes:
            looks += 1
            looked.put_nowait(looks)
            if looks == 2:
                break
        return looks

    async def main() -> list[int]:
        looked: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.timeout(60), Changes(store.signal(NAME), safety_s=600) as changes:
            tasks = [asyncio.create_task(look_twice(changes, looked)) for _ in range(50)]
            for _ in tasks:
                assert await looked.get() == 1
            other.tell()
            return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [2] * 50


def test_awaiting_changes_looks_again_without_a_signal(store: EventStore) -> None:
    """Fails without the safety poll."""

    async def main() -> int:
        looks = 0
        async with asyncio.timeout(60), Changes(store.signal(NAME), safety_s=0.05) as changes:
            async for _ in changes:
                looks += 1
                if looks == 3:
                    break
        return looks

    assert asyncio.run(main()) == 3


def test_leaving_the_context_ends_those_who_still_await(store: EventStore) -> None:
    async def main() -> None:
        async def watch(changes: Changes, started: asyncio.Event) -> None:
            async for _ in changes:
                started.set()

        async with asyncio.timeout(60):
            started = asyncio.Event()
            async with Changes(store.signal(NAME), safety_s=600) as changes:
                task = asyncio.create_task(watch(changes, started))
                await started.wait()
            await task

    asyncio.run(main())
