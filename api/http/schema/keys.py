"""Keys: what they are for, and what is left of their budgets."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.schema.base import Body, Usd


class KeyLinks(Body):
    self: str


class KeyDocument(Body):
    name: str = Field(description="The caller of all that is asked with it; `local` is the administrator")
    scope: Literal["read", "submit", "all", "administrator"]
    rate: int | None = Field(description="Requests a minute")
    usd_per_day: float | None
    spent_today_usd: Usd | None = Field(
        description="What its jobs cost that ended today (UTC); null where there is no budget"
    )
    reserved_usd: Usd | None = Field(description="What its unfinished jobs may still cost")
    left_today_usd: Usd | None = Field(description="What the next job may cost")
    created_at: datetime | None
    revoked_at: datetime | None
    links: KeyLinks


class NewKeyDocument(KeyDocument):
    key: str = Field(description="The secret. It is shown this once, and not kept")
    notice: str | None = Field(description="What keeps it from counting, if anything does")


class KeyPage(Body):
    data: list[KeyDocument] = Field(description="By name, those that were revoked among them")
    has_more: bool
