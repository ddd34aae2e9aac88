"""Recordings of a job: whole answers, without what people wrote where that is asked, media left out."""

import json
from typing import Any

from api.cases.attempts import AttemptRecord
from api.cases.recordings import recording_of

ASKED = json.dumps({"contents": "x", "response_mime_type": "application/json"}).encode()


def attempt(failure: dict[str, Any] | None = None) -> AttemptRecord:
    started = {"asset": {"kind": "script", "scene": None, "revision": 1}, "data": {"attempt": 2}}
    return AttemptRecord({"data": {"model": "m"}}, started, {"data": {"failure": failure}})


def answer(part: dict[str, Any]) -> bytes:
    return json.dumps({"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}).encode()


def test_an_answer_is_recorded_whole() -> None:
    raw = answer({"text": '{"title": "Ann"}'})
    made = recording_of(attempt(), ASKED, raw, scrubbed=False)
    assert made is not None
    assert (made["id"], made["kind"]) == ("script-revision-1-attempt-2", "json")
    assert made["response"] == {"status": 200, "headers": {}, "body": json.loads(raw)}


def test_scrubbed_it_has_the_shape_and_not_the_words() -> None:
    made = recording_of(attempt(), ASKED, answer({"text": '{"title": "Ann 7", "n": 3}'}), scrubbed=True)
    assert made is not None
    candidate = made["response"]["body"]["candidates"][0]
    assert json.loads(candidate["content"]["parts"][0]["text"]) == {"title": "xxx x", "n": 3}
    assert candidate["finishReason"] == "STOP"


def test_a_picture_whose_bytes_are_not_on_record_is_left_out() -> None:
    raw = answer({"inlineData": {"mimeType": "image/png", "data": {"digest": "sha256:aa", "bytes": 9}}})
    assert recording_of(attempt(), ASKED, raw, scrubbed=False) is None


def test_a_refusal_keeps_its_status_and_a_proxys_page_its_text() -> None:
    made = recording_of(attempt({"http_status": 502}), None, b"<html>", scrubbed=False)
    assert made is not None
    assert made["kind"] == "error"
    assert made["response"] == {"status": 502, "headers": {}, "body_text": "<html>"}
