"""Recordings of a job: whole answers, with the bytes of pictures and speech beside them, proved by digest."""

import hashlib
import io
import json
import wave
from pathlib import Path
from typing import Any

import pytest

from api.cases.attempts import AttemptRecord
from api.cases.recordings import Recording, exchange_of, recording_of

Json = dict[str, Any]

ASKED = json.dumps({"contents": "x", "response_mime_type": "application/json"}).encode()
PICTURE = b"\xff\xd8\xff a picture"
SAMPLES = bytes(range(256)) * 40


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def attempt(kind: str = "analysis", made: bytes | None = None, failure: Json | None = None) -> AttemptRecord:
    asset = {"kind": kind, "scene": 1 if kind in {"image", "narration"} else None, "revision": 1}
    ended = {"failure": failure} if failure else {"digest": digest_of(made or b"{}")}
    return AttemptRecord({"data": {"model": "m"}}, {"asset": asset, "data": {"attempt": 2}}, {"data": ended})


def answer(*parts: Json) -> bytes:
    return json.dumps({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}).encode()


def noted(data: bytes, media_type: str) -> Json:
    """A part as it is kept on record: what is known of its bytes in their place."""
    return {"inlineData": {"mimeType": media_type, "data": {"digest": digest_of(data), "bytes": len(data)}}}


def wav(samples: bytes) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(samples)
    return stream.getvalue()


def recorded(record: AttemptRecord, raw: bytes, *stored: bytes, request: bytes | None = ASKED) -> Recording:
    made = recording_of(exchange_of(record, request, raw), {digest_of(data): data for data in stored}.get)
    assert made is not None
    return made


def media_in(made: Recording) -> list[tuple[str, bytes]]:
    """The media type of each part, and the bytes that it names."""
    parts = made.case["response"]["body"]["candidates"][0]["content"]["parts"]
    blobs = [part["inlineData"] for part in parts]
    assert all(blob["data"]["digest"] == digest_of(made.media[blob["data"]["file"]]) for blob in blobs)
    return [(blob["mimeType"], made.media[blob["data"]["file"]]) for blob in blobs]


def test_an_answer_is_recorded_whole() -> None:
    raw = answer({"text": '{"title": "Ann"}'})
    made = recorded(attempt(), raw)
    assert (made.case["id"], made.case["kind"]) == ("analysis-revision-1-attempt-2", "json")
    assert made.case["asset"] == "analysis"
    assert made.case["outcome"] == {"digest": digest_of(b"{}")}
    assert made.case["response"] == {"status": 200, "headers": {}, "body": json.loads(raw)}
    assert made.case["request"] == {"body": json.loads(ASKED)}
    assert made.media == {}


def test_a_picture_is_the_asset_that_was_made_of_it() -> None:
    made = recorded(attempt("image", PICTURE), answer(noted(PICTURE, "image/jpeg")), PICTURE)
    assert media_in(made) == [("image/jpeg", PICTURE)]
    assert (made.case["kind"], made.case["provenance"]) == ("image", "recorded")
    assert [name.endswith(".jpg") for name in made.media] == [True]


def test_a_picture_that_went_along_is_put_beside_its_request() -> None:
    request = json.dumps({"contents": [{"parts": [noted(PICTURE, "image/png"), {"text": "x"}]}]}).encode()
    other = b"another picture"
    raw = answer(noted(other, "image/jpeg"))
    made = recorded(attempt("image", other), raw, PICTURE, other, request=request)
    blob = made.case["request"]["body"]["contents"][0]["parts"][0]["inlineData"]
    assert made.media[blob["data"]["file"]] == PICTURE
    assert len(made.media) == 2


def test_samples_without_a_head_are_cut_from_the_speech_that_was_joined_of_them() -> None:
    first, second = SAMPLES[:3000], SAMPLES[3000:]
    kind = "audio/L16;codec=pcm;rate=24000"
    made = recorded(
        attempt("narration", wav(SAMPLES)), answer(noted(first, kind), noted(second, kind)), wav(SAMPLES)
    )
    assert media_in(made) == [(kind, first), (kind, second)]
    assert (made.case["kind"], made.case["provenance"]) == ("tts", "recorded")


def test_a_song_is_recorded_as_it_came() -> None:
    song = b"ID3 a song"
    made = recorded(attempt("music", song), answer(noted(song, "audio/mpeg")), song)
    assert media_in(made) == [("audio/mpeg", song)]
    assert (made.case["kind"], made.case["provenance"]) == ("music", "recorded")
    assert [Path(name).suffix for name in made.media] == [".mp3"]


def test_a_sound_file_like_ours_is_recorded_as_it_came() -> None:
    made = recorded(
        attempt("narration", wav(SAMPLES)), answer(noted(wav(SAMPLES), "audio/wav")), wav(SAMPLES)
    )
    assert media_in(made) == [("audio/wav", wav(SAMPLES))]
    assert made.case["provenance"] == "recorded"


def test_a_sound_file_of_another_make_is_recorded_in_one_of_ours_and_says_so() -> None:
    theirs = wav(SAMPLES) + b"LIST\x04\x00\x00\x00made"
    made = recorded(attempt("narration", wav(SAMPLES)), answer(noted(theirs, "audio/wav")), wav(SAMPLES))
    assert media_in(made) == [("audio/wav", wav(SAMPLES))]
    assert made.case["provenance"] == "recorded-rewrapped"


@pytest.mark.parametrize(
    ("kind", "part", "made"),
    [
        ("image", noted(PICTURE, "image/jpeg"), b"a picture of another attempt"),
        ("image", {"inlineData": {"mimeType": "image/png", "data": {"not_base64": "?!"}}}, PICTURE),
        ("narration", noted(SAMPLES[::-1], "audio/L16;rate=24000"), wav(SAMPLES)),
        ("narration", noted(SAMPLES, "audio/wav"), None),
    ],
)
def test_an_answer_whose_bytes_are_not_on_record_is_left_out(
    kind: str, part: Json, made: bytes | None
) -> None:
    stored = {digest_of(made): made} if made else {}
    assert recording_of(exchange_of(attempt(kind, made), ASKED, answer(part)), stored.get) is None


def test_a_refusal_keeps_its_status_and_a_proxys_page_its_text() -> None:
    failure = {"http_status": 502, "code": "provider_error"}
    made = recorded(attempt(failure=failure), b"<html>", request=None)
    assert made.case["kind"] == "error"
    assert made.case["outcome"] == {"failure": "provider_error"}
    assert made.case["request"] is None
    assert made.case["response"] == {"status": 502, "headers": {}, "body_text": "<html>"}


def test_what_no_answer_came_to_is_left_out() -> None:
    record = attempt(failure={"http_status": None, "code": "timeout"})
    assert recording_of(exchange_of(record, ASKED, b""), {}.get) is None


def test_a_shot_which_came_after_many_looks_is_not_one_recording() -> None:
    asked = json.dumps({"model": "m", "input": [], "background": True}).encode()
    exchange = exchange_of(attempt(), asked, json.dumps({"id": "v1_a", "status": "completed"}).encode())
    assert recording_of(exchange, {}.get) is None
