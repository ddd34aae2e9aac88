"""Jobs: how each stands."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel, create_model

from api.http.schema.base import Body, Count, FailureDocument, Position, Provider, Seconds, Usd
from domain.script import Stage
from domain.submission import Models, Options

JobStatus = Literal["queued", "running", "awaiting_review", "completed", "failed", "cancelled"]


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


class Picture(Part):
    """One of a scene's pictures."""

    beat: int = Field(ge=1)


class SceneState(Body):
    scene: int = Field(ge=1)
    text: str
    image: Part | None = Field(description="The first of its pictures")
    images: list[Picture] = Field(description="All of its pictures, in the order in which they are seen")
    shot: Part | None = Field(description="The first of its shots; null where only the camera moves")
    shots: list[Picture] = Field(description="One of each picture, where the scene moves")
    narration: Part | None
    clip: Part | None


class JobCost(Body):
    usd: Usd
    unknown_usd: Usd = Field(
        description="What was reserved for calls of which nobody knows what they cost; budgets count it, too"
    )
    reserved_usd: Usd = Field(description="What open calls may still cost at most")
    max_usd: float | None
    tokens: Count
    requests: Count
    unpriced: Count
    lost_calls: Count = Field(description="Calls that were never answered and may have been billed")


class Elapsed(Body):
    """What the time of the latest run went into, up to `since`; from then on it goes into the status."""

    queued_s: Seconds = Field(description="Until its first stage began")
    running_s: Seconds = Field(description="While it was made")
    awaiting_review_s: Seconds = Field(description="While it waited for a person")
    since: datetime | None = Field(description="When the present status began; null once the job has ended")


class Notice(Body):
    """Something that may surprise whoever submits the film, named before anything is paid."""

    code: str = Field(
        description="`read_as`, `left_out`, `directions_not_spoken`, `brackets_spoken`, `links_shortened`, "
        "`markup_spoken`, `addresses_spoken`, `signs_not_drawn`, `facts_not_checked`, "
        "`models_not_listed`; more may come"
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


class TopicState(Body):
    about: str
    audience: str | None
    tone: str | None


class NamedSource(Body):
    """Where the model that wrote a script says that it has a fact from."""

    fact: str
    source: str
    checked: bool = Field(description="Always false: nothing here has looked it up")


class TraceState(Body):
    """By which the job's present run is found where traces are kept."""

    trace_id: str = Field(
        pattern="^[0-9a-f]{32}$",
        description="Of the `traceparent` that the run was asked for with, or else the job; without one, the "
        "job's own id",
    )
    parent_span_id: str | None = Field(
        pattern="^[0-9a-f]{16}$", description="The span of whoever asked for it; null where none was named"
    )


class JobDocument(Body):
    """A job as it stands at `position`."""

    id: UUID
    status: JobStatus
    run: int = Field(ge=1, description="A retry begins the next")
    title: str | None = Field(
        description="As a person named the film, else as its analysis did; null until there is one"
    )
    text: str | None = Field(description="The first words of the script, or of what it is to be about")
    stage: Stage | None
    progress: float = Field(ge=0, le=1, description="Counted from finished work; never falls within a run")
    eta_s: float | None = Field(description="From measured durations; null while they are not known")
    position: Position
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    elapsed: Elapsed
    pruned_at: datetime | None = Field(description="When retention removed its texts and files")
    caller: str = Field(
        description="The name of the key that it was submitted with; local: the administrator's"
    )
    trace: TraceState
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
    topic: TopicState | None = Field(description="On what the script was written; null where it was given")
    translated_from: str | None = Field(
        description="The language of the words that were translated; null where the film is in its own"
    )
    sources: list[NamedSource] = Field(description="Where a script that was written here has its facts from")
    failure: FailureDocument | None
    cancel_requested: bool
    review: Literal["script", "storyboard", "narration", "images"] | None
    links: JobLinks
    set_aside: SetAside | None = Field(
        description="An event that cannot be folded: what came before is shown, and nothing is done"
    )


class JobPage(Body):
    data: list[JobDocument]
    has_more: bool
    next: int | None = Field(description="Give it as `after` for the next page")
    position: Count = Field(description="Where the page is true")


def _only_where_asked_for(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


_EACH: dict[str, Any] = {
    name: (field.annotation, Field(default=None, json_schema_extra=_only_where_asked_for))
    for name, field in JobDocument.model_fields.items()
}
JobFields = create_model(
    "JobFields",
    __base__=Body,
    __doc__="Of a job, the fields that `fields` names, as a whole job has them.",
    **_EACH,
)


class JobFieldsPage(Body):
    data: list[JobFields]  # type: ignore[valid-type]  # made of the whole one
    has_more: bool
    next: int | None = Field(description="Give it as `after` for the next page")
    position: Count = Field(description="Where the page is true")


class JobOrFields(RootModel[JobDocument | JobFields]):  # type: ignore[valid-type]  # as above
    """A job, or those of its fields that were asked for."""


class JobPageOrFields(RootModel[JobPage | JobFieldsPage]):
    """A page of jobs, or of those of their fields that were asked for."""
