"""Whose turn it is: jobs under way, then the queue up to the limit, and any that is to be cancelled.

Kept as cases come, change and go, so that a look costs the same with one job waiting as with a thousand.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from uuid import UUID

from actors.director.cases import Case
from domain.statuses import JobStatus

Place = tuple[tuple[int, int], UUID]
"""A rank, and whose it is. No two cases have the same."""


class Turns:
    """Of the cases noted here, at most ``most_active`` are under way at a time."""

    def __init__(self, most_active: int = 4) -> None:
        self.most_active = most_active
        self._under_way: dict[UUID, Place] = {}
        self._queue: list[Place] = []
        self._queued: dict[UUID, Place] = {}
        self._to_cancel: dict[UUID, Place] = {}
        self._to_look_at: set[UUID] = set()

    def clear(self) -> None:
        self._under_way.clear()
        self._queue.clear()
        self._queued.clear()
        self._to_cancel.clear()
        self._to_look_at.clear()

    def note(self, case: Case) -> None:
        """How a case stands now."""
        job, place = case.job, (case.rank, case.job.id)
        if job.status != JobStatus.QUEUED:
            self._leave_queue(job.id)
        elif job.id not in self._queued:
            insort(self._queue, place)
            self._queued[job.id] = place
        if job.status == JobStatus.RUNNING:
            self._under_way[job.id] = place
        else:
            self._leave_work(job.id)
        # What waits its turn, or for a person, holds no place, and ends at once all the same.
        waits = job.status in (JobStatus.QUEUED, JobStatus.AWAITING_REVIEW)
        if waits and job.cancel_requested:
            self._to_cancel[job.id] = place
        else:
            self._to_cancel.pop(job.id, None)

    def forget(self, job_id: UUID) -> None:
        """The case is closed, or set aside."""
        self._leave_queue(job_id)
        self._leave_work(job_id)
        self._to_cancel.pop(job_id, None)
        self._to_look_at.discard(job_id)

    def _leave_queue(self, job_id: UUID) -> None:
        place = self._queued.pop(job_id, None)
        if place is not None:
            del self._queue[bisect_left(self._queue, place)]

    def _leave_work(self, job_id: UUID) -> None:
        if self._under_way.pop(job_id, None) is not None:
            # A place is free: whoever comes next is looked at.
            self.look_at(j for _, j in self._queue[: self.most_active])

    def look_at(self, job_ids: Iterable[UUID]) -> None:
        """Something has happened to these, or is to be looked for."""
        self._to_look_at.update(job_ids)

    def take_due(self) -> list[UUID]:
        """Those to be looked at now, the first one first; the others stay until it is their turn."""
        free = max(0, self.most_active - len(self._under_way))
        turns = {place[1]: place for place in self._queue[:free]} | self._under_way | self._to_cancel
        due = [job_id for _, job_id in sorted(map(turns.__getitem__, self._to_look_at & turns.keys()))]
        self._to_look_at.difference_update(due)
        return due
