import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.failures import (
    CAUSES,
    PATIENCE_S,
    AttemptFailedError,
    Code,
    Failure,
    RetryPolicy,
    Tried,
    decide_retry,
    passes_by_itself,
)

PATIENT = RetryPolicy(base_s=1, cap_s=60)
PASSING = [code for code in Code if CAUSES[code].passes]


def counted(number: int) -> Tried:
    return Tried(counted=number)


def passing(number: int = 1, waited_s: float = 0.0) -> Tried:
    return Tried(passing=number, waited_s=waited_s)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_cause_that_tells_a_person_what_to_do(code: Code) -> None:
    assert CAUSES[code].hint.endswith(".")
    assert CAUSES[code].attempts >= 1
    assert code.value == code.name.lower(), "a code's name is stored; it must not differ from what is read"


@pytest.mark.parametrize("code", list(Code))
def test_a_failure_survives_storage_unchanged(code: Code) -> None:
    failure = Failure.of(
        code, "why", stage="narration", asset="narration:2", attempt=3, details={"a": [1, {"b": None}]}
    )
    assert Failure.from_dict(json.loads(json.dumps(failure.to_dict()))) == failure


def test_a_stored_failure_of_a_newer_version_can_still_be_read() -> None:
    stored = Failure.of(Code.RATE_LIMITED, "slow down").to_dict()
    stored |= {"code": "invented_later", "field_invented_later": 1}
    assert Failure.from_dict(stored).code == "invented_later"


def test_an_error_crosses_process_borders_with_its_failure() -> None:
    error = AttemptFailedError(Failure.of(Code.OVERLOADED, "busy", model="m", http_status=503))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert again.failure == error.failure
    assert str(again) == "overloaded [m] (HTTP 503): busy"


def test_context_is_added_without_changing_what_was_known() -> None:
    found = Failure.of(Code.NO_IMAGE, "nothing drawn", model="m")
    placed = found.within(stage="image_generation", asset="image:1", attempt=2)
    assert (placed.stage, placed.asset, placed.attempt, placed.model) == (
        "image_generation",
        "image:1",
        2,
        "m",
    )
    assert found.stage is None


@pytest.mark.parametrize(
    "code",
    [
        Code.INVALID_API_KEY,
        Code.QUOTA_EXHAUSTED_TODAY,
        Code.QUOTA_ZERO,
        Code.PROMPT_BLOCKED,
        Code.MODEL_NOT_FOUND,
        Code.UNKNOWN_FINISH_REASON,
        Code.UNKNOWN_ERROR,
        Code.CAPABILITY_MISSING,
        Code.OVER_BUDGET,
        Code.CANCELLED,
    ],
)
def test_what_will_not_pass_by_itself_is_never_tried_again(code: Code) -> None:
    failure = Failure.of(code, "", retry_after_s=28.0)
    assert decide_retry(failure, counted(1), PATIENT, 0.5) is None


def test_a_days_quota_is_not_tried_again_although_the_provider_names_a_wait_of_seconds() -> None:
    today = Failure.of(Code.QUOTA_EXHAUSTED_TODAY, "GenerateRequestsPerDay", retry_after_s=28.0)
    this_minute = Failure.of(Code.RATE_LIMITED, "GenerateRequestsPerMinute", retry_after_s=28.0)
    assert decide_retry(today, counted(1), PATIENT, 0.0) is None
    assert decide_retry(this_minute, passing(), PATIENT, 0.0) == pytest.approx(28.0)


