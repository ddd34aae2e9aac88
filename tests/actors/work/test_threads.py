"""Blocking work of a loop in threads: each answer to whoever waits for it, and few wakings of the loop."""

import asyncio
import threading
from typing import Any

import pytest

from actors.work.threads import AT_ONCE, Answers, Threads


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
