"""What the API answers, as models: the API's description is made from them, and every answer is held to them.

The tests check each answer of the running application against the model of its operation, unknown fields
included, so that nothing leaves that is not described here. Clients are told that fields may be added.
Answers are not built from these models at run time: they are the stored bytes of the read models.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.script import Kind, Stage
from domain.submission import Models, Options

JobStatus = Literal["queued", "running", "completed", "failed", "cancelled"]
Provider = Literal["gemini", "emulator"]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", description="Of the bytes")]
Usd = Annotated[float, Field(ge=0, description="US dollars")]
Count = Annotated[int, Field(ge=0)]
Position = Annotated[int, Field(ge=1, description="A place in the log: events are counted from 1")]
Seconds = Annotated[float, Field(ge=0)]


class Body(BaseModel):
    """A part of an answer. Fields may be added in later versions; none is renamed or removed."""

    model_config = ConfigDict(extra="forbid", strict=True)


# ---- failures and problems ------------------------------------------------------------------------------


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


# ---- jobs -----------------------------------------------------------------------------------------------


class StageState(Body):
    name: Stage
    status: Literal["pending", "running", "completed", "failed", "stopped", "skipped"]
    assets: int | None = Field(description="How many it makes; null while that is not known")
    done: Count
    started_at: datetime | None
    elapsed_s: float | None
    requests: Count
    tokens: Count
    cost_usd: Usd
    unpriced: Count = Field(description="Calls whose price is not known; cost_usd leaves them out")


class Part(Body):
    """An asset of a scene, in short."""

    id: UUID
    status: Literal["pending", "requested", "running", "waiting", "generated", "failed", "withdrawn"]
    revision: Count


class SceneState(Body):
    scene: int = Field(ge=1)
    text: str
    image: Part | None
    narration: Part | None
    clip: Part | None


class JobCost(Body):
    usd: Usd
    reserved_usd: Usd = Field(description="What open calls may still cost at most")
    max_usd: float | None
    tokens: Count
    requests: Count
    unpriced: Count
    lost_calls: Count = Field(description="Calls that were never answered and may have been billed")


class Notice(Body):
    """Something that may surprise whoever wrote the script, told before anything is paid."""

    code: str = Field(
        description="`directions_not_spoken`, `brackets_spoken`, `links_shortened`, `markup_spoken`, "
        "`signs_not_drawn`; more may come"
    )
    message: str


class JobLinks(Body):
    self: str
    events: str
    assets: str
    cancel: str
    retry: str
    video: str | None
    poster: str | None
    captions: str | None
    manifest: str | None


class SetAside(Body):
    """Why nothing more is shown of a job."""

    position: Position
    type: str
    reason: str


class JobDocument(Body):
    """A job as it stands at `position`."""

    id: UUID
    status: JobStatus
    run: int = Field(ge=1, description="A retry begins the next")
    title: str | None
    stage: Stage | None
    progress: float = Field(ge=0, le=1, description="Counted from finished work; never falls within a run")
    eta_s: float | None = Field(description="From measured durations; null while they are not known")
    position: Position
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    pruned_at: datetime | None = Field(description="When retention removed its texts and files")
    provider: Provider
    priority: Literal["high", "normal", "low"]
    language: str | None
    models: Models
    options: Options
    metadata: dict[str, Any]
    stages: list[StageState]
    scenes: list[SceneState]
    cost: JobCost
    notices: list[Notice] = Field(description="What was told of the script when it was submitted")
    failure: FailureDocument | None
    cancel_requested: bool
    links: JobLinks
    set_aside: SetAside | None = Field(
        description="An event that cannot be folded: what came before is shown, and nothing is done"
    )


class JobPage(Body):
    data: list[JobDocument]
    has_more: bool
    next: int | None = Field(description="Give it as `after` for the next page")
    position: Count = Field(description="Where the page is true")


# ---- events ---------------------------------------------------------------------------------------------

EventType = Literal[
    "job.submitted",
    "job.stage_started",
    "job.stage_completed",
    "job.cancel_requested",
    "job.completed",
    "job.failed",
    "job.cancelled",
    "job.reopened",
    "job.resumed",
    "job.prune_started",
    "job.pruned",
    "asset.requested",
    "asset.reused",
    "asset.attempt_started",
    "asset.attempt_failed",
    "asset.generated",
    "asset.attempt_lost",
    "asset.failed",
]


class AssetReference(Body):
    id: UUID
    kind: Kind
    scene: int | None
    revision: int = Field(ge=1)


class EventDocument(Body):
    """One event; what it says never changes later. The same object in pages and in streams."""

    position: Position
    type: EventType
    job_id: UUID
    run: int = Field(ge=1)
    stage: Stage | None
    asset: AssetReference | None
    occurred_at: datetime
    causation: int | None = Field(description="The position of the event that caused this one")
    message: str
    progress: float = Field(ge=0, le=1)
    eta_s: float | None
    data: dict[str, Any] = Field(description="What the event says, by its type")


class EventPage(Body):
    data: list[EventDocument]
    has_more: bool
    next: Count = Field(description="Give it as `after` to go on, now or later")
    position: Count
    store: UUID = Field(description="Which store it is: a position means something in one alone")


# ---- assets ---------------------------------------------------------------------------------------------


class Input(Body):
    """What an asset is made from."""

    id: UUID
    name: str
    revision: int
    digest: Digest


class RecipeDocument(Body):
    model: str | None
    prompt_digest: str | None
    prompt_version: str | None
    parameters: dict[str, Any]


class AttemptDocument(Body):
    attempt: int = Field(ge=1)
    status: Literal["open", "failed", "lost", "succeeded"]
    worker: str
    started_at: datetime
    ended_at: datetime | None
    reserved_usd: float | None
    cost_usd: float | None
    usage: dict[str, Any] | None
    latency_s: float | None
    failure: FailureDocument | None
    retry_at: datetime | None
    may_have_been_billed: bool | None


class Source(Body):
    """Whose asset was taken over."""

    job_id: UUID
    asset_id: UUID
    revision: int


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
    name: str
    stage: Stage
    stale: bool = Field(description="What it was made from has been made anew since")
    cost: AssetCost
    created_at: datetime
    pruned_at: datetime | None = Field(description="When retention removed its bytes, and its job's texts")
    position: Position
    links: AssetLinks
    revisions: list[Revision] = []


class AssetList(Body):
    data: list[AssetDocument]
    has_more: bool
    next: int | None


# ---- health ---------------------------------------------------------------------------------------------


class Alive(Body):
    status: Literal["alive"]


class AsideJob(SetAside):
    job_id: str


class ProjectorState(Body):
    state: Literal["starting", "waiting", "projecting", "retrying", "stopped", "ended"]
    position: Count
    lag_events: Count = Field(description="Events in the log that the read models do not hold yet")
    reason: str | None
    set_aside: list[AsideJob] = Field(description="Jobs that wait for a person; all others go on")


class Readiness(Body):
    status: Literal["ready", "not ready"]
    provider: Provider
    store: UUID | None = Field(description="Which store it is; null when it cannot be asked")
    reasons: list[str] = Field(default=[], description="What keeps jobs from being accepted")
    actors: Literal["none", "starting", "ready", "failed", "stopped"] | None = None
    database: Literal["sqlite", "postgresql", "postgres"] | None = None
    projector: ProjectorState | None = None
    crew: dict[str, Any] = Field(default={}, description="Who sits where")
