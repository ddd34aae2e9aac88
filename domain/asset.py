"""The Asset aggregate: one thing that a stage makes, with its revisions and attempts.

Everything a stage produces is an asset, so retry, resume, reuse, cost, provenance and progress are written
once, here. Four rooms: events, state, evolution (``apply`` of each event), decisions (methods that name a
command). The class names' ``TOPIC`` strings *are* the storage format: never change one.

Every decision is idempotent: asked for the second time it adds no event. An order that is delivered twice
therefore starts one attempt; the store's expected-version guard settles who was first.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, CanInitAggregate, CanMutateAggregate

from domain.asset_parts import SCENE_KINDS, AssetKey, Attempt, Product, Recipe
from domain.failures import Failure
from domain.plain import PlainEvents, count
from domain.script import PROVIDER_KINDS, Kind

__all__ = ["SCENE_KINDS", "Asset", "AssetKey", "Attempt", "Product", "Recipe"]


class Asset(PlainEvents, Aggregate):
    TOPIC = "asset"

    # ---- events -------------------------------------------------------------------------------------

    class Event(Aggregate.Event):
        job_id: UUID
        run: int
        causation: int | None

        @property
        def occurred_at(self) -> datetime:
            return self.timestamp

    class Created(Event, Aggregate.Created):
        """An event that may be the first of its stream: an asset begins by being requested or reused."""

        TOPIC: ClassVar[str] = "asset.created"

        def mutate(self, aggregate: Any) -> Any:
            if aggregate is None:
                return CanInitAggregate.mutate(self, None)
            return CanMutateAggregate.mutate(self, aggregate)

    class Requested(Created):
        TOPIC: ClassVar[str] = "asset.requested"
        kind: str
        scene: int | None
        revision: int
        inputs: list[dict[str, Any]]  # [{id, name, revision, digest}]
        model: str | None
        prompt_digest: str | None
        prompt_version: str | None
        parameters: dict[str, Any]
        reservation_usd: float | None

        def apply(self, aggregate: "Asset") -> None:
            aggregate.revision = self.revision
            aggregate.status = "requested"
            aggregate.inputs = {i["name"]: i["digest"] for i in self.inputs}
            aggregate.recipe = Recipe(
                self.model, self.prompt_digest, self.prompt_version, self.parameters, self.reservation_usd
            )
            aggregate.attempts = []
            aggregate.failure = None
            aggregate.requested_at = self.timestamp

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

        def apply(self, aggregate: "Asset") -> None:
            aggregate.revision = self.revision
            aggregate.status = "generated"
            aggregate.inputs = {i["name"]: i["digest"] for i in self.inputs}
            aggregate.recipe = Recipe(self.model, self.prompt_digest, self.prompt_version, self.parameters)
            aggregate.attempts = []
            aggregate.failure = None
            aggregate.products[self.revision] = Product(
                self.digest,
                self.media_type,
                self.bytes,
                self.facts,
                self.revision,
                self.provenance,
                reused=True,
            )

    class AttemptStarted(Event):
        TOPIC: ClassVar[str] = "asset.attempt_started"
        revision: int
        attempt: int
        worker: str
        reserved_usd: float | None

        def apply(self, aggregate: "Asset") -> None:
            aggregate.status = "running"
            aggregate.attempts.append(Attempt(self.attempt, self.worker, self.timestamp, self.reserved_usd))

    class AttemptFailed(Event):
        TOPIC: ClassVar[str] = "asset.attempt_failed"
        revision: int
        attempt: int
        failure: dict[str, Any]
        retry_at: datetime | None
        usage: dict[str, Any] | None
        cost_usd: float | None

        def apply(self, aggregate: "Asset") -> None:
            ended = aggregate._end(  # noqa: SLF001 - the event is the aggregate's own
                self, "failed", retry_at=self.retry_at, failure=Failure.from_dict(self.failure)
            )
            aggregate._spend(self.cost_usd, self.usage, ended)  # noqa: SLF001 - as above

    class AttemptLost(Event):
        TOPIC: ClassVar[str] = "asset.attempt_lost"
        revision: int
        attempt: int
        worker: str
        may_have_been_billed: bool

        def apply(self, aggregate: "Asset") -> None:
            lost = aggregate._end(self, "lost")  # noqa: SLF001 - as above
            if self.may_have_been_billed and lost is not None:
                # The honest assumption: a lost call cost what was reserved for it.
                aggregate._spend(lost.reserved_usd, None, lost)  # noqa: SLF001 - as above
                aggregate.lost_calls += 1

    class Generated(Event):
        TOPIC: ClassVar[str] = "asset.generated"
        revision: int
        attempt: int
        digest: str
        media_type: str
        bytes: int
        facts: dict[str, Any]  # width, height, duration_s, scenes, title … what was learnt of the thing made
        provenance: dict[
            str, Any
        ]  # provider, model, model_version, response_id, finish_reason, environment …
        usage: dict[str, Any] | None
        cost_usd: float | None  # None: the provider was paid but the price is not known
        latency_s: float

        def apply(self, aggregate: "Asset") -> None:
            before = aggregate._attempt(self.revision, self.attempt)  # noqa: SLF001 - as above
            if before is not None and before.status == "lost":
                # A late answer: what the lost call was assumed to cost gives way to what it did cost.
                aggregate._find_again(before)  # noqa: SLF001 - as above
            ended = aggregate._end(self, "succeeded")  # noqa: SLF001 - as above
            aggregate.status = "generated"
            aggregate.failure = None
            aggregate.products[self.revision] = Product(
                self.digest,
                self.media_type,
                self.bytes,
                self.facts,
                self.revision,
                self.provenance,
                self.cost_usd,
            )
            aggregate._spend(self.cost_usd, self.usage, ended)  # noqa: SLF001 - as above

    class Failed(Event):
        TOPIC: ClassVar[str] = "asset.failed"
        revision: int
        failure: dict[str, Any]

        def apply(self, aggregate: "Asset") -> None:
            aggregate.status = "failed"
            aggregate.failure = Failure.from_dict(self.failure)
            aggregate.failed_in_run = self.run

    # ---- state --------------------------------------------------------------------------------------

    def __init__(self, job_id: UUID, kind: str, scene: int | None) -> None:
        self.job_id = job_id
        self.key = AssetKey(Kind(kind), scene)
        self.revision = 0
        self.status = "requested"  # requested, running, waiting, generated, failed
        self.inputs: dict[str, str] = {}
        self.recipe = Recipe()
        self.attempts: list[Attempt] = []
        self.products: dict[int, Product] = {}
        self.failure: Failure | None = None
        self.failed_in_run: int | None = None
        self.requested_at: datetime | None = None
        self.spent_usd = 0.0
        self.unpriced = 0
        self.unknown_usd = 0.0  # reserved for calls whose cost was never learnt: a budget counts it as spent
        self.requests = 0
        self.tokens = 0
        self.lost_calls = 0

    @property
    def product(self) -> Product | None:
        """What the latest revision made; None while it is unmade."""
        return self.products.get(self.revision)

    @property
    def open_attempt(self) -> Attempt | None:
        return next((a for a in self.attempts if a.status == "open"), None)

    @property
    def last_attempt(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def reserved_usd(self) -> float:
        return sum(a.reserved_usd or 0.0 for a in self.attempts if a.status == "open")

    @property
    def is_paid(self) -> bool:
        return self.key.kind in PROVIDER_KINDS

    # ---- evolution shared by several events ---------------------------------------------------------

    def _end(self, event: Any, status: str, **changes: Any) -> Attempt | None:
        """Close the attempt that ``event`` speaks of. One of an earlier revision is no longer listed."""
        if event.revision != self.revision:
            return None
        for index, attempt in enumerate(self.attempts):
            if attempt.number == event.attempt:
                ended = replace(attempt, status=status, ended_at=event.timestamp, **changes)
                self.attempts[index] = ended
                if self.status not in ("generated", "failed"):
                    self.status = "running" if self.open_attempt else "waiting"
                return ended
        return None

    def _spend(self, cost_usd: float | None, usage: dict[str, Any] | None, attempt: Attempt | None) -> None:
        if not self.is_paid:
            return
        self.requests += 1
        self.tokens += count((usage or {}).get("total_tokens"))
        if cost_usd is None:
            self.unpriced += 1
            reserved = attempt.reserved_usd if attempt is not None else self.recipe.reservation_usd
            self.unknown_usd += reserved or 0.0
        else:
            self.spent_usd += cost_usd

    def _find_again(self, lost: Attempt) -> None:
        if not self.is_paid:
            return
        self.requests -= 1
        self.lost_calls -= 1
        if lost.reserved_usd is None:
            self.unpriced -= 1
        else:
            self.spent_usd -= lost.reserved_usd

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def request(
        cls,
        job_id: UUID,
        key: AssetKey,
        recipe: Recipe,
        inputs: list[dict[str, Any]],
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
    ) -> "Asset":
        """Ask for an asset for the first time."""
        return cls._create(
            cls.Requested,
            id=key.id_in(job_id),
            timestamp=now,
            job_id=job_id,
            run=run,
            causation=causation,
            kind=key.kind.value,
            scene=key.scene,
            revision=1,
            inputs=inputs,
            **vars(recipe),
        )

    @classmethod
    def reuse(
        cls,
        job_id: UUID,
        source: "Asset",
        *,
        inputs: list[dict[str, Any]],
        run: int,
        now: datetime,
        causation: int | None = None,
    ) -> "Asset":
        """Take over the latest product of another job's asset, by digest and at no cost."""
        product = source.product
        if product is None:
            raise ValueError(f"{source.key.name} of job {source.job_id} has nothing to reuse")
        recipe = {k: v for k, v in vars(source.recipe).items() if k != "reservation_usd"}
        return cls._create(
            cls.Reused,
            id=source.key.id_in(job_id),
            timestamp=now,
            job_id=job_id,
            run=run,
            causation=causation,
            kind=source.key.kind.value,
            scene=source.key.scene,
            revision=1,
            inputs=inputs,
            digest=product.digest,
            media_type=product.media_type,
            bytes=product.bytes,
            facts=product.facts,
            provenance=product.provenance,
            source={
                "job_id": str(source.job_id),
                "asset_id": str(source.id),
                "revision": product.revision,
            },
            **recipe,
        )

    def request_again(
        self,
        revision: int,
        recipe: Recipe,
        inputs: list[dict[str, Any]],
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
    ) -> bool:
        """Ask for revision N; False (and no event) when N was asked for before or an attempt is open."""
        if revision != self.revision + 1 or self.open_attempt is not None:
            return False
        self.trigger_event(
            self.Requested,
            timestamp=now,
            originator_topic=self.TOPIC,
            job_id=self.job_id,
            run=run,
            causation=causation,
            kind=self.key.kind.value,
            scene=self.key.scene,
            revision=revision,
            inputs=inputs,
            **vars(recipe),
        )
        return True

    def start_attempt(
        self,
        revision: int,
        number: int,
        worker: str,
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
        reserved_usd: float | None = 0.0,
    ) -> bool:
        """Begin attempt ``number``; False (and no event) when this order is out of date."""
        may_start = (
            revision == self.revision
            and number == len(self.attempts) + 1
            and self.status in ("requested", "waiting")
        )
        if may_start:
            self._trigger(
                self.AttemptStarted,
                run,
                now,
                causation,
                revision=revision,
                attempt=number,
                worker=worker,
                reserved_usd=reserved_usd,
            )
        return may_start

    def _attempt(self, revision: int, number: int) -> Attempt | None:
        if revision != self.revision:
            return None
        return next((a for a in self.attempts if a.number == number), None)

    def generate(
        self,
        revision: int,
        number: int,
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
        digest: str,
        media_type: str,
        size: int,
        facts: dict[str, Any],
        provenance: dict[str, Any],
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
        latency_s: float = 0.0,
    ) -> bool:
        """Record what an attempt made.

        A late answer of an attempt that was given up for lost counts while the asset is unmade.
        False (and no event) when the asset is made already or the attempt is not known.
        """
        attempt = self._attempt(revision, number)
        accepted = (
            attempt is not None
            and attempt.status in ("open", "lost")
            and self.status not in ("generated", "failed")
        )
        if accepted:
            self._trigger(
                self.Generated,
                run,
                now,
                causation,
                revision=revision,
                attempt=number,
                digest=digest,
                media_type=media_type,
                bytes=size,
                facts=facts,
                provenance=provenance,
                usage=usage,
                cost_usd=cost_usd,
                latency_s=latency_s,
            )
        return accepted

    def fail_attempt(
        self,
        revision: int,
        number: int,
        failure: Failure,
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
        retry_at: datetime | None = None,
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
    ) -> bool:
        attempt = self._attempt(revision, number)
        is_open = attempt is not None and attempt.status == "open"
        if is_open:
            self._trigger(
                self.AttemptFailed,
                run,
                now,
                causation,
                revision=revision,
                attempt=number,
                failure=failure.to_dict(),
                retry_at=retry_at,
                usage=usage,
                cost_usd=cost_usd,
            )
        return is_open

    def lose_attempt(
        self, revision: int, number: int, *, run: int, now: datetime, causation: int | None = None
    ) -> bool:
        """The worker is dead (its presence lock was obtained) and nobody will answer."""
        attempt = self._attempt(revision, number)
        if attempt is None or attempt.status != "open":
            return False
        self._trigger(
            self.AttemptLost,
            run,
            now,
            causation,
            revision=revision,
            attempt=number,
            worker=attempt.worker,
            may_have_been_billed=self.is_paid,
        )
        return True

    def fail(self, failure: Failure, *, run: int, now: datetime, causation: int | None = None) -> bool:
        """No attempt is left, or none would help. Not while an attempt is open."""
        may_fail = self.status in ("requested", "waiting")
        if may_fail:
            self._trigger(self.Failed, run, now, causation, revision=self.revision, failure=failure.to_dict())
        return may_fail

    def _trigger(
        self, event: type[Any], run: int, now: datetime, causation: int | None, **values: Any
    ) -> None:
        self.trigger_event(event, timestamp=now, job_id=self.job_id, run=run, causation=causation, **values)
