"""Recorded pictures and speech are good answers: no check refuses or doubts them."""

from typing import Any

import pytest
from PIL import Image

from actors.media import speech
from actors.stages.checks.answers import check_picture, check_speech
from actors.stages.checks.doubts import picture_doubts, speech_doubts
from domain.failures import AttemptFailedError
from tests.actors.gemini.test_recordings import RECORDINGS, media_of, missing_from

WHOLE = [case for case in RECORDINGS if case["kind"] in {"image", "tts"} and missing_from(case) is None]
PICTURES = [case for case in WHOLE if case["kind"] == "image"]
SPEECH = [case for case in WHOLE if case["kind"] == "tts" and case.get("request")]


def requested_text(case: dict[str, Any]) -> str:
    contents = case["request"]["body"]["contents"]
    return "".join(part.get("text", "") for content in contents for part in content["parts"])


def opened(data: bytes) -> Image.Image | None:
    """The picture; none where the recording holds no whole one."""
    try:
        return check_picture(data)
    except AttemptFailedError:
        return None


@pytest.mark.parametrize("case", PICTURES, ids=[case["id"] for case in PICTURES])
def test_no_recorded_picture_is_doubted(case: dict[str, Any]) -> None:
    for data, _ in media_of(case, "image/"):
        picture = opened(data)
        assert picture is None or picture_doubts(picture, []) == []


def test_no_two_recorded_pictures_are_taken_for_one() -> None:
    found = [opened(data) for case in PICTURES for data, _ in media_of(case, "image/")]
    seen = [picture for picture in found if picture is not None]
    for place, picture in enumerate(seen):
        assert picture_doubts(picture, seen[:place]) == []


@pytest.mark.parametrize("case", SPEECH, ids=[case["id"] for case in SPEECH])
def test_no_recorded_speech_is_refused_or_doubted(case: dict[str, Any]) -> None:
    text = requested_text(case)
    for data, media_type in media_of(case, "audio/"):
        heard = speech.load(data, media_type)
        silent_s = sum(end - start for start, end in heard.silences)
        check_speech(heard.duration_s, text, silent_s=silent_s)
        assert speech_doubts(heard.duration_s - silent_s, len(heard.silences), text) == []
