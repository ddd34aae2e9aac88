"""A world for the workflow: a Director and workers over the real aggregates, with chance as an argument.

Orders reach workers late, twice or never; workers succeed, fail, die, and answer after they were given up.
Nothing here knows how a film is made: it carries out what ``workflow`` decides, as the Director does, and
writes down every event in the order in which it would be in the log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.asset import Asset, AssetKey, Attempt, Recipe
from domain.failures import Code, Failure
from domain.job import Job
from domain.progress import Progress
from domain.script import PROVIDER_KINDS, Kind, Stage
from domain.workflow import (
    CancelJob,
    CompleteJob,
    CompleteStage,
    FailAsset,
    FailJob,
    OrderAttempt,
    RequestAsset,
    StartStage,
    WaitUntil,
    failed_assets,
    workflow,
)
from tests.domain.language import JOB_ID, START

Choose = Callable[[str, list[Any]], Any]
"""Decides what happens next: a name for the question, and the possible answers."""

MAX_STEPS = 20_000
ENDS = ["made"] * 12 + ["failed once"] * 4 + ["lost"] * 4 + ["failed"]
"""How attempts end; few for good, or most lives would be too short to tell anything."""


@dataclass(frozen=True)
class Order:
    key: AssetKey
    revision: int
    attempt: int
    recipe: Recipe
    run: int


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
    now: datetime = START
    log: list[Any] = field(default_factory=list)
    assets: dict[AssetKey, Asset] = field(default_factory=dict)
    queue: list[Order] = field(default_factory=list)
    late: list[Order] = field(default_factory=list)
    made: int = 0
    content: Callable[[AssetKey, int], str] = lambda key, n: f"sha256:{key.name}-{n}"

    def __post_init__(self) -> None:
        self.job = Job.submit(
            JOB_ID,
            now=self.now,
            script="Welcome.",
            models={},
            options=self.options,
            provider="emulator",
            max_cost_usd=self.max_cost_usd,
            weights={"seconds": {k.value: 1.0 + len(k.value) for k in Kind}, "scenes": 4, "measured": True},
        )
        self._append()

    # ---- the store ----------------------------------------------------------------------------------

    def _append(self) -> None:
        """As the Studio does: the assets' events before the job's."""
        for aggregate in (*self.assets.values(), self.job):
            self.log += aggregate.collect_events()

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)

    # ---- the Director -------------------------------------------------------------------------------

    def direct(self) -> bool:
        """Carry out decisions until only orders or waiting are left; False when the run has ended."""
        wait: list[datetime] = []
        for _ in range(100):
            waiting_orders = {o.key: o.recipe.reservation_usd for o in self.queue if not self._has_begun(o)}
            decisions = workflow(self.job, self.assets, self.now, waiting_orders)
            for decision in decisions:
                self._carry_out(decision)
            if not any(a.pending_events for a in (*self.assets.values(), self.job)):
                for decision in decisions:
                    if isinstance(decision, OrderAttempt):
                        self._give(decision)
                wait = [d.at for d in decisions if isinstance(d, WaitUntil)]
                break
            self._append()
            self._tick()
        else:
            raise AssertionError("the workflow never comes to rest")
        if self.job.ended:
            return False
        if not self.queue and not self._open():
            assert wait, f"nothing is under way and nothing will happen: {self.describe()}"
            self.now = max(self.now, min(wait))
        return True

    def _has_begun(self, order: Order) -> bool:
        asset = self.assets[order.key]
        return asset.revision != order.revision or len(asset.attempts) >= order.attempt

    def _carry_out(self, decision: Any) -> None:
        run, now = self.job.run, self.now
        match decision:
            case StartStage(stage):
                self.job.start_stage(stage, now=now)
            case CompleteStage():
                self.job.complete_stage(**vars(decision), now=now)
            case RequestAsset(key, revision, inputs):
                recipe = Recipe(reservation_usd=self.price(key) if key.kind in PROVIDER_KINDS else 0.0)
                if key in self.assets:
                    assert self.assets[key].request_again(revision, recipe, inputs, run=run, now=now)
                else:
                    assert revision == 1
                    self.assets[key] = Asset.request(JOB_ID, key, recipe, inputs, run=run, now=now)
            case FailAsset(key, failure):
                assert self.assets[key].fail(failure, run=run, now=now)
            case FailJob(failure, withdraw):
                self._withdraw(withdraw)
                self.job.fail(failure, now=now)
            case CancelJob(withdraw):
                self._withdraw(withdraw)
                self.job.cancel(now=now)
            case CompleteJob():
                self.job.complete(now=now)

    def _withdraw(self, keys: tuple[AssetKey, ...]) -> None:
        for key in keys:
            withdrawn = Failure.of(Code.WITHDRAWN, "The job ended before this was begun.")
            assert self.assets[key].fail(withdrawn, run=self.job.run, now=self.now)

    def _give(self, decision: OrderAttempt) -> None:
        recipe = self.assets[decision.key].recipe
        order = Order(decision.key, decision.revision, decision.attempt, recipe, self.job.run)
        assert order not in self.queue, "an order that is on its way is not given again"
        self.queue.append(order)

    # ---- the workers --------------------------------------------------------------------------------

    def _open(self) -> list[tuple[Asset, Attempt]]:
        return [(a, a.open_attempt) for a in self.assets.values() if a.open_attempt is not None]

    def happen(self) -> None:
        """Let one thing happen: an order begins, an attempt ends, or somebody answers late."""
        what: list[tuple[str, Any]] = [("begin", o) for o in self.queue]
        what += [("end", pair) for pair in self._open()]
        what += [("answer late", o) for o in self.late] if self.accidents else []
        kind, subject = self.choose("event", what)
        self._tick()
        if kind == "begin":
            self._begin(subject)
        elif kind == "end":
            self._end(*subject)
        else:
            self.late.remove(subject)
            self._answer(subject)
        self._append()

    def _begin(self, order: Order) -> None:
        asset = self.assets[order.key]
        if (
            self.accidents
            and self.choose("order", ["kept", "kept", "delivered twice", "dropped"]) == "dropped"
        ):
            self.queue.remove(order)  # its worker died before it wrote anything
            return
        self.queue.remove(order)
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

    def _end(self, asset: Asset, attempt: Attempt) -> None:
        order = Order(asset.key, asset.revision, attempt.number, asset.recipe, self.job.run)
        ends = ENDS if self.accidents else ["made"]
        end = self.choose(f"end {asset.key.name}", ends)
        about: dict[str, Any] = {"run": order.run, "now": self.now}
        if end == "made":
            self._answer(order)
        elif end == "lost":
            assert asset.lose_attempt(order.revision, order.attempt, **about)
            self.late.append(order)
        else:
            again = self.now + timedelta(seconds=30) if end == "failed once" else None
            failure = Failure.of(Code.OVERLOADED, "busy")
            assert asset.fail_attempt(
                order.revision, order.attempt, failure, retry_at=again, cost_usd=self.cost(order), **about
            )

    def _answer(self, order: Order) -> None:
        """As ``actors/work/attempt.py`` does: what was made, or that another was first."""
        asset = self.assets[order.key]
        self.made += 1
        about: dict[str, Any] = {"run": order.run, "now": self.now, "cost_usd": self.cost(order)}
        facts: dict[str, Any] = {"scenes": [{}] * self.scenes} if order.key.kind is Kind.ANALYSIS else {}
        accepted = asset.generate(
            order.revision,
            order.attempt,
            digest=self.content(order.key, self.made),
            media_type="x/y",
            size=1,
            facts=facts,
            provenance={},
            **about,
        )
        if not accepted:
            superseded = Failure.of(Code.SUPERSEDED, "Another attempt had made it.")
            asset.fail_attempt(order.revision, order.attempt, superseded, **about)

    # ---- a life -------------------------------------------------------------------------------------

    def run(self, *, cancel_after: int | None = None) -> "World":
        """Until the run ends; then every order and answer still on its way arrives, too late."""
        for step in range(MAX_STEPS):
            if step == cancel_after:
                self.job.request_cancel(now=self.now)
                self._append()
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
                self._answer(self.late.pop())
            self._append()
        return self

    def reopen(self) -> None:
        self._tick()
        self.job.reopen("retry", now=self.now)
        self._append()

    def regenerate(self, key: AssetKey) -> None:
        """As the API does: the new run and the new revision in one transaction."""
        self._tick()
        self.job.reopen("regenerate", now=self.now)
        asset = self.assets[key]
        inputs = [{"id": "", "name": n, "revision": 0, "digest": d} for n, d in asset.inputs.items()]
        assert asset.request_again(asset.revision + 1, asset.recipe, inputs, run=self.job.run, now=self.now)
        self.log += self.job.collect_events()
        self._append()

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
        shown, progress = [], Progress(self.job.weights, self.job.options)
        for event in self.log:
            match event:
                case Job.StageStarted():
                    progress.stage_started(event.timestamp)
                case Job.Completed():
                    progress.completed()
                case Job.Failed() | Job.Cancelled():
                    progress.stopped()
                case Job.Reopened():
                    progress.reopened()
                case Asset.Requested():
                    progress.requested(keys[event.originator_id], event.revision)
                case Asset.Generated() | Asset.Reused():
                    scenes = event.facts.get("scenes")
                    progress.made(keys[event.originator_id], event.timestamp, len(scenes) if scenes else None)
            shown.append((event, progress.shown))
        return shown

    def describe(self) -> str:
        assets = {k.name: (a.status, a.revision, len(a.attempts)) for k, a in self.assets.items()}
        failures = [a.key.name for a in failed_assets(self.job, self.assets)]
        return f"{self.job.status} run {self.job.run}, failed {failures}, {assets}"


def stages_of(events: list[Any]) -> list[tuple[str, Stage]]:
    return [
        (type(e).__name__, Stage(e.stage))
        for e in events
        if isinstance(e, Job.StageStarted | Job.StageCompleted)
    ]
