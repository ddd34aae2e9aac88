"""What was decided at a moment."""

from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Position
from api.http.schema.events import EventDocument


class ExplanationDocument(Body):
    """What the Director decides when an event has just happened, from the events until then alone."""

    job_id: UUID
    at: Position
    after: EventDocument = Field(description="The last event of the job until then")
    decisions: list[str] = Field(description="What is done now, and what everything else waits for, in words")
