"""The events of an asset: what is stored of it, for ever.

The classes' ``TOPIC`` strings *are* the storage format: never change one. A field that comes later needs a
default. What an event does to the state stands in ``asset_state.py``, which decisions add it in ``asset.py``.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, CanMutateAggregate
from eventsourcing.utils import resolve_topic

from domain.asset_state import AssetState


class Event(Aggregate.Event):
    job_id: UUID
    run: int
    causation: int | None

    @property
    def occurred_at(self) -> datetime:
        return self.timestamp

    def apply(self, aggregate: AssetState) -> None:
        aggregate.evolve(self)


class Created(Event, Aggregate.Created):
    """An event that may be the first of its stream: an asset is first requested, reused or provided."""

    TOPIC: ClassVar[str] = "asset.created"

    def mutate(self, aggregate: Any) -> Any:
        if aggregate is not None:
            return CanMutateAggregate.mutate(self, aggregate)
        # As the library does it, which asks of every field whether one of two methods takes it.
        first: Any = self
        asset_class: Any = resolve_topic(first.originator_topic)
        asset = asset_class.__new__(asset_class)
        asset.__base_init__(first.originator_id, first.originator_version, first.timestamp)
        asset.__init__(first.job_id, first.kind, first.scene, first.beat)
        first.apply(asset)
        return asset


class Requested(Created):
    TOPIC: ClassVar[str] = "asset.requested"
    kind: str
    scene: int | None
    revision: int
    inputs: list[dict[str, Any]]  # [{id, name, revision, digest}]: InputRef.to_dict
    model: str | None
    prompt_digest: str | None
    prompt_version: str | None
    parameters: dict[str, Any]
    reservation_usd: float | None
    beat: int = 1


class Reused(Created):
    TOPIC: ClassVar[str] = "asset.reused"
    kind: str
    scene: int | None
    revision: int
    inputs: list[dict[str, Any]]
    model: str | None
    prompt_digest: str | None
    prompt_version: str | None
    parameters: dict[str, Any]
    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]
    provenance: dict[str, Any]  # as it was when it was made
    source: dict[str, Any]  # {job_id, asset_id, revision} it was made for
    beat: int = 1


class Provided(Created):
    """A person gave these bytes: a revision without a call, without a cost, made from nothing here."""

    TOPIC: ClassVar[str] = "asset.provided"
    kind: str
    scene: int | None
    revision: int
    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]
    source: dict[str, Any]  # {file, changes}: the digest of what was given, and how it was fitted
    caller: str
    beat: int = 1


class AttemptStarted(Event):
    TOPIC: ClassVar[str] = "asset.attempt_started"
    revision: int
    attempt: int
    worker: str
    reserved_usd: float | None


class CallAccepted(Event):
    """The provider took the call and answers it later: it is asked for by its id, and never made again."""

    TOPIC: ClassVar[str] = "asset.call_accepted"
    revision: int
    attempt: int
    worker: str
    call_id: str
    accepted_at: datetime  # by the worker's clock
    expires_at: datetime  # from then on the provider may have forgotten it


class AttemptResumed(Event):
    """Another worker goes on with an accepted call: the same attempt, and no new request."""

    TOPIC: ClassVar[str] = "asset.attempt_resumed"
    revision: int
    attempt: int
    worker: str


class AttemptFailed(Event):
    TOPIC: ClassVar[str] = "asset.attempt_failed"
    revision: int
    attempt: int
    failure: dict[str, Any]
    retry_at: datetime | None
    usage: dict[str, Any] | None
    cost_usd: float | None
    retry_until: datetime | None = None  # how long what costs nothing is tried again


class AttemptLost(Event):
    TOPIC: ClassVar[str] = "asset.attempt_lost"
    revision: int
    attempt: int
    worker: str
    may_have_been_billed: bool


class Generated(Event):
    TOPIC: ClassVar[str] = "asset.generated"
    revision: int
    attempt: int
    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]  # width, height, duration_s, scenes, title … what was learnt of the thing made
    provenance: dict[str, Any]  # provider, model, model_version, response_id, finish_reason, environment …
    usage: dict[str, Any] | None
    cost_usd: float | None  # None: the provider was paid but the price is not known
    latency_s: float


class Failed(Event):
    TOPIC: ClassVar[str] = "asset.failed"
    revision: int
    failure: dict[str, Any]
