"""A job's spans, from its events: whole, in their places, and the same however they come about."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.asking import Asking
from domain.asset import Asset, AssetKey
from domain.failures import Failure
from domain.job import Job
from domain.script import Kind
from domain.store import open_event_store
from domain.traces import read_traceparent, run_span_id
from projections.job_fold import JobFold
from projections.retelling import retold
from projections.span import Link, Span
from projections.spans import JobSpans, spans_of
from tests.projections.filming import SCRIPT, Filming, outage, refusal

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"


@pytest.fixture
def filming(tmp_path: Any) -> Iterator[Filming]:
    store = open_event_store(f"sqlite:///{tmp_path}/events.db")
    filming = Filming(store)
    yield filming
    filming.studio.close()
    store.close()


def events(filming: Filming) -> list[Any]:
    return [recorded.event for recorded in filming.log.read(0, 100_000)]


def named(spans: list[Span], name: str) -> Span:
    [found] = [span for span in spans if span.name == name]
    return found


def attempts(spans: list[Span], asset: str) -> list[Span]:
    return [span for span in spans if span.attributes.get("reelog.asset") == asset]


def whole(spans: list[Span]) -> Span:
    """The root; every other span is in its place below it, within its trace, once."""
    ids = {span.span_id for span in spans}
    assert len(ids) == len(spans)
    assert len({span.trace_id for span in spans}) == 1
    roots = [span for span in spans if span.parent_span_id not in ids]
    assert len(roots) == 1
    assert all(link.span_id in ids for span in spans for link in span.links)
    return roots[0]


def test_a_film_is_a_run_its_stages_and_their_attempts(filming: Filming) -> None:
    job = filming.submit()
    assert filming.finish(job) == "completed"
    told = events(filming)
    spans = spans_of(told)
    root = whole(spans)
    assert (root.name, root.trace_id, root.span_id) == ("job", job.hex, run_span_id(job, 1))
    assert root.parent_span_id is None
    assert (root.started_at, root.ended_at) == (told[0].timestamp, told[-1].timestamp)
    assert root.attributes["reelog.status"] == "completed"
    stages = {span.span_id: span for span in spans if span.parent_span_id == root.span_id}
    begun = [event.stage for event in told if isinstance(event, Job.StageStarted)]
    assert sorted(span.name for span in stages.values()) == sorted(begun)
    made = [span for span in spans if span.parent_span_id in stages]
    assert len(made) == sum(isinstance(event, Asset.Generated) for event in told)
    assert len(made) + len(stages) + 1 == len(spans)
    for span in made:
        assert stages[span.parent_span_id or ""].name == span.attributes["reelog.stage"]
        assert span.attributes["reelog.outcome"] == "generated"
        assert span.error is None
    paid = sum(event.cost_usd for event in told if isinstance(event, Asset.Generated))
    assert root.attributes["reelog.cost_usd"] == pytest.approx(paid)


def test_an_attempt_that_asks_a_model_says_so_by_the_conventions_and_others_do_not(filming: Filming) -> None:
    filming.finish(filming.submit(provider="gemini"))
    spans = spans_of(events(filming))
    [image] = attempts(spans, "image:1")
    assert image.name == "generate_content image-model"
    assert image.asks_a_model
    expected = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "image-model",
        "gen_ai.output.type": "image",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "reelog.cost_usd": 0.01,
    }
    assert expected.items() <= image.attributes.items()
    [clip] = attempts(spans, "clip:1")
    assert clip.name == "make clip"
    assert not clip.asks_a_model
    assert not [name for name in clip.attributes if name.startswith("gen_ai.")]


def test_what_the_emulator_made_says_so(filming: Filming) -> None:
    filming.finish(filming.submit())
    spans = spans_of(events(filming))
    assert {span.attributes["reelog.provider"] for span in spans} == {"emulator"}
    asked = {span.attributes.get("gen_ai.provider.name") for span in spans if span.asks_a_model}
    assert asked == {"emulator"}


def test_what_a_model_answered_is_told(filming: Filming) -> None:
    job = filming.submit(provider="gemini")
    filming.finish(job)
    told = events(filming)
    for event in told:
        if isinstance(event, Asset.Generated) and event.usage:
            said = {"model_version": "m-1", "response_id": "r-1", "finish_reason": "STOP"}
            event.provenance.update(said)
            event.usage["thoughts_tokens"] = 7
    [image] = attempts(spans_of(told), "image:1")
    assert image.attributes["gen_ai.response.model"] == "m-1"
    assert image.attributes["gen_ai.response.id"] == "r-1"
    assert image.attributes["gen_ai.response.finish_reasons"] == ("STOP",)
    assert image.attributes["gen_ai.usage.output_tokens"] == 57


def test_a_retry_is_a_span_of_its_own_after_a_wait_that_is_told(filming: Filming) -> None:
    filming.faults["image:1"] = [outage()]
    assert filming.finish(filming.submit()) == "completed"
    spans = spans_of(events(filming))
    whole(spans)
    first, second = attempts(spans, "image:1")
    assert (first.error, first.attributes["error.type"]) == ("overloaded", "overloaded")
    assert first.attributes["http.response.status_code"] == 503
    [retry] = first.moments
    assert retry.name == "retry"
    assert first.ended_at + timedelta(seconds=2) <= second.started_at
    assert (first.attributes["reelog.attempt"], second.attributes["reelog.attempt"]) == (1, 2)
    assert second.error is None
    assert named(spans, "image_generation").error is None


def test_a_failure_is_told_by_its_code_up_to_the_root_and_never_in_its_words(filming: Filming) -> None:
    filming.faults["image:1"] = [refusal()]
    assert filming.finish(filming.submit()) == "failed"
    spans = spans_of(events(filming))
    root = whole(spans)
    assert (root.error, root.attributes["reelog.status"]) == ("safety", "failed")
    assert named(spans, "image_generation").error == "safety"
    assert [span.error for span in attempts(spans, "image:1")] == ["safety"]
    assert "Blocked" not in json.dumps([asdict(span) for span in spans], default=str)


def test_what_was_never_begun_since_the_job_failed_is_no_error_of_its_stage(filming: Filming) -> None:
    filming.faults["image:1"] = [outage(), refusal()]
    assert filming.finish(filming.submit()) == "failed"
    spans = spans_of(events(filming))
    composition = named(spans, "composition")
    assert composition.error is None
    assert {moment.attributes["error.type"] for moment in composition.moments} == {"withdrawn"}


def test_a_call_that_another_worker_goes_on_with_is_one_span(filming: Filming) -> None:
    filming.accepted = {"image:1"}
    assert filming.finish(filming.submit()) == "completed"
    [image] = attempts(spans_of(events(filming)), "image:1")
    assert [moment.name for moment in image.moments] == ["asset.call_accepted", "asset.attempt_resumed"]
    assert image.attributes["reelog.outcome"] == "generated"


def test_a_reopened_job_has_a_second_run_below_the_first_and_linked_to_it(filming: Filming) -> None:
    filming.faults["image:1"] = [refusal()]
    job = filming.submit()
    assert filming.finish(job) == "failed"
    filming.studio.change_job(job, lambda one: one.reopen("retry", now=filming.tick(60)))
    assert filming.finish(job) == "completed"
    spans = spans_of(events(filming))
    root, again = whole(spans), named(spans, "job retry")
    assert root.span_id == run_span_id(job, 1)
    assert (again.parent_span_id, again.links) == (root.span_id, (Link(job.hex, root.span_id),))
    assert again.started_at > root.ended_at
    assert (again.error, again.attributes["reelog.status"]) == (None, "completed")
    assert [span.error for span in attempts(spans, "image:1")] == ["safety", None]
    images = [span for span in spans if span.name == "image_generation"]
    assert [span.parent_span_id for span in images] == [root.span_id, again.span_id]


def test_a_cancelled_job_ends_as_such_and_is_no_error(filming: Filming) -> None:
    job = filming.submit()
    filming.until_made(job, "storyboard")
    filming.studio.change_job(job, lambda one: one.request_cancel(now=filming.tick(1)))
    assert filming.finish(job) == "cancelled"
    spans = spans_of(events(filming))
    root = whole(spans)
    assert (root.error, root.attributes["reelog.status"]) == (None, "cancelled")
    assert [moment.name for moment in root.moments] == ["job.cancel_requested"]


def test_a_cancelled_attempt_is_no_error(filming: Filming) -> None:
    filming.faults["image:1"] = [Failure.of("cancelled", "The job was cancelled.")]
    filming.finish(filming.submit())
    image = attempts(spans_of(events(filming)), "image:1")[0]
    assert (image.error, image.attributes["reelog.outcome"]) == (None, "cancelled")


def test_a_late_answer_to_a_lost_call_has_a_span_of_its_own(filming: Filming) -> None:
    job = filming.submit()
    assert filming.finish(job) == "completed"
    told, image = events(filming), AssetKey(Kind.IMAGE, 1).id_in(job)
    [place] = [
        n
        for n, event in enumerate(told)
        if isinstance(event, Asset.Generated) and event.originator_id == image
    ]
    answer = told[place]
    lost_event = Asset.AttemptLost(
        originator_id=image,
        originator_version=answer.originator_version,
        timestamp=answer.timestamp - timedelta(seconds=1),
        job_id=job,
        run=1,
        causation=None,
        revision=1,
        attempt=1,
        worker="worker-1",
        may_have_been_billed=True,
    )
    spans = spans_of([*told[:place], lost_event, *told[place:]])
    whole(spans)
    lost, late = attempts(spans, "image:1")
    assert (lost.error, lost.attributes["reelog.may_have_been_billed"]) == ("attempt_lost", True)
    assert (late.name, late.links, late.error) == ("late answer", (Link(lost.trace_id, lost.span_id),), None)
    assert late.attributes["reelog.outcome"] == "generated"


def test_a_caller_that_names_its_span_has_the_job_below_it(filming: Filming) -> None:
    filming.finish(filming.submit(traceparent=read_traceparent(TRACEPARENT)))
    root = whole(spans_of(events(filming)))
    assert (root.trace_id, root.parent_span_id) == (TRACE, CALLER)


def test_a_run_that_is_asked_for_within_a_span_is_below_it_and_linked_to_the_run_before(
    filming: Filming,
) -> None:
    filming.faults["image:1"] = [refusal(), refusal()]
    job = filming.submit()
    assert filming.finish(job) == "failed"
    within = Asking(traceparent=read_traceparent(TRACEPARENT))
    filming.studio.change_job(job, lambda one: one.reopen("retry", now=filming.tick(60), asking=within))
    assert filming.finish(job) == "failed"
    filming.studio.change_job(job, lambda one: one.reopen("retry", now=filming.tick(60)))
    assert filming.finish(job) == "completed"
    spans = spans_of(events(filming))
    first = named(spans, "job")
    second, third = (span for span in spans if span.name == "job retry")
    callers = [span for span in spans if span.trace_id == TRACE]
    assert (second.trace_id, second.parent_span_id) == (TRACE, CALLER)
    assert second.links == (Link(job.hex, first.span_id),)
    assert (third.trace_id, third.parent_span_id) == (job.hex, first.span_id)
    assert third.links == (Link(TRACE, second.span_id),)
    # All that the second run made is in its caller's trace, in its place below it.
    for within_trace, root in ((callers, second), ([one for one in spans if one not in callers], first)):
        below = {span.span_id for span in within_trace}
        assert [span for span in within_trace if span.parent_span_id not in below] == [root]
    assert {span.name for span in callers} >= {"image_generation", "generate_content image-model"}


def test_a_run_that_goes_on_stays_in_its_trace_and_is_linked_to_who_let_it(filming: Filming) -> None:
    job = filming.submit()
    filming.until_made(job, "analysis")
    studio, within = filming.studio, Asking(traceparent=read_traceparent(TRACEPARENT))
    studio.change_job(job, lambda one: one.request_review("script", now=filming.tick(1)))
    studio.change_job(job, lambda one: one.begin_change("edit", now=filming.tick(1), asking=within))
    studio.change_job(job, lambda one: one.request_review("script", now=filming.tick(1)))
    studio.change_job(job, lambda one: one.approve(now=filming.tick(1)))
    assert filming.finish(job) == "completed"
    spans = spans_of(events(filming))
    root = named(spans, "job")
    assert {span.trace_id for span in spans} == {job.hex}
    assert root.links == (Link(TRACE, CALLER),)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_folded_event_by_event_or_begun_anew_at_any_place_the_spans_are_the_same(
    filming: Filming, seed: int
) -> None:
    filming.faults["image:1"] = [outage(), refusal()]
    filming.accepted = {"narration:1"}
    job = filming.submit()
    filming.finish(job)
    filming.studio.change_job(job, lambda one: one.reopen("retry", now=filming.tick(60)))
    filming.finish(job)
    told = events(filming)
    expected = spans_of(told)
    found = list[Span]()
    for place, event in enumerate(told):
        if place % (seed + 3) == 0:
            fold = JobSpans()
            for earlier in told[:place]:
                fold.take(earlier)
        found += fold.take(event)
    assert found == expected


def test_an_exported_log_gives_the_same_spans_to_the_millisecond(filming: Filming) -> None:
    filming.faults["image:1"] = [outage()]
    filming.accepted = {"narration:1"}
    filming.finish(filming.submit(provider="gemini"))
    recorded = filming.log.read(0, 100_000)
    fold = JobFold()
    public = [json.loads(fold.apply(one).body) for one in recorded]
    assert [seen(span) for span in spans_of(one.event for one in retold(public))] == [
        seen(span) for span in spans_of(one.event for one in recorded)
    ]


def seen(span: Span) -> dict[str, Any]:
    """A span as it is told, with times in milliseconds."""
    return json.loads(json.dumps(asdict(span), default=lambda at: int(at.timestamp() * 1000)))


def test_no_words_of_a_script_or_prompt_are_in_a_span(filming: Filming) -> None:
    filming.finish(filming.submit(metadata={"note": "secret words"}))
    told = json.dumps([asdict(span) for span in spans_of(events(filming))], default=str)
    for words in (*SCRIPT.split("."), "Words of scene", "The Boat", "secret words"):
        assert not words.strip() or words.strip() not in told


def test_the_job_is_named_in_every_span(filming: Filming) -> None:
    job: UUID = filming.submit()
    filming.finish(job)
    assert {span.attributes["reelog.job.id"] for span in spans_of(events(filming))} == {str(job)}
