"""A job's spans, as OpenTelemetry has them: a function of its events, and of nothing else.

A run is a span, the stages that it sets to work are spans within it, and the attempts at their assets spans
within these. Each is given out by the event that ends it, so that what is exported while a film is made and
what is made of its log years later are the same, to the id and the millisecond.

What a span tells of calls to models follows the conventions for generative AI. No script, no prompt and no
words of a provider are ever in one: they stand in the log, under the ids that a span names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import asset_events, job_events
from domain.asset import Asset, AssetKey, Recipe
from domain.asset_parts import is_paid
from domain.failures import Code
from domain.job import Job
from domain.plain import count
from domain.script import Kind, Stage
from domain.traces import TraceOrigin, run_span_id, span_id
from projections.span import Link, Moment, Span, Value
from projections.wire import iso

PROVIDERS = {"gemini": "gcp.gemini"}
"""What the conventions call a provider that they know; the emulator is none of theirs, and says so."""
GENERATE = "generate_content"
OUTPUT_TYPES = {Kind.IMAGE: "image", Kind.NARRATION: "speech", Kind.SHOT: "video", Kind.MUSIC: "music"}
"""What is asked for is a document where nothing else is said."""
NO_ERRORS = frozenset({Code.CANCELLED, Code.SUPERSEDED, Code.WITHDRAWN})
"""How attempts and assets end that nothing is wrong with."""
LOST = "attempt_lost"

AttemptId = tuple[UUID, int, int]
"""Asset, revision, attempt."""


@dataclass
class _Open:
    """A span that has begun."""

    origin: TraceOrigin
    id: str
    parent: str | None
    name: str
    started_at: datetime
    attributes: dict[str, Value]
    moments: list[Moment] = field(default_factory=list)
    links: tuple[Link, ...] = ()
    error: str | None = None
    asks_a_model: bool = False


@dataclass(frozen=True)
class _Asked:
    """What of an asset is being made."""

    key: AssetKey
    model: str | None


def spans_of(events: Iterable[Any]) -> list[Span]:
    """Those that have ended, in the order of their ends; ``events``: all of one job, in order."""
    fold = JobSpans()
    return [span for event in events for span in fold.take(event)]


class JobSpans:
    """Feed it every event of one job once, in order; each gives the spans that it ends."""

    def __init__(self) -> None:
        self._origins: dict[int, TraceOrigin] = {}  # of each run
        self._provider = ""
        self._run: _Open | None = None
        self._cost_usd = 0.0
        self._stages: dict[str, _Open] = {}
        self._begun: set[tuple[int, str]] = set()  # each run's stages, also those that have ended
        self._assets: dict[UUID, _Asked] = {}
        self._attempts: dict[AttemptId, _Open] = {}
        self._lost: dict[AttemptId, Link] = {}

    @property
    def is_idle(self) -> bool:
        """Whether no run is under way: what follows can be told from the log as well."""
        return self._run is None

    def take(self, event: Any) -> list[Span]:  # noqa: C901 - one way for each kind of event
        """The spans that end with this event."""
        match event:
            case Job.Submitted():
                self._submit(event)
            case Job.Reopened():
                self._reopen(event)
            case Job.StageStarted():
                self._start_stage(event)
            case Job.StageCompleted():
                return self._close(self._stages.pop(event.stage, None), event)
            case Job.Completed() | Job.Failed() | Job.Cancelled():
                return self._end_run(event)
            case Job.Event():
                self._note(self._run, event)
                self._link(event)
            case Asset.Requested() | Asset.Reused() | Asset.Provided():
                key = AssetKey(Kind(event.kind), event.scene, event.beat)
                self._assets[event.originator_id] = _Asked(key, getattr(event, "model", None))
            case Asset.AttemptStarted():
                self._start_attempt(event)
            case Asset.CallAccepted() | Asset.AttemptResumed():
                self._note(self._attempts.get(_attempt(event)), event)
            case Asset.Generated() | Asset.AttemptFailed() | Asset.AttemptLost():
                return self._end_attempt(event)
            case Asset.Failed():
                stage = self._stages.get(self._assets[event.originator_id].key.stage)
                self._note(stage, event, **{"error.type": event.failure["code"]})
                if stage is not None and event.failure["code"] not in NO_ERRORS:
                    stage.error = event.failure["code"]
        return []

    # ---- runs ---------------------------------------------------------------------------------------

    def _submit(self, event: job_events.Submitted) -> None:
        origin = TraceOrigin.of(event.job_id, event.traceparent)
        self._origins[event.run] = origin
        self._provider = event.provider
        self._run = self._span(event, "job", origin.parent_span_id, "run", event.run)
        self._run.attributes |= {"reelog.run": event.run, "reelog.caller": event.caller}
        if event.forked_from is not None:
            self._run.attributes["reelog.forked_from"] = str(event.forked_from["job_id"])

    def _reopen(self, event: job_events.Reopened) -> None:
        """A later run is part of the trace of who asked for it, and linked to the one before.

        Where they named none it is a child of the first, as its trace has one root.
        """
        first, before = self._origins[1], self._origins[event.run - 1]
        origin, parent = first, run_span_id(event.job_id, 1)
        if event.traceparent is not None:
            origin = TraceOrigin.of(event.job_id, event.traceparent)
            parent = origin.parent_span_id or parent
        self._origins[event.run] = origin
        self._cost_usd = 0.0
        self._run = self._span(event, f"job {event.reason}", parent, "run", event.run)
        self._run.attributes |= {"reelog.run": event.run, "reelog.reason": event.reason}
        self._run.links = (Link(before.trace_id, run_span_id(event.job_id, event.run - 1)),)

    def _link(self, event: job_events.Event) -> None:
        """A run that goes on is linked to the span of who let it, and stays in its own trace."""
        if not isinstance(event, job_events.Approved | job_events.Changed):
            return
        if self._run is not None and event.traceparent is not None:
            caller = TraceOrigin.of(event.job_id, event.traceparent)
            self._run.links += (Link(caller.trace_id, caller.parent_span_id or ""),)

    def _end_run(self, event: Any) -> list[Span]:
        run, self._run = self._run, None
        if run is None:
            return []
        ended = [*self._stages.values()]
        self._stages.clear()
        run.attributes |= {
            "reelog.status": event.TOPIC.removeprefix("job."),
            "reelog.cost_usd": round(self._cost_usd, 6),
        }
        if isinstance(event, Job.Failed):
            run.error = event.failure["code"]
        return [span for one in (*ended, run) for span in self._close(one, event)]

    def _start_stage(self, event: job_events.StageStarted) -> None:
        stage = self._span(
            event, event.stage, run_span_id(event.job_id, event.run), *_stage(event, event.stage)
        )
        stage.attributes["reelog.stage"] = event.stage
        self._stages[event.stage] = stage
        self._begun.add((event.run, event.stage))

    # ---- attempts -----------------------------------------------------------------------------------

    def _start_attempt(self, event: asset_events.AttemptStarted) -> None:
        asked = self._assets[event.originator_id]
        model = asked.model if is_paid(asked.key, Recipe(model=asked.model)) else None
        name = f"make {asked.key.kind}" if model is None else f"{GENERATE} {model}"
        attempt = self._span(event, name, self._within(event, asked.key.stage), *_told(event))
        attempt.attributes |= {
            "reelog.stage": asked.key.stage.value,
            "reelog.asset": asked.key.name,
            "reelog.revision": event.revision,
            "reelog.attempt": event.attempt,
            "reelog.worker": event.worker,
        }
        if model is not None:
            attempt.asks_a_model = True
            attempt.attributes |= {
                "gen_ai.operation.name": GENERATE,
                "gen_ai.provider.name": PROVIDERS.get(self._provider, self._provider),
                "gen_ai.request.model": model,
                "gen_ai.output.type": OUTPUT_TYPES.get(asked.key.kind, "json"),
            }
        self._attempts[_attempt(event)] = attempt

    def _end_attempt(self, event: Any) -> list[Span]:
        attempt = self._attempts.pop(_attempt(event), None) or self._late(event)
        if attempt is None:
            return []
        attempt.attributes["reelog.outcome"] = event.TOPIC.removeprefix("asset.").removeprefix("attempt_")
        if isinstance(event, Asset.AttemptLost):
            self._lost[_attempt(event)] = Link(attempt.origin.trace_id, attempt.id)
            attempt.attributes["reelog.may_have_been_billed"] = event.may_have_been_billed
            attempt.error = LOST
        else:
            self._price(attempt, event)
        if isinstance(event, Asset.Generated):
            if attempt.asks_a_model:
                said = event.provenance
                attempt.attributes |= _answered(
                    said.get("model_version"), said.get("response_id"), said.get("finish_reason")
                )
        elif isinstance(event, Asset.AttemptFailed):
            _fail(attempt, event)
        return self._close(attempt, event)

    def _price(self, attempt: _Open, event: Any) -> None:
        if event.cost_usd is not None:
            attempt.attributes["reelog.cost_usd"] = event.cost_usd
            self._cost_usd += event.cost_usd
        if event.usage and attempt.asks_a_model:
            used = event.usage
            attempt.attributes |= {
                "gen_ai.usage.input_tokens": count(used.get("prompt_tokens")),
                # Thoughts are charged as output.
                "gen_ai.usage.output_tokens": count(used.get("output_tokens"))
                + count(used.get("thoughts_tokens")),
            }

    def _late(self, event: Any) -> _Open | None:
        """An answer to an attempt that was given up for lost: that span has ended, and is not told anew."""
        lost = self._lost.pop(_attempt(event), None)
        if lost is None or event.originator_id not in self._assets:
            return None
        key = self._assets[event.originator_id].key
        late = self._span(event, "late answer", self._within(event, key.stage), *_told(event), "late")
        late.attributes |= {"reelog.stage": key.stage.value, "reelog.asset": key.name}
        late.links = (lost,)
        return late

    # ---- spans --------------------------------------------------------------------------------------

    def _within(self, event: Any, stage: Stage) -> str:
        """The stage that set it to work; the run, where none was noted."""
        if (event.run, stage.value) in self._begun:
            return span_id(event.job_id, *_stage(event, stage.value))
        return run_span_id(event.job_id, event.run)

    def _span(self, event: Any, name: str, parent: str | None, *about: object) -> _Open:
        attributes: dict[str, Value] = {
            "reelog.job.id": str(event.job_id),
            "reelog.provider": self._provider,
        }
        origin = self._origins[event.run]
        return _Open(origin, span_id(event.job_id, *about), parent, name, event.timestamp, attributes)

    def _note(self, span: _Open | None, event: Any, **attributes: Value) -> None:
        if span is not None:
            span.moments.append(Moment(event.TOPIC, event.timestamp, attributes))

    def _close(self, span: _Open | None, event: Any) -> list[Span]:
        if span is None:
            return []
        attributes = span.attributes | ({"error.type": span.error} if span.error else {})
        return [
            Span(
                span.origin,
                span.id,
                span.parent,
                span.name,
                span.started_at,
                max(span.started_at, event.timestamp),  # a clock may have been set back
                attributes,
                tuple(span.moments),
                span.links,
                span.error,
                span.asks_a_model,
            )
        ]


def _fail(attempt: _Open, event: asset_events.AttemptFailed) -> None:
    failure = event.failure
    code = failure["code"]
    if code in NO_ERRORS:
        attempt.attributes["reelog.outcome"] = code
    else:
        attempt.error = code
    if failure.get("http_status") is not None:
        attempt.attributes["http.response.status_code"] = failure["http_status"]
    if attempt.asks_a_model:
        version = (failure.get("details") or {}).get("model_version")
        attempt.attributes |= _answered(version, failure.get("response_id"), failure.get("finish_reason"))
    if event.retry_at is not None:
        told = {"reelog.retry_at": iso(event.retry_at) or ""}
        attempt.moments.append(Moment("retry", event.timestamp, dict(told)))


def _answered(version: Any, response_id: Any, finish_reason: Any) -> dict[str, Value]:
    told: dict[str, Value] = {}
    if version:
        told["gen_ai.response.model"] = str(version)
    if response_id:
        told["gen_ai.response.id"] = str(response_id)
    if finish_reason:
        told["gen_ai.response.finish_reasons"] = (str(finish_reason),)
    return told


def _attempt(event: Any) -> AttemptId:
    return event.originator_id, event.revision, event.attempt


def _told(event: Any) -> tuple[object, ...]:
    """What an attempt's id is made of."""
    return "attempt", event.originator_id.hex, event.revision, event.attempt


def _stage(event: Any, stage: str) -> tuple[object, ...]:
    return "stage", event.run, stage
