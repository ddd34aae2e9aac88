"""Cancelling: on record at once, done by whoever directs."""

import json
from uuid import UUID

import pytest

from api.cases.cancel import CancelRequest, cancel
from api.cases.errors import refusal_of
from domain.store import JobNotFoundError
from tests.api.cases.conftest import Studio


def test_a_cancellation_is_recorded_once_and_the_job_goes_on_until_it_is_carried_out(studio: Studio) -> None:
    job_id = studio.submit()
    for _ in range(2):
        asked = cancel(studio.system, CancelRequest(job_id))
        assert not asked.had_ended
        assert json.loads(asked.job)["status"] == "queued"
    assert studio.topics(job_id) == ["job.submitted", "job.cancel_requested"]
    assert studio.finish(job_id) == "cancelled"


def test_what_has_ended_stays_as_it_is(studio: Studio) -> None:
    job_id = studio.completed()
    head = studio.head()
    asked = cancel(studio.system, CancelRequest(job_id))
    assert (asked.had_ended, json.loads(asked.job)["status"]) == (True, "completed")
    assert studio.head() == head


def test_a_job_that_is_not_there_is_told_as_a_refusal(studio: Studio) -> None:
    with pytest.raises(JobNotFoundError) as missing:
        cancel(studio.system, CancelRequest(UUID(int=1)))
    refusal = refusal_of(missing.value)
    assert refusal is not None
    assert (refusal.code, refusal.detail) == ("job_not_found", f"There is no job {UUID(int=1)}.")
