"""Assets: what was made, from what, by whom, and at what cost."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.http.schema.base import Body, Count, Digest, FailureDocument, Position, Usd, left_out
from domain.script import Kind, Stage


class Input(Body):
    """What an asset is made from."""

    id: UUID
    name: str
    revision: int
    digest: Digest
    parts: dict[str, str] = left_out(
        "The digests of the parts that are used of a document; missing where the whole is used"
    )


class RecipeDocument(Body):
    model: str | None
    prompt_digest: str | None
    prompt_version: str | None
    parameters: dict[str, Any]


class ReceiptDocument(Body):
    """Of a call that the provider accepted first and answers later: by its id it is asked for, free."""

    call_id: str
    accepted_at: datetime
    expires_at: datetime


class AttemptDocument(Body):
    attempt: int = Field(ge=1)
    status: Literal["open", "failed", "lost", "succeeded"]
    worker: str = Field(description="Who makes it; of an accepted call whoever went on with it last")
    started_at: datetime
    ended_at: datetime | None
    reserved_usd: float | None
    cost_usd: float | None
    usage: dict[str, Any] | None
    latency_s: float | None
    failure: FailureDocument | None
    retry_at: datetime | None
    may_have_been_billed: bool | None
    receipt: ReceiptDocument | None
    resumes: Count = Field(description="How often another worker went on with its accepted call")


class Source(Body):
    """Whose asset was taken over."""

    job_id: UUID
    asset_id: UUID
    revision: int


class Provided(Body):
    """By whom an asset was given, and from which file."""

    by: str
    file: Digest
    changes: list[str] = Field(description="How the file was fitted to its place, in words")


class Revision(Body):
    revision: int = Field(ge=1)
    status: Literal["requested", "running", "waiting", "generated", "failed", "withdrawn"]
    run: int
    requested_at: datetime
    made_at: datetime | None
    digest: Digest | None
    media_type: str | None
    bytes: Count | None
    facts: dict[str, Any] = Field(description="What was learnt of it: sizes, durations, words")
    inputs: list[Input]
    recipe: RecipeDocument
    reused_from: Source | None
    provided: Provided | None
    provenance: dict[str, Any] | None = Field(description="Provider, model, worker, versions")
    usage: dict[str, Any] | None
    cost_usd: float | None = Field(description="null: not made yet, or its price is not known")
    latency_s: float | None
    attempts: list[AttemptDocument]
    failure: FailureDocument | None


class AssetCost(Body):
    usd: Usd
    reserved_usd: Usd
    tokens: Count
    requests: Count
    unpriced: Count
    lost_calls: Count


class AssetLinks(Body):
    self: str
    job: str
    content: str | None


class AssetDocument(Revision):
    """An asset with its latest revision; with all of them where `revisions=all` asks for them."""

    id: UUID
    job_id: UUID
    kind: Kind
    scene: int | None
    beat: int = Field(ge=1, description="Which of its scene's pictures it is; 1 where there is one")
    name: str
    stage: Stage
    stale: bool = Field(description="What it uses of what it was made from has changed since")
    cost: AssetCost
    created_at: datetime
    pruned_at: datetime | None = Field(description="When retention removed its bytes, and its job's texts")
    position: Position
    links: AssetLinks
    revisions: list[Revision] = Field(default=[])


class AssetList(Body):
    data: list[AssetDocument]
    has_more: bool
    next: int | None
