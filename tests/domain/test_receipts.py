"""Calls that a provider accepts first and answers later: on record, gone on with, and never made again."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.asset import Asset
from domain.asset_parts import MAX_RESUMES, Receipt
from domain.failures import Code
from domain.film import Film
from domain.history import explain
from domain.job import Job
from domain.workflow import CancelCall, CancelJob, FailAsset, FailJob, OrderAttempt, ResumeAttempt, workflow
from tests.domain.language import (
    DAY,
    NOW,
    START,
    Fact,
    accepted,
    attempt_failed,
    build,
    fact,
    failed,
    failure,
    generated,
    given_asset,
    lost,
    requested,
    resumed,
    started,
    submitted,
)
from tests.domain.test_workflow import ANALYSING, ANALYSIS, asked, made

ABOUT: dict[str, Any] = {"run": 1, "now": NOW}
RECEIPT = Receipt("call-1", START, START + DAY)
ACCEPTED = (asked(ANALYSIS), started(), accepted())


def accept(asset: Asset, attempt: int = 1, worker: str = "w1", receipt: Receipt = RECEIPT) -> bool:
    return asset.accept_call(1, attempt, worker, receipt, **ABOUT)


def resume(asset: Asset, worker: str = "w2", resumes: int = 0) -> bool:
    return asset.resume_attempt(1, 1, worker, resumes=resumes, **ABOUT)


def make(asset: Asset, cost: float = 0.03) -> bool:
    about: dict[str, Any] = {"facts": {}, "provenance": {}, "usage": {"total_tokens": 9}, **ABOUT}
    return asset.generate(1, 1, digest="sha256:i", media_type="image/png", size=9, cost_usd=cost, **about)


# ---- the receipt --------------------------------------------------------------------------------------


def test_an_accepted_call_is_on_record_with_its_receipt() -> None:
    asset = given_asset(requested(), started()).when(accept).then(accepted())
    assert asset.open_attempt is not None
    assert asset.open_attempt.receipt == RECEIPT
    assert asset.open_attempt.is_accepted


def test_an_attempt_has_one_receipt() -> None:
    """Fails where the second overwrites the first: that call would be billed and never asked for."""
    other = Receipt("call-2", START, START + DAY)
    given = given_asset(requested(), started(), accepted()).when(lambda a: accept(a, receipt=other))
    assert given.then().open_attempt.receipt == RECEIPT  # type: ignore[union-attr]


def test_only_the_worker_of_an_attempt_has_calls_for_it_accepted() -> None:
    given_asset(requested(), started()).when(lambda a: accept(a, worker="w2")).then()


def test_a_call_of_an_attempt_given_up_for_lost_is_on_record_too() -> None:
    asset = given_asset(requested(), started(), lost()).when(accept).then(accepted())
    assert asset.open_attempt is None
    assert asset.attempts[0].receipt == RECEIPT


@pytest.mark.parametrize("end", [(failed(),), (started(2), generated(2))], ids=["failed", "made by another"])
def test_a_call_whose_answer_nobody_needs_any_more_is_not_on_record(end: tuple[Fact, ...]) -> None:
    """Fails where the receipt of a worker that was cut off follows the end of the run."""
    given_asset(requested(), started(), lost(), *end).when(accept).then()


@pytest.mark.parametrize("end", [generated(), attempt_failed()])
def test_an_attempt_that_has_ended_takes_no_receipt(end: Fact) -> None:
    given_asset(requested(), started(), end).when(accept).then()


def test_an_accepted_call_keeps_its_reservation_whoever_asks_for_it() -> None:
    asset = build(Asset, (requested(), started(reserve=2.5), accepted(), resumed(), resumed(worker="w3")))
    assert asset.reserved_usd == 2.5
    assert (asset.spent_usd, asset.requests) == (0.0, 0)


# ---- going on -----------------------------------------------------------------------------------------


def test_another_worker_goes_on_with_the_same_attempt() -> None:
    asset = given_asset(requested(), started(), accepted()).when(resume).then(resumed(worker="w2"))
    [attempt] = asset.attempts
    assert (attempt.worker, attempt.resumes, attempt.receipt) == ("w2", 1, RECEIPT)


def test_an_order_to_go_on_that_comes_late_or_twice_takes_it_from_nobody() -> None:
    """Fails without ``resumes``: the call would be taken from whoever has it by then."""
    given_asset(requested(), started(), accepted(), resumed(worker="w2")).when(
        lambda a: resume(a, worker="w3", resumes=0)
    ).then()


@pytest.mark.parametrize("facts", [(), (accepted(), generated()), (accepted(), attempt_failed()), (lost(),)])
def test_what_was_not_accepted_or_has_ended_is_not_gone_on_with(facts: tuple[Fact, ...]) -> None:
    given_asset(requested(), started(), *facts).when(resume).then()


def test_one_attempt_is_one_request_and_one_bill_however_often_it_is_resumed() -> None:
    asset = build(Asset, (requested(), started(), accepted(), resumed(), resumed(worker="w3")))
    assert make(asset)
    assert (asset.requests, asset.spent_usd, len(asset.attempts)) == (1, 0.03, 1)
    assert not make(asset), "the worker before answers as well, and it is the same call"
    assert (asset.requests, asset.spent_usd) == (1, 0.03)


def test_an_attempt_that_another_goes_on_with_is_not_ended_by_the_one_before() -> None:
    facts = (requested(), started(), accepted(), resumed(worker="w2"))

    def end(worker: str) -> Any:
        return lambda a: a.fail_attempt(1, 1, failure(Code.CANCELLED), worker=worker, **ABOUT)

    given_asset(*facts).when(end("w1")).then()
    given_asset(*facts).when(end("w2")).then(fact(Asset.AttemptFailed, attempt=1))


# ---- lost ---------------------------------------------------------------------------------------------


def lose(asset: Asset) -> bool:
    return asset.lose_attempt(1, 1, **ABOUT)


def test_what_was_asked_and_not_accepted_is_lost_and_may_have_been_billed() -> None:
    asset = given_asset(requested(), started()).when(lose).then(lost(billed=True))
    assert asset.spent_usd == 0.04


def test_an_accepted_call_is_not_lost_with_its_worker() -> None:
    given_asset(requested(), started(), accepted()).when(lose).then()
    given_asset(requested(), started(), accepted(), resumed()).when(lose).then()


def test_a_call_that_has_expired_is_asked_for_once_more_and_then_lost_at_its_reservation() -> None:
    expired = (requested(), started(), accepted(expires_at=START + timedelta(minutes=1)))
    given_asset(*expired).when(lose).then()
    asset = given_asset(*expired).when(resume).then(resumed(worker="w2"))
    assert asset.open_attempt is not None
    assert not asset.open_attempt.is_resumable
    last = (*expired, resumed(worker="w2", timestamp=START + timedelta(minutes=1)))
    given_asset(*last).when(lambda a: resume(a, "w3", 1)).then()
    asset = given_asset(*last).when(lose).then(lost(worker="w2"))
    assert (asset.spent_usd, asset.lost_calls) == (0.04, 1)


def test_a_call_that_is_never_answered_counts_as_lost() -> None:
    told = attempt_failed(code=Code.CALL_LOST, cost=0.04)
    asset = build(Asset, (requested(), started(), accepted(), told))
    assert (asset.lost_calls, asset.spent_usd) == (1, 0.04)


def test_a_call_that_kills_whoever_goes_on_with_it_is_given_up() -> None:
    facts = [requested(), started(), accepted(), *(resumed(worker=f"w{n}") for n in range(MAX_RESUMES))]
    last = f"w{MAX_RESUMES - 1}"
    given_asset(*facts).when(lambda a: resume(a, "w99", MAX_RESUMES)).then()
    given_asset(*facts).when(lose).then(lost(worker=last))


# ---- what is decided ----------------------------------------------------------------------------------


def film(*facts: Fact, job: tuple[Fact, ...] = ANALYSING) -> Film:
    return Film.of(build(Job, job), [build(Asset, facts)])


def test_an_abandoned_call_is_gone_on_with_and_not_made_again() -> None:
    told = film(*ACCEPTED)
    assert workflow(told, NOW) == []
    assert workflow(told, NOW, abandoned={ANALYSIS}) == [ResumeAttempt(ANALYSIS, 1, 1, "w1", 0, RECEIPT)]
    assert workflow(told, NOW, {ANALYSIS: 0.04}, abandoned={ANALYSIS}) == [], "it is ordered already"


def test_an_abandoned_attempt_without_a_receipt_is_not_gone_on_with() -> None:
    assert workflow(film(*ACCEPTED[:2]), NOW, abandoned={ANALYSIS}) == []


def test_going_on_takes_nothing_of_the_budget_but_what_is_reserved() -> None:
    job = (submitted(max_cost_usd=0.04, options={"include_audio": False}), *ANALYSING[1:])
    assert workflow(film(*ACCEPTED, job=job), NOW, abandoned={ANALYSIS}) == [
        ResumeAttempt(ANALYSIS, 1, 1, "w1", 0, RECEIPT)
    ]


def test_a_call_that_has_expired_is_gone_on_with_once_more() -> None:
    assert [type(d) for d in workflow(film(*ACCEPTED), START + 2 * DAY, abandoned={ANALYSIS})] == [
        ResumeAttempt
    ]


def test_the_call_of_a_job_to_be_cancelled_is_cancelled_whoever_had_it() -> None:
    told = film(*ACCEPTED, job=(*ANALYSING, fact(Job.CancelRequested)))
    assert workflow(told, NOW) == [], "its worker is told"
    assert workflow(told, NOW, abandoned={ANALYSIS}) == [CancelCall(ANALYSIS, 1, 1, "w1", 0, RECEIPT)]
    ended = film(*ACCEPTED, attempt_failed(code=Code.CANCELLED), job=(*ANALYSING, fact(Job.CancelRequested)))
    assert [type(d) for d in workflow(ended, NOW)] == [CancelJob]


def test_a_job_that_cannot_go_on_keeps_what_it_has_paid_for() -> None:
    told = film(*ACCEPTED)
    told.obstacle = failure(Code.INTERNAL_ERROR)
    assert workflow(told, NOW) == []
    assert [type(d) for d in workflow(told, NOW, abandoned={ANALYSIS})] == [ResumeAttempt]
    ended = film(*ACCEPTED, made())
    ended.obstacle = told.obstacle
    assert [type(d) for d in workflow(ended, NOW)] == [FailJob]


@pytest.mark.parametrize(("on_lost_call", "decided"), [("retry", OrderAttempt), ("stop", FailAsset)])
def test_what_was_lost_after_the_last_asking_is_made_again_unless_the_job_says_stop(
    on_lost_call: str, decided: type
) -> None:
    options = {"include_audio": False, "on_lost_call": on_lost_call}
    told = film(*ACCEPTED, resumed(), lost(worker="w2"), job=(submitted(options=options), *ANALYSING[1:]))
    assert [type(d) for d in workflow(told, NOW)] == [decided]


def test_an_asset_whose_call_was_gone_on_with_too_often_is_given_up() -> None:
    facts = [*ACCEPTED, *(resumed(worker=f"w{n}") for n in range(MAX_RESUMES))]
    told = film(*facts, lost(worker=f"w{MAX_RESUMES - 1}"))
    [decided] = workflow(told, NOW)
    assert isinstance(decided, FailAsset)
    assert decided.failure.code == Code.ATTEMPTS_EXHAUSTED


def test_a_fork_takes_no_receipt_over() -> None:
    source = build(Asset, (requested(), started(), accepted(), generated()))
    forked = Asset.reuse(uuid4(), source, inputs=(), **ABOUT)
    assert (forked.attempts, forked.requests, forked.spent_usd) == ([], 0, 0.0)
    assert "call_id" not in vars(forked.pending_events[0])


# ---- told ---------------------------------------------------------------------------------------------


def test_an_explanation_says_by_which_id_the_call_is_asked_for_and_until_when() -> None:
    [said, *_] = explain(film(*ACCEPTED), NOW)
    assert "accepted by the provider at 2026-11-22T10:00:00+00:00 as call call-1 (worker w1)" in said
    assert "without a new request, until 2026-11-23T10:00:00+00:00" in said
