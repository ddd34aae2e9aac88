"""The files that people brought, as the log has them: found, recorded, and removed when nothing uses them.

No read model: a file is found by its caller and digest, and all of them, or those of some bytes, are asked
for by what removes alone.

What goes is what its caller has neither sent nor used for a day, by the blob store's own clock: whoever is
about to use a file marks its bytes first (``BlobStore.keep``), so that either the mark is seen here, or who
marks is told that they are gone. So it is with the files of a job that is deleted (``retention.py``), and
wherever bytes go here, every file that they were is told as removed.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError, Notification

from domain.file import File, file_id
from domain.ports import BlobStore
from domain.store.known import KnownStreams
from domain.store.log import EventLog
from domain.store.studio import Studio
from domain.store.uses import Uses, catch_up
from domain.tombstones import digests_in

UNUSED_FOR = timedelta(days=1)
"""So long a file is kept that nothing uses."""


class Files:
    def __init__(self, studio: Studio, log: EventLog) -> None:
        self._studio = studio
        self._log = log
        self._known = KnownStreams(studio, log, File.Added.TOPIC, self._note)
        self._by_digest: dict[str, dict[UUID, None]] = {}
        self._lock = threading.Lock()

    def _note(self, added: Notification) -> None:
        for digest in digests_in(added.state):
            self._by_digest.setdefault(digest, {})[cast("UUID", added.originator_id)] = None

    def find(self, caller: str, digest: str) -> File | None:
        """The caller's file, while it is kept."""
        file = self._load(file_id(caller, digest))
        return file if file is not None and file.is_kept else None

    def _load(self, of: UUID) -> File | None:
        try:
            return cast("File", self._studio.repository.get(of))
        except AggregateNotFoundError:
            return None

    def add(self, file: File, now: datetime) -> tuple[File, bool]:
        """Record it; False where it is on record already."""
        try:
            self._studio.append(file)
        except IntegrityError:
            known = self._load(file.id)
            assert known is not None
            if not known.add_again(now=now):
                return known, False
            # Whoever was quicker has said the same.
            return known, self._append(known)
        return file, True

    def _append(self, file: File) -> bool:
        try:
            self._studio.append(file)
        except IntegrityError:
            return False
        return True

    def all(self) -> Iterator[File]:
        """Every file that is kept, of all callers; what was read of the log is remembered."""
        yield from self._kept(self._ids())

    def of(self, digest: str) -> list[File]:
        """Every file with these bytes that is kept, of all callers."""
        self._ids()
        return list(self._kept(list(self._by_digest.get(digest, ()))))

    def are_new(self, digest: str, now: datetime) -> bool:
        """Whether these bytes are a file that came within the day: it stays, whoever else is done with it."""
        return any(file.added_at >= now - UNUSED_FOR for file in self.of(digest))

    def _ids(self) -> list[UUID]:
        with self._lock:
            return self._known.ids()

    def _kept(self, ids: Sequence[UUID]) -> Iterator[File]:
        for of in ids:
            file = self._load(of)
            if file is not None and file.is_kept:
                yield file

    def remove_unused(self, uses: Uses, blobs: BlobStore, clock: Callable[[], datetime]) -> list[File]:
        """Remove what no job uses and nobody has sent or marked for a day; gives what went.

        Raises NotProjectedError, the store's and the blobs' errors; what was done until then stays done.
        """
        due = [file for file in self.all() if file.added_at < clock() - UNUSED_FOR]
        if not due:
            return []
        catch_up(uses, self._log.head())
        return [
            file
            for file in due
            if not uses.is_used(file.digest, besides=()) and self.remove([file], blobs, clock()) is not None
        ]

    def remove(self, files: Sequence[File], blobs: BlobStore, now: datetime) -> int | None:
        """Remove the bytes of these files, which are the same; gives how many went.

        None where they stay, as somebody has sent or marked them within the day. Whoever calls has seen that
        no job uses them.
        """
        freed = blobs.remove(files[0].digest, put_before=now - UNUSED_FOR)
        if freed is not None:
            for file in files:
                if file.remove(freed, now=now):
                    self._append(file)
        return freed
