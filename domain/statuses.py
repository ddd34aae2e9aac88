"""Where things stand: of a job, of its stages, an asset, an attempt. The values are stored and public."""

from enum import StrEnum


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_REVIEW = "awaiting_review"
    """A person is asked to look before it goes on."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """No work follows in this run."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


class StageStatus(StrEnum):
    STARTED = "started"
    COMPLETED = "completed"


class AssetStatus(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    WAITING = "waiting"
    """For another attempt."""
    GENERATED = "generated"
    FAILED = "failed"


class AttemptStatus(StrEnum):
    OPEN = "open"
    FAILED = "failed"
    LOST = "lost"
    SUCCEEDED = "succeeded"
