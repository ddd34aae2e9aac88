"""One job: stages, its ends, and the runs that follow them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.asking import Asking
from domain.failures import Code
from domain.film import Film
from domain.history import explain
from domain.job import Job
from domain.job_pruned import JobPrunedError
from domain.script import Stage
from domain.traces import TraceOrigin
from tests.domain.language import (
    JOB_ID,
    NOW,
    START,
    build,
    fact,
    failure,
    given_job,
    stage_completed,
    stage_started,
    submitted,
)

SUMS: dict[str, Any] = {
    "assets": 1,
    "elapsed_s": 4.2,
    "requests": 1,
    "tokens": 10,
    "cost_usd": 0.01,
    "unpriced": 0,
}
COMPLETED = fact(Job.Completed)
CANCELLED = (fact(Job.CancelRequested), fact(Job.Cancelled))
FAILED = fact(Job.Failed, failure=failure(Code.SAFETY).to_dict())
REOPENED = fact(Job.Reopened, run=2, reason="retry", max_cost_usd=None)
ENDS = pytest.mark.parametrize(
    "end", [(COMPLETED,), CANCELLED, (FAILED,)], ids=["completed", "cancelled", "failed"]
)
IMAGES = Stage.IMAGE_GENERATION


def start(job: Job) -> None:
    job.start_stage(IMAGES, now=NOW)


def complete_stage(job: Job) -> None:
    job.complete_stage(IMAGES, now=NOW, **SUMS)


def test_a_job_is_submitted_with_all_that_it_will_be_judged_by() -> None:
    job = Job.submit(
        JOB_ID,
        now=NOW,
        script="Welcome.",
        models={"text": "t"},
        options={"resolution": "1080p"},
        provider="emulator",
        weights={"scenes": 1},
        max_cost_usd=1.5,
        priority="high",
        metadata={"mine": 1},
        fingerprint="sha256:f",
        forked_from={"job_id": "…", "position": 7},
    )
    (event,) = job.pending_events
    assert isinstance(event, Job.Submitted)
    assert (event.run, event.causation, event.forked_from) == (1, None, {"job_id": "…", "position": 7})
    assert (job.id, job.status, job.run, job.provider, job.max_cost_usd) == (
        JOB_ID,
        "queued",
        1,
        "emulator",
        1.5,
    )
    assert (job.options.resolution, job.options.quality) == ("1080p", "medium")
    assert (job.priority, job.metadata, job.fingerprint) == ("high", {"mine": 1}, "sha256:f")


def test_the_first_stage_to_start_starts_the_job() -> None:
    job = given_job(submitted()).when(start).then(stage_started(IMAGES))
    assert (job.status, job.started_at, job.stages) == ("running", NOW, {IMAGES: "started"})


def test_a_stage_completes_once_it_has_started() -> None:
    job = given_job(submitted(), stage_started(IMAGES)).when(complete_stage).then(stage_completed(IMAGES))
    assert job.stages == {IMAGES: "completed"}


def test_a_stage_that_has_not_started_does_not_complete() -> None:
    given_job(submitted()).when(complete_stage).then()


def test_a_stage_starts_once_in_a_run_even_when_asked_after_its_end() -> None:
    given_job(submitted(), stage_started(IMAGES), stage_completed(IMAGES)).when(start).then()


def test_a_stage_that_is_done_again_in_the_next_run_starts_and_completes_again() -> None:
    history = (submitted(), stage_started(IMAGES), stage_completed(IMAGES), COMPLETED, REOPENED)
    job = (
        given_job(*history)
        .when(start)
        .when(complete_stage)
        .then(stage_started(IMAGES, run=2), stage_completed(IMAGES, run=2))
    )
    assert job.stage_started_at[IMAGES] == NOW
    assert job.started_at is not None
    assert job.started_at < NOW, "the job's own beginning stays"


def test_reopening_forgets_stages_that_were_under_way_and_keeps_those_that_were_complete() -> None:
    analysis = Stage.SCRIPT_ANALYSIS
    job = given_job(
        submitted(),
        stage_started(analysis),
        stage_completed(analysis),
        stage_started(IMAGES),
        FAILED,
        REOPENED,
    ).aggregate
    assert job.stages == {analysis: "completed"}


def test_cancelling_is_first_asked_for_and_then_done() -> None:
    case = given_job(submitted()).when(lambda job: job.request_cancel(now=NOW))
    job = case.then(fact(Job.CancelRequested))
    assert (job.cancel_requested, job.ended) == (True, False)
    job = (
        given_job(submitted(), fact(Job.CancelRequested))
        .when(lambda job: job.cancel(now=NOW))
        .then(fact(Job.Cancelled))
    )
    assert (job.status, job.ended) == ("cancelled", True)


def test_nobody_cancels_a_job_unasked() -> None:
    given_job(submitted()).when(lambda job: job.cancel(now=NOW)).then()


def test_a_failed_job_carries_its_failure() -> None:
    why = failure(Code.SAFETY, asset="image:2")
    job = (
        given_job(submitted())
        .when(lambda job: job.fail(why, now=NOW))
        .then(fact(Job.Failed, failure=why.to_dict()))
    )
    assert (job.status, job.failure) == ("failed", why)


COMMANDS: list[Callable[[Job], Any]] = [
    start,
    complete_stage,
    lambda job: job.request_cancel(now=NOW),
    lambda job: job.cancel(now=NOW),
    lambda job: job.complete(now=NOW),
    lambda job: job.fail(failure(), now=NOW),
    lambda job: job.resume("boot-2", now=NOW),
]


@ENDS
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_follows_the_end_of_a_run(end: Any, command: Callable[[Job], Any]) -> None:
    given_job(submitted(), stage_started(IMAGES), *end).when(command).then()


@ENDS
def test_an_ended_job_is_reopened_as_the_next_run(end: Any) -> None:
    job = (
        given_job(submitted(), stage_started(IMAGES), *end)
        .when(lambda job: job.reopen("retry", now=NOW))
        .then(fact(Job.Reopened, run=2, reason="retry", max_cost_usd=None))
    )
    assert (job.run, job.status, job.ended) == (2, "running", False)
    assert (job.failure, job.cancel_requested) == (None, False)


def test_events_of_a_reopened_job_belong_to_its_new_run() -> None:
    given_job(submitted(), COMPLETED, REOPENED).when(lambda job: job.complete(now=NOW)).then(
        fact(Job.Completed, run=2)
    )


def test_a_job_that_has_not_ended_is_not_reopened() -> None:
    given_job(submitted(), stage_started(IMAGES)).when(lambda job: job.reopen("retry", now=NOW)).then()


def test_a_new_director_is_noted_once() -> None:
    history = (submitted(), stage_started(IMAGES), fact(Job.Resumed, director="boot-1"))
    given_job(*history).when(lambda job: job.resume("boot-1", now=NOW)).then()
    given_job(*history).when(lambda job: job.resume("boot-2", now=NOW)).then(
        fact(Job.Resumed, director="boot-2")
    )


def test_a_job_that_never_ran_is_not_resumed() -> None:
    given_job(submitted()).when(lambda job: job.resume("boot-1", now=NOW)).then()


def test_events_say_what_caused_them() -> None:
    given_job(submitted()).when(lambda job: job.start_stage(IMAGES, now=NOW, causation=31)).then(
        fact(Job.StageStarted, causation=31, occurred_at=NOW)
    )


def test_time_is_given_and_never_read() -> None:
    long_ago = START - timedelta(days=3650)
    job = given_job(submitted()).when(lambda job: job.start_stage(IMAGES, now=long_ago)).aggregate
    assert job.modified_on == long_ago


def test_a_budget_given_with_a_retry_replaces_the_old_one_and_none_keeps_it() -> None:
    job = build(Job, (submitted(max_cost_usd=0.5), FAILED))
    job.reopen("retry", now=NOW)
    assert job.max_cost_usd == 0.5
    job.fail(failure(Code.OVER_BUDGET), now=NOW)
    job.reopen("retry", now=NOW, max_cost_usd=2.0)
    assert (job.max_cost_usd, job.run) == (2.0, 3)


def test_a_key_reopens_a_job_once_whatever_has_ended_since() -> None:
    reopened = fact(
        Job.Reopened, run=2, reason="retry", max_cost_usd=None, idempotency_key="key", fingerprint="f"
    )
    again = Asking("key", "f")
    job = (
        given_job(submitted(), FAILED)
        .when(lambda job: job.reopen("retry", now=NOW, max_cost_usd=None, asking=again))
        .then(reopened)
    )
    assert job.reopened_for == {"key": "f"}
    loaded = given_job(
        submitted(), FAILED, reopened, fact(Job.Failed, run=2, failure=FAILED.fields["failure"])
    )
    loaded.when(lambda job: job.reopen("retry", now=NOW, asking=again)).then()
    job.fail(failure(Code.SAFETY), now=NOW)
    job.reopen("retry", now=NOW, asking=Asking("other", "f"))
    assert (job.run, set(job.reopened_for)) == (3, {"key", "other"})


def test_a_run_is_in_the_trace_of_who_asked_for_it_and_else_in_that_of_the_job() -> None:
    of_the_job, of_the_retry = (f"00-{n * 32}-{n * 16}-01" for n in "12")
    job = build(Job, (submitted(traceparent=of_the_job), FAILED))
    assert job.trace == TraceOrigin("1" * 32, "1" * 16)
    job.reopen("retry", now=NOW, asking=Asking(traceparent=of_the_retry))
    assert job.trace == TraceOrigin("2" * 32, "2" * 16)
    job.fail(failure(Code.SAFETY), now=NOW)
    job.reopen("retry", now=NOW)
    assert job.trace == TraceOrigin("1" * 32, "1" * 16)


@pytest.mark.parametrize("event", [Job.Reopened, Job.Approved, Job.Changed])
def test_what_was_stored_before_was_in_nobodys_trace(event: Any) -> None:
    state: dict[str, Any] = {}
    getattr(event, f"upcast_v{event.class_version - 1}_v{event.class_version}")(state)
    assert state == {"traceparent": None}


def test_a_reopening_stored_by_the_second_version_came_with_no_key() -> None:
    state = {"reason": "retry", "max_cost_usd": None}
    Job.Reopened.upcast_v2_v3(state)
    assert state == {"reason": "retry", "max_cost_usd": None, "idempotency_key": None, "fingerprint": None}


def test_a_reopening_stored_by_the_first_version_reads_as_one_that_kept_the_budget() -> None:
    state = {"reason": "retry"}
    Job.Reopened.upcast_v1_v2(state)
    assert state == {"reason": "retry", "max_cost_usd": None}


RENAMED = fact(Job.Renamed, title="The Boat", caller="ada")


@pytest.mark.parametrize(
    "before",
    [(), (COMPLETED,), CANCELLED, (FAILED,), (REOPENED,)],
    ids=["queued", "completed", "cancelled", "failed", "reopened"],
)
def test_a_job_is_renamed_at_any_time_and_stays_where_it_was(before: tuple[Any, ...]) -> None:
    was = build(Job, (submitted(), *before))
    job = (
        given_job(submitted(), *before)
        .when(lambda job: job.rename("The Boat", now=NOW, caller="ada"))
        .then(RENAMED)
    )
    assert (job.status, job.run, job.ended_at, job.failure) == (
        was.status,
        was.run,
        was.ended_at,
        was.failure,
    )
    assert (job.title, job.renamed_by, job.renamed_at) == ("The Boat", "ada", NOW)


def test_the_same_name_again_is_nothing_new_whoever_asks() -> None:
    given_job(submitted(), RENAMED).when(lambda job: job.rename("The Boat", now=NOW, caller="bo")).then()
    given_job(submitted()).when(lambda job: job.rename(None, now=NOW)).then()


def test_a_name_is_taken_back() -> None:
    job = (
        given_job(submitted(), RENAMED)
        .when(lambda job: job.rename(None, now=NOW))
        .then(fact(Job.Renamed, title=None, caller="local"))
    )
    assert job.title is None


def test_a_pruned_job_is_not_renamed() -> None:
    job = build(Job, (submitted(), COMPLETED, fact(Job.PruneStarted, texts=3)))
    with pytest.raises(JobPrunedError, match="pruned"):
        job.rename("The Boat", now=NOW)


def test_why_a_film_is_called_so_is_told() -> None:
    film = Film.of(build(Job, (submitted(), COMPLETED, RENAMED)))
    assert explain(film) == [
        "The job is completed; nothing more is decided until it is reopened.",
        "The film is called “The Boat”, by choice of ada at 2026-11-22T10:00:03+00:00.",
    ]
    film.job.rename(None, now=NOW)
    assert explain(film)[-1] == (
        "The film is called as its analysis has it, by choice of local at 2026-11-22T11:00:00+00:00."
    )
