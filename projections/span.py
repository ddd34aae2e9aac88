"""What a span is, as OpenTelemetry has them: something that began and ended, and what it is part of."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.traces import TraceOrigin

Value = str | int | float | bool | tuple[str, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    """Something that happened within a span."""

    name: str
    at: datetime
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """Another span that a span has to do with, of whichever trace."""

    trace_id: str
    span_id: str


@dataclass(frozen=True)
class Span:
    """``error`` is the code of what went wrong; ``origin`` tells whose trace it is part of."""

    origin: TraceOrigin
    span_id: str
    parent_span_id: str | None
    name: str
    started_at: datetime
    ended_at: datetime
    attributes: dict[str, Value]
    moments: tuple[Moment, ...] = ()
    links: tuple[Link, ...] = ()
    error: str | None = None
    asks_a_model: bool = False

    @property
    def trace_id(self) -> str:
        return self.origin.trace_id


def nanoseconds(at: datetime) -> int:
    """Since 1970, in whole milliseconds, as events tell their times to the public."""
    return (at - _EPOCH) // timedelta(milliseconds=1) * 1_000_000
