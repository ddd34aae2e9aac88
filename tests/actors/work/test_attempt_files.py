"""Files that an attempt writes: moved into the store, or gone when it ends, however it ends."""

import asyncio
import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.blobs.errors import BlobStoreUnavailableError
from actors.media.errors import EncodeError, RenderCancelled
from actors.work.attempt import Attempts
from actors.work.rendering import crafted
from actors.work.stage import Made, Task
from domain.asset import Asset
from tests.actors.conftest import Crew, TextStage
from tests.actors.work.test_attempt import first_order


class FileStage(TextStage):
    """Makes each asset as a file, in a thread as films are made."""

    def __init__(self, write: Callable[[Task], Made]) -> None:
        super().__init__()
        self.write = write

    async def make(self, task: Task) -> Made:
        return await crafted(self.write, task)


def attempts(crew: Crew, write: Callable[[Task], Made]) -> Attempts:
    stage = FileStage(write)
    workshop = crew.workshop()
    workshop.stages = dict.fromkeys(workshop.stages, stage)
    return Attempts(workshop)


def unfinished(crew: Crew) -> list[Path]:
    return list((crew.folder / "blobs" / "unfinished").iterdir())


def written(task: Task, text: bytes = b"frames") -> Path:
    path = task.new_file(".mp4")
    path.write_bytes(text)
    return path


async def test_a_film_is_moved_into_the_store_and_what_else_was_written_is_removed(crew: Crew) -> None:
    inodes: list[int] = []

    def write(task: Task) -> Made:
        written(task, b"unsigned")
        made = written(task)
        inodes.append(made.stat().st_ino)
        return Made(made, "video/mp4")

    assert await attempts(crew, write).perform(first_order(crew)) == "generated"
    assert unfinished(crew) == []
    [event] = crew.events(Asset.Generated)
    stored = crew.blobs.path(event.digest)
    assert (stored.read_bytes(), stored.stat().st_ino) == (b"frames", inodes[0])


@pytest.mark.parametrize(
    "error", [EncodeError("encoder_failed", "out of memory"), OSError("what"), KeyError()]
)
async def test_an_attempt_that_failed_leaves_no_file(crew: Crew, error: Exception) -> None:
    def write(task: Task) -> Made:
        written(task)
        raise error

    assert await attempts(crew, write).perform(first_order(crew)) == "failed"
    assert unfinished(crew) == []


@pytest.mark.slow
async def test_a_film_that_the_store_does_not_take_leaves_no_file(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> tuple[str, int]:
        raise BlobStoreUnavailableError("full", "make room") from OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(crew.blobs, "put_file", full)
    work = attempts(crew, lambda task: Made(written(task), "video/mp4"))
    assert await work.perform(first_order(crew)) == "failed"
    assert unfinished(crew) == []


@pytest.mark.parametrize("then", ["ends well", "goes on to the next file"])
async def test_a_cancelled_attempt_leaves_no_file_though_its_thread_runs_on(crew: Crew, then: str) -> None:
    begun, told = asyncio.Event(), threading.Event()
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def write(task: Task) -> Made:
        made = written(task)
        loop.call_soon_threadsafe(begun.set)
        told.wait()
        try:
            if then != "ends well":
                written(task)
        except RenderCancelled:
            loop.call_soon_threadsafe(ended.set_result, "cancelled")
            raise
        loop.call_soon_threadsafe(ended.set_result, "made")
        return Made(made, "video/mp4")

    order = first_order(crew)
    work = attempts(crew, write)
    running = asyncio.create_task(work.perform(order))
    await begun.wait()
    assert len(unfinished(crew)) == 1
    work.cancel(order.brief.job_id)
    assert await running == "cancelled"
    told.set()
    assert await ended == ("made" if then == "ends well" else "cancelled")
    assert unfinished(crew) == []
