"""Makes films as the Director and the actors would, without either: events by hand, through the Studio.

What is decided and carried out is the real domain's; only the outcomes of attempts are made up, at a clock of
its own.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import IntegrityError

from domain.asset import Asset, AssetKey, Recipe
from domain.asset_parts import Receipt
from domain.carry_out import carry_out
from domain.failures import Failure
from domain.film import Film
from domain.job import Job
from domain.ports import BlobStore
from domain.script import PROVIDER_KINDS, Kind
from domain.store import EventLog, EventStore, Studio
from domain.submission import Options
from domain.topic import ScriptSource, script_facts
from domain.workflow import Decision, OrderAttempt, RequestAsset, WaitUntil, workflow

SCRIPT = "The sea is wide. A small boat sets out at dawn.\n\nNight falls, and the boat comes home."
MODELS = {"text": "text-model", "image": "image-model", "speech": "speech-model"}
WEIGHTS = {"seconds": {kind.value: 2.0 for kind in Kind}, "scenes": 3, "measured": True}
USAGE = {"prompt_tokens": 100, "output_tokens": 50, "total_tokens": 150}

Outcome = Callable[[Asset, int], Failure | None]


class Filming:
    """``faults`` maps an asset's name to the failures of its first attempts."""

    def __init__(self, store: EventStore, blobs: BlobStore | None = None) -> None:
        self.store = store
        self.studio = Studio(store)
        self.log = EventLog(self.studio)
        self.blobs = blobs
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
        self.scenes = 2
        self.beats = 1
        """How many pictures each scene has."""
        self.faults: dict[str, list[Failure]] = {}
        self.accepted: set[str] = set()
        """What is made by calls that are accepted first, and gone on with by another worker."""
        self.unlearnt: set[str] = set()
        """What is made by calls of which nobody learns what they cost."""
        self.latency_s = 1.5
        self.cause: int | None = None

    def submit(self, *, job_id: UUID | None = None, **changes: Any) -> UUID:
        values = {
            "script": SCRIPT,
            "models": MODELS,
            "options": Options().model_dump(mode="json"),
            "provider": "emulator",
            "weights": WEIGHTS,
        } | changes
        job, _ = self.studio.submit(Job.submit(job_id or uuid4(), now=self.tick(0.1), **values))
        return job.id

    def rename(self, job_id: UUID, title: str | None) -> None:
        self.studio.change_job(job_id, lambda job: job.rename(title, now=self.tick(0.1)))

    def finish(self, job_id: UUID) -> str:
        """Carry the job to its end; gives its status."""
        while self.step(job_id):
            pass
        return self.studio.job(job_id).status

    def until_made(self, job_id: UUID, name: str) -> None:
        """Stop as soon as this asset exists."""
        key = AssetKey.parse(name)
        while True:
            asset = self.studio.find_asset(job_id, key)
            if asset is not None and asset.product is not None:
                return
            assert self.step(job_id), f"{name} is never made"

    def step(self, job_id: UUID) -> bool:
        """Carry out one round of decisions, and the orders in it; False when there is nothing to do."""
        decisions = self.decide(job_id)
        for decision in decisions:
            if isinstance(decision, OrderAttempt):
                self._attempt(job_id, decision, self.studio.job(job_id).run)
            elif isinstance(decision, WaitUntil):
                self.now = max(self.now, decision.at)
        return bool(decisions)

    def decide(self, job_id: UUID) -> list[Decision]:
        """What the workflow wants now; what of it are facts is in the log."""
        while True:
            film = self.studio.film(self.studio.job(job_id))
            film.cause = self.cause
            decisions = workflow(film, self.now)
            changed = carry_out(film, decisions, partial(self.recipe, film), self.tick(0.01))
            assert film.obstacle is None
            try:
                self.studio.append(*changed)
            except IntegrityError:  # whoever uses the page was first: look again, as the desk does
                continue
            return decisions

    def tick(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def head(self) -> int:
        return self.log.head()

    def recipe(self, film: Film, asked: RequestAsset) -> Recipe:
        """What the stage would plan."""
        del film
        paid = asked.key.kind in PROVIDER_KINDS
        model = f"{asked.key.kind.value}-model" if paid else None
        return Recipe(model=model, reservation_usd=0.02 if paid else 0.0)

    # ---- what actors do -----------------------------------------------------------------------------

    def _attempt(self, job_id: UUID, order: OrderAttempt, run: int) -> None:
        asset_id = order.key.id_in(job_id)
        reserved = order.reserve_usd
        self.studio.change_asset(
            asset_id,
            lambda a: a.start_attempt(
                order.revision, order.attempt, "worker-1", run=run, now=self.tick(0.01), reserved_usd=reserved
            ),
        )
        if order.key.name in self.accepted:
            self._accept(asset_id, order, run)
        failures = self.faults.get(order.key.name)
        failure = failures.pop(0) if failures else None
        if failure is not None:
            failure = failure.within(stage=order.key.stage.value, asset=order.key.name, attempt=order.attempt)
            now = self.tick(self.latency_s)
            again = now + timedelta(seconds=2) if failure.retryable else None
            self.studio.change_asset(
                asset_id,
                lambda a: a.fail_attempt(
                    order.revision, order.attempt, failure, run=run, now=now, retry_at=again
                ),
            )
            return
        self.studio.change_asset(asset_id, lambda a: self._generate(a, order, run))

    def _accept(self, asset_id: UUID, order: OrderAttempt, run: int) -> None:
        now = self.tick(0.01)
        receipt = Receipt(f"call-{order.key.name}", now, now + timedelta(days=1))
        place = (order.revision, order.attempt)
        self.studio.change_asset(
            asset_id, lambda a: a.accept_call(*place, "worker-1", receipt, run=run, now=now)
        )
        self.studio.change_asset(
            asset_id, lambda a: a.resume_attempt(*place, "worker-2", resumes=0, run=run, now=self.tick(1))
        )

    def _generate(self, asset: Asset, order: OrderAttempt, run: int) -> None:
        paid = asset.is_paid
        cost_usd = None if order.key.name in self.unlearnt else 0.01
        data, media_type = self.content(order.key, order.revision)
        digest = self.blobs.put(data) if self.blobs else "sha256:" + sha256(data).hexdigest()
        asset.generate(
            order.revision,
            order.attempt,
            run=run,
            now=self.tick(self.latency_s),
            digest=digest,
            media_type=media_type,
            size=len(data),
            facts=self.facts(order.key) | self._notes(order.key),
            provenance={"provider": "emulator", "model": asset.recipe.model}
            if paid
            else {"provider": "reelog"},
            usage=USAGE if paid else None,
            cost_usd=cost_usd if paid else 0.0,
            latency_s=self.latency_s,
        )

    def _notes(self, key: AssetKey) -> dict[str, str]:
        """Music is kept as its notes too."""
        return {"midi_digest": self.blobs.put(b"MThd")} if self.blobs and key.kind is Kind.MUSIC else {}

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        media_type = {Kind.IMAGE: "image/png", Kind.VIDEO: "video/mp4", Kind.NARRATION: "audio/wav"}
        return f"{key.name} {revision}".encode() * 100, media_type.get(key.kind, "application/json")

    def facts(self, key: AssetKey) -> dict[str, Any]:
        if key.kind is Kind.SCRIPT:
            return dict(
                script_facts("The tide comes in.", [ScriptSource(fact="It does.", source="An atlas")])
            )
        if key.kind is not Kind.ANALYSIS:
            return {"duration_s": 4.2}
        beats = {"beats": [{"references": []}] * self.beats} if self.beats > 1 else {}
        scenes = [
            {"scene": n, "text": f"Words of scene {n}.", "mood": "calm", **beats}
            for n in range(1, self.scenes + 1)
        ]
        return {"title": "The Boat", "language": "en", "scenes": scenes}


def refusal() -> Failure:
    """A failure that no other attempt would help."""
    return Failure.of("safety", "Blocked by the safety filter.", model="image-model")


def outage() -> Failure:
    """A failure that another attempt may help."""
    return Failure.of("overloaded", "The model is overloaded.", http_status=503, model="image-model")
