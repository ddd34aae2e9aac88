"""Whose turn it is: jobs under way, then the queue up to the limit, and any that is to be cancelled.

A job takes a place when it is looked at in its turn, and keeps it until it has ended or waits for a person.
One that is reopened, approved or changed waits for its next turn among those that were submitted, whatever
its public status; but whatever has an attempt under way has a place. Kept as cases come, change and go, so
that a look costs the same with one job waiting as with a thousand.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from uuid import UUID

from actors.director.cases import Case
from domain.statuses import JobStatus

Place = tuple[tuple[int, int], UUID]
"""A rank, and whose it is. No two cases have the same."""

AT_WORK = (JobStatus.QUEUED, JobStatus.RUNNING)


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
        job = case.job
        job_id, status = job.id, job.status
        if status not in AT_WORK:
            self._leave_queue(job_id)
            self._under_way.pop(job_id, None)
        elif job_id not in self._under_way:
            if case.is_under_way:
                self._take_place((case.rank, job_id))
            elif job_id not in self._queued:
                self._queued[job_id] = place = case.rank, job_id
                insort(self._queue, place)
        # What waits its turn, or for a person, holds no place, and ends at once all the same.
        waits = job.cancel_requested and (job_id in self._queued or status == JobStatus.AWAITING_REVIEW)
        if waits:
            self._to_cancel[job_id] = case.rank, job_id
        elif self._to_cancel:
            self._to_cancel.pop(job_id, None)

    def forget(self, job_id: UUID) -> None:
        """The case is closed, or set aside."""
        self._leave_queue(job_id)
        self._under_way.pop(job_id, None)
        self._to_cancel.pop(job_id, None)
        self._to_look_at.discard(job_id)

    def _leave_queue(self, job_id: UUID) -> None:
        place = self._queued.pop(job_id, None)
        if place is not None:
            del self._queue[bisect_left(self._queue, place)]

    def _take_place(self, place: Place) -> None:
        self._leave_queue(place[1])
        self._under_way[place[1]] = place

    def look_at(self, job_ids: Iterable[UUID]) -> None:
        """Something has happened to these, or is to be looked for."""
        self._to_look_at.update(job_ids)

    def take_due(self) -> list[UUID]:
        """Those to be looked at now, the first one first; the others stay until it is their turn."""
        free = max(0, self.most_active - len(self._under_way))
        for place in self._queue[:free]:
            self._take_place(place)
            self._to_look_at.add(place[1])
        turns = self._under_way | self._to_cancel
        due = [job_id for _, job_id in sorted(map(turns.__getitem__, self._to_look_at & turns.keys()))]
        self._to_look_at.difference_update(due)
        return due
