"""Models to choose from: what they can do, what they cost, how they have answered lately."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.http.schema.base import Body, Count, Provider, Seconds, Usd
from domain.default_models import ModelKind
from domain.script import Stage


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
    input: Usd | None
    output: dict[str, Usd]
    item: Usd | None = None


class PriceDocument(Body):
    """US dollars: for a million tokens, or for an item such as a song."""

    since: str
    input: Usd | None = Field(description="null where it is sold by the item")
    cached_input: Usd | None
    output: dict[str, Usd] = Field(description="By modality: TEXT (thoughts too), IMAGE, AUDIO, VIDEO")
    item: Usd | None = Field(description="For what one call makes, whatever its tokens")
    per_second: dict[str, Usd] | None = Field(
        description="Of video by resolution, at the most: what its tokens come to"
    )
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


class VoiceDocument(Body):
    id: str = Field(description="What options.voice and cast[].voice take")
    library: bool = Field(description="Of the provider's library; the others every speech model has")
    character: str | None
    gender: str | None
    age: str | None = Field(description="How old a speaker it suits; null where nothing tells")
    language: str | None
    description: str | None
    models: list[str] = Field(description="The speech models that speak in it, of those that may be asked")


class ModelList(Body):
    source: Literal["live", "shipped"] = Field(
        description="The provider's own list, or the shipped one because that could not be had"
    )
    provider: Provider
    sdk: str
    stages: list[StageModels]
    data: list[ModelDocument]
    voices: list[VoiceDocument]
