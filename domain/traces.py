"""Where a job's trace begins, and the ids of its spans: all of it a function of what is on record.

``traceparent`` is W3C Trace Context: what a caller sends along so that its trace and the job's are one. What
is not valid is passed over, as the specification has it, and the trace begins with the job. Ids are digests
of what a span is about, never random ones: whoever makes the spans of a log, and however often, makes the
same, so that a restart tears none apart and a repetition doubles none.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from uuid import UUID

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NO_TRACE, _NO_SPAN, _NO_VERSION = "0" * 32, "0" * 16, "ff"
_SAMPLED, _KNOWN_FLAGS = 0x01, 0x03


def read_traceparent(text: str | None) -> str | None:
    """The header as the first version writes it; None where there is none, or what came is not valid.

    Of a later version that counts which this one has, too.
    """
    found = _FORM.fullmatch((text or "").strip(" \t"))
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == _NO_VERSION or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    if version == "00" and more is not None:
        return None
    return f"00-{trace_id}-{span_id}-{int(flags, 16) & _KNOWN_FLAGS:02x}"


@dataclass(frozen=True)
class TraceOrigin:
    """The trace of a job: its caller's where it named one, else the job's own, under the job's id."""

    trace_id: str
    parent_span_id: str | None = None
    flags: int = _SAMPLED

    @classmethod
    def of(cls, job_id: UUID, traceparent: str | None) -> Self:
        """``traceparent`` as `read_traceparent` gives it."""
        if traceparent is None:
            return cls(job_id.hex)
        _, trace_id, span_id, flags = traceparent.split("-")
        return cls(trace_id, span_id, int(flags, 16))

    @property
    def is_sampled(self) -> bool:
        """Whether the spans are to be recorded, as far as its caller said."""
        return bool(self.flags & _SAMPLED)

    def handed_on(self, span_id: str) -> str:
        """The header for whoever is told of what happened within this span."""
        return f"00-{self.trace_id}-{span_id}-{self.flags:02x}"


def span_id(job_id: UUID, *about: object) -> str:
    """The id of a job's span; ``about`` tells it from all others: run, stage or asset, revision, attempt."""
    told = "\n".join(map(str, (job_id.hex, *about)))
    return sha256(told.encode()).hexdigest()[:16]


def run_span_id(job_id: UUID, run: int) -> str:
    return span_id(job_id, "run", run)
