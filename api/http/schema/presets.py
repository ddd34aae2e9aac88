"""What is kept by name."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.http.schema.base import Body
from domain.given_scenes import CastMember


class KeptLinks(Body):
    self: str


class Kept(Body):
    name: str
    version: int = Field(ge=1, description="Counts what was stored; a job records which it used")
    created_at: datetime
    updated_at: datetime
    links: KeptLinks


class PresetDocument(Kept):
    values: dict[str, Any] = Field(description="Values of a submission, as they were stored")


class CastDocument(Kept):
    cast: list[CastMember]


class PresetPage(Body):
    data: list[PresetDocument] = Field(description="By name")
    has_more: bool


class CastPage(Body):
    data: list[CastDocument] = Field(description="By name")
    has_more: bool
