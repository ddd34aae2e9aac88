"""What all answers are made of: the base class, numbers with a unit, problems and failures."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Provider = Literal["gemini", "emulator"]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", description="Of the bytes")]
Usd = Annotated[float, Field(ge=0, description="US dollars")]
Count = Annotated[int, Field(ge=0)]
Position = Annotated[int, Field(ge=1, description="A place in the log: events are counted from 1")]
Seconds = Annotated[float, Field(ge=0)]


class Body(BaseModel):
    """A part of an answer. Fields may be added in later versions; none is renamed or removed."""

    model_config = ConfigDict(extra="forbid", strict=True)


def left_out(description: str | None = None) -> Any:
    """A field that may be missing, and has no value then."""
    return Field(
        default=None, description=description, json_schema_extra=lambda schema: schema.pop("default", None)
    )


class FieldFault(Body):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body; `?name` of a parameter; a header's name")
    message: str = Field(description="What is there, and what would do")


class ProblemDocument(Body):
    """An error (RFC 9457). Programs match on `code`; people read `detail` and `errors`."""

    type: str = Field(description="Where the code is explained")
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = Field(description="In the server's log under this id")
    errors: list[FieldFault] = Field(description="Everything that is wrong, at once")


class FailureDocument(Body):
    """Why an attempt failed, with everything needed to understand it."""

    code: str
    message: str = Field(description="The provider's own words, secrets removed")
    retryable: bool = Field(description="Whether another attempt may help")
    may_have_been_billed: bool
    hint: str = Field(description="What a person can do")
    stage: str | None
    asset: str | None
    attempt: int | None
    model: str | None
    http_status: int | None
    provider_status: str | None
    finish_reason: str | None
    response_id: str | None
    retry_after_s: float | None
    elapsed_s: float | None
    prompt_digest: str | None
    raw_digest: str | None
    details: dict[str, Any]
