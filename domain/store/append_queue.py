"""Group commit: all appends that wait in a process share one transaction, and one flush of the disk.

The first thread that comes finds nobody writing and writes: an append that is alone waits for nobody and
changes no thread. Those that come meanwhile wait; the first of them writes next, for all. So a process has
one writer at a time, threads wait for it and not for the lock of the database, and each writes at most once,
which bounds what anybody does for others.

A thread waits until its own appends are durable, so there never wait more callers than there are threads; a
transaction has no more than ``MOST_EVENTS``, but for an append that alone has more.

Rejected: a thread that only writes. It costs two changes of thread where one append is alone, which is most
of the time, and has to be started, watched and ended.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from eventsourcing.persistence import OperationalError, StoredEvent

from domain.checkpoints import reached

MOST_EVENTS = 1000
"""In one transaction: as many as a reader takes at once."""


class Append:
    """The events that one caller wants recorded, all or none; and what came of it."""

    def __init__(self, events: Sequence[StoredEvent], tombstones: Sequence[StoredEvent] = ()) -> None:
        self.events = events
        self.tombstones = tombstones
        self.positions: Sequence[int] = ()
        self.error: Exception | None = None
        self.ended = False
        self._woken = threading.Lock()
        self._woken.acquire()

    def wait(self) -> None:
        self._woken.acquire()

    def wake(self) -> None:
        self._woken.release()


Take = Callable[[], list[Append]]
Commit = Callable[[Take], None]


class AppendQueue:
    """``commit`` is given a function that takes what waits, and records it; errors go to all that was taken.

    What concerns one append alone (a conflict) it leaves in that append's ``error``.
    """

    def __init__(self, commit: Commit, closed: Callable[[], Exception]) -> None:
        self._commit = commit
        self._closed_error = closed
        self._changed = threading.Condition()
        self._waiting: deque[Append] = deque()
        self._writing = False
        self._closed = False

    def insert_events(
        self, stored_events: Sequence[StoredEvent], tombstones: Sequence[StoredEvent] = ()
    ) -> Sequence[int]:
        """IntegrityError when another writer was first; AppendFailedError when the ground does not hold."""
        append = Append(stored_events, tombstones)
        self._record([append])
        if append.error is not None:
            raise append.error
        return append.positions

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]:
        """Several appends in one transaction; of each its positions, or what kept that one out."""
        recorded = [Append(stored_events) for stored_events in appends]
        self._record(recorded)
        return [append.error or append.positions for append in recorded]

    def _record(self, appends: Sequence[Append]) -> None:
        appends = [append for append in appends if append.events or append.tombstones]
        events = [event for append in appends for event in append.events]
        for event in events:
            reached(f"before:{event.topic}", event.originator_id)
        self.append(appends)
        for event in events:
            reached(f"after:{event.topic}", event.originator_id)

    def append(self, appends: Sequence[Append]) -> None:
        """Returns when each of them is durable, or has an error."""
        if not appends:
            return
        with self._changed:
            if self._closed:
                raise self._closed_error()
            self._waiting.extend(appends)
            writes, self._writing = not self._writing, True
        for append in appends:
            if not writes:
                append.wait()
            writes = False
            if not append.ended:
                self._write()

    def close(self, patience_s: float) -> None:
        """Take no more, and let what waits be recorded, for at most so long."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._writing, patience_s)

    def _write(self) -> None:
        """One transaction, by the thread of the first append that waits; then the next one's turn comes."""
        batch: list[Append] = []

        def take() -> list[Append]:
            # A commit that is tried again keeps what it has.
            return batch or self._take_into(batch)

        error: Exception | None = OperationalError("the thread that wrote was interrupted")
        try:
            self._commit(take)
            error = None
        except Exception as raised:  # noqa: BLE001 - each caller raises it
            error = raised
        finally:
            self._end(take(), error)

    def _end(self, batch: list[Append], error: Exception | None) -> None:
        with self._changed:
            for append in batch:
                append.error = error or append.error
                append.ended = True
            following = self._waiting[0] if self._waiting else None
            self._writing = following is not None
            if following is None:
                self._changed.notify_all()
        if following is not None:
            following.wake()
        for append in batch[1:]:  # the first is the one who writes
            append.wake()

    def _take_into(self, batch: list[Append]) -> list[Append]:
        with self._changed:
            events = 0
            while self._waiting and (not batch or events + len(self._waiting[0].events) <= MOST_EVENTS):
                append = self._waiting.popleft()
                events += len(append.events)
                batch.append(append)
        return batch
