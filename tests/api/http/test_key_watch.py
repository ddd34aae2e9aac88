"""What was opened with a key ends with it: in this process, and when another one revoked it."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from api.http.key_watch import KeyWatch, until
from domain.key import Caller, Scope
from domain.store import Keys
from tests.api.conftest import Site

PATIENCE_S = 30
WEB = Caller("web", Scope.READ)


@pytest.fixture
def keys(site: Site) -> Keys:
    site.system.keys.add("web", Scope.READ, "ab" * 32, now=site.system.clock())
    return site.system.keys


async def counted(closed: list[str]) -> AsyncGenerator[int]:
    """Two items at once, and nothing more for ever."""
    try:
        yield 1
        yield 2
        await asyncio.Event().wait()
    finally:
        closed.append("closed")


def test_items_come_until_the_end_and_what_gave_them_is_closed() -> None:
    async def main() -> None:
        end, closed, found = asyncio.Event(), list[str](), list[int]()
        async with asyncio.timeout(PATIENCE_S):
            async for item in until(counted(closed), end):
                found.append(item)
                if item == 2:
                    asyncio.get_running_loop().call_soon(end.set)
        assert (found, closed) == ([1, 2], ["closed"])

    asyncio.run(main())


def test_an_end_between_two_items_and_the_end_of_the_items_are_ends_too() -> None:
    async def main() -> None:
        end, closed, found = asyncio.Event(), list[str](), list[int]()
        async for item in until(counted(closed), end):
            found.append(item)
            end.set()
        assert (found, closed) == ([1], ["closed"])

        async def few() -> AsyncGenerator[int]:
            yield 1

        assert [item async for item in until(few(), asyncio.Event())] == [1]

    asyncio.run(main())


def test_a_reader_who_goes_away_leaves_nothing_running() -> None:
    async def main() -> None:
        closed = list[str]()
        before = asyncio.all_tasks()
        items = until(counted(closed), asyncio.Event())
        assert await anext(items) == 1
        await items.aclose()
        await asyncio.sleep(0)
        assert closed == ["closed"]
        assert asyncio.all_tasks() == before

    asyncio.run(main())


def test_what_another_process_revokes_is_seen_by_looking(
    site: Site, keys: Keys, open_site: Callable[..., Site]
) -> None:
    beside = open_site()

    async def main() -> None:
        watch = KeyWatch(keys, site.system.sessions, look_s=0.01)
        async with asyncio.timeout(PATIENCE_S), watch.running():
            ended = watch.ended(WEB)
            assert watch.ended(WEB) is ended
            watch.look()
            assert not ended.is_set()
            await asyncio.to_thread(beside.system.keys.revoke, "web", now=site.system.clock())
            await ended.wait()
            assert watch.ended(WEB).is_set(), "who comes now is late"

    asyncio.run(main())


def test_a_look_that_fails_is_said_once_and_made_again(
    site: Site, keys: Keys, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beside = Keys(site.system.studio)
    catch_up, failures = keys.catch_up, [OSError("the disk is away")] * 3
    looked = []

    def broken() -> None:
        looked.append(1)
        if len(looked) > 1 and failures:
            raise failures.pop()
        catch_up()

    monkeypatch.setattr(keys, "catch_up", broken)

    async def main() -> None:
        watch = KeyWatch(keys, site.system.sessions, look_s=0.01)
        async with asyncio.timeout(PATIENCE_S), watch.running():
            ended = watch.ended(WEB)
            await asyncio.to_thread(beside.revoke, "web", now=site.system.clock())
            await ended.wait()

    with caplog.at_level("WARNING", "api.http.key_watch"):
        asyncio.run(main())
    assert caplog.text.count("cannot be seen: the disk is away") == 1
