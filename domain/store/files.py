"""The files that people brought, as the log has them: found, recorded, and removed when nothing uses them.

No read model: a file is found by its caller and digest, and all of them are asked for by retention alone.

What goes is what its caller has neither sent nor used for a day, by the blob store's own clock: whoever is
about to use a file marks its bytes first (``BlobStore.keep``), so that either the mark is seen here, or who
marks is told that they are gone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError

from domain.file import File, file_id
from domain.ports import BlobStore
from domain.store.known import KnownStreams
from domain.store.log import EventLog
from domain.store.retention import NotProjectedError, Uses
from domain.store.studio import Studio

UNUSED_FOR = timedelta(days=1)
"""So long a file is kept that nothing uses."""
PROJECTION_WAIT_S = 60.0


class Files:
    def __init__(self, studio: Studio, log: EventLog) -> None:
        self._studio = studio
        self._log = log
        self._known = KnownStreams(studio, log, File.Added.TOPIC)

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
        for of in self._known.ids():
            file = self._load(of)
            if file is not None and file.is_kept:
                yield file

    def remove_unused(self, uses: Uses, blobs: BlobStore, clock: Callable[[], datetime]) -> list[File]:
        """Remove what no job uses and nobody has sent or marked for a day; gives what went.

        Raises NotProjectedError, the store's and the blobs' errors; what was done until then stays done.
        """
        put_before = clock() - UNUSED_FOR
        due = [file for file in self.all() if file.added_at < put_before]
        if not due:
            return []
        position = self._log.head()
        if not uses.wait_for(position, PROJECTION_WAIT_S):
            raise NotProjectedError(position)
        gone = []
        for file in due:
            if uses.is_used(file.digest, besides=()):
                continue
            freed: Any = blobs.remove(file.digest, put_before=put_before)
            if freed is not None and file.remove(freed, now=clock()) and self._append(file):
                gone.append(file)
        return gone
