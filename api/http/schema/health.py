"""Whether the process is alive and jobs can be accepted."""

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


class Readiness(Body):
    status: Literal["ready", "not ready"]
    provider: Provider
    store: UUID | None = Field(description="Which store it is; null when it cannot be asked")
    reasons: list[str] = Field(default=[], description="What keeps jobs from being accepted")
    actors: Literal["none", "starting", "standing by", "ready", "failed", "stopped"] | None = None
    database: Literal["sqlite", "postgresql", "postgres"] | None = None
    blobs: Literal["file", "s3", "gs", "az"] | None = Field(default=None, description="Where bytes are kept")
    projector: ProjectorState | None = None
    crew: dict[str, Any] = Field(default={}, description="Who sits where")
