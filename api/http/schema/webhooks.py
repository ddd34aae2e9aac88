"""Webhooks: endpoints, what was told to them, and what is sent."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Count, Position, Seconds
from api.http.schema.jobs import JobDocument
from domain.webhook import JobEventType

Secret = Field(pattern="^whsec_", description="What signatures are checked with; it is shown this once")
DeliveryStatus = Literal["pending", "delivered", "failed", "dropped"]


class WebhookLinks(Body):
    self: str
    deliveries: str


class WebhookDocument(Body):
    """An endpoint that is told of jobs."""

    id: UUID
    url: str
    events: list[JobEventType] = Field(description="The types of events that are sent")
    job_id: UUID | None = Field(description="The only job that it is told of; null: all of yours")
    enabled: bool
    disabled_for: Literal["asked", "gone"] | None = Field(description="`gone`: it answered 410")
    created_at: datetime
    links: WebhookLinks


class WebhookWithSecret(WebhookDocument):
    secret: str = Secret


class WebhookPage(Body):
    data: list[WebhookDocument] = Field(description="In the order in which they were added")
    has_more: bool


class JobWebhook(Body):
    """The endpoint that a submission, or a fork, named for its job."""

    id: UUID
    url: str
    events: list[JobEventType]
    secret: str = Field(pattern="^whsec_", description="The same for the endpoints of all of your jobs")


class SubmittedJob(JobDocument):
    """The job; and its endpoint where the submission, or the fork, named one."""

    webhook: JobWebhook | None = Field(
        default=None, description="In the answer to its submission or fork alone"
    )


class DeliveryLinks(Body):
    self: str
    job: str


class DeliveryTry(Body):
    turn: int = Field(ge=1)
    number: int = Field(ge=1)
    at: datetime
    status: int | None = Field(description="What it answered; null where no answer came")
    error: str | None = Field(description="Why it counts as failed")
    elapsed_s: Seconds


class DeliveryDocument(Body):
    """One event for one endpoint."""

    id: UUID = Field(description="The `webhook-id` of each try")
    position: Position
    type: JobEventType
    job_id: UUID
    status: DeliveryStatus = Field(description="`dropped`: the endpoint was disabled or removed before")
    turn: int = Field(ge=1, description="One more each time that it is sent again by hand")
    tried: Count = Field(description="How often, in this turn")
    next_try_at: datetime | None = Field(
        description="Null, too, while an earlier one of the job is to be made first"
    )
    last_try: DeliveryTry | None = Field(description="What the latest try of this turn came to")
    created_at: datetime
    ended_at: datetime | None
    links: DeliveryLinks


class DeliveryWithTries(DeliveryDocument):
    tries: list[DeliveryTry]


class DeliveryPage(Body):
    data: list[DeliveryDocument] = Field(description="Newest first")
    has_more: bool
    next: int | None = Field(description="Give it as `after` for the next page")


class PingResult(Body):
    """What came of a message that was sent to try an endpoint."""

    delivered: bool
    status: int | None
    error: str | None
    elapsed_s: Seconds
