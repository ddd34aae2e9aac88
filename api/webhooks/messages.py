"""What is told of an event: its type, its time, and the job as it was when it had happened."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from domain.job import Job
from domain.store import EventLog
from domain.traces import run_span_id
from projections.readers import ReadModels
from projections.wire import encode, iso

PROJECTION_WAIT_S = 5.0
MOST_KEPT = 32
"""Bodies: one event goes to many endpoints at about one time."""


class NotTellableError(Exception):
    """The job cannot be shown as it was at that position, now."""


@dataclass(frozen=True)
class Message:
    body: bytes
    traceparent: str
    """The span that the event belongs to, for whoever is told of it."""


class Messages:
    """``root`` is put before links, where a proxy shows the server under a path.

    ``traces_exported``: whether jobs have spans where traces are kept, that others can be part of.
    """

    def __init__(
        self, log: EventLog, readers: ReadModels, root: str, *, traces_exported: bool = False
    ) -> None:
        self._traces_exported = traces_exported
        self._log = log
        self._readers = readers
        self._root = root
        self._kept: OrderedDict[int, Message] = OrderedDict()
        self._lock = threading.Lock()

    def message(self, job_id: UUID, position: int) -> Message:
        """As ``GET /v1/jobs/{id}?at=`` the position gives the job. NotTellableError; blocks."""
        with self._lock:
            if position not in self._kept:
                self._kept[position] = self._made(job_id, position)
            self._kept.move_to_end(position)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[position]

    def _made(self, job_id: UUID, position: int) -> Message:
        if not self._readers.wait_for(position, PROJECTION_WAIT_S):
            raise NotTellableError("the read models do not hold the event yet")
        [recorded] = self._log.at([position])
        fold = self._readers.job_at(job_id, position)
        if fold is None or fold.position != position:
            raise NotTellableError("the job cannot be shown as it was then; see whether it is set aside")
        page = fold.page()
        if self._root:
            page["links"] = {name: link and f"{self._root}{link}" for name, link in page["links"].items()}
        event = recorded.event
        body = encode({"type": event.TOPIC, "timestamp": iso(event.timestamp), "data": page})
        return Message(body, self._traceparent(fold.job, event.run))

    def _traceparent(self, job: Job, run: int) -> str:
        if job.traceparent is not None and not self._traces_exported:
            return job.traceparent  # there is no span between the caller's and the receiver's
        return job.trace.handed_on(run_span_id(job.id, run))
