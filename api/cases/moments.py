"""Times that people name when they ask for jobs: read in one way, be they in an address, a body or a tool."""

from datetime import UTC, datetime, tzinfo
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

EXAMPLES = "2026-11-22 or 2026-11-22T10:00:00Z"


def moment(text: str, zone: tzinfo | None = UTC) -> datetime:
    """A day or a time in ISO 8601, in UTC.

    One that names no zone is of the given one (None: of this machine). A number is no time: whether it counts
    seconds or milliseconds would be a guess.

    Raises:
        ValueError: it is none, or none that UTC has a year for.

    """
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"it is no day and no time; write one, such as {EXAMPLES}") from None


Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema({"type": "string"})]
"""A field of a request, in UTC where it names no zone."""
