"""Submitting: one job for one key, in the store and nowhere else."""

import json
from collections.abc import Callable

import pytest

from api.cases.errors import Faults, Refusal
from api.cases.submit import SubmitRequest, submit
from tests.api.cases.conftest import Studio

SCRIPT = {"script": "A boat sets out at dawn."}


def test_a_submission_is_a_queued_job_when_it_is_answered(studio: Studio) -> None:
    accepted = submit(studio.system, SubmitRequest(SCRIPT))
    assert accepted.began
    assert json.loads(accepted.job)["status"] == "queued"
    assert studio.topics(accepted.job_id) == ["job.submitted"]


def test_the_same_key_and_body_are_the_same_job_also_after_a_restart(
    open_studio: Callable[..., Studio],
) -> None:
    first = submit(open_studio().system, SubmitRequest(SCRIPT | {"priority": "low"}, "k"))
    again = submit(open_studio().system, SubmitRequest({"priority": "low"} | SCRIPT, "k"))
    assert (again.job_id, again.began) == (first.job_id, False)


def test_the_same_key_with_another_body_is_refused(studio: Studio) -> None:
    submit(studio.system, SubmitRequest(SCRIPT, "k"))
    with pytest.raises(Faults) as refused:
        submit(studio.system, SubmitRequest(SCRIPT | {"priority": "low"}, "k"))
    assert refused.value.code == "idempotency_key_reused"
    assert [fault.pointer for fault in refused.value.errors] == ["Idempotency-Key"]
    assert studio.head() == 1


def test_all_that_is_wrong_is_named_and_nothing_is_recorded(studio: Studio) -> None:
    with pytest.raises(Faults) as refused:
        submit(studio.system, SubmitRequest({"script": "", "models": {"text": "gpt-9"}}, "k"))
    assert (refused.value.code, refused.value.title) == ("invalid_submission", "The submission is not valid")
    assert [fault.pointer for fault in refused.value.errors] == ["/script", "/models/text"]
    assert studio.head() == 0


def test_a_full_queue_refuses_whoever_waits_in_it_and_nobody_else(
    open_studio: Callable[..., Studio],
) -> None:
    studio = open_studio(QUEUE_LIMIT=1)
    submit(studio.system, SubmitRequest(SCRIPT))
    with pytest.raises(Refusal) as refused:
        submit(studio.system, SubmitRequest(SCRIPT))
    assert (refused.value.code, refused.value.retry_after_s) == ("queue_full", 30)
    assert submit(studio.system, SubmitRequest(SCRIPT, queued=False)).began
