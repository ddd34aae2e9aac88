"""Events, as pages and streams hand them out: one model for each type, told apart by ``type``.

What stands in ``data`` is not written down a second time: each model is made from the class of the event that
is stored, by the same rule by which the projections write it (``projections/timeline.py``). Only what a class
keeps as a bare object is described here.
"""

import operator
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel, create_model

from api.http.schema.assets import Input, Source
from api.http.schema.base import Body, Count, Digest, FailureDocument, Position, Usd, left_out
from api.http.schema.jobs import Notice
from domain import asset_events, job_events
from domain.script import Kind, Stage
from domain.submission import Models, Options
from projections.timeline import data_fields, is_open

_NEVER_STORED = {"job.created", "asset.created"}


class AssetReference(Body):
    id: UUID
    kind: Kind
    scene: int | None
    beat: int = Field(ge=1, description="Which of its scene's pictures it is; 1 where there is one")
    revision: int = Field(ge=1)


class ForkedFrom(Body):
    """The job that was copied, and as it was when."""

    job_id: UUID
    position: Count


class ProvidedFrom(Body):
    """What was given, and how it was fitted to its place."""

    file: Digest
    changes: list[str]


class EventBody(Body):
    """What every event has, whatever it says."""

    position: Position
    type: str
    job_id: UUID
    run: int = Field(ge=1)
    stage: Stage | None
    asset: AssetReference | None
    occurred_at: datetime
    causation: int | None = Field(description="The position of the event that caused this one")
    message: str
    progress: float = Field(ge=0, le=1)
    eta_s: float | None


class JobEvent(EventBody):
    asset: None = Field(description="An event of the job itself")


class AssetEvent(EventBody):
    stage: Stage
    asset: AssetReference


DESCRIBED: dict[str, Any] = {
    "attempt": Annotated[int, Field(ge=1)],
    "bytes": Count,
    "call_id": Annotated[str, Field(description="By which the provider knows the call")],
    "caller": Annotated[str, Field(description="Who gave it")],
    "cost_usd": Annotated[float | None, Field(description="null: paid for, and its price is not known")],
    "digest": Digest,
    "director": Annotated[str, Field(description="Which process carries the job on from here")],
    "failure": FailureDocument,
    "forked_from": ForkedFrom | None,
    "given": Annotated[
        dict[str, Any] | None, Field(description="What its author brought: scenes, a cast, files, a topic")
    ],
    "graph": Annotated[int, Field(description="The version of what is made from what")],
    "inputs": Annotated[list[Input], Field(description="What it is made from")],
    "kept": Annotated[list[Digest], Field(description="Bytes that other jobs use, too")],
    "max_cost_usd": Annotated[float | None, Field(description="The budget; null: none, or as it was")],
    "notices": list[Notice],
    "removed": Annotated[list[Digest], Field(description="Bytes that are gone")],
    "reserved_usd": Annotated[float | None, Field(description="What the call may cost at most")],
    "retry_at": Annotated[datetime | None, Field(description="When it is tried again; null: not again")],
    "texts": Annotated[int, Field(description="Events in which markers now stand for texts")],
    "unpriced": Annotated[int, Field(description="Calls whose price is not known; cost_usd leaves them out")],
    "usage": Annotated[dict[str, Any] | None, Field(description="Tokens, as the provider counts them")],
    "weights": Annotated[dict[str, Any], Field(description="By which its progress is counted")],
}
"""By name, what the class of an event leaves open or cannot say."""

OF_TYPE: dict[tuple[str, str], Any] = {
    ("asset.provided", "source"): ProvidedFrom,
    ("asset.reused", "source"): Source,
    ("job.stage_completed", "assets"): Annotated[int, Field(description="All of the stage")],
    ("job.stage_completed", "cost_usd"): Annotated[
        Usd, Field(description="US dollars, in this run; of version 0.1.0 in all runs")
    ],
    ("job.stage_completed", "elapsed_s"): Annotated[float, Field(description="In this run")],
    ("job.stage_completed", "requests"): Annotated[int, Field(description="In this run")],
    ("job.stage_completed", "tokens"): Annotated[int, Field(description="In this run")],
    ("job.submitted", "models"): Models,
    ("job.submitted", "options"): Options,
}
"""Where one name says different things."""


def _classes() -> Iterator[tuple[type[Any], type[EventBody]]]:
    for module, base in ((job_events, JobEvent), (asset_events, AssetEvent)):
        for found in vars(module).values():
            if isinstance(found, type) and getattr(found, "TOPIC", None) not in {None, *_NEVER_STORED}:
                yield found, base


def _model(event: type[Any], base: type[EventBody]) -> type[EventBody]:
    topic: str = event.TOPIC
    name = "".join(word.capitalize() for word in topic.replace(".", "_").split("_"))
    fields: dict[str, Any] = {}
    for field, (hint, always) in data_fields(event, of_asset=base is AssetEvent).items():
        described = OF_TYPE.get((topic, field), DESCRIBED.get(field, hint))
        fields[field] = (described, ... if always else left_out())
    data = create_model(f"{name}Data", __base__=_OpenData if is_open(event) else Body, **fields)
    data.__doc__ = f"What `{topic}` says." + (" Facts, by the kind of the asset, beside." * is_open(event))
    own: dict[str, Any] = {"type": (Literal[topic], ...), "data": (data, ...)}
    model = create_model(name, __base__=base, **own)
    model.__doc__ = f"An event `{topic}`."
    return model


class _OpenData(Body):
    model_config = ConfigDict(extra="allow")


EVENTS: dict[str, type[EventBody]] = {event.TOPIC: _model(event, base) for event, base in _classes()}
"""By type, every event that there is."""
EVENT_TYPES = tuple(EVENTS)
_Any: Any = Annotated[reduce(operator.or_, EVENTS.values()), Field(discriminator="type")]


class EventDocument(RootModel[_Any]):
    """One event; what it says never changes later. The same object in pages and in streams."""


class EventPage(Body):
    data: list[EventDocument]
    has_more: bool
    next: Count = Field(description="Give it as `after` to go on, now or later")
    position: Count
    store: UUID = Field(description="Which store it is: a position means something in one alone")
