"""trace: a job's spans from the log, for a person and as OTLP, which the library of others reads the same."""

import json
from base64 import b64decode
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from api.traces.collector import Collector
from api.traces.otlp_json import otlp_json
from domain.asking import Asking
from domain.job import Job
from domain.traces import run_span_id
from projections.span import Span
from projections.spans import spans_of
from tests.api.cli.conftest import Floor, Run
from tests.projections.filming import outage, refusal

pytestmark = pytest.mark.slow


TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def filmed(floor: Floor, traceparent: str | None = None) -> tuple[UUID, list[Span]]:
    """A film that was retried within its run, failed, and was completed by a second one, asked for so."""
    floor.filming.faults["image:1"] = [outage(), refusal()]
    floor.filming.accepted = {"narration:1"}
    job = floor.filming.submit(provider="gemini")
    assert floor.filming.finish(job) == "failed"
    within = Asking(traceparent=traceparent)
    again = partial(Job.reopen, reason="retry", now=floor.filming.tick(60), asking=within)
    floor.filming.studio.change_job(job, again)
    assert floor.filming.finish(job) == "completed"
    floor.settle()
    return job, spans_of(one.event for one in floor.system.log.read(0, 10_000))


def test_a_person_sees_each_span_below_the_one_that_it_is_part_of(run: Run, floor: Floor) -> None:
    job, spans = filmed(floor)
    result = run("trace", str(job))
    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert first == f"trace {job.hex}"
    assert len(lines) == len(spans)
    assert lines[0].endswith("  job  $0.0600  safety")
    [retried] = [line for line in lines if "image:1" in line and "retry" in line]
    assert retried.split("s  ")[-1].strip() == "generate_content image-model  image:1  retry  overloaded"
    [again] = [line for line in lines if "job retry" in line]
    assert lines.index(again) > lines.index(retried)


def test_a_run_in_anothers_trace_stands_below_the_name_of_that_trace(run: Run, floor: Floor) -> None:
    job, spans = filmed(floor, f"00-{TRACE}-{CALLER}-01")
    lines = run("trace", str(job)).stdout.splitlines()
    assert [line for line in lines if line.startswith("trace ")] == [f"trace {job.hex}", f"trace {TRACE}"]
    below = lines[lines.index(f"trace {TRACE}") + 1 :]
    assert len(below) == sum(span.trace_id == TRACE for span in spans)
    assert "job retry" in below[0]


def test_json_is_one_document_of_otlp_with_the_same_spans_as_are_exported(run: Run, floor: Floor) -> None:
    job, spans = filmed(floor)
    result = run("trace", str(job), "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert flat(document) == flat(otlp_json(spans))
    [root] = [one for one in flat(document) if one["spanId"] == run_span_id(job, 1)]
    assert (root["traceId"], root["name"], root["kind"]) == (job.hex, "job", 1)


def test_the_document_says_what_the_librarys_own_encoder_says(floor: Floor) -> None:
    _, spans = filmed(floor, f"00-{TRACE}-{CALLER}-01")
    collector = Collector("http://127.0.0.1:9")
    encoded = MessageToDict(
        encode_spans([collector._readable(span) for span in spans]), use_integers_for_enums=True
    )
    collector.close()
    assert [normal(one) for one in flat(encoded, base64=True)] == [
        normal(one) for one in flat(otlp_json(spans))
    ]


def flat(document: dict[str, Any], *, base64: bool = False) -> list[dict[str, Any]]:
    [resource] = document["resourceSpans"]
    [scope] = resource["scopeSpans"]
    assert scope["scope"]["name"] == "reelog"
    told: list[dict[str, Any]] = scope["spans"]
    return [in_hexadecimal(one) if base64 else one for one in told]


def in_hexadecimal(value: Any) -> Any:
    """As OTLP's JSON has ids, where protobuf's has them in base 64."""
    if isinstance(value, dict):
        return {
            name: b64decode(one).hex()
            if name in ("traceId", "spanId", "parentSpanId")
            else in_hexadecimal(one)
            for name, one in value.items()
        }
    return [in_hexadecimal(one) for one in value] if isinstance(value, list) else value


def normal(span: dict[str, Any]) -> dict[str, Any]:
    """Without what is left out or written out where it is empty, and without flags of who is remote."""
    kept = {name: value for name, value in span.items() if value not in ([], {}, None) and name != "flags"}
    for name in ("events", "links"):
        kept[name] = [
            {key: value for key, value in one.items() if value != [] and key != "flags"}
            for one in span.get(name, [])
        ]
    return kept


def test_of_a_job_of_which_nothing_has_ended_there_is_nothing_to_show(run: Run, floor: Floor) -> None:
    job = floor.filming.submit()
    floor.settle()
    result = run("trace", str(job))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing of it has ended yet" in result.stderr
