"""The bodies of requests other than a submission, and how they are read.

A missing body is an empty one where every field has a default: ``curl -X POST …/retry`` does what it says.
"""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request as HttpRequest

from api.http.problems import Problem
from api.http.reading import field_errors, read_json, thinned, too_many_names
from api.http.threads import threads_of
from domain.script import MAX_SCRIPT_CHARACTERS
from domain.submission import Request

B = TypeVar("B", bound=BaseModel)

Budget = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_SCRIPT_CHARACTERS)]


class Retry(Request):
    """How a job goes on."""

    max_cost_usd: Budget | None = Field(
        default=None, description="A new budget for all runs together; null leaves it as it was"
    )


class Regenerate(Request):
    """What is made again."""

    prompt: Prompt | None = Field(
        default=None, description="Asked for instead of the recorded prompt, which is asked again if null"
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")


class Changes(Request):
    """A submission in part: what is left out stays as it is in the source."""

    script: str | None = None
    language: str | None = None
    models: dict[str, str] = Field(default_factory=dict, description="Those that are to be others")
    options: dict[str, Any] = Field(default_factory=dict, description="Those that are to be others")
    max_cost_usd: float | None = None
    priority: str | None = None
    metadata: dict[str, Any] | None = None
    prompts: dict[str, Prompt] = Field(
        default_factory=dict, description="Prompts of your own, by asset: image:2, storyboard, narration:1 …"
    )


class Fork(Request):
    """A new job from a moment of another one."""

    at: int | None = Field(default=None, ge=1, le=2**53, description="A position of the log; null is now")
    changes: Changes = Changes()
    dry_run: bool = Field(default=False, description="Only tell what would be kept and redone, and the price")


async def read_body(request: HttpRequest, model: type[B]) -> B:
    """The request's body as ``model``; a problem names all that is wrong with it."""
    value = await read_json(request) if await request.body() else {}
    return await threads_of(request).parse(_validated, value, model)


def _validated(value: Any, model: type[B]) -> B:
    value, left_out = thinned(value)
    try:
        valid = model.model_validate(value)
    except ValidationError as error:
        faults, unnamed = field_errors(error, model)
        raise Problem.of_faults("invalid_submission", faults, unnamed + left_out) from None
    if left_out:
        raise too_many_names(left_out)
    return valid
