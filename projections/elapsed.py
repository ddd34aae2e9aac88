"""What the time of a job's latest run went into: waiting for its turn, work, waiting for a person.

Without a clock, as all that is folded: the status that lasts is told with when it began, and whoever reads
adds what has gone by since.
"""

from datetime import datetime
from typing import Any

from domain.job import Job
from domain.statuses import JobStatus
from projections.wire import iso

_COUNTED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.AWAITING_REVIEW)


class Elapsed:
    """Seconds of each status that is not an end; a new run begins at nothing."""

    def __init__(self) -> None:
        self._run = 0
        self._status: JobStatus | None = None
        self._since: datetime | None = None
        self._seconds: dict[JobStatus, float] = {}

    def apply(self, job: Job, at: datetime) -> None:
        """What ``job`` has become by an event ``at`` that time."""
        if job.run != self._run:
            self._run, self._status, self._seconds = job.run, None, dict.fromkeys(_COUNTED, 0.0)
        if job.status == self._status:
            return
        if self._since and self._status in self._seconds:
            # Clocks of machines differ.
            self._seconds[self._status] += max(0.0, (at - self._since).total_seconds())
        self._status, self._since = job.status, at

    def page(self) -> dict[str, Any]:
        seconds = {f"{status.value}_s": round(spent, 3) for status, spent in self._seconds.items()}
        return seconds | {"since": iso(self._since if self._status in self._seconds else None)}
