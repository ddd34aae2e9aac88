"""What an asset's events make of it: its state, and how each event changes that.

One ``evolve`` for all events, told apart by their topics: which fields each has is written with the events
themselves (``asset_events.py``), which import this module and cannot be named here.
"""

from datetime import datetime
from typing import Any, NamedTuple

from domain.asset_parts import AssetKey, Attempt, Product, Receipt, Recipe, is_paid
from domain.failures import Code, Failure, Tried, passes_by_itself
from domain.plain import count
from domain.statuses import AssetStatus, AttemptStatus


class Took(NamedTuple):
    requests: int = 0
    tokens: int = 0
    spent_usd: float = 0.0
    unpriced: int = 0

    def since(self, before: "Took") -> "Took":
        """Never less than nothing: a late answer may cost less than what was counted for it before."""
        return Took(
            max(0, self.requests - before.requests),
            max(0, self.tokens - before.tokens),
            max(0.0, self.spent_usd - before.spent_usd),
            max(0, self.unpriced - before.unpriced),
        )


_NO_RECIPE, _NOTHING = Recipe(), Took()


class AssetState:
    def __init__(self, key: AssetKey) -> None:
        self.key = key
        self.revision = 0
        self.status = AssetStatus.REQUESTED
        self.inputs: dict[str, str] = {}
        """The digest of each asset that the latest revision is made from, by name."""
        self.input_parts: dict[str, dict[str, str]] = {}
        """The digests of the parts of them that it uses, where the log recorded parts."""
        self.recipe = _NO_RECIPE
        self.attempts: list[Attempt] = []
        """Of the latest revision, by number from 1. One begins while none is open, only the last can be."""
        self.products: dict[int, Product] = {}
        self.product: Product | None = None
        """What the latest revision made; None while it is unmade."""
        self.failure: Failure | None = None
        self.failed_in_run: int | None = None
        self.requested_at: datetime | None = None
        self.spent_usd = 0.0
        self.unpriced = 0
        self.unknown_usd = 0.0  # reserved for calls whose cost was never learnt: `Film.counted_usd` has it
        self.requests = 0
        self.tokens = 0
        self.lost_calls = 0
        self.latest_run = 0
        self._took_before = _NOTHING

    # ---- questions ----------------------------------------------------------------------------------

    @property
    def is_provided(self) -> bool:
        """Whether a person gave the latest revision: it is made from nothing here."""
        return self.product is not None and self.product.provided

    @property
    def _took(self) -> "Took":
        return Took(self.requests, self.tokens, self.spent_usd, self.unpriced)

    def took_in(self, run: int) -> "Took":
        """What it took in this run, which is its latest one if it was touched in it."""
        return self._took.since(self._took_before) if run == self.latest_run else Took()

    @property
    def open_attempt(self) -> Attempt | None:
        last = self.last_attempt
        return last if last is not None and last.status == AttemptStatus.OPEN else None

    @property
    def last_attempt(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    def attempt(self, revision: int, number: int) -> Attempt | None:
        """One of the latest revision; those of earlier ones are no longer listed."""
        is_listed = revision == self.revision and 0 < number <= len(self.attempts)
        return self.attempts[number - 1] if is_listed else None

    @property
    def reserved_usd(self) -> float:
        under_way = self.open_attempt
        return under_way.reserved_usd or 0.0 if under_way is not None else 0.0

    @property
    def is_idle(self) -> bool:
        """Asked for, and no attempt is under way."""
        return self.status in (AssetStatus.REQUESTED, AssetStatus.WAITING)

    @property
    def is_paid(self) -> bool:
        return is_paid(self.key, self.recipe)

    def tried(self, number: int, failure: Failure, now: datetime) -> Tried:
        """What this revision's attempts have come to, number ``number`` failing ``now`` with ``failure``.

        A new run asks for a new revision of what it lacks, so that this is what the run has tried.
        """
        passing = [now] if passes_by_itself(failure) else []
        counted = 1 - len(passing)
        for attempt in self.attempts:
            if attempt.number == number:
                continue
            if attempt.failure is not None and passes_by_itself(attempt.failure):
                passing.append(attempt.ended_at or now)
            elif attempt.status in (AttemptStatus.FAILED, AttemptStatus.LOST):
                counted += 1
        # A clock that was set back has no say.
        waited_s = max(0.0, (now - min(passing)).total_seconds()) if passing else 0.0
        return Tried(counted, len(passing), waited_s)

    # ---- evolution ----------------------------------------------------------------------------------

    def evolve(self, event: Any) -> None:  # noqa: C901 - one way for each kind of event
        if event.run > self.latest_run:
            self.latest_run, self._took_before = event.run, self._took
        match event.TOPIC:
            case "asset.requested":
                self._ask(event, event.reservation_usd)
                self.status = AssetStatus.REQUESTED
                self.requested_at = event.timestamp
            case "asset.reused":
                self._ask(event, 0.0)
                self.status = AssetStatus.GENERATED
                self._keep(event, 0.0, reused=True)
            case "asset.provided":
                self._take(event)
            case "asset.attempt_started":
                self.status = AssetStatus.RUNNING
                self.attempts.append(
                    Attempt(event.attempt, event.worker, event.timestamp, event.reserved_usd)
                )
            case "asset.call_accepted":
                receipt = Receipt(event.call_id, event.accepted_at, event.expires_at)
                self._change(event, receipt=receipt)
            case "asset.attempt_resumed":
                before = self.attempt(event.revision, event.attempt)
                resumes = before.resumes + 1 if before is not None else 0
                self._change(event, worker=event.worker, resumed_at=event.timestamp, resumes=resumes)
            case "asset.attempt_failed":
                failure = Failure.from_dict(event.failure)
                ended = self._end(event, AttemptStatus.FAILED, retry_at=event.retry_at, failure=failure)
                self._spend(event.cost_usd, event.usage, ended)
                self.lost_calls += failure.code == Code.CALL_LOST
            case "asset.attempt_lost":
                lost = self._end(event, AttemptStatus.LOST)
                if event.may_have_been_billed and lost is not None:
                    # The honest assumption: a lost call cost what was reserved for it.
                    self._spend(lost.reserved_usd, None, lost)
                    self.lost_calls += 1
            case "asset.generated":
                self._generate(event)
            case "asset.failed":
                self.status = AssetStatus.FAILED
                self.failure = Failure.from_dict(event.failure)
                self.failed_in_run = event.run

    def _ask(self, event: Any, reservation_usd: float | None) -> None:
        self.revision = event.revision
        self.inputs = {i["name"]: i["digest"] for i in event.inputs}
        self.input_parts = {i["name"]: i["parts"] for i in event.inputs if "parts" in i}
        self.recipe = Recipe(
            event.model, event.prompt_digest, event.prompt_version, event.parameters, reservation_usd
        )
        self.attempts = []
        self.product = self.failure = None

    def _take(self, event: Any) -> None:
        """What a person gave takes the place of whatever was asked for."""
        self.revision, self.status = event.revision, AssetStatus.GENERATED
        self.inputs, self.input_parts, self.recipe = {}, {}, _NO_RECIPE
        self.attempts, self.failure = [], None
        by = {"provided_by": event.caller, **event.source}
        self.products[self.revision] = self.product = Product(
            event.digest, event.media_type, event.bytes, event.facts, self.revision, by, provided=True
        )

    def _generate(self, event: Any) -> None:
        before = self.attempt(event.revision, event.attempt)
        if before is not None and before.status == AttemptStatus.LOST:
            # A late answer: what the lost call was assumed to cost gives way to what it did cost.
            self._find_again(before)
        ended = self._end(event, AttemptStatus.SUCCEEDED)
        self.status = AssetStatus.GENERATED
        self.failure = None
        self._keep(event, event.cost_usd)
        self._spend(event.cost_usd, event.usage, ended)

    def _keep(self, event: Any, cost_usd: float | None, *, reused: bool = False) -> None:
        self.products[self.revision] = self.product = Product(
            event.digest,
            event.media_type,
            event.bytes,
            event.facts,
            self.revision,
            event.provenance,
            cost_usd,
            reused,
            provided="provided_by" in event.provenance,
        )

    def _end(self, event: Any, status: AttemptStatus, **changes: Any) -> Attempt | None:
        """Close the attempt that ``event`` speaks of. One of an earlier revision is no longer listed."""
        ended = self._change(event, status=status, ended_at=event.timestamp, **changes)
        if ended is None:
            return None
        if self.status not in (AssetStatus.GENERATED, AssetStatus.FAILED):
            self.status = AssetStatus.RUNNING if self.open_attempt else AssetStatus.WAITING
        return ended

    def _change(self, event: Any, **changes: Any) -> Attempt | None:
        attempt = self.attempt(event.revision, event.attempt)
        if attempt is None:
            return None
        changed = self.attempts[attempt.number - 1] = attempt._replace(**changes)
        return changed

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
