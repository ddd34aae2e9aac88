"""What is said of a request that is wrong: where, what stands there, and what would do."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.cases.bulk import CancelJobs
from api.cases.edit_scenes import EditScenes
from api.cases.errors import Faults
from api.cases.validation import validated
from domain.submission import Submission
from domain.webhook_request import WebhookRequest

AN_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def faults(model: type[BaseModel], value: Any) -> dict[str, str]:
    with pytest.raises(Faults) as refused:
        validated(value, model)
    return {error.pointer: error.message for error in refused.value.errors}


@pytest.mark.parametrize(
    ("model", "value", "pointer"),
    [
        (Submission, {"script": ""}, "/script"),
        (Submission, {"topic": ""}, "/topic/about"),
        (Submission, {"topic": {"about": ""}}, "/topic/about"),
        (Submission, {"scenes": [{"text": ""}]}, "/scenes/0/text"),
        (Submission, {"script": "A boat.", "cast": [{"name": ""}]}, "/cast/0/name"),
        (WebhookRequest, {"url": ""}, "/url"),
    ],
)
def test_what_must_be_given_is_not_to_be_left_out(model: type[BaseModel], value: Any, pointer: str) -> None:
    told = faults(model, value)
    assert pointer in told
    assert "leave it out" not in told[pointer]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"script": "A boat.", "options": {"style": ""}}, "/options/style"),
        ({"topic": {"about": "Tides", "audience": ""}}, "/topic/audience"),
        ({"scenes": [{"text": "A boat.", "visual": ""}]}, "/scenes/0/visual"),
    ],
)
def test_what_is_optional_may_be_left_out_where_it_is_empty(value: Any, pointer: str) -> None:
    name = pointer.removeprefix("/").replace("/", ".")
    assert faults(Submission, value) == {pointer: f"{name} is empty; write something or leave it out"}


def test_a_wrong_name_in_an_object_is_told_where_it_stands() -> None:
    told = faults(EditScenes, {"scenes": {"0": {"text": "A boat."}, "[key]": {"text": "A boat."}}})
    form = "it should be text of the form ^[1-9][0-9]{0,3}$"
    assert told == {
        "/scenes/0": f'scenes has the name "0"; {form}',
        "/scenes/[key]": f'scenes has the name "[key]"; {form}',
    }


def test_something_unknown_may_have_any_name() -> None:
    told = faults(EditScenes, {"scenes": {"1": {"[key]": "1"}}})
    assert told == {"/scenes/1/[key]": "scenes.1.[key] is not known here; known are text, visual, voice"}


def test_a_scene_that_plays_twice_is_told_of_the_order() -> None:
    assert faults(EditScenes, {"order": [2, 1, 2]}) == {
        "/order": "order is [2, 1, 2]: it names a scene twice; name each that is to play once"
    }


def test_an_object_with_too_many_names_is_told_how_many_it_has() -> None:
    asked = {"filter": {"metadata": {str(number): "x" for number in range(50)}}}
    assert faults(CancelJobs, asked) == {"/filter/metadata": "filter.metadata has 50 items; 10 are allowed"}
    assert faults(CancelJobs, {"ids": []}) == {"/ids": "ids has 0 items; give at least 1"}


def test_what_is_no_id_is_told_in_words_of_json() -> None:
    assert faults(CancelJobs, {"ids": ["x", 5]}) == {
        "/ids/0": f'ids.0 is "x"; it should be an id, such as {AN_ID}',
        "/ids/1": "ids.1 is 5; it should be an id, which is a text",
    }


@pytest.mark.parametrize(
    ("value", "pointer", "shown"),
    [
        ({"script": "A boat.", "topic": "Tides"}, "/topic", '"Tides"'),
        ({"scenes": [{"text": "A boat."}], "topic": {"about": "Tides"}}, "/topic", '{"about": "Tides"}'),
        ({"script": "A boat.", "scenes": [{"text": "Sea."}]}, "/scenes", '[{"text": "Sea."}]'),
    ],
)
def test_what_is_given_twice_is_shown_as_it_came(value: Any, pointer: str, shown: str) -> None:
    message = faults(Submission, value)[pointer]
    assert f" is {shown}: " in message
    assert message.endswith("are both given; give one of them")
