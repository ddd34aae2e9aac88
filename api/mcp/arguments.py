"""What each tool is told: the forms that agents are shown, and by which what they send is checked."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.cases.errors import Faults, FieldError
from api.cases.moments import Moment
from api.cases.rename import Rename
from domain.request import Request
from domain.submission import Submission
from projections.job_filter import JobFilter

Json = dict[str, Any]

JobId = Annotated[UUID, Field(description="The id of a job, as `submit` and `status` tell it", strict=False)]
Usd = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Status = Literal["queued", "running", "awaiting_review", "completed", "failed", "cancelled"]
LONGEST_WAIT_S = 600.0


class Nothing(Request):
    """No arguments."""


class OfJob(Request):
    job_id: JobId


class RenameJob(Rename):
    job_id: JobId


class Spending(Request):
    """What everything has in common that costs something."""

    max_cost_usd: Usd | None = Field(
        default=None,
        description="What this may cost at the most, in US dollars. Required unless the server sets a limit "
        "for all calls",
    )
    quote: str | None = Field(
        default=None,
        description="Leave it out first: then nothing is begun, and the price is told with a quote. Give "
        "that, with the same arguments, to begin it",
    )


class ApproveJob(Spending):
    job_id: JobId


class RetryJob(Spending):
    job_id: JobId


class RegenerateAsset(Spending):
    asset_id: UUID = Field(description="The id of an asset, as `scenes` tells it", strict=False)
    prompt: str | None = Field(
        default=None, min_length=1, description="Asked for instead of the recorded prompt"
    )


class GetStatus(Request):
    job_id: JobId | None = Field(default=None, description="Show this one; null lists jobs, newest first")
    status: Status | None = Field(default=None, description="List only jobs of this status")
    search: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="List only jobs with all of these words in title, first words or metadata",
    )
    created_from: Moment | None = Field(
        default=None,
        description="List only jobs submitted then or later: a day or a time, UTC if it names no zone",
    )
    created_to: Moment | None = Field(default=None, description="List only jobs submitted before")
    limit: int = Field(default=20, ge=1, le=100, description="How many are listed")

    def require_one_question(self) -> None:
        """Faults where a job is named beside what jobs are listed by: that would be passed over."""
        if self.job_id is None:
            return
        fields = type(self).model_fields.items()
        beside = [name for name, field in fields if name != "job_id" and getattr(self, name) != field.default]
        told = "{name} is of a list, and job_id shows one job; leave one of the two out"
        if beside:
            faults = [FieldError(f"/{name}", told.format(name=name)) for name in beside]
            raise Faults("invalid_submission", faults)

    def wanted(self) -> JobFilter:
        return JobFilter(
            status=self.status,
            search=self.search,
            created_from=self.created_from,
            created_to=self.created_to,
        )


class WaitForJob(Request):
    job_id: JobId
    timeout_s: float = Field(
        default=45.0,
        ge=0,
        le=LONGEST_WAIT_S,
        description="Return after so many seconds, wherever the job is then; call again to wait on",
    )


class GetScenes(Request):
    job_id: JobId
    scene: int | None = Field(
        default=None, ge=1, description="Show this scene's pictures; null lists all scenes, with links"
    )


class ExplainJob(Request):
    job_id: JobId
    at: int | None = Field(default=None, ge=0, description="After the event at this position; null is now")


def submission_schema() -> Json:
    """Of a submission with what spending takes: agents' models take no alternatives at the top."""
    schema = Submission.model_json_schema()
    schema.pop("anyOf", None)
    schema["properties"].pop("allow_fallback")
    schema["properties"] |= Spending.model_json_schema()["properties"]
    return schema


def estimate_schema() -> Json:
    """Of the same submission in short: told whole once is enough."""
    properties = submission_schema()["properties"]
    properties.pop("quote")
    short = {
        name: {"description": (said.get("description") or "").partition(". ")[0] or "As `submit` takes it"}
        for name, said in properties.items()
    }
    return {"type": "object", "properties": short, "additionalProperties": False}
