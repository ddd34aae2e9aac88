"""Read the global log from a position, and follow it.

A *position* is the event's number in the whole log: it rises with every event, in the order of the commits,
and may leave gaps. Both stores guarantee that no event ever appears before one that was already seen
(SQLite has one writer at a time; on PostgreSQL appends stand in one queue), so "everything beyond position N"
is all that a reader has to remember to see each event once.

The library's own subscriptions were rejected: they do not exist for SQLite, and they hand over one event at a
time, where the projector wants batches.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Mapper, Notification

from domain.store.signals import Waiter

SAFETY_POLL_S = 0.25
BATCH_LIMIT = 1000


class Recorded(NamedTuple):
    """An event and its position. Its class is one of the aggregates' events, unknown to the log."""

    position: int
    event: Any


@dataclass(frozen=True)
class Unreadable:
    """Stands in place of an event that this version cannot read: a newer one wrote it, or it is damaged."""

    topic: str
    originator_id: UUID
    originator_version: int
    job_id: UUID | None
    """Whose event it is, where the stored bytes still say so."""
    state: bytes
    reason: str

    @property
    def TOPIC(self) -> str:  # noqa: N802 - as the events themselves name theirs
        return self.topic


class UnreadableEventError(ValueError):
    """An event that is needed cannot be read by this version."""

    def __init__(self, position: int, event: Unreadable) -> None:
        super().__init__(f"event {position} ({event.topic}) cannot be read: {event.reason}")
        self.position = position


class PositionNotFoundError(LookupError):
    """No event is recorded at these positions."""

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(f"no event is recorded at {', '.join(map(str, positions))}")
        self.positions = tuple(positions)


class NotificationSource(Protocol):
    """What the recorders of both stores can read."""

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]: ...

    def select_notifications_at(self, positions: Sequence[int]) -> Sequence[Notification]: ...

    def select_share(
        self, after: int, until: int, belongs: Callable[[bytes], bool]
    ) -> Sequence[Notification]: ...

    def max_notification_id(self) -> int | None: ...


class Application(Protocol):
    """The two parts of an ``eventsourcing`` application that reading its log takes."""

    @property
    def recorder(self) -> ApplicationRecorder: ...

    @property
    def mapper(self) -> Mapper[Any]: ...


class EventLog:
    """The log as domain events: read through the application's recorder, decoded by its mapper.

    The application must have been made with ``EventStore.environment()``.
    """

    def __init__(self, application: Application) -> None:
        self._recorder = cast("NotificationSource", application.recorder)
        self._mapper = application.mapper

    def read(self, after: int, limit: int) -> list[Recorded]:
        """At most ``limit`` events beyond position ``after``, in order; ``Unreadable`` ones among them."""
        return self.decode(self._recorder.select_notifications(after, limit, inclusive_of_start=False))

    def share(self, after: int, until: int, share: int, shares: int) -> list[Recorded]:
        """The events beyond ``after`` and up to ``until`` of one of ``shares`` shares of the jobs, in order.

        What names no job is in the first share.
        """

        def belongs(state: bytes) -> bool:
            return shares == 1 or _number_of_job(state) % shares == share

        return self.decode(self._recorder.select_share(after, until, belongs))

    def batches(self, after: int) -> Iterator[Sequence[Notification]]:
        """All that stands beyond a position now, as it is stored, in parts; for ``decode``."""
        while batch := self._recorder.select_notifications(after, BATCH_LIMIT, inclusive_of_start=False):
            yield batch
            if len(batch) < BATCH_LIMIT:
                return
            after = batch[-1].id

    def at(self, positions: Sequence[int]) -> list[Recorded]:
        """The events at exactly these positions, ascending.

        PositionNotFoundError when one is missing, UnreadableEventError when one cannot be read.
        """
        found = self.decode(self._recorder.select_notifications_at(positions))
        for recorded in found:
            if isinstance(recorded.event, Unreadable):
                raise UnreadableEventError(recorded.position, recorded.event)
        missing = set(positions) - {recorded.position for recorded in found}
        if missing:
            raise PositionNotFoundError(sorted(missing))
        return found

    def stored(self, positions: Sequence[int]) -> Sequence[Notification]:
        """The events at these positions as they are stored; those that do not exist are left out."""
        return self._recorder.select_notifications_at(positions)

    def head(self) -> int:
        """The position of the last event, 0 when there is none."""
        return self._recorder.max_notification_id() or 0

    def decode(self, notifications: Iterable[Notification]) -> list[Recorded]:
        """What a follower hands over, as domain events; what this version cannot read is ``Unreadable``.

        One such event must not keep anybody from all the others: it concerns its own job alone.
        """
        return [Recorded(n.id, self._event(n)) for n in notifications]

    def _event(self, notification: Notification) -> Any:
        try:
            return self._mapper.to_domain_event(notification)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a damaged or newer event raises is told in it
            return _unreadable(notification, error)


def _unreadable(stored: Notification, error: Exception) -> Unreadable:
    originator = stored.originator_id
    assert isinstance(originator, UUID)
    named = _JOB_ID.search(stored.state)
    return Unreadable(
        topic=stored.topic,
        originator_id=originator,
        originator_version=stored.originator_version,
        job_id=UUID(named[1].decode()) if named else None,
        state=stored.state,
        reason=f"{type(error).__name__}: {error}",
    )


_JOB_ID = re.compile(rb'"job_id":\{"_type_":"uuid_hex","_data_":"([0-9a-f]{32})"\}')
"""How the library writes a job's id into an event, whatever else stands there."""


def _number_of_job(state: bytes) -> int:
    """A number of the job that an event names; 0 where it names none."""
    named = _JOB_ID.search(state)
    return int(named[1][:8], 16) if named else 0


class Follower:
    """Every event beyond a position, once, in order, as it is committed. Made by ``EventStore.follower``.

    One thread calls ``next_batch``; ``wake`` and ``close`` may be called from any.
    """

    def __init__(
        self,
        source: NotificationSource,
        waiter: Waiter,
        after: int,
        on_close: Callable[[], None],
    ) -> None:
        # The waiter was made before the first look at the log, so nothing falls between the two.
        self.position = after
        self._source = source
        self._waiter = waiter
        self._on_close = on_close
        self._in_use = threading.Lock()
        self._woken = threading.Event()
        self._closed = False

    def next_batch(self, timeout_s: float) -> list[Notification]:
        """The next events, as soon as there are any; empty when the time is over, on ``wake`` and ``close``.

        An error of the store is raised and loses nothing: the next call begins where this one did.
        """
        deadline = time.monotonic() + timeout_s
        with self._in_use:
            while not self._closed:
                batch = list(
                    self._source.select_notifications(self.position, BATCH_LIMIT, inclusive_of_start=False)
                )
                if batch:
                    self.position = batch[-1].id
                    return batch
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._woken.is_set():
                    break
                self._waiter.wait(min(remaining, SAFETY_POLL_S))
            self._woken.clear()
            return []

    @property
    def closed(self) -> bool:
        return self._closed

    def wake(self) -> None:
        """End the present or next ``next_batch`` early."""
        self._woken.set()
        self._waiter.wake()

    def close(self) -> None:
        """End ``next_batch``, in whatever thread it waits, then close the connection. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._waiter.wake()
        with self._in_use:
            self._waiter.close()
            self._on_close()
