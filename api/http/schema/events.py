"""Events, as pages and streams hand them out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Count, Position
from domain.script import Kind, Stage

EventType = Literal[
    "job.submitted",
    "job.stage_started",
    "job.stage_completed",
    "job.cancel_requested",
    "job.review_requested",
    "job.approved",
    "job.changed",
    "job.completed",
    "job.failed",
    "job.cancelled",
    "job.reopened",
    "job.resumed",
    "job.prune_started",
    "job.pruned",
    "asset.requested",
    "asset.reused",
    "asset.provided",
    "asset.attempt_started",
    "asset.call_accepted",
    "asset.attempt_resumed",
    "asset.attempt_failed",
    "asset.generated",
    "asset.attempt_lost",
    "asset.failed",
]


class AssetReference(Body):
    id: UUID
    kind: Kind
    scene: int | None
    beat: int = Field(ge=1, description="Which of its scene's pictures it is; 1 where there is one")
    revision: int = Field(ge=1)


class EventDocument(Body):
    """One event; what it says never changes later. The same object in pages and in streams."""

    position: Position
    type: EventType
    job_id: UUID
    run: int = Field(ge=1)
    stage: Stage | None
    asset: AssetReference | None
    occurred_at: datetime
    causation: int | None = Field(description="The position of the event that caused this one")
    message: str
    progress: float = Field(ge=0, le=1)
    eta_s: float | None
    data: dict[str, Any] = Field(description="What the event says, by its type")


class EventPage(Body):
    data: list[EventDocument]
    has_more: bool
    next: Count = Field(description="Give it as `after` to go on, now or later")
    position: Count
    store: UUID = Field(description="Which store it is: a position means something in one alone")
