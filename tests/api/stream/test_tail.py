"""The end of the timeline in memory: framed once for all readers, bounded, and as true as the table."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from api.stream import event_stream as stream
from api.stream import tail as module
from api.stream.event_stream import Subscription
from api.stream.tail import Frame, Tail
from projections.database import ReadModelsUnavailableError
from projections.projector import SIGNAL
from tests.api.conftest import Site

PATIENCE_S = 30


def with_tail(site: Site, body: Callable[[Tail], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            Tail(site.system.readers, site.system.store.signal(SIGNAL), site.system.owners.of) as tail,
        ):
            await body(tail)

    asyncio.run(main())


async def read(tail: Tail, until: int, after: int = 0) -> list[Frame]:
    """What one reader is given, up to a position."""
    found: list[Frame] = []
    async for frames in tail.frames(after):
        found += frames
        if found and found[-1].position >= until:
            break
    return found


def film(site: Site) -> int:
    """Make one while nobody looks; gives the position of its last event."""
    site.filming.finish(UUID(site.submit()))
    return site.filming.head()


def test_all_readers_are_given_the_same_bytes(site: Site) -> None:
    async def body(tail: Tail) -> None:
        readers = [asyncio.create_task(read(tail, until=60)) for _ in range(20)]
        await asyncio.to_thread(film, site)
        first, *others = await asyncio.gather(*readers)
        assert [frame.position for frame in first[:60]] == list(range(1, 61))
        for other in others:
            assert all(a.data is b.data for a, b in zip(first, other, strict=False))

    with_tail(site, body)


@pytest.mark.slow
def test_memory_holds_so_much_and_whoever_is_behind_it_misses_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 20_000)

    async def body(tail: Tail) -> None:
        head = 0
        for _ in range(3):
            head = await asyncio.to_thread(film, site)
            told = await read(tail, until=head)
            assert [frame.position for frame in told] == list(range(1, head + 1))
            assert 0 < module.size_of(tail._frames) == tail._bytes <= 20_000
        assert tail._floor == tail._frames[0].position - 1

    with_tail(site, body)


def test_a_reader_who_is_behind_is_given_little_at_a_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE_BYTES", 4_000)
    head = film(site)
    site.settle()

    async def body(tail: Tail) -> None:
        given: list[list[Frame]] = []
        async for frames in tail.frames(0):
            if not frames:
                break
            given.append(frames)
        assert [frame.position for frames in given for frame in frames] == list(range(1, head + 1))
        assert len(given) > 5
        # One event is given however large it is.
        assert all(len(frames) == 1 or module.size_of(frames) < 5_000 for frames in given)

    with_tail(site, body)


def test_a_reader_asks_for_few_events_before_it_is_known_how_large_they_are(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen: a hundred readers that came at once each took a hundred whole scripts into memory."""
    entries, asked = site.system.readers.entries, []

    def noted(**wanted: Any) -> Any:
        if "job_ids" in wanted:  # not the tail itself, which follows the end for all
            asked.append(wanted["limit"])
        return entries(**wanted)

    head = film(site)
    site.settle()

    async def body(tail: Tail) -> None:
        monkeypatch.setattr(site.system.readers, "entries", noted)
        assert len(await read(tail, until=head)) == head

    with_tail(site, body)
    assert asked[0] == module.FIRST_PAGE
    assert all(after <= 2 * before for before, after in pairwise(asked))
    assert len(asked) < head / module.FIRST_PAGE, "it asks for more once it is known"


def test_tables_that_cannot_be_read_for_a_moment_stop_no_reader(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    entries = site.system.readers.entries
    failures = 3

    def broken(**asked: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise ReadModelsUnavailableError("the disk is away")
        return entries(**asked)

    async def body(tail: Tail) -> None:
        monkeypatch.setattr(site.system.readers, "entries", broken)
        reader = asyncio.create_task(read(tail, until=60))
        await asyncio.to_thread(film, site)
        assert [frame.position for frame in await reader][:60] == list(range(1, 61))
        assert failures == 0

    with_tail(site, body)
    assert caplog.text.count("streams wait: the disk is away") >= 1


def test_between_two_pieces_of_a_stream_the_loop_runs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the pause: pieces were then written to a broken line, with a warning for each."""
    monkeypatch.setattr(stream, "CHUNK_BYTES", 1)

    async def body(tail: Tail) -> None:
        await asyncio.to_thread(film, site)
        await read(tail, until=5)
        sent, heard = 0, 0

        def hear() -> None:
            nonlocal heard
            heard += 1

        async for _ in Subscription(tail, b"", None, 0, []).frames():
            assert heard >= sent - 1, "the greeting and the first piece go together"
            sent += 1
            asyncio.get_running_loop().call_soon(hear)
            if sent == 5:
                break

    with_tail(site, body)
