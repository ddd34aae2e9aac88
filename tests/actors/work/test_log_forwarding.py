"""What the Director logs is fetched by the process whose log is read, from whatever thread it came."""

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from actors.work.log_forwarding import MOST_LINES, LogForwarder

logger = logging.getLogger("reelog.relayed")


@pytest.fixture
def relay() -> Iterator[LogForwarder]:
    handler = LogForwarder()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_lines_are_given_once_with_their_traceback_and_waited_for(relay: LogForwarder) -> None:
    logger.info("nobody needs this")
    waiting = asyncio.create_task(relay.lines())
    await asyncio.sleep(0)

    def fail() -> None:
        try:
            _ = {}["scenes"]
        except KeyError:
            logger.exception("a job is set aside")

    thread = threading.Thread(target=fail)
    thread.start()
    [(level, name, text)] = await asyncio.wait_for(waiting, 20)
    thread.join()
    assert (level, name) == (logging.ERROR, "reelog.relayed")
    assert text.startswith("a job is set aside\nTraceback")
    logger.warning("one")
    logger.warning("two")
    assert [text for _, _, text in await relay.lines()] == ["one", "two"]


async def test_what_nobody_fetches_does_not_grow(relay: LogForwarder) -> None:
    for number in range(MOST_LINES + 10):
        logger.warning("%d", number)
    assert len(await relay.lines()) == MOST_LINES
