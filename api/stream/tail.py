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
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from eventsourcing.persistence import PersistenceError

from domain.store import Changes, Signal
from projections.database import ReadModelsUnavailableError
from projections.job_fold import Entry
from projections.readers import ReadModels

KEPT_BYTES = 8 * 1024 * 1024
"""Of frames in memory, in all; when there are more, the older half goes."""
PAGE = 100
READING = 8
"""Readers who are behind and read the tables at once, in threads that nothing else waits for."""
FIRST_PAGE = 4
"""How many events a reader asks for before it is known how large they are."""
PAGE_BYTES = 256 * 1024
"""What a reader who is behind holds at most, while it reads or does not: some events carry whole scripts."""

logger = logging.getLogger(__name__)


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

    def __init__(
        self, readers: ReadModels, signal: Signal, owner_of: Callable[[UUID], str | None] = lambda _: None
    ) -> None:
        """``owner_of`` tells whose a job is, for streams of all of a caller's."""
        self._readers = readers
        self._signal = signal
        self._owner_of = owner_of
        self._frames: list[Frame] = []
        self._bytes = 0
        self._floor = 0  # every event beyond it, up to head, is in memory
        self.head = 0
        self.aside: frozenset[str] = frozenset()
        """The jobs of which nothing more will be sent, as an event of theirs cannot be folded."""
        self._callers: dict[str, str | None] = {}  # of the jobs that frames in memory are of
        self._watchers: dict[str | None, set[asyncio.Event]] = {}
        self.drained = asyncio.Event()
        self._following = CapacityLimiter(1)
        self._reading = CapacityLimiter(READING)

    async def __aenter__(self) -> Self:
        self.aside = frozenset(a.job_id for a in await to_thread.run_sync(self._readers.set_aside))
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
        can_read = True
        async for _ in self._changes:
            try:
                await self._catch_up()
                can_read = True
            except ReadModelsUnavailableError as error:
                # The next look, a quarter of a second later, may find them; readers wait where they are.
                if can_read:
                    logger.warning("streams wait: %s", error)
                can_read = False

    async def _catch_up(self) -> None:
        while True:
            # Before the events: of a job that is found there, these hold all that will ever be sent.
            found = await to_thread.run_sync(self._readers.set_aside, limiter=self._following)
            aside = {one.job_id for one in found}
            entries, seen = await to_thread.run_sync(
                lambda: self._readers.entries(after=self.head, limit=PAGE), limiter=self._following
            )
            if strange := {entry.job_id for entry in entries}.difference(self._callers):
                self._callers |= await to_thread.run_sync(self._owners, strange, limiter=self._following)
            new = [Frame.of(entry) for entry in entries]
            self._frames += new
            self._bytes += size_of(new)
            self.head = max(self.head, seen)
            if any(entry.type == "job.prune_started" for entry in entries):
                # Texts went from the timeline, and go from memory; whoever is behind reads the timeline.
                self._forget(len(self._frames))
            elif self._bytes > KEPT_BYTES:
                self._forget_the_older_half()
            newly = aside - self.aside
            self.aside = frozenset(aside)
            if entries or newly:
                self._wake(None, *{entry.job_id for entry in entries}, *newly)
            if len(entries) < PAGE:
                return

    def _owners(self, jobs: Iterable[str]) -> dict[str, str | None]:
        try:
            return {job: self._owner_of(UUID(job)) for job in jobs}
        except PersistenceError as error:
            # As the tables, the next look may find it.
            raise ReadModelsUnavailableError(f"the event store: {error}") from error

    def _forget_the_older_half(self) -> None:
        kept = size = 0
        for frame in reversed(self._frames):
            size += len(frame.data)
            if size > KEPT_BYTES // 2:
                break
            kept += 1
        self._forget(len(self._frames) - kept)

    def _forget(self, count: int) -> None:
        """The oldest so many frames; whoever has not read them reads the table."""
        if count:
            self._floor = self._frames[count - 1].position
        self._bytes -= size_of(self._frames[:count])
        del self._frames[:count]
        shown = {frame.job_id for frame in self._frames}
        self._callers = {job: caller for job, caller in self._callers.items() if job in shown}

    def _wake(self, *keys: str | None) -> None:
        for key in keys:
            for event in self._watchers.get(key, ()):
                event.set()

    # ---- reading ------------------------------------------------------------------------------------

    async def frames(
        self, after: int, job_ids: Collection[UUID] | None = None, caller: str | None = None
    ) -> AsyncGenerator[list[Frame]]:
        """Frames beyond ``after``, in order, none twice and none left out; an empty list when caught up.

        Ends when the server drains. ``job_ids`` picks jobs; None is all, or all of the ``caller``'s.
        """
        picked = None if job_ids is None else frozenset(map(str, job_ids))
        keys: list[str | None] = [None] if picked is None else [*picked]
        woken = asyncio.Event()
        page = FIRST_PAGE
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
                    found = [
                        frame
                        for frame in self._frames[start:]
                        if (picked is None or frame.job_id in picked)
                        and (caller is None or self._callers[frame.job_id] == caller)
                    ]
                    after = self.head
                else:
                    found, after = await to_thread.run_sync(
                        self._page, after, job_ids, caller, page, limiter=self._reading
                    )
                    page = fitting(found, page)
                if found:
                    yield found
        finally:
            for key in keys:
                watchers = self._watchers[key]
                watchers.discard(woken)
                if not watchers:
                    del self._watchers[key]

    def _page(
        self, after: int, job_ids: Collection[UUID] | None, caller: str | None, limit: int
    ) -> tuple[list[Frame], int]:
        """Some of what is beyond ``after``, at least one event if there is any, and how far that is."""
        entries, seen = self._readers.entries(after=after, limit=limit, job_ids=job_ids, caller=caller)
        frames: list[Frame] = []
        size = 0
        for entry in entries:
            size += len(entry.body)
            if frames and size > PAGE_BYTES:
                return frames, frames[-1].position
            frames.append(Frame.of(entry))
        return frames, seen


def fitting(found: Sequence[Frame], asked: int) -> int:
    """How many events to ask for next, so that they fill a page: as large as these, but not many more."""
    most = min(PAGE, 2 * asked)
    size = size_of(found)
    return max(1, min(most, len(found) * PAGE_BYTES // size)) if size else most


def size_of(frames: Iterable[Frame]) -> int:
    return sum(len(frame.data) for frame in frames)