def test_waits_double_up_to_the_cap_and_their_upper_half_is_chance() -> None:
    failure = Failure.of(Code.OVERLOADED, "")
    waits = [decide_retry(failure, passing(n), PATIENT, 0.0) for n in range(1, 10)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert decide_retry(failure, passing(7), PATIENT, 0.999) == pytest.approx(60.0, rel=0.01)


def test_the_default_is_half_an_hour() -> None:
    assert RetryPolicy().patience_s == PATIENCE_S == 1800


@pytest.mark.parametrize("code", PASSING)
def test_what_costs_nothing_is_limited_by_time_and_by_no_count(code: Code) -> None:
    failure = Failure.of(code, "")
    assert passes_by_itself(failure)
    assert decide_retry(failure, Tried(2, 10_000, 1799.0), PATIENT, 0.5) == pytest.approx(1.0)
    assert decide_retry(failure, passing(2, 1800.0), PATIENT, 0.5) is None
    assert decide_retry(failure, passing(1), RetryPolicy(patience_s=0), 0.5) is None


@pytest.mark.parametrize("code", [code for code in Code if CAUSES[code].billed and CAUSES[code].attempts > 1])
def test_what_may_cost_is_limited_by_count_and_by_no_time(code: Code) -> None:
    failure, most = Failure.of(code, ""), CAUSES[code].attempts
    assert not passes_by_itself(failure)
    waited = Tried(most - 1, 400, 10 * PATIENCE_S)
    assert decide_retry(failure, waited, PATIENT, 0.0) is not None, "the other count has no say"
    assert decide_retry(failure, counted(most), PATIENT, 0.0) is None


def test_an_overloaded_model_that_may_have_charged_is_counted() -> None:
    failure = Failure.of(Code.OVERLOADED, "", may_have_been_billed=True)
    assert decide_retry(failure, Tried(2, 5, 5000.0), PATIENT, 0.0) is not None
    assert decide_retry(failure, Tried(3, 5, 5.0), PATIENT, 0.0) is None


def test_a_cause_of_a_newer_version_is_counted() -> None:
    newer = Failure.of(Code.OVERLOADED, "").within(code="a cause of a newer version")
    assert decide_retry(newer, counted(2), PATIENT, 0.0) is not None
    assert decide_retry(newer, counted(3), PATIENT, 0.0) is None


def test_answers_that_a_second_call_hardly_mends_are_asked_for_once_more() -> None:
    assert decide_retry(Failure.of(Code.RECITATION, ""), counted(2), PATIENT, 0.0) is None


def test_an_answer_that_was_cut_off_is_asked_for_twice_more_each_time_with_more_room() -> None:
    failure = Failure.of(Code.ANSWER_TRUNCATED, "")
    assert decide_retry(failure, counted(2), PATIENT, 0.0) is not None
    assert decide_retry(failure, counted(3), PATIENT, 0.0) is None


def test_a_wait_that_is_longer_than_the_patience_left_is_left_to_a_person() -> None:
    failure = Failure.of(Code.RATE_LIMITED, "", retry_after_s=1000)
    assert decide_retry(failure, passing(1, 0.0), PATIENT, 0.0) == 1000
    assert decide_retry(failure, passing(2, 900.0), PATIENT, 0.0) is None


@pytest.mark.parametrize("code", [Code.TIMEOUT, Code.CONNECTION_LOST, Code.CALL_LOST])
def test_a_call_that_may_have_been_charged_is_repeated_only_if_allowed(code: Code) -> None:
    lost = Failure.of(code, "")
    assert lost.may_have_been_billed
    assert decide_retry(lost, counted(1), RetryPolicy(repeat_lost_calls=True), 0.0) is not None
    assert decide_retry(lost, counted(1), RetryPolicy(repeat_lost_calls=False), 0.0) is None


def test_a_call_that_was_never_sent_is_repeated_in_any_case() -> None:
    unsent = Failure.of(Code.CONNECTION_FAILED, "")
    assert not unsent.may_have_been_billed
    assert decide_retry(unsent, passing(), RetryPolicy(repeat_lost_calls=False), 0.0) is not None


@given(
    code=st.sampled_from(list(Code)),
    tried=st.builds(Tried, st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 10_000)),
    asked=st.none() | st.floats(0, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_no_wait_is_shorter_than_asked_for_nor_longer_than_allowed(
    code: Code, tried: Tried, asked: float | None, jitter: float
) -> None:
    failure = Failure.of(code, "", retry_after_s=asked)
    wait = decide_retry(failure, tried, PATIENT, jitter)
    if wait is None:
        return
    assert wait >= (asked or 0.0)
    assert wait <= max(PATIENT.cap_s, (asked or 0.0) * 1.1)
    if passes_by_itself(failure) and asked is None:
        assert tried.waited_s + wait <= PATIENT.patience_s
