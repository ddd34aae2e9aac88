"""Calls that were handed over: an end of the Director waits for those that would be lost, and no longer."""

import asyncio
from typing import Any, cast

import pytest

from actors.director.calls import Calls
from actors.work.stage import Order

ORDER = cast("Order", object())
LONG_S = 20


async def not_accepted(_: Order) -> bool:
    return False


@pytest.mark.parametrize("error", [None, ConnectionError("the worker is gone")])
async def test_whatever_ends_a_call_ends_the_waiting_for_it(error: Exception | None) -> None:
    calls, may_end = Calls(asyncio.Event()), asyncio.Event()

    async def perform(_: Order) -> str:
        await may_end.wait()
        if error is not None:
            raise error
        return "generated"

    call = asyncio.create_task(calls.make(ORDER, perform))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(calls.let_end(10 * LONG_S, not_accepted))
    await asyncio.sleep(0)
    assert len(calls) == 1
    assert not waiting.done()
    may_end.set()
    await asyncio.wait_for(waiting, LONG_S)
    assert await asyncio.gather(call, return_exceptions=True) == [error or "generated"]


async def test_a_call_runs_in_the_task_that_hands_it_over() -> None:
    async def perform(_: Order) -> Any:
        return asyncio.current_task()

    assert await Calls(asyncio.Event()).make(ORDER, perform) is cast("Any", asyncio.current_task())


async def test_what_is_accepted_is_not_waited_for_nor_anything_without_grace() -> None:
    calls, never = Calls(asyncio.Event()), asyncio.Event()

    async def perform(_: Order) -> str:
        await never.wait()
        return "generated"

    async def accepted(_: Order) -> bool:
        return True

    call = asyncio.create_task(calls.make(ORDER, perform))
    await asyncio.sleep(0)
    await asyncio.wait_for(calls.let_end(10 * LONG_S, accepted), LONG_S)
    await asyncio.wait_for(calls.let_end(0.0, not_accepted), LONG_S)
    assert not call.done()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
