"""Whether the process is alive and jobs can be accepted."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Count, Provider
from api.http.schema.jobs import SetAside


class Alive(Body):
    status: Literal["alive"]


class AsideJob(SetAside):
    job_id: str


class ProjectorState(Body):
    state: Literal["starting", "waiting", "projecting", "retrying", "stopped", "ended"]
    position: Count
    lag_events: Count = Field(description="Events in the log that the read models do not hold yet")
    reason: str | None
    set_aside: list[AsideJob] = Field(description="Jobs that wait for a person; all others go on")


class FailedTry(Body):
    at: datetime
    webhook: UUID
    delivery: UUID
    job_id: UUID
    status: int | None = Field(description="What the endpoint answered; null: nothing")
    error: str


class SenderState(Body):
    """Who sends webhooks. What is wrong there keeps no jobs from being accepted."""

    state: Literal["none", "starting", "waiting", "sending", "retrying", "ended", "unknown"] = Field(
        description="`waiting`: another process sends; `retrying`: it failed, and begins anew every second"
    )
    reason: str | None
    lag_events: Count | None = Field(
        default=None,
        description="Events in the log that it has not looked at; null where this process does not send",
    )
    pending: Count | None = Field(default=None, description="Deliveries that are to be made")
    failing: Count | None = Field(default=None, description="Those of them that were tried in vain")
    next_try_at: datetime | None = Field(default=None, description="When the first of them is due")
    last_failure: FailedTry | None = Field(default=None, description="The latest try that failed")


class TracesState(Body):
    """How spans get to the collector that the settings name; nothing waits for it."""

    state: Literal["starting", "waiting", "exporting", "retrying", "ended"]
    position: Count | None = Field(description="Up to where in the log spans were sent")
    lag_events: Count | None = Field(description="Events beyond it")
    reason: str | None = Field(description="Why the collector does not get them, while it does not")


class Readiness(Body):
    status: Literal["ready", "not ready"]
    provider: Provider
    store: UUID | None = Field(description="Which store it is; null when it cannot be asked")
    reasons: list[str] = Field(default=[], description="What keeps jobs from being accepted")
    actors: Literal["none", "starting", "standing by", "ready", "failed", "stopped"] | None = None
    database: Literal["sqlite", "postgresql", "postgres"] | None = None
    blobs: Literal["file", "s3", "gs", "az"] | None = Field(default=None, description="Where bytes are kept")
    projector: ProjectorState | None = None
    webhooks: SenderState | None = None
    traces: TracesState | None = Field(default=None, description="Null where no spans are exported")
    crew: dict[str, Any] = Field(default={}, description="Who sits where")
