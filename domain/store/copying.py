"""Copying a whole log into an empty store of whatever kind: all of it, proved, or nothing.

Every event keeps its position, and the copy the identity of the store, so whoever followed the log goes on in
the copy where it was. What arrived is read back and compared with what the source holds then, before the copy
is there for anybody.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from eventsourcing.persistence import Notification

from domain.store.event_store import EventStore, IncomingLog
from domain.store.log import NotificationSource
from domain.store.studio import Studio

CHUNK = 500


class CopyRefusedError(Exception):
    """Nothing was copied; why, and the way out."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True)
class CopiedChunk:
    """Some events in a row, whose digest is the same in both stores."""

    first: int
    last: int
    events: int
    digest: str


def copy_log(source: EventStore, target: EventStore, chunk: int = CHUNK) -> Iterator[CopiedChunk]:
    """Copy all events; each chunk is given when it is proved; the copy stands when the last was taken.

    Raises CopyRefusedError for a target that holds events, and when the source changed meanwhile.
    """
    with contextlib.closing(Studio(source)) as studio, target.incoming() as incoming:
        log = cast("NotificationSource", studio.recorder)
        if head := incoming.head():
            raise CopyRefusedError(
                f"{target.shown_url} holds a log already, up to position {head}",
                "Name a store that is empty, or not there yet.",
            )
        position = 0
        while events := log.select_notifications(position, chunk, inclusive_of_start=False):
            incoming.write(events)
            position = events[-1].id
        yield from _proved(source, log, incoming, chunk)
        incoming.finish(source.id)


def _proved(
    source: EventStore, log: NotificationSource, incoming: IncomingLog, chunk: int
) -> Iterator[CopiedChunk]:
    after = 0
    while True:
        sent = log.select_notifications(after, chunk, inclusive_of_start=False)
        arrived = incoming.read(after, chunk)
        digest = digest_of(sent)
        if digest_of(arrived) != digest:
            raise CopyRefusedError(
                f"what arrived beyond position {after} is not what {source.shown_url} holds there now",
                "Something wrote to it meanwhile: stop what works on it, and copy again. Nothing was copied.",
            )
        if not sent:
            return
        yield CopiedChunk(sent[0].id, sent[-1].id, len(sent), digest)
        after = sent[-1].id


def digest_of(events: Sequence[Notification]) -> str:
    """Over all that is kept of events, their positions included."""
    digest = sha256()
    for event in events:
        about = (event.id, event.originator_id, event.originator_version, event.topic, len(event.state))
        digest.update(repr(tuple(map(str, about))).encode())
        digest.update(event.state)
    return f"sha256:{digest.hexdigest()}"
