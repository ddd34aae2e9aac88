"""Blocking work of a loop in threads: each answer to whoever waits for it, and few wakings of the loop."""

import asyncio
import threading
from functools import partial
from typing import Any

import pytest

from actors.work.threads import AT_ONCE, LATE_S, Answers, Threads


async def test_work_gives_what_it_returns_and_raises_what_it_raises() -> None:
    threads, loop_thread = Threads(), threading.get_ident()
    assert await threads.run(threading.get_ident) != loop_thread
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


async def test_answers_that_are_found_before_the_loop_looks_wake_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, answers = asyncio.get_running_loop(), Answers()
    wakings, wake = [], loop.call_soon_threadsafe

    def noted(callback: Any, *arguments: Any) -> Any:
        wakings.append(callback)
        return wake(callback, *arguments)

    monkeypatch.setattr(loop, "call_soon_threadsafe", noted)

    def find(waiting: list[asyncio.Future[int]]) -> None:
        for number, answer in enumerate(waiting):
            answers.give(answer, number)
            answers.tell()

    for _ in range(2):
        waiting = [loop.create_future() for _ in range(3)]
        thread = threading.Thread(target=find, args=[waiting])
        thread.start()
        thread.join()  # the loop does not run meanwhile
        assert await asyncio.gather(*waiting) == [0, 1, 2]
    assert len(wakings) == 2


async def test_who_has_ended_gets_no_answer_and_the_others_do() -> None:
    loop, answers = asyncio.get_running_loop(), Answers()
    gone, there = loop.create_future(), loop.create_future()
    gone.cancel()
    answers.give(gone, 1)
    answers.give(there, 2)
    answers.tell()
    assert await asyncio.wait_for(there, 20) == 2


async def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    threads, may_end, begun = Threads(), threading.Event(), []
    busy = [asyncio.create_task(threads.run(may_end.wait)) for _ in range(AT_ONCE)]
    late = asyncio.create_task(threads.run(lambda: begun.append(True)))
    last = asyncio.create_task(threads.run(lambda: None))
    await asyncio.sleep(0)  # all are handed over
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    may_end.set()
    await asyncio.wait_for(asyncio.gather(*busy, last), 20)
    assert not begun


async def test_what_waits_is_done_by_one_thread_and_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.work.threads.LATE_S", 60.0)  # on a busy machine, all take long
    threads, begun, ended = Threads(), [], []

    handed_over = threading.Event()

    def do(number: int) -> None:
        assert handed_over.wait(20)  # others could begin meanwhile
        begun.append(number)
        assert len(begun) == len(ended) + 1
        ended.append(number)

    doing = asyncio.gather(*(threads.run(partial(do, number)) for number in range(20)))
    await asyncio.sleep(0)  # all are handed over
    handed_over.set()
    await doing
    assert ended == [*range(20)]


async def test_another_thread_helps_where_one_takes_long() -> None:
    threads, may_end = Threads(), threading.Event()
    slow = [asyncio.create_task(threads.run(may_end.wait)) for _ in range(AT_ONCE - 1)]
    try:
        assert await asyncio.wait_for(threads.run(lambda: "done"), 20) == "done"
        assert not any(one.done() for one in slow)
    finally:
        may_end.set()
    assert all(await asyncio.gather(*slow))


async def test_no_more_threads_help_than_there_are() -> None:
    threads, may_end, begun = Threads(), threading.Event(), threading.Semaphore(0)

    def wait() -> bool:
        begun.release()
        return may_end.wait()

    busy = [asyncio.create_task(threads.run(wait)) for _ in range(2 * AT_ONCE)]
    for _ in range(AT_ONCE):
        assert await asyncio.to_thread(begun.acquire, timeout=20)
    looked = asyncio.Event()
    asyncio.get_running_loop().call_later(3 * LATE_S, looked.set)  # by then it was looked twice
    await looked.wait()
    assert not begun.acquire(blocking=False)
    may_end.set()
    assert all(await asyncio.gather(*busy))


async def test_an_answer_does_not_wait_for_what_is_done_after_it() -> None:
    threads, may_end = Threads(), threading.Event()
    quick = asyncio.create_task(threads.run(lambda: "done"))
    slow = asyncio.create_task(threads.run(may_end.wait))
    try:
        assert await asyncio.wait_for(quick, 20) == "done"
        assert not slow.done()
    finally:
        may_end.set()
    assert await slow


async def test_a_thread_goes_on_after_work_that_ends_badly(caplog: pytest.LogCaptureFixture) -> None:
    threads = Threads()

    def fail() -> None:
        raise SystemExit

    threads.give(fail)
    assert await asyncio.wait_for(threads.run(lambda: "done"), 20) == "done"
    assert "ended badly" in caplog.text


async def test_nobody_looks_while_nothing_is_to_be_done() -> None:
    threads, looks = Threads(), []
    look = threads._watch

    def noted(given: int) -> None:
        looks.append(given)
        look(given)

    threads._watch = noted  # type: ignore[method-assign]
    await threads.run(lambda: None)
    threads._pool.shutdown()  # the thread has ended
    for _ in range(2):  # the last look is over; there is none after it
        looked = len(looks)
        later = asyncio.Event()
        asyncio.get_running_loop().call_later(3 * LATE_S, later.set)
        await later.wait()
        assert not threads._at_work
    assert len(looks) == looked > 0
