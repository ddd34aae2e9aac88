"""Spans as OTLP has them in JSON: for whatever reads such files, without a collector and without the extra.

Ids are hexadecimal there and numbers of 64 bits are texts, other than protobuf's own JSON has them.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from projections.span import Span, Value, nanoseconds

Json = dict[str, Any]
_INTERNAL, _CLIENT = 1, 3
_SAMPLED = 1
_ERROR = 2


def otlp_json(spans: Iterable[Span]) -> Json:
    """One request of OTLP, as a collector's file exporter writes and a receiver takes it."""
    own = version("reelog")
    resource = {"service.name": "reelog", "service.version": own}
    scope = {"scope": {"name": "reelog", "version": own}, "spans": [_span(span) for span in spans]}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _span(span: Span) -> Json:
    told: Json = {"traceId": span.trace_id, "spanId": span.span_id}
    if span.parent_span_id is not None:
        told["parentSpanId"] = span.parent_span_id
    told |= {
        "flags": _SAMPLED,
        "name": span.name,
        "kind": _CLIENT if span.asks_a_model else _INTERNAL,
        "startTimeUnixNano": str(nanoseconds(span.started_at)),
        "endTimeUnixNano": str(nanoseconds(span.ended_at)),
        "attributes": _attributes(span.attributes),
        "events": [
            {
                "timeUnixNano": str(nanoseconds(one.at)),
                "name": one.name,
                "attributes": _attributes(one.attributes),
            }
            for one in span.moments
        ],
        "links": [{"traceId": link.trace_id, "spanId": link.span_id} for link in span.links],
        "status": {"code": _ERROR, "message": span.error} if span.error else {},
    }
    return told


def _attributes(values: Mapping[str, Value]) -> list[Json]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Value) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case _:
            return {"arrayValue": {"values": [_value(one) for one in value]}}
