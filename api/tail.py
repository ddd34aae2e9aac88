"""The end of the timeline, kept in memory for all who watch: each event is read and framed once.

One task follows the projector's signal and reads what is new. Readers hold a position and nothing else: one
that is near the end takes frames from memory, one that is behind reads the tables at its own pace, so a slow
reader costs no memory and the table is the only truth. Readers are woken by job, so five hundred people who
watch five hundred jobs do not wake each other.

Rejected: a queue for each reader (a slow one fills it, and what then?), and reading the table for each reader
and each event (five hundred queries for one event).
"""

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from anyio import to_thread

from domain.event_log_signal import Changes, Signal
from projections.database import ReadModelsUnavailableError
from projections.job_fold import Entry
from projections.readers import ReadModels

logger = logging.getLogger(__name__)

KEPT_FRAMES = 4096
PAGE = 100


@dataclass(frozen=True)
class Frame:
    """An event as it goes over the wire."""

    position: int
    job_id: str
    type: str
    data: bytes

    @classmethod
    def of(cls, entry: Entry) -> Self:
        head = f"id: {entry.position}\nevent: {entry.type}\ndata: ".encode()
        return cls(entry.position, entry.job_id, entry.type, head + entry.body + b"\n\n")


class Tail:
    """``async with Tail(readers, signal) as tail``; then any number of ``tail.frames`` at once."""

    def __init__(self, readers: ReadModels, signal: Signal) -> None:
        self._readers = readers
        self._signal = signal
        self._frames: list[Frame] = []
        self._floor = 0  # every event beyond it, up to head, is in memory
        self.head = 0
        self._watchers: dict[str | None, set[asyncio.Event]] = {}
        self.drained = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._floor = self.head = await to_thread.run_sync(self._readers.position)
        self._changes = Changes(self._signal)
        await self._changes.__aenter__()
        self._task = asyncio.create_task(self._follow(), name="timeline-tail")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drain()
        self._task.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        finally:
            await self._changes.__aexit__()

    def drain(self) -> None:
        """End all streams: the server is going away."""
        self.drained.set()
        self._wake(None, *self._watchers)

    # ---- following ----------------------------------------------------------------------------------

    async def _follow(self) -> None:
        away = False
        async for _ in self._changes:
            try:
                await self._catch_up()
                away = False
            except ReadModelsUnavailableError as error:
                # The next signal, or a quarter of a second without one, is the next try.
                if not away:
                    logger.warning("streams stand still: %s", error)
                away = True

    async def _catch_up(self) -> None:
        while True:
            entries, seen = await to_thread.run_sync(
                lambda: self._readers.entries(after=self.head, limit=PAGE)
            )
            self._frames += [Frame.of(entry) for entry in entries]
            self.head = max(self.head, seen)
            if any(entry.type == "job.prune_started" for entry in entries):
                # Texts went from the timeline, and go from memory; whoever is behind reads the timeline.
                self._frames.clear()
                self._floor = self.head
            elif len(self._frames) > 2 * KEPT_FRAMES:
                del self._frames[:-KEPT_FRAMES]
                self._floor = self._frames[0].position - 1
            if entries:
                self._wake(None, *{entry.job_id for entry in entries})
            if len(entries) < PAGE:
                return

    def _wake(self, *keys: str | None) -> None:
        for key in keys:
            for event in self._watchers.get(key, ()):
                event.set()

    # ---- reading ------------------------------------------------------------------------------------

    async def frames(self, after: int, job_ids: Collection[UUID] | None = None) -> AsyncIterator[list[Frame]]:
        """Frames beyond ``after``, in order, none twice and none left out; an empty list when caught up.

        Ends when the server drains. ``job_ids`` picks jobs; None is all.
        """
        picked = None if job_ids is None else frozenset(map(str, job_ids))
        keys: list[str | None] = [None] if picked is None else [*picked]
        woken = asyncio.Event()
        for key in keys:
            self._watchers.setdefault(key, set()).add(woken)
        try:
            while not self.drained.is_set():
                woken.clear()
                if after >= self.head:
                    yield []
                    await woken.wait()
                    continue
                if after >= self._floor:
                    start = bisect_right(self._frames, after, key=lambda frame: frame.position)
                    found = [f for f in self._frames[start:] if picked is None or f.job_id in picked]
                    after = self.head
                else:
                    entries, after = await to_thread.run_sync(self._page, after, job_ids)
                    found = [Frame.of(entry) for entry in entries]
                if found:
                    yield found
        finally:
            for key in keys:
                watchers = self._watchers[key]
                watchers.discard(woken)
                if not watchers:
                    del self._watchers[key]

    def _page(self, after: int, job_ids: Collection[UUID] | None) -> tuple[list[Entry], int]:
        return self._readers.entries(after=after, limit=PAGE, job_ids=job_ids)
