"""What comes of a request that begins work: the job, with what was just recorded in it.

A write is in the log before it is answered, and is answered from the read models once they hold it, so that
the next read by anybody sees it. Should the projector be behind, the answer is folded from the log itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from api.cases import positions
from api.composition import System
from domain.store import EventLog, Recorded, Unreadable
from projections.job_fold import JobFold
from projections.wire import encode


@dataclass(frozen=True)
class Accepted:
    """``job`` is its page, as JSON; ``began`` is False where the same request had come before."""

    job_id: UUID
    job: bytes
    began: bool


def job_page(system: System, job_id: UUID, written: int | None) -> bytes:
    """The job with the event at ``written`` in it; None: with all that is recorded by now."""
    readers = system.readers
    if readers.wait_for(system.log.head() if written is None else written, positions.PROJECTION_WAIT_S):
        body = readers.job(job_id)
        if body is not None:
            return body
    # The position comes first: what is beyond it is read from the log, however far the tables get meanwhile.
    projected = readers.position()
    fold = readers.job_at(job_id, projected) or JobFold()
    for recorded in _beyond(system.log, projected):
        event = recorded.event
        if getattr(event, "job_id", None) != job_id or fold.aside is not None:
            continue
        if isinstance(event, Unreadable):
            raise positions.behind(recorded.position, projected)
        fold.apply(recorded)
    return encode(fold.page())


def _beyond(log: EventLog, position: int) -> Iterator[Recorded]:
    while batch := log.read(position, 1000):
        yield from batch
        position = batch[-1].position
