"""What is taken in of a caller's trace, by the rules of W3C Trace Context, and what is handed on."""

from uuid import UUID

import pytest

from domain.traces import TraceOrigin, read_traceparent, run_span_id, span_id

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
JOB = UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")
VALID = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        pytest.param(VALID, VALID, id="as it is written"),
        pytest.param(f"  {VALID}\t", VALID, id="with blanks around it"),
        pytest.param(f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-00", id="not sampled"),
        pytest.param(f"00-{TRACE}-{SPAN}-ff", f"00-{TRACE}-{SPAN}-03", id="flags that nobody knows"),
        pytest.param(f"cc-{TRACE}-{SPAN}-01", VALID, id="a later version"),
        pytest.param(f"cc-{TRACE}-{SPAN}-01-more", VALID, id="a later version with more"),
    ],
)
def test_a_valid_one_is_read(sent: str, read: str) -> None:
    assert read_traceparent(sent) == read
    assert read_traceparent(read) == read


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(f"ff-{TRACE}-{SPAN}-01", id="a version that is forbidden"),
        pytest.param(f"00-{TRACE}-{SPAN}-01-more", id="more than this version has"),
        pytest.param(f"cc-{TRACE}-{SPAN}-01.more", id="more without a dash"),
        pytest.param(f"00-{'0' * 32}-{SPAN}-01", id="no trace"),
        pytest.param(f"00-{TRACE}-{'0' * 16}-01", id="no span"),
        pytest.param(VALID.upper(), id="capitals"),
        pytest.param(f"00-{TRACE[1:]}-{SPAN}-01", id="a short trace"),
        pytest.param(f"00-{TRACE}-{SPAN}-1", id="short flags"),
        pytest.param(f"{VALID}, {VALID}", id="twice"),
        pytest.param(f"00-{TRACE}-{SPAN[:-1]}\uff10-01", id="a digit of another writing"),
        pytest.param(f"{VALID}\n", id="a line"),
    ],
)
def test_what_is_not_valid_is_passed_over(sent: str | None) -> None:
    assert read_traceparent(sent) is None


def test_a_job_is_part_of_its_callers_trace_else_has_one_under_its_own_id() -> None:
    assert TraceOrigin.of(JOB, VALID) == TraceOrigin(TRACE, SPAN, 1)
    assert TraceOrigin.of(JOB, None) == TraceOrigin(JOB.hex, None, 1)
    assert not TraceOrigin.of(JOB, f"00-{TRACE}-{SPAN}-02").is_sampled


def test_what_is_handed_on_is_valid_and_keeps_trace_and_flags() -> None:
    span = run_span_id(JOB, 1)
    assert TraceOrigin.of(JOB, f"00-{TRACE}-{SPAN}-02").handed_on(span) == f"00-{TRACE}-{span}-02"
    told = TraceOrigin.of(JOB, None).handed_on(span)
    assert read_traceparent(told) == told


def test_ids_of_spans_are_the_same_for_ever_and_differ_by_what_they_are_about() -> None:
    assert run_span_id(JOB, 1) == "127e2b5b654ae4e3"
    others = {span_id(JOB, "run", 2), span_id(JOB, "stage", 1, "music"), span_id(UUID(int=1), "run", 1)}
    assert len({run_span_id(JOB, 1), *others}) == 4
