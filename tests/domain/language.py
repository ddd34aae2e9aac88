"""The language of the domain's tests: ``given(facts).when(decision).then(facts)``.

A *fact* is an event class and those of its fields that matter to the test. Given facts become real events,
with ids, versions and times filled in; expected facts are compared in the fields they name, and a decision
that adds an event which is not expected fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.failures import Code, Failure
from domain.job import Job
from domain.script import Kind, Stage

JOB_ID = UUID("6b5c1de0-3e49-4d1f-9a0a-6f0f6a8f0c11")
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NOW = START + timedelta(hours=1)
IMAGE = AssetKey(Kind.IMAGE, 2)
STEP = timedelta(seconds=1)
DAY = timedelta(days=1)

A = TypeVar("A", Job, Asset)


@dataclass(frozen=True)
class Fact:
    event: type[Any]
    fields: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.event.TOPIC}({', '.join(f'{k}={v!r}' for k, v in self.fields.items())})"


def fact(event: type[Any], **fields: Any) -> Fact:
    return Fact(event, fields)


def failure(code: Code = Code.OVERLOADED, **context: Any) -> Failure:
    return Failure.of(code, "as the provider said it", **context)


# ---- facts of an asset, with what tests rarely care about filled in -----------------------------------


def requested(
    revision: int = 1,
    *,
    key: AssetKey = IMAGE,
    reserve: float | None = 0.04,
    run: int = 1,
    model: str | None = "gemini-image",
) -> Fact:
    return fact(
        Asset.Requested,
        kind=key.kind.value,
        scene=key.scene,
        revision=revision,
        inputs=[{"id": "…", "name": "storyboard", "revision": revision, "digest": f"sha256:s{revision}"}],
        model=model,
        prompt_digest="sha256:p",
        prompt_version="image@1",
        parameters={"aspect_ratio": "16:9"},
        reservation_usd=reserve,
        run=run,
    )


def started(attempt: int = 1, *, revision: int = 1, worker: str = "w1", reserve: float | None = 0.04) -> Fact:
    return fact(Asset.AttemptStarted, revision=revision, attempt=attempt, worker=worker, reserved_usd=reserve)


def accepted(
    attempt: int = 1, *, worker: str = "w1", call: str = "call-1", expires_at: datetime | None = None
) -> Fact:
    return fact(
        Asset.CallAccepted,
        revision=1,
        attempt=attempt,
        worker=worker,
        call_id=call,
        accepted_at=START,
        expires_at=expires_at or START + DAY,
    )


def resumed(attempt: int = 1, *, worker: str = "w2", **more: Any) -> Fact:
    return fact(Asset.AttemptResumed, revision=1, attempt=attempt, worker=worker, **more)


def attempt_failed(
    attempt: int = 1,
    *,
    revision: int = 1,
    retry_at: datetime | None = None,
    cost: float | None = 0.0,
    code: Code = Code.OVERLOADED,
) -> Fact:
    return fact(
        Asset.AttemptFailed,
        revision=revision,
        attempt=attempt,
        failure=failure(code).to_dict(),
        retry_at=retry_at,
        usage=None,
        cost_usd=cost,
    )


def lost(attempt: int = 1, *, revision: int = 1, worker: str = "w1", billed: bool = True) -> Fact:
    return fact(
        Asset.AttemptLost, revision=revision, attempt=attempt, worker=worker, may_have_been_billed=billed
    )


def generated(
    attempt: int = 1, *, revision: int = 1, cost: float | None = 0.03, digest: str = "sha256:i"
) -> Fact:
    return fact(
        Asset.Generated,
        revision=revision,
        attempt=attempt,
        digest=digest,
        media_type="image/png",
        bytes=812_345,
        facts={"width": 1344, "height": 768},
        provenance={"provider": "gemini"},
        usage={"total_tokens": 1500},
        cost_usd=cost,
        latency_s=6.1,
    )


def failed(*, revision: int = 1, code: Code = Code.SAFETY, run: int = 1) -> Fact:
    return fact(Asset.Failed, revision=revision, failure=failure(code).to_dict(), run=run)


# ---- facts of a job -----------------------------------------------------------------------------------


def submitted(**fields: Any) -> Fact:
    return fact(
        Job.Submitted,
        **{
            "script": "Welcome.",
            "language": None,
            "models": {"text": "t", "image": "i", "speech": "s"},
            "options": {},
            "provider": "emulator",
            "max_cost_usd": None,
            "priority": "normal",
            "metadata": {},
            "weights": {"seconds": {}, "scenes": 3, "measured": False},
            "fingerprint": None,
            "forked_from": None,
            **fields,
        },
    )


def stage_started(stage: Stage, run: int = 1) -> Fact:
    return fact(Job.StageStarted, stage=stage.value, run=run)


def stage_completed(stage: Stage, run: int = 1) -> Fact:
    return fact(
        Job.StageCompleted,
        stage=stage.value,
        assets=1,
        elapsed_s=4.2,
        requests=1,
        tokens=10,
        cost_usd=0.01,
        unpriced=0,
        run=run,
    )


# ---- given, when, then --------------------------------------------------------------------------------


@dataclass
class Given(Generic[A]):
    aggregate: A
    answer: Any = None
    _decisions: list[Callable[[A], Any]] = field(default_factory=list)

    def when(self, decision: Callable[[A], Any]) -> "Given[A]":
        self.answer = decision(self.aggregate)
        self._decisions.append(decision)
        return self

    def then(self, *expected: Fact) -> A:
        """Exactly these events were added; and the same decisions again add none."""
        events = list(self.aggregate.pending_events)
        assert [type(e).__name__ for e in events] == [f.event.__name__ for f in expected], events
        for event, wanted in zip(events, expected, strict=True):
            got = {name: getattr(event, name) for name in wanted.fields}
            assert got == wanted.fields, f"{event} is not {wanted}"
        for decision in self._decisions:
            decision(self.aggregate)
        assert list(self.aggregate.pending_events) == events, "given twice, a command adds nothing"
        return self.aggregate


def given_asset(*facts: Fact) -> Given[Asset]:
    return Given(build(Asset, facts))


def given_job(*facts: Fact) -> Given[Job]:
    return Given(build(Job, facts))


def build(kind: type[A], facts: tuple[Fact, ...]) -> A:
    """The aggregate as it is loaded from a stream of these events, one second apart."""
    aggregate: Any = None
    first = facts[0].fields
    key = IMAGE if kind is Job else AssetKey(Kind(first["kind"]), first["scene"])
    for version, known in enumerate(facts, 1):
        fields: dict[str, Any] = {
            "originator_id": JOB_ID if kind is Job else key.id_in(JOB_ID),
            "originator_version": version,
            "timestamp": START + version * STEP,
            "job_id": JOB_ID,
            "run": getattr(aggregate, "run", 1),
            "causation": None,
            **known.fields,
        }
        if known.event in (Job.Submitted, Asset.Requested, Asset.Reused):
            fields["originator_topic"] = kind.TOPIC
        aggregate = known.event(**fields).mutate(aggregate)
    assert isinstance(aggregate, kind)
    return aggregate
