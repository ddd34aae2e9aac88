"""What every part of a request has in common: how strictly it is read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Request(BaseModel):
    """A part of a request: an unknown field is an error, because ignoring it would be a silent fallback.

    Types are those of JSON: ``true`` is no number (as a budget it would read as one dollar).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
"""By which a file is named that was sent before."""
