"""Links: signed addresses of bytes."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body


class LinkDocument(Body):
    url: str = Field(description="Under the name by which the server was asked; it is good under its others")
    expires_at: datetime
    asset_id: UUID
    revision: int | None = Field(description="null: the latest, whenever it is used")
    media_type: str = Field(description="Of what is there now")
