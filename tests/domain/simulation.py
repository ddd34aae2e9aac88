"""A world for the workflow: a Director and workers over the real aggregates, with chance as an argument.

Orders reach workers late, twice or never; workers succeed, fail, die, and answer after they were given up.
Some calls are accepted first: these are left by those who die, and others go on with them.
Nothing here knows how a film is made: what ``workflow`` decides is carried out by ``carry_out``, and every
event is written down in the order in which it would be in the log. Two films are kept: the Director's own,
and one that only reads this log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.asset import Asset, AssetKey, Attempt, InputRef, Recipe
from domain.asset_parts import Provision, Receipt
from domain.carry_out import carry_out
from domain.failures import Code, Failure
from domain.film import Film
from domain.given_assets import given_keys
from domain.given_scenes import Given, GivenScene
from domain.job import Job
from domain.progress import Progress, advance
from domain.revise import provide
from domain.script import PROVIDER_KINDS, Kind, Stage
from domain.topic import Topic, script_facts
from domain.workflow import (
    CancelCall,
    CancelJob,
    Decision,
    FailJob,
    OrderAttempt,
    RequestAsset,
    ResumeAttempt,
    WaitUntil,
    workflow,
)
from tests.domain.language import JOB_ID, START

Choose = Callable[[str, list[Any]], Any]
"""Decides what happens next: a name for the question, and the possible answers."""

MAX_STEPS = 20_000
ENDS = ["made"] * 12 + ["failed once"] * 4 + ["lost"] * 4 + ["failed"]
"""How attempts end; few for good, or most lives would be too short to tell anything."""


ORDERS = OrderAttempt | ResumeAttempt | CancelCall | WaitUntil
"""Decisions that are no facts of the log."""

BEATS = {2: 3, 4: 2}
"""Of the scenes that have several pictures, how many."""


@dataclass(frozen=True)
class Order:
    key: AssetKey
    revision: int
    attempt: int
    recipe: Recipe
    run: int
    resumes: ResumeAttempt | CancelCall | None = None
    """The accepted call that it goes on with."""


@dataclass
class World:
    """One job and its assets. ``choose`` decides every accident; the same choices give the same log."""

    options: dict[str, Any]
    scenes: int
    choose: Choose
    max_cost_usd: float | None = None
    price: Callable[[AssetKey], float | None] = lambda _: 0.01
    cost: Callable[[Order], float] = lambda order: order.recipe.reservation_usd or 0.0
    accidents: bool = True
    topic: Topic | None = None
    given: tuple[GivenScene, ...] = ()
    """What its author brings; the files among it are there when the job is submitted."""
    now: datetime = START
    log: list[Any] = field(default_factory=list)
    reader: Film = field(default_factory=Film)
    watch: Callable[["World"], None] = lambda _world: None
    queue: list[Order] = field(default_factory=list)
    late: list[Order] = field(default_factory=list)
    abandoned: set[AssetKey] = field(default_factory=set)
    """What has an accepted call that nobody asks for."""
    made: int = 0
    content: Callable[[AssetKey, int], str] = lambda key, n: f"sha256:{key.name}-{n}"

    def __post_init__(self) -> None:
        job = Job.submit(
            JOB_ID,
            now=self.now,
            script="" if self.topic else "Welcome.",
            given=Given(scenes=self.given, topic=self.topic),
            models={"text": "text-model", "image": "image-model", "speech": "speech-model"},
            options=self.options,
            provider="emulator",
            max_cost_usd=self.max_cost_usd,
            weights={"seconds": {k.value: 1.0 + len(k.value) for k in Kind}, "scenes": 4, "measured": True},
        )
        self.film = Film.of(job)
        about: dict[str, Any] = {"run": job.run, "now": self.now}
        files = ((key, _file(f"sha256:mine-{key.name}")) for key in sorted(given_keys(self.given)))
        self.append(job, *(Asset.provide(job.id, key, file, **about) for key, file in files))

    @property
    def job(self) -> Job:
        return self.film.job

    @property
    def assets(self) -> dict[AssetKey, Asset]:
        return self.film.assets

    # ---- the store ----------------------------------------------------------------------------------

    def append(self, *aggregates: Job | Asset) -> None:
        """As the Studio does; the Director hears of it, and so does whoever reads the log."""
        for aggregate in aggregates:
            for event in aggregate.collect_events():
                self.log.append(event)
                self.reader.evolve(event)
            if isinstance(aggregate, Job):
                self.film.take_job(aggregate)
            else:
                self.film.take(aggregate)
        self.watch(self)

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)

    # ---- the Director -------------------------------------------------------------------------------

    def direct(self) -> bool:
        """Carry out decisions until only orders or waiting are left.

        False when the run has ended, or waits for a person.
        """
        wait: list[datetime] = []
        for _ in range(100):
            waiting_orders = {o.key: o.recipe.reservation_usd for o in self.queue if not self._has_begun(o)}
            decisions = workflow(self.film, self.now, waiting_orders, abandoned=self.abandoned)
            changed = self._carry_out(decisions)
            if not changed:
                for decision in decisions:
                    if isinstance(decision, OrderAttempt | ResumeAttempt | CancelCall):
                        self._give(decision)
                wait = [d.at for d in decisions if isinstance(d, WaitUntil)]
                break
            self.append(*changed)
            self._tick()
        else:
            raise AssertionError("the workflow never comes to rest")
        if self.job.ended or self.job.awaits_review:
            return False
        if not self.queue and not self._open():
            assert wait, f"nothing is under way and nothing will happen: {self.describe()}"
            self.now = max(self.now, min(wait))
        return True

    def _has_begun(self, order: Order) -> bool:
        asset = self.assets[order.key]
        if order.resumes is not None:
            return order.key not in self.abandoned
        return asset.revision != order.revision or len(asset.attempts) >= order.attempt

    def _carry_out(self, decisions: list[Decision]) -> list[Job | Asset]:
        changed = carry_out(self.film, decisions, self._recipe, self.now)
        facts = [d for d in decisions if not isinstance(d, ORDERS)]
        withdrawn = sum(len(d.withdraw) for d in facts if isinstance(d, FailJob | CancelJob))
        events = sum(len(aggregate.pending_events) for aggregate in changed)
        assert events == len(facts) + withdrawn, "every decision is one that can be carried out"
        return changed

    def _recipe(self, asked: RequestAsset) -> Recipe:
        return Recipe(reservation_usd=self.price(asked.key) if asked.key.kind in PROVIDER_KINDS else 0.0)

    def _give(self, decision: OrderAttempt | ResumeAttempt | CancelCall) -> None:
        recipe = self.assets[decision.key].recipe
        resumes = None if isinstance(decision, OrderAttempt) else decision
        order = Order(decision.key, decision.revision, decision.attempt, recipe, self.job.run, resumes)
        assert order not in self.queue, "an order that is on its way is not given again"
        self.queue.append(order)

    # ---- the workers --------------------------------------------------------------------------------

    def _open(self) -> list[tuple[Asset, Attempt]]:
        return [(a, a.open_attempt) for a in self.assets.values() if a.open_attempt is not None]

    def happen(self) -> None:
        """Let one thing happen: an order begins, an attempt ends, or somebody answers late."""
        what: list[tuple[str, Any]] = [("begin", o) for o in self.queue]
        held = [(asset, attempt) for asset, attempt in self._open() if asset.key not in self.abandoned]
        what += [("end", pair) for pair in held]
        what += [("accept", pair) for pair in held if self.accidents and _may_be_accepted(*pair)]
        what += [("answer late", o) for o in self.late] if self.accidents else []
        kind, subject = self.choose("event", what)
        self._tick()
        if kind == "begin":
            self._begin(subject)
        elif kind == "accept":
            self._accept(*subject)
        elif kind == "end":
            self._end(*subject)
        else:
            self.late.remove(subject)
            self._answer(subject)

    def _begin(self, order: Order) -> None:
        asset = self.assets[order.key]
        if (
            self.accidents
            and self.choose("order", ["kept", "kept", "delivered twice", "dropped"]) == "dropped"
        ):
            self.queue.remove(order)  # its worker died before it wrote anything
            return
        self.queue.remove(order)
        if order.resumes is not None:
            self._go_on(order, order.resumes)
            return
        for worker in ("w1", "w2"):  # delivered twice: the second one finds that it is too late
            was_open = asset.open_attempt
            began = asset.start_attempt(
                order.revision,
                order.attempt,
                worker,
                run=order.run,
                now=self.now,
                reserved_usd=order.recipe.reservation_usd,
            )
            assert not (began and was_open)
        self.append(asset)

    def _accept(self, asset: Asset, attempt: Attempt) -> None:
        receipt = Receipt(f"call-{len(self.log)}", self.now, self.now + timedelta(days=1))
        about: dict[str, Any] = {"run": self.job.run, "now": self.now}
        assert asset.accept_call(asset.revision, attempt.number, attempt.worker, receipt, **about)
        self.append(asset)

    def _accept_late(self, order: Order) -> None:
        """The provider takes a call that was given up for lost."""
        asset, receipt = self.assets[order.key], Receipt("late", self.now, self.now + timedelta(days=1))
        about: dict[str, Any] = {"run": order.run, "now": self.now}
        asset.accept_call(order.revision, order.attempt, "w1", receipt, **about)
        self.append(asset)

    def _go_on(self, order: Order, resumes: ResumeAttempt | CancelCall) -> None:
        asset, about = self.assets[order.key], {"run": order.run, "now": self.now}
        for worker in ("w3", "w4"):  # as when it is begun
            was_left = order.key in self.abandoned
            again = asset.resume_attempt(
                order.revision, order.attempt, worker, resumes=resumes.resumes, **about
            )
            assert again <= was_left
            if again:
                self.abandoned.discard(order.key)
        if isinstance(resumes, CancelCall):
            asset.fail_attempt(
                order.revision, order.attempt, Failure.of(Code.CANCELLED, "as asked"), **about, worker="w3"
            )
        self.append(asset)

    def _end(self, asset: Asset, attempt: Attempt) -> None:
        order = Order(asset.key, asset.revision, attempt.number, asset.recipe, self.job.run)
        ends = ENDS if self.accidents else ["made"]
        end = self.choose(f"end {asset.key.name}", ends)
        about: dict[str, Any] = {"run": order.run, "now": self.now}
        if end == "made":
            self._answer(order)
        elif end == "lost" and attempt.is_resumable:
            assert not asset.lose_attempt(order.revision, order.attempt, **about)
            self.abandoned.add(asset.key)
        elif end == "lost":
            assert asset.lose_attempt(order.revision, order.attempt, **about)
            self.append(asset)
            self.late.append(order)
        else:
            again = self.now + timedelta(seconds=30) if end == "failed once" else None
            failure = Failure.of(Code.OVERLOADED, "busy")
            assert asset.fail_attempt(
                order.revision, order.attempt, failure, retry_at=again, cost_usd=self.cost(order), **about
            )
            self.append(asset)

    def _answer(self, order: Order) -> None:
        """As ``actors/work/attempt.py`` does: what was made, or that another was first."""
        asset = self.assets[order.key]
        self.made += 1
        about: dict[str, Any] = {"run": order.run, "now": self.now, "cost_usd": self.cost(order)}
        learnt: dict[Kind, dict[str, Any]] = {
            Kind.SCRIPT: dict(script_facts(f"Welcome, for the {order.revision}. time.")),
            Kind.ANALYSIS: {"scenes": self.found()},
        }
        accepted = asset.generate(
            order.revision,
            order.attempt,
            digest=self.content(order.key, self.made),
            media_type="x/y",
            size=1,
            facts=learnt.get(order.key.kind, {}),
            provenance={},
            **about,
        )
        if not accepted:
            superseded = Failure.of(Code.SUPERSEDED, "Another attempt had made it.")
            asset.fail_attempt(order.revision, order.attempt, superseded, **about)
        self.append(asset)

    def found(self) -> list[dict[str, Any]]:
        """The scenes; every third has a character of the first, and `BEATS` several pictures."""
        scenes: list[dict[str, Any]] = []
        for n in range(1, self.scenes + 1):
            beats = [{"references": []}] * BEATS.get(n, 0)
            scenes.append({"references": [1]} if n % 3 == 0 else {"beats": beats} if beats else {})
        return scenes

    # ---- a life -------------------------------------------------------------------------------------

    def run(self, *, cancel_after: int | None = None) -> "World":
        """Until the run ends; then every order and answer still on its way arrives, too late."""
        for step in range(MAX_STEPS):
            if step == cancel_after:
                self.job.request_cancel(now=self.now)
                self.append(self.job)
            if not self.direct():
                break
            if self.queue or self._open():
                self.happen()
        else:
            raise AssertionError(f"the job does not end: {self.describe()}")
        while self.queue or (self.late and self.accidents):
            self._tick()
            if self.queue:
                self._begin(self.queue[0])
            else:
                order = self.late.pop()
                self._accept_late(order)
                self._answer(order)
        return self

    def reopen(self) -> None:
        self._tick()
        self.job.reopen("retry", now=self.now)
        self.append(self.job)

    def regenerate(self, key: AssetKey) -> None:
        """As the API does: the new run and the new revision in one transaction."""
        self._tick()
        self.job.reopen("regenerate", now=self.now)
        asset = self.assets[key]
        inputs = [InputRef(JOB_ID, name, 0, digest) for name, digest in asset.inputs.items()]
        assert asset.request_again(asset.revision + 1, asset.recipe, inputs, run=self.job.run, now=self.now)
        self.append(self.job, asset)

    def provide(self, key: AssetKey, digest: str) -> None:
        """As the API does, with what a person gives."""
        self._tick()
        asset = provide(self.film, key, _file(digest), now=self.now)
        self.append(self.film.job, asset)

    # ---- what a test asks ---------------------------------------------------------------------------

    def events(self, run: int | None = None) -> list[Any]:
        return [e for e in self.log if run is None or e.run == run]

    def orders_begun(self, run: int) -> set[str]:
        names = {a.id: key.name for key, a in self.assets.items()}
        return {names[e.originator_id] for e in self.events(run) if isinstance(e, Asset.AttemptStarted)}

    def spent(self) -> float:
        return sum(a.spent_usd + a.unknown_usd + a.reserved_usd for a in self.assets.values())

    def progress(self) -> list[tuple[Any, float]]:
        """What a reader is shown after each event."""
        keys = {a.id: key for key, a in self.assets.items()}
        shown, progress = [], Progress(self.job.weights, self.job.options, self.job.graph)
        for event in self.log:
            advance(progress, event, keys.get(event.originator_id))
            shown.append((event, progress.shown))
        return shown

    def describe(self) -> str:
        assets = {k.name: (a.status, a.revision, len(a.attempts)) for k, a in self.assets.items()}
        failures = [a.key.name for a in self.film.failed]
        return f"{self.job.status} run {self.job.run}, failed {failures}, {assets}"


def _file(digest: str) -> Provision:
    return Provision(digest, "x/y", 1, {}, {"file": digest, "changes": []}, "local")


def _may_be_accepted(asset: Asset, attempt: Attempt) -> bool:
    unmade = asset.product is None  # else a late answer of an attempt before was first
    return asset.key.kind in PROVIDER_KINDS and attempt.receipt is None and unmade


def stages_of(events: list[Any]) -> list[tuple[str, Stage]]:
    return [
        (type(e).__name__, Stage(e.stage))
        for e in events
        if isinstance(e, Job.StageStarted | Job.StageCompleted)
    ]
