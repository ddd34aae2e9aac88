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


def faults(studio: Studio, value: object) -> dict[str, str]:
    with pytest.raises(Faults) as refused:
        submit(studio.system, SubmitRequest(value))
    assert studio.head() == 0
    return {fault.pointer: fault.message for fault in refused.value.errors}


def test_what_is_too_long_of_scenes_is_said_of_the_scenes_beside_all_else(studio: Studio) -> None:
    scenes = [{"text": f"{'x' * 1168}."} for _ in range(60)]
    assert faults(studio, {"scenes": scenes, "priority": "urgent"}) == {
        "/scenes": 'scenes is "60 scenes": together they have 70,258 characters, and 50,000 are allowed; '
        "shorten their texts, or make more than one film of them",
        "/priority": "priority is \"urgent\"; it should be 'high', 'normal' or 'low'",
    }


def test_letters_that_no_font_has_are_told_where_they_stand(studio: Studio) -> None:
    told = faults(studio, {"scenes": [{"text": "All is well."}, {"text": "\ua66e\U00010380"}]})
    assert list(told) == ["/scenes/1/text"]
    assert "no font has" in told["/scenes/1/text"]
    assert list(faults(studio, {"script": "\ua66e\U00010380"})) == ["/script"]


def test_scenes_that_say_nothing_in_the_form_they_are_read_in_are_told_as_scenes(studio: Studio) -> None:
    scenes = {"scenes": [{"text": "INT. HOUSE - DAY"}], "options": {"script_form": "screenplay"}}
    assert list(faults(studio, scenes)) == ["/scenes"]


@pytest.mark.parametrize(
    ("value", "pointer", "wanted"),
    [
        ({"options": {"review": "script"}}, "/options/review", "it should be a list"),
        ({"cast": {"name": "Mara"}}, "/cast", "it should be a list"),
        ({"scenes": {"text": "One."}}, "/scenes", "it should be a list"),
        ({"scenes": []}, "/scenes", "scenes has 0 items; give at least 1"),
        ({"scenes": [{"text": "One."}] * 101}, "/scenes", "scenes has 101 items; 100 are allowed"),
        ({"cast": [{"name": " "}]}, "/cast/0/name", "it should be more than blanks"),
        ({"files": {"music": "song.mp3"}}, "/files/music", "it should be text of the form ^sha256:"),
        ({"options": {"review": ["music"]}}, "/options/review/0", "it should be 'script', "),
    ],
)
def test_what_would_do_is_told_in_the_words_of_json(
    studio: Studio, value: dict[str, object], pointer: str, wanted: str
) -> None:
    told = faults(studio, (SCRIPT if "scenes" not in value else {}) | value)
    assert list(told) == [pointer]
    assert wanted in told[pointer]


def test_a_full_queue_refuses_whoever_waits_in_it_and_nobody_else(
    open_studio: Callable[..., Studio],
) -> None:
    studio = open_studio(QUEUE_LIMIT=1)
    submit(studio.system, SubmitRequest(SCRIPT))
    with pytest.raises(Refusal) as refused:
        submit(studio.system, SubmitRequest(SCRIPT))
    assert (refused.value.code, refused.value.retry_after_s) == ("queue_full", 30)
    assert submit(studio.system, SubmitRequest(SCRIPT, queued=False)).began
