"""The Asset aggregate: one thing that a stage makes, with its revisions and attempts.

Everything a stage produces is an asset, so retry, resume, reuse, cost, provenance and progress are written
once, here: the decisions. Its events stand in ``asset_events.py``, and what they do to the state in
``asset_state.py``.

Every decision is idempotent: asked for the second time it adds no event. An order that is delivered twice
therefore starts one attempt; the store's expected-version guard settles who was first. Longer than other
modules, as the decisions of an aggregate are read side by side.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain import asset_events
from domain.asset_parts import SCENE_KINDS, AssetKey, Attempt, InputRef, Product, Provision, Receipt, Recipe
from domain.asset_state import AssetState
from domain.failures import Failure
from domain.plain import PlainEvents
from domain.script import Kind
from domain.statuses import AssetStatus, AttemptStatus

__all__ = ["SCENE_KINDS", "Asset", "AssetKey", "Attempt", "InputRef", "Product", "Provision", "Recipe"]


class Asset(AssetState, PlainEvents, Aggregate):
    TOPIC = "asset"

    Event = asset_events.Event
    Created = asset_events.Created
    Requested = asset_events.Requested
    Reused = asset_events.Reused
    Provided = asset_events.Provided
    AttemptStarted = asset_events.AttemptStarted
    CallAccepted = asset_events.CallAccepted
    AttemptResumed = asset_events.AttemptResumed
    AttemptFailed = asset_events.AttemptFailed
    AttemptLost = asset_events.AttemptLost
    Generated = asset_events.Generated
    Failed = asset_events.Failed

    def __init__(self, job_id: UUID, kind: str, scene: int | None, beat: int = 1) -> None:
        super().__init__(AssetKey(Kind(kind), scene, beat))
        self.job_id = job_id

    def reference(self, parts: Mapping[str, str] | None = None) -> InputRef:
        """As what is made from it names it; it must be made."""
        assert self.product is not None, f"{self.key.name} is an input and must be made"
        return InputRef(self.id, self.key.name, self.revision, self.product.digest, parts)

    # ---- decisions ----------------------------------------------------------------------------------

    @classmethod
    def request(
        cls,
        job_id: UUID,
        key: AssetKey,
        recipe: Recipe,
        inputs: Iterable[InputRef],
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
            beat=key.beat,
            revision=1,
            inputs=[one.to_dict() for one in inputs],
            **vars(recipe),
        )

    @classmethod
    def reuse(
        cls,
        job_id: UUID,
        source: "Asset",
        *,
        inputs: Iterable[InputRef],
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
            beat=source.key.beat,
            revision=1,
            inputs=[one.to_dict() for one in inputs],
            digest=product.digest,
            media_type=product.media_type,
            bytes=product.bytes,
            facts=product.facts,
            provenance=product.provenance,
            source={"job_id": str(source.job_id), "asset_id": str(source.id), "revision": product.revision},
            **recipe,
        )

    @classmethod
    def provide(cls, job_id: UUID, key: AssetKey, given: Provision, *, run: int, now: datetime) -> "Asset":
        """Take what a person gives for an asset that was never asked for."""
        about = {"job_id": job_id, "run": run, "causation": None, **given.about(key, revision=1)}
        return cls._create(cls.Provided, id=key.id_in(job_id), timestamp=now, **about)

    def provide_again(self, given: Provision, *, run: int, now: datetime) -> bool:
        """Take it as the next revision; False (and no event) where it is so already, or while one is made."""
        if self.open_attempt is not None or given.is_in(self.product):
            return False
        about = given.about(self.key, revision=self.revision + 1)
        self._trigger(self.Provided, run, now, None, originator_topic=self.TOPIC, **about)
        return True

    def request_again(
        self,
        revision: int,
        recipe: Recipe,
        inputs: Iterable[InputRef],
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
            beat=self.key.beat,
            revision=revision,
            inputs=[one.to_dict() for one in inputs],
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
        may_start = revision == self.revision and number == len(self.attempts) + 1 and self.is_idle
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

    def accept_call(
        self,
        revision: int,
        number: int,
        worker: str,
        receipt: Receipt,
        *,
        run: int,
        now: datetime,
        causation: int | None = None,
    ) -> bool:
        """Keep the receipt of a call that the provider answers later.

        Also of an attempt that was given up for lost: it says what may be billed, and a late answer counts.
        False (and no event) when the attempt has a receipt, or no answer of it would count.
        """
        attempt = self.attempt(revision, number)
        may_accept = (
            attempt is not None
            and attempt.worker == worker
            and attempt.receipt is None
            and self._is_wanted_of(attempt)
        )
        if may_accept:
            self._trigger(
                self.CallAccepted,
                run,
                now,
                causation,
                revision=revision,
                attempt=number,
                worker=worker,
                **vars(receipt),
            )
        return may_accept

    def resume_attempt(
        self,
        revision: int,
        number: int,
        worker: str,
        *,
        resumes: int,
        run: int,
        now: datetime,
        causation: int | None = None,
    ) -> bool:
        """Go on with an accepted call whose worker is dead or has forgotten it, after so many ``resumes``.

        False (and no event) when it has ended, was never accepted, or another has resumed it meanwhile.
        """
        attempt = self.attempt(revision, number)
        may_resume = attempt is not None and attempt.is_resumable and attempt.resumes == resumes
        if may_resume:
            self._trigger(
                self.AttemptResumed, run, now, causation, revision=revision, attempt=number, worker=worker
            )
        return may_resume

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
        attempt = self.attempt(revision, number)
        accepted = attempt is not None and self._is_wanted_of(attempt)
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

    def _is_wanted_of(self, attempt: Attempt) -> bool:
        """Whether what this attempt makes would count: the asset is unmade, and has not failed for good."""
        return attempt.status in (AttemptStatus.OPEN, AttemptStatus.LOST) and self.status not in (
            AssetStatus.GENERATED,
            AssetStatus.FAILED,
        )

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
        retry_until: datetime | None = None,
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
        worker: str | None = None,
    ) -> bool:
        """End an attempt. ``worker`` says who does: one that another has resumed meanwhile is that one's."""
        attempt = self.attempt(revision, number)
        is_open = (
            attempt is not None and attempt.status == AttemptStatus.OPEN and worker in (None, attempt.worker)
        )
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
                retry_until=retry_until,
                usage=usage,
                cost_usd=cost_usd,
            )
        return is_open

    def lose_attempt(
        self, revision: int, number: int, *, run: int, now: datetime, causation: int | None = None
    ) -> bool:
        """The worker is dead (its presence lock was obtained) and nobody will answer.

        False (and no event) while there is an accepted call that can be asked for again.
        """
        attempt = self.attempt(revision, number)
        if attempt is None or attempt.status != AttemptStatus.OPEN or attempt.is_resumable:
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
        if not self.is_idle:
            return False
        self._trigger(self.Failed, run, now, causation, revision=self.revision, failure=failure.to_dict())
        return True

    def _trigger(
        self, event: type[Any], run: int, now: datetime, causation: int | None, **values: Any
    ) -> None:
        self.trigger_event(event, timestamp=now, job_id=self.job_id, run=run, causation=causation, **values)
