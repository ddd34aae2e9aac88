"""What work to come would cost and take: estimates, and what a dry run tells."""

from typing import Literal
from uuid import UUID

from pydantic import Field, RootModel

from api.http.schema.base import Body, Count, Provider, Seconds, Usd
from api.http.schema.jobs import JobDocument, Notice
from api.http.schema.webhooks import SubmittedJob
from domain.script import Stage
from domain.script_forms.reading import Form

Basis = Literal["measured", "list"]


class PriceForecast(Body):
    usd: Usd | None = Field(
        description="Expected; leaves out the unpriced calls, null where there are no others"
    )
    at_most_usd: Usd | None = Field(
        description="Each call once, every answer as long as it may be, as many scenes and pictures as "
        "allowed; "
        "null where a model has no known price"
    )
    unpriced: Count = Field(description="Calls to models without a known price")


class MotionForecast(Body):
    """What it costs to have shots made of a film's pictures: in the film's cost where motion is generated."""

    model: str
    shots: Count
    cost: PriceForecast


class StageForecastDocument(Body):
    name: Stage = Field(strict=False)
    model: str | None
    assets: Count
    requests: Count
    tokens: Count
    cost: PriceForecast
    seconds: Seconds | None
    basis: Basis | None = Field(description="What the tokens rest on; null where the work is done here")


class SpeakerDocument(Body):
    name: str
    turns: Count = Field(description="How often the name stands before words")


class NotSpokenDocument(Body):
    what: str = Field(description="Such as `scene heading`, `link address`, `timestamp`; more may come")
    count: Count
    examples: list[str] = Field(description="The first few, as they stand in the script")


class ScriptReadingDocument(Body):
    """How the script was understood."""

    form: Form = Field(description="As found out, or as `options.script_form` asks")
    directions: Count = Field(description="Headings, actions and notes that a model reads and nobody speaks")
    speakers: list[SpeakerDocument] = Field(description="Those whom the script names, in their order")
    not_spoken: list[NotSpokenDocument]


class Estimate(Body):
    provider: Provider
    max_cost_usd: Usd | None
    scenes: Count = Field(description="Expected from the script's length; the analysis decides")
    images: Count = Field(description="Pictures expected, about one for 7 s; options.max_images limits them")
    motion: MotionForecast | None = Field(
        description="What shots cost, asked for (options.motion) or not; null where there can be none"
    )
    cost: PriceForecast
    seconds: Seconds | None = Field(
        description="From submission to film; null where something was never measured"
    )
    basis: Basis = Field(description="`measured` when calls on record support every stage, else `list`")
    stages: list[StageForecastDocument]
    script: ScriptReadingDocument
    notices: list[Notice] = Field(description="What a person should know of the script before it is paid for")


class Preview(Body):
    """What would be done, and the price."""

    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast


class RegeneratePreview(Preview):
    job_id: UUID = Field(strict=False)
    asset_id: UUID = Field(strict=False)


class ProvidePreview(Preview):
    job_id: UUID = Field(strict=False)
    asset_id: UUID = Field(strict=False)
    changes: list[str] = Field(description="How the file is fitted to its place, in words")


class EditPreview(Preview):
    job_id: UUID = Field(strict=False)
    edits: list[str] = Field(description="What is another then, in words")


class RetryPreview(Preview):
    job_id: UUID = Field(strict=False)


class ForkPreview(Preview):
    source: UUID = Field(strict=False)
    at: Count
    notices: list[Notice] = Field(description="What a person should know of the script before it is paid for")


class PreviewOrJob(RootModel[ForkPreview | SubmittedJob]):
    """A dry run's answer; or the job that came of the same key and body before."""


class RetryPreviewOrJob(RootModel[RetryPreview | JobDocument]):
    """A dry run's answer; or the job that went on for the same key and body before."""


class RegeneratePreviewOrJob(RootModel[RegeneratePreview | JobDocument]):
    """A dry run's answer; or the job whose run was begun for the same key and body before."""


class EditPreviewOrJob(RootModel[EditPreview | JobDocument]):
    """A dry run's answer; or the job as it is, where nothing had to be begun."""


class ProvidePreviewOrJob(RootModel[ProvidePreview | JobDocument]):
    """A dry run's answer; or the job as it is, where nothing had to be begun."""
