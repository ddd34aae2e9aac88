"""Files that people bring."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.http.schema.base import Body, Count, Digest, Seconds
from domain.file import FileKind


class FileLinks(Body):
    self: str
    content: str


class FileDocument(Body):
    """A file as it is kept: cleaned, so that its digest is not that of what was sent."""

    digest: Digest
    kind: FileKind = Field(description="By what is inside; whether sound is a voice or music, its use tells")
    media_type: str
    bytes: Count
    width: Count | None
    height: Count | None
    duration_s: Seconds | None
    facts: dict[str, Any]
    notes: list[str] = Field(description="What was changed on the way in, such as metadata left out")
    created_at: datetime
    links: FileLinks
