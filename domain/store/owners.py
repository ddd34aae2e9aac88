"""Whose a stream is: the caller who submitted the job that it is, or that it is of.

Read from the first event of the stream, so that it is true from when the job is recorded, also of a job that
cannot be folded, and costs one row. It never changes, so it is remembered.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from domain.job import Job
from domain.store.studio import Studio

REMEMBERED = 10_000


class Owners:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._remembered = lru_cache(REMEMBERED)(self._read)

    def of(self, stream: UUID) -> str | None:
        """The caller of a job, or of the job of an asset; None where there is neither of this id."""
        try:
            return self._remembered(stream)
        except LookupError:
            return None

    def along_forks(self, job_id: UUID) -> Iterator[str]:
        """The callers of a job, of the one that it was forked from, and so on: its own first."""
        while isinstance(first := self._first(job_id), Job.Submitted):
            yield first.caller
            if first.forked_from is None:
                return
            job_id = UUID(first.forked_from["job_id"])

    def _first(self, stream: UUID) -> Any:
        """None where there is nothing yet, or what cannot be read."""
        try:
            return next(iter(self._studio.events.get(stream, limit=1)), None)
        except PersistenceError:
            raise
        except Exception:  # noqa: BLE001 - what a newer version wrote may be anything
            return None

    def _read(self, stream: UUID) -> str:
        """LookupError where there is nothing yet: that may change, and is not remembered."""
        first = self._first(stream)
        if isinstance(first, Job.Submitted):
            return first.caller
        job_id = getattr(first, "job_id", None)
        if not isinstance(job_id, UUID) or job_id == stream:
            raise LookupError(stream)
        return self._remembered(job_id)
