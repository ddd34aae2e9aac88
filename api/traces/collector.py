"""Spans as OpenTelemetry's SDK has them, sent to a collector by its exporter. Loaded where one is named.

The SDK records spans as they happen, under ids of its own. Here they are made of the log, with ids that the
log gives, so only what writes and sends them is used, and what reads its variables: no tracer and no
processor, which would keep in memory what the log keeps for ever.
"""

import logging
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests
from google.protobuf.message import DecodeError
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from domain.traces import TraceOrigin
from projections.span import Span, nanoseconds

NAME = "reelog"
REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
"""What is wrong with these spans will be wrong with them for ever; anything else may pass."""
_KEPT = Decision.RECORD_AND_SAMPLE
_NO_NAME = "unknown_service"


@dataclass(frozen=True)
class Sent:
    """What came of it: ``taken``, or why not; ``refused`` is how many will never be."""

    taken: bool
    refused: int = 0
    reason: str = ""


class Collector:
    """Blocks while it sends, for ``OTEL_EXPORTER_OTLP_TIMEOUT`` at most."""

    def __init__(self, endpoint: str) -> None:
        self._status: int | None = None
        self._rejected = 0
        self._why = ""
        session = requests.Session()
        session.hooks["response"].append(self._note)
        self._exporter = OTLPSpanExporter(endpoint, session=session)
        # Of variables it has warned by now; at each try it would say what is told here once, and in /readyz.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
        self._resource = _resource()
        self._scope = InstrumentationScope(NAME, version(NAME))
        # The one way to have the sampler that OTEL_TRACES_SAMPLER names.
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler
        parts = urlsplit(endpoint)
        self.name = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"

    def is_sampled(self, origin: TraceOrigin) -> bool:
        """Whether a job's spans are to be exported; the same for all of them, whoever asks."""
        if origin.parent_span_id is None:
            # Ids of jobs are not random in all places, which a sampler by ratio takes them to be.
            trace_id = int.from_bytes(sha256(origin.trace_id.encode()).digest()[:16])
            return self._sampler.should_sample(Context(), trace_id, "job").decision is _KEPT
        trace_id, flags = int(origin.trace_id, 16), TraceFlags(origin.flags)
        parent = SpanContext(trace_id, int(origin.parent_span_id, 16), is_remote=True, trace_flags=flags)
        context = set_span_in_context(NonRecordingSpan(parent), Context())
        return self._sampler.should_sample(context, trace_id, "job").decision is _KEPT

    def send(self, spans: list[Span]) -> Sent:
        self._status, self._rejected, self._why = None, 0, ""
        self._exporter.export([self._readable(span) for span in spans])
        if self._status is None:
            return Sent(taken=False, reason=f"the collector at {self.name} does not answer")
        if HTTPStatus.OK <= self._status < HTTPStatus.MULTIPLE_CHOICES:
            return Sent(taken=True, refused=self._rejected, reason=self._why)
        reason = f"the collector at {self.name} answers {self._status}"
        return Sent(taken=False, refused=len(spans) if self._status in REFUSED else 0, reason=reason)

    def close(self) -> None:
        """End a pause between two tries; from any thread."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _note(self, response: requests.Response, **_: Any) -> None:
        """What the exporter itself tells nobody: the status, and what was taken in part."""
        self._status, self._rejected, self._why = response.status_code, 0, ""
        if response.ok:
            try:
                told = ExportTraceServiceResponse.FromString(response.content).partial_success
            except DecodeError:
                return  # it was taken, in whatever words
            self._rejected, self._why = int(told.rejected_spans), str(told.error_message)

    def _readable(self, span: Span) -> ReadableSpan:
        parent = None if span.parent_span_id is None else _context(span.trace_id, span.parent_span_id)
        return ReadableSpan(
            name=span.name,
            context=_context(span.trace_id, span.span_id),
            parent=parent,
            resource=self._resource,
            attributes=span.attributes,
            events=[Event(one.name, one.attributes, nanoseconds(one.at)) for one in span.moments],
            links=[Link(_context(link.trace_id, link.span_id)) for link in span.links],
            kind=SpanKind.CLIENT if span.asks_a_model else SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
            start_time=nanoseconds(span.started_at),
            end_time=nanoseconds(span.ended_at),
            instrumentation_scope=self._scope,
        )


def _context(trace_id: str, span_id: str) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags)


def _resource() -> Resource:
    """As OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say; else it is called after the product."""
    told = Resource.create()
    own = Resource({SERVICE_VERSION: version(NAME)}).merge(told)
    unnamed = str(told.attributes.get(SERVICE_NAME, _NO_NAME)).startswith(_NO_NAME)
    return own.merge(Resource({SERVICE_NAME: NAME})) if unnamed else own
