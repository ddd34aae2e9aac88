"""What the API answers about work to come: models to choose from, estimates, what a revision takes."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from api.http.operations import JSON, Answer
from api.http.schema import Body, Count, JobDocument, Notice, Provider, Seconds, Usd
from domain.script import Stage

ModelKind = Literal["text", "image", "speech"]
Basis = Literal["measured", "list"]


class Health(Body):
    """Of the newest calls on record; those that were cancelled do not count."""

    calls: Count
    errors: dict[str, int] = Field(description="How many failed, by failure code")
    last_success_at: datetime | None = Field(strict=False)
    last_error_at: datetime | None = Field(strict=False)
    median_latency_s: Seconds | None


class ModelHealth(Health):
    stages: dict[str, Health] = Field(description="The same for each stage that has asked it")


class LongContextPrice(Body):
    over: Count = Field(description="Prompts longer than so many tokens are charged at these rates")
    input: Usd
    output: dict[str, Usd]


class NextPrice(Body):
    since: str
    input: Usd
    output: dict[str, Usd]


class PriceDocument(Body):
    """US dollars for a million tokens."""

    since: str
    input: Usd
    cached_input: Usd | None
    output: dict[str, Usd] = Field(description="By modality: TEXT (thoughts too), IMAGE, AUDIO")
    long_context: LongContextPrice | None
    source: str
    next: NextPrice | None = Field(description="What it will cost, where a change is announced")


class ModelDocument(Body):
    id: str
    kinds: list[ModelKind]
    stages: list[Stage] = Field(strict=False)
    default: bool
    state: str
    note: str | None
    available: bool = Field(description="Whether it may be asked for now")
    reason: str | None = Field(description="Why not")
    capabilities: dict[str, Any]
    price: PriceDocument | None = Field(description="null: unpriced, which is not free")
    health: ModelHealth


class StageModels(Body):
    stage: Stage = Field(strict=False)
    kind: ModelKind
    default: str | None
    models: list[str] = Field(description="Those that would do, the default first")


class ModelList(Body):
    source: Literal["live", "shipped"] = Field(
        description="The provider's own list, or the shipped one because that could not be had"
    )
    provider: Provider
    sdk: str
    stages: list[StageModels]
    data: list[ModelDocument]


class PriceForecast(Body):
    usd: Usd | None = Field(
        description="Expected; leaves out the unpriced calls, null where there are no others"
    )
    at_most_usd: Usd | None = Field(
        description="Each call once, every answer as long as it may be, as many scenes as allowed; "
        "null where a model has no known price"
    )
    unpriced: Count = Field(description="Calls to models without a known price")


class StageForecastDocument(Body):
    name: Stage = Field(strict=False)
    model: str | None
    assets: Count
    requests: Count
    tokens: Count
    cost: PriceForecast
    seconds: Seconds | None
    basis: Basis | None = Field(description="What the tokens rest on; null where the work is done here")


class Estimate(Body):
    provider: Provider
    max_cost_usd: Usd | None
    scenes: Count = Field(description="Expected from the script's length; the analysis decides")
    cost: PriceForecast
    seconds: Seconds | None = Field(
        description="From submission to film; null where something was never measured"
    )
    basis: Basis = Field(description="`measured` when calls on record support every stage, else `list`")
    stages: list[StageForecastDocument]
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


class ForkPreview(Preview):
    source: UUID = Field(strict=False)
    at: Count
    notices: list[Notice] = Field(description="What a person should know of the script before it is paid for")


class PreviewOrJob(RootModel[ForkPreview | JobDocument]):
    """A dry run's answer; or the job that came of the same key and body before."""


MODELS = {200: Answer("The models", {JSON: ModelList})}
ESTIMATE = {200: Answer("The estimate", {JSON: Estimate})}
REGENERATED = {
    202: Answer("The next run has begun", {JSON: JobDocument}),
    200: Answer("A dry run: what would be made again", {JSON: RegeneratePreview}),
}
FORKED = {
    201: Answer("A new job", {JSON: JobDocument}, ("Location",)),
    200: Answer("A dry run, or the job that came of the same key and body before", {JSON: PreviewOrJob}),
}
