"""What became of many jobs at once."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Count
from api.http.schema.estimates import PriceForecast


class ProblemInShort(Body):
    code: str
    detail: str


class BulkItem(Body):
    """What became of one job."""

    id: UUID = Field(strict=False)
    outcome: Literal["accepted", "possible", "unchanged", "refused"] = Field(
        description="`possible` is what a dry run tells of one that would be accepted; `unchanged` is one of "
        "which it had been asked before, or that needs nothing"
    )
    cost: PriceForecast | None = Field(description="What a retry would cost, in a dry run")
    problem: ProblemInShort | None = Field(description="Why it is refused")


class BulkResult(Body):
    """Each job by itself: where one is refused, the others are not undone."""

    dry_run: bool
    data: list[BulkItem]
    accepted: Count
    possible: Count
    unchanged: Count
    refused: Count
    cost: PriceForecast = Field(description="Of all of them together, in a dry run")
    has_more: bool = Field(description="Whether the filter holds for more jobs than were looked at")
    next: int | None = Field(description="Give it as `after` for the others")
