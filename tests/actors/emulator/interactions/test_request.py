"""What an interaction may ask for, in which forms, and what is refused in which words."""

import base64
from typing import Any

import pytest

from actors.emulator.errors import Refused
from actors.emulator.interactions.request import read
from tests.actors.emulator.interactions.asking import LYRIA, OMNI, picture, shot


def refusal(body: dict[str, Any], version: str = "v1beta") -> tuple[int, str, str]:
    with pytest.raises(Refused) as caught:
        read(body, version)
    told = caught.value.error.body["error"]
    return caught.value.error.http, told["code"], told["message"]


def lasting(duration: str, model: str = OMNI) -> dict[str, Any]:
    return shot(model=model, response_format={"type": "video", "duration": duration})


@pytest.mark.parametrize(
    "given",
    [
        "A lighthouse.",
        {"type": "text", "text": "A lighthouse."},
        [{"type": "text", "text": "A lighthouse."}],
        [{"type": "user_input", "content": [{"type": "text", "text": "A lighthouse."}]}],
        [{"type": "user_input", "content": "A lighthouse."}],
    ],
    ids=["string", "content", "flat list", "steps", "step of a string"],
)
def test_input_is_taken_in_every_form(given: Any) -> None:
    ask = read({"model": OMNI, "input": given}, "v1beta")
    assert ask.text == "A lighthouse."
    assert (ask.seconds, ask.resolution, ask.ratio, ask.inline) == (10.0, "720p", "16:9", True)


def test_an_unknown_parameter_is_refused_by_name_and_an_unknown_one_of_video_config_is_not() -> None:
    assert refusal(shot(inputs="x")) == (400, "invalid_request", "Unknown parameter 'inputs'")
    ask = read(shot(generation_config={"video_config": {"duration_seconds": 999}}), "v1beta")
    assert ask.seconds == 3


@pytest.mark.parametrize(
    ("duration", "model", "told"),
    [
        ("999s", OMNI, "Requested video duration 999s 0ns exceeds the maximum allowed 15s 0ns"),
        (
            "10.5s",
            "gemini-omni-1.1-flash",
            "Requested video duration 10s 500000000ns exceeds the maximum allowed 10s 0ns",
        ),
        ("2s", OMNI, "Requested video duration 2s 0ns is less than the minimum allowed 3s 0ns"),
        ("5", OMNI, "Invalid duration '5': a number of seconds such as '5s' is expected"),
    ],
)
def test_a_duration_out_of_bounds_is_refused_in_googles_words(duration: str, model: str, told: str) -> None:
    assert refusal(lasting(duration, model)) == (400, "invalid_request", told)


def test_a_duration_may_have_a_fraction_and_is_shorter_between_two_frames() -> None:
    assert read(lasting("4.5s"), "v1beta").seconds == 4.5
    image = {"type": "image", "data": picture(), "mime_type": "image/png"}
    both = [image, image, {"type": "text", "text": "<FIRST_FRAME> <LAST_FRAME> The sea."}]
    body = lasting("12s") | {"input": both}
    assert refusal(body)[2].endswith("exceeds the maximum allowed 10s 0ns")


@pytest.mark.parametrize(
    ("field", "value"), [("aspect_ratio", "1:1"), ("resolution", "480p"), ("delivery", "post")]
)
def test_what_no_shot_has_is_refused(field: str, value: str) -> None:
    status, _, told = refusal(shot(response_format={"type": "video", field: value}))
    assert status == 400
    assert value in told
    assert field in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"system_instruction": "Be brief."}, "System instruction"),
        ({"generation_config": {"temperature": 1}}, "temperature"),
        ({"store": False}, "store=true"),
        ({"stream": True}, "stream"),
        ({"input": []}, "input"),
        ({"model": "gemini-3.8-flash"}, "generateContent"),
        ({"model": ""}, "model"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(more: dict[str, Any], told: str) -> None:
    status, _, message = refusal(shot(**more))
    assert status == 400
    assert told in message


def test_an_unknown_model_is_not_found_and_one_like_it_is_named() -> None:
    assert refusal(shot(model="gemini-omni-1.2-flsh")) == (
        404,
        "not_found",
        "Model 'gemini-omni-1.2-flsh' not found. Did you mean 'gemini-omni-1.2-flash'?",
    )
    assert refusal(shot(), "v1")[0] == 404


def test_pictures_are_decoded_before_anything_is_accepted() -> None:
    broken = {"type": "image", "data": base64.b64encode(b"no picture").decode(), "mime_type": "image/png"}
    assert refusal(shot(input=[broken]))[2] == "Unable to process input image"


def test_pictures_are_bound_by_tags_and_not_by_where_they_stand() -> None:
    one, two = picture(colour=(200, 0, 0)), picture(colour=(0, 200, 0))
    images = [{"type": "image", "data": each, "mime_type": "image/png"} for each in (one, two)]

    def frames(text: str, **more: Any) -> tuple[bytes | None, bytes | None]:
        return read(shot(input=[*images, {"type": "text", "text": text}], **more), "v1beta").frames

    first, second = base64.b64decode(one), base64.b64decode(two)
    assert frames("<FIRST_FRAME> The sea <LAST_FRAME>") == (first, second)
    tagged = "[# Sources <FIRST_FRAME>@Image2] [# References <IMAGE_REF_0>@Image1] The sea"
    assert frames(tagged) == (second, None)
    assert read(shot(input=[*images, {"type": "text", "text": tagged}]), "v1beta").text == "The sea"
    assert frames("The sea", generation_config={}) == (None, None)
    assert frames("The sea") == (first, None)


def test_a_song_takes_its_own_format() -> None:
    body = {
        "model": LYRIA,
        "input": "A song",
        "response_format": [{"type": "audio", "mime_type": "audio/wav"}],
    }
    assert read(body, "v1beta").format["mime_type"] == "audio/wav"
