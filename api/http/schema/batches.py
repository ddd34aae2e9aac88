"""Batches: what they would cost, and how they stand."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from api.http.schema.base import Body, Count, FailureDocument, Seconds, Usd
from api.http.schema.estimates import PriceForecast
from api.http.schema.jobs import JobStatus, Notice


class BatchCost(Body):
    usd: Usd
    reserved_usd: Usd = Field(description="What open calls may still cost at most")
    unpriced: Count


class BatchJobLinks(Body):
    self: str
    video: str | None


class BatchJob(Body):
    """A job of a batch, in short."""

    id: UUID
    status: JobStatus
    title: str | None
    progress: float = Field(ge=0, le=1)
    failure: FailureDocument | None
    metadata: dict[str, Any]
    cost_usd: Usd
    max_cost_usd: float | None = Field(description="Its share of the cap, or less if it asked for less")
    links: BatchJobLinks


class BatchLinks(Body):
    self: str


class BatchDocument(Body):
    id: UUID
    status: JobStatus = Field(
        description="`queued` until one has begun, `running` until all have ended, `awaiting_review` "
        "where all others wait for that, then `failed` or "
        "`cancelled` if one is, else `completed`"
    )
    counts: dict[str, Count] = Field(description="How many of its jobs have which status")
    created_at: datetime
    max_cost_usd: float | None
    cost: BatchCost
    jobs: list[BatchJob] = Field(description="In the order in which they were submitted")
    links: BatchLinks


class BatchPart(Body):
    scenes: Count
    images: Count
    cost: PriceForecast
    seconds: Seconds | None
    notices: list[Notice]


class BatchEstimate(Body):
    """What a dry run tells."""

    dry_run: Literal[True]
    max_cost_usd: float | None
    cost: PriceForecast
    seconds: Seconds | None = Field(description="Of all, one after the other; null while not known of one")
    submissions: list[BatchPart]


class BatchEstimateOrBatch(RootModel[BatchEstimate | BatchDocument]):
    """What all would cost, or the batch that came of the same key and body before."""
