"""Every class of answer, by hand: what the recordings do not hold, and what each one must be read as."""

import base64
import io
import json
import re
import struct
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import BaseModel

from actors.gemini.gateway import WireAnswer
from actors.gemini.http_failures import failure_of_http
from actors.gemini.reader import read_image, read_json, read_song, read_speech, read_text
from domain.failures import AttemptFailedError, Failure

MODEL = "gemini-test"


class Cat(BaseModel):
    name: str
    age: int


def answer(body: Any, status: int = 200, **headers: str) -> WireAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WireAnswer(status, headers, raw, 1.5)


def candidate(*parts: dict[str, Any], finish: Any = "STOP", **more: Any) -> WireAnswer:
    one = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return answer({"candidates": [one], "modelVersion": "gemini-test-001", "responseId": "r1"} | more)


def refused(message: str, status: int, name: str, *details: dict[str, Any]) -> WireAnswer:
    error = {"code": status, "message": message, "status": name}
    return answer({"error": error | ({"details": list(details)} if details else {})}, status)


def inline(data: bytes, media_type: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}}


def picture(size: tuple[int, int] = (32, 18), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(out, kind)
    return out.getvalue()


def tone(seconds: float = 0.5, rate: int = 24_000) -> np.ndarray[Any, np.dtype[np.int16]]:
    return (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate) * 12_000).astype(np.int16)


def wav(samples: np.ndarray[Any, Any], rate: int, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def failure(read: Any, *arguments: Any) -> Failure:
    with pytest.raises(AttemptFailedError) as raised:
        read(*arguments)
    found = raised.value.failure
    assert Failure.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert found.model == MODEL
    assert found.elapsed_s == 1.5
    return found


# Refused requests --------------------------------------------------------------------------------------

HELP = {"@type": "type.googleapis.com/google.rpc.Help", "links": []}


def quota(quota_id: str, value: str = "20") -> dict[str, Any]:
    return {"@type": "…QuotaFailure", "violations": [{"quotaId": quota_id, "quotaValue": value}]}


def retry(delay: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def reason(name: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": name, "domain": "googleapis.com"}


WROTE = "Model tried to generate text, but it should only be used for TTS. Make sure the prompt is clear."
OVER = "You exceeded your current quota, please check your plan and billing details."
REFUSALS = [
    (
        refused("API key not valid.", 400, "INVALID_ARGUMENT", reason("API_KEY_INVALID")),
        "invalid_api_key",
        False,
    ),
    (
        refused("API key expired. Please renew the API key.", 400, "INVALID_ARGUMENT"),
        "invalid_api_key",
        False,
    ),
    (refused("Request had invalid credentials.", 401, "UNAUTHENTICATED"), "invalid_api_key", False),
    (refused("Your API key was reported as leaked.", 403, "PERMISSION_DENIED"), "api_key_leaked", False),
    (refused("Your project has been denied access.", 403, "PERMISSION_DENIED"), "access_denied", False),
    (refused("…", 403, "PERMISSION_DENIED", reason("CONSUMER_SUSPENDED")), "account_suspended", False),
    (refused("…", 403, "PERMISSION_DENIED", reason("SERVICE_DISABLED")), "api_not_enabled", False),
    (
        refused("Please enable billing on your project.", 400, "FAILED_PRECONDITION"),
        "billing_required",
        False,
    ),
    (
        refused("User location is not supported for the API use.", 400, "FAILED_PRECONDITION"),
        "region_not_supported",
        False,
    ),
    (refused("models/x is not found for API version v1beta", 404, "NOT_FOUND"), "model_not_found", False),
    (refused('Invalid JSON payload: Unknown name "x"', 400, "INVALID_ARGUMENT"), "bad_request", False),
    (
        refused("The input token count (9) exceeds the maximum number of tokens", 400, "INVALID_ARGUMENT"),
        "prompt_too_long",
        False,
    ),
    (
        refused(
            "The specified schema produces a constraint that has too many states for serving. Typical causes "
            "of this error are schemas with long array length limits.",
            400,
            "INVALID_ARGUMENT",
        ),
        "schema_refused",
        True,
    ),
    (
        refused("The requested combination of response modalities is not supported", 400, "INVALID_ARGUMENT"),
        "unsupported_modality",
        False,
    ),
    (refused(OVER, 429, "RESOURCE_EXHAUSTED"), "rate_limited", True),
    (refused(OVER, 429, "RESOURCE_EXHAUSTED", HELP), "rate_limited", True),
    (
        refused(OVER, 429, "RESOURCE_EXHAUSTED", HELP, quota("RequestsPerMinutePerProject"), retry("48s")),
        "rate_limited",
        True,
    ),
    (
        refused(OVER, 429, "RESOURCE_EXHAUSTED", quota("GenerateRequestsPerDayPerModel"), retry("58s")),
        "quota_exhausted_today",
        False,
    ),
    (
        refused(OVER + "\n* Quota exceeded for metric: x, limit: 0, model: y", 429, "RESOURCE_EXHAUSTED"),
        "quota_zero",
        False,
    ),
    (refused(OVER, 429, "RESOURCE_EXHAUSTED", quota("PerMinute", "0"), retry("30s")), "quota_zero", False),
    (refused("limit: 0.5 of it", 429, "RESOURCE_EXHAUSTED"), "rate_limited", True),
    (refused("Your prepayment credits are depleted.", 429, "RESOURCE_EXHAUSTED"), "billing_required", False),
    *(
        (refused(said, 429, "RESOURCE_EXHAUSTED", *details), "billing_required", False)
        for said, *details in (
            ("Your billing account has exceeded its monthly spending cap. Please go to AI Studio.",),
            ("Your project has exceeded its monthly spending cap. Please manage your project spend cap.",),
            ("The spend limit of this project has been reached.", retry("30s")),
            ("You have reached your spend-based rate limit for this month.",),
            ("Monthly spending limit exceeded.",),
            ("The budget of project 123 is exhausted.", retry("12s")),
            ("You have hit the cap on monthly spend.",),
            ("Contract limit exceeded for this organization.",),
            (OVER, quota("GenerateRequestsPerMonthPerProject"), retry("20s")),
            (OVER, quota("generate_content_tokens_per_month"), retry("20s")),
            ("Resource has been exhausted.", reason("MONTHLY_SPEND_CAP_EXCEEDED")),
            ("You are out of credits.",),
            ("Insufficient balance.",),
        )
    ),
    (
        refused("Billing account has exceeded its spending cap.", 403, "PERMISSION_DENIED"),
        "billing_required",
        False,
    ),
    (refused("Payment required.", 402, "UNKNOWN"), "billing_required", False),
    (refused("You have used your daily limit.", 429, "RESOURCE_EXHAUSTED"), "quota_exhausted_today", False),
    (refused("The service is at capacity; suspended requests limit it.", 429, "X"), "rate_limited", True),
    (refused("Request contains an invalid argument.", 400, "INVALID_ARGUMENT"), "bad_request", False),
    (refused(WROTE, 400, "INVALID_ARGUMENT"), "speech_refused", True),
    (refused("An internal error has occurred.", 500, "INTERNAL"), "provider_error", True),
    (refused("The model is overloaded. Please try again later.", 503, "UNAVAILABLE"), "overloaded", True),
    (
        refused("Deadline expired before operation could complete.", 504, "DEADLINE_EXCEEDED"),
        "provider_timeout",
        True,
    ),
    (refused("Something new.", 418, "TEAPOT"), "unknown_error", False),
    (answer(b"<html>Bad gateway</html>", 502), "provider_error", True),
    (answer(b"slow down", 429), "rate_limited", True),
    (answer(b"<html>Not here</html>", 404), "malformed_body", False),
    (answer({"error": "a string"}, 400), "malformed_body", False),
    (answer(b"", 204), "empty_answer", True),
    (answer(b"", 302, location="https://elsewhere.example/"), "malformed_body", False),
]


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("gemini-3.8-flash-tts", "speech_refused"),
        ("gemini-9-flash-preview-tts", "speech_refused"),
        ("gemini-3.8-flash", "bad_request"),
        ("gemini-nano-banana-2.1", "bad_request"),
    ],
)
def test_an_invalid_argument_without_a_word_more_passes_for_speech_models_alone(
    model: str, code: str
) -> None:
    bare = refused("Request contains an invalid argument.", 400, "INVALID_ARGUMENT")
    assert failure_of_http(bare, model).code == code
    assert failure_of_http(bare, model).may_have_been_billed is False
    fields = [{"field": "speech_config", "description": "no such voice"}]
    told = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}
    explained = refused("Request contains an invalid argument.", 400, "INVALID_ARGUMENT", told)
    assert failure_of_http(explained, model).code == "bad_request"


def test_a_spending_cap_says_where_it_is_raised() -> None:
    capped = failure_of_http(refused("It has exceeded its monthly spending cap.", 429, "RESOURCE_EXHAUSTED"))
    spent = failure_of_http(refused("Your prepayment credits are depleted.", 429, "RESOURCE_EXHAUSTED"))
    assert "limit on spending" in capped.hint
    assert "add credit" in spent.hint


@pytest.mark.parametrize(
    ("refusal", "code", "retryable"), REFUSALS, ids=[c + str(i) for i, (_, c, _) in enumerate(REFUSALS)]
)
@pytest.mark.parametrize("as_list", [False, True], ids=["object", "list"])
def test_a_refusal_is_told_by_its_cause(
    refusal: WireAnswer, code: str, retryable: bool, as_list: bool
) -> None:
    if as_list and refusal.body.startswith(b"{"):
        refusal = WireAnswer(refusal.status, refusal.headers, b"[" + refusal.body + b"]", refusal.elapsed_s)
    found = failure(read_text, refusal, MODEL)
    assert (found.code, found.retryable) == (code, retryable)
    assert found.http_status == refusal.status
    assert found.message


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (refused(OVER, 429, "RESOURCE_EXHAUSTED", retry("34.074824224s")), 34.074824224),
        (refused(OVER + " Please retry in 34.5s.", 429, "RESOURCE_EXHAUSTED"), 34.5),
        (refused("Please retry in 1h2m3s.", 429, "RESOURCE_EXHAUSTED"), 3723.0),
        (refused("Please retry in 882.11ms.", 429, "RESOURCE_EXHAUSTED"), 0.88211),
        (answer(b"busy", 503, **{"retry-after": "7"}), 7.0),
        (answer(b"busy", 503, **{"retry-after": "Sun, 22 Nov 2026 10:00:00 GMT"}), None),
        (refused(OVER, 429, "RESOURCE_EXHAUSTED", retry("soon")), None),
    ],
)
def test_the_wait_that_the_provider_asks_for_is_read_wherever_it_stands(
    refusal: WireAnswer, seconds: float | None
) -> None:
    found = failure(read_text, refusal, MODEL).retry_after_s
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_an_error_inside_a_200_is_an_error() -> None:
    found = failure(
        read_text, answer({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}), MODEL
    )
    assert (found.code, found.http_status, found.provider_status) == ("overloaded", 503, "UNAVAILABLE")


@pytest.mark.parametrize(
    "secret",
    [
        "AIzaSyD-0123456789abcdefghijklmnopqrstu",
        "AQ.Ab8RN6Kabcdefghijklmnopqrstuvwxyz012345",
        "api_key:secret-value-of-some-kind",
        "https://x.example/?key=secret-value-of-some-kind",
        "Bearer secret-value-of-some-kind",
        "ya29.secret-value-of-some-kind",
    ],
)
def test_a_credential_that_the_provider_echoes_is_not_passed_on(secret: str) -> None:
    told = {"@type": "…ErrorInfo", "reason": "X", "metadata": {"containerInfo": secret}}
    found = failure(
        read_text, refused(f"Consumer '{secret}' was refused", 403, "PERMISSION_DENIED", told), MODEL
    )
    stored = json.dumps(found.to_dict())
    assert "secret-value" not in stored
    assert "abcdefghijklmnop" not in stored
    assert "was refused" in found.message


# Answers that are none ---------------------------------------------------------------------------------

FINISHES = {
    "MAX_TOKENS": ("answer_truncated", True),
    "SAFETY": ("safety", False),
    "RECITATION": ("recitation", True),
    "LANGUAGE": ("language", False),
    "OTHER": ("stopped_for_other_reason", True),
    "BLOCKLIST": ("blocklist", False),
    "PROHIBITED_CONTENT": ("prohibited_content", False),
    "SPII": ("spii", False),
    "MALFORMED_FUNCTION_CALL": ("unusable_tool_call", True),
    "IMAGE_SAFETY": ("image_safety", False),
    "IMAGE_PROHIBITED_CONTENT": ("image_prohibited_content", False),
    "IMAGE_OTHER": ("image_other", True),
    "NO_IMAGE": ("no_image", True),
    "IMAGE_RECITATION": ("image_recitation", True),
    "UNEXPECTED_TOOL_CALL": ("unusable_tool_call", True),
    "TOO_MANY_TOOL_CALLS": ("unusable_tool_call", True),
    "MALFORMED_RESPONSE": ("malformed_response", True),
    "CONTINUATION": ("answer_truncated", True),
    "MODEL_ARMOR": ("model_armor", False),
    "BRAND_NEW_REASON": ("unknown_finish_reason", False),
    99: ("unknown_finish_reason", False),
    2: ("answer_truncated", True),
    14: ("image_prohibited_content", False),
    16: ("no_image", True),
}


@pytest.mark.parametrize("finish", list(FINISHES))
def test_an_answer_that_stopped_early_is_a_failure_whatever_it_holds(finish: Any) -> None:
    code, retryable = FINISHES[finish]
    whole = candidate({"text": '{"name": "Tom", "age": 3}'}, inline(picture(), "image/png"), finish=finish)
    for read in (read_text, read_image, read_speech):
        found = failure(read, whole, MODEL)
        assert (found.code, found.retryable) == (code, retryable)
        assert found.response_id == "r1"
        assert found.may_have_been_billed
    assert failure(read_json, whole, MODEL, Cat).code == code


@pytest.mark.parametrize("block", ["SAFETY", "OTHER", "BLOCKLIST", "MODEL_ARMOR", "JAILBREAK", "FAKE_NEW", 4])
def test_a_blocked_prompt_is_told_with_its_reason_and_not_tried_again(block: Any) -> None:
    blocked = answer({"promptFeedback": {"blockReason": block, "blockReasonMessage": "Because."}})
    found = failure(read_text, blocked, MODEL)
    named = "PROHIBITED_CONTENT" if block == 4 else block
    assert (found.code, found.finish_reason, found.message) == ("prompt_blocked", named, "Because.")
    assert not found.retryable
    assert not found.may_have_been_billed


@pytest.mark.parametrize(
    "hollow",
    [
        {"candidates": []},
        {"candidates": [{"finishReason": "STOP"}]},
        {"candidates": [{"content": {}, "finishReason": "STOP"}]},
        {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}]},
        {"candidates": [{"content": {"parts": [{"text": " \n"}]}, "finishReason": "STOP"}]},
        {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}]}, "finishReason": "STOP"}]},
        {"candidates": [{"content": {"parts": [{"brandNewPart": {}}]}, "finishReason": "STOP"}]},
        {"candidates": [{"content": "not an object", "finishReason": "STOP"}]},
        {"usageMetadata": {"promptTokenCount": 5}},
    ],
)
def test_an_answer_without_content_is_no_answer(hollow: dict[str, Any]) -> None:
    assert failure(read_text, answer(hollow), MODEL).code == "empty_answer"
    assert failure(read_json, answer(hollow), MODEL, Cat).code == "empty_answer"
    assert failure(read_image, answer(hollow), MODEL).code == "no_image"
    assert failure(read_speech, answer(hollow), MODEL).code == "no_speech"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_answer"),
        (b"{", "malformed_body"),
        (b"<html>", "malformed_body"),
        (b"null", "malformed_body"),
        (b"[]", "malformed_body"),
        (b"{}", "malformed_body"),
        (b'{"hello": 1}', "malformed_body"),
        (b"\xff\xfe", "malformed_body"),
        (b"[" * 100_000, "malformed_body"),
    ],
)
def test_a_200_that_is_not_the_apis_is_told_as_such(body: bytes, code: str) -> None:
    assert failure(read_text, answer(body), MODEL).code == code


def test_a_failed_answer_tells_what_it_used_so_that_it_can_be_charged() -> None:
    used = {"promptTokenCount": 713, "candidatesTokenCount": 5516, "totalTokenCount": 6229}
    found = failure(read_speech, candidate(finish="OTHER", usageMetadata=used), MODEL)
    assert found.details["usage"]["output_tokens"] == 5516
    assert found.details["model_version"] == "gemini-test-001"


# Text and JSON -----------------------------------------------------------------------------------------


def test_thoughts_are_not_part_of_the_text_and_parts_are_joined() -> None:
    read = read_text(candidate({"text": "Hm. ", "thought": True}, {"text": "One, "}, {"text": "two."}), MODEL)
    assert read.text == "One, two."


def test_provenance_tells_model_response_and_tokens_by_modality() -> None:
    used = {
        "promptTokenCount": 22,
        "candidatesTokenCount": "1216",
        "thoughtsTokenCount": 179,
        "cachedContentTokenCount": 7,
        "totalTokenCount": 1417,
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 1120},
            {"modality": 4, "tokenCount": 9},
        ],
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 22}],
        "serviceTier": "standard",
    }
    where = read_text(candidate({"text": "x"}, usageMetadata=used), MODEL).provenance
    assert (where.model_version, where.response_id, where.finish_reason) == ("gemini-test-001", "r1", "STOP")
    assert where.usage.output_tokens == 1216
    assert (where.usage.thoughts_tokens, where.usage.cached_tokens, where.usage.total_tokens) == (
        179,
        7,
        1417,
    )
    assert where.usage.by_modality == {"IMAGE": 1120, "AUDIO": 9}
    assert where.usage.prompt_by_modality == {"TEXT": 22}


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Tom", "age": 3}',
        '```json\n{"name": "Tom", "age": 3}\n```',
        ' ```\n{"name":"Tom","age":3}```\n',
    ],
)
def test_whole_json_is_read_also_inside_a_code_fence(text: str) -> None:
    assert read_json(candidate({"text": text}), MODEL, Cat).document == Cat(name="Tom", age=3)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Tom", "ag',
        '```json\n{"name": "Tom"',
        "Here you are: {}",
        '{"name": "Tom", "age": 3} Enjoy!',
        "[" * 9999,
    ],
)
def test_json_that_is_cut_or_mixed_with_talk_is_a_bad_answer_and_not_repaired(text: str) -> None:
    found = failure(read_json, candidate({"text": text}), MODEL, Cat)
    assert (found.code, found.retryable) == ("malformed_answer", True)


def test_json_that_does_not_fit_names_every_field_at_fault() -> None:
    found = failure(read_json, candidate({"text": '{"age": "old"}'}), MODEL, Cat)
    assert found.code == "schema_mismatch"
    assert {problem["at"] for problem in found.details["problems"]} == {"/name", "/age"}


def test_a_tool_call_in_place_of_text_is_told_as_one() -> None:
    found = failure(read_text, candidate({"functionCall": {"name": "draw", "args": {}}}), MODEL)
    assert found.code == "unusable_tool_call"


# Images ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_image_is_what_its_bytes_say_whatever_the_provider_calls_it(kind: str) -> None:
    data = picture((64, 36), kind)
    read = read_image(candidate({"text": "Here it is."}, inline(data, "image/png")), MODEL)
    assert (read.width, read.height, read.media_type) == (64, 36, f"image/{kind.lower()}")
    assert (read.data, read.text) == (data, "Here it is.")


def test_an_image_in_a_thought_is_not_the_image() -> None:
    draft = inline(picture((8, 8)), "image/png") | {"thought": True}
    assert read_image(candidate(draft, inline(picture((16, 9)), "image/png")), MODEL).width == 16
    assert failure(read_image, candidate(draft), MODEL).code == "no_image"


def test_an_answer_of_words_in_place_of_an_image_is_told_with_its_words() -> None:
    found = failure(read_image, candidate({"text": "I would rather describe it."}), MODEL)
    assert found.code == "no_image"
    assert "I would rather describe it." in found.message


@pytest.mark.parametrize(
    "data",
    ["not base64!", "", "AAAA", base64.b64encode(picture((640, 360))[:-300]).decode(), "QUJD\n QUJD"],
    ids=["not base64", "nothing", "no image", "cut off", "with blanks"],
)
def test_an_image_that_cannot_be_decoded_whole_is_a_bad_answer(data: str) -> None:
    broken = candidate({"inlineData": {"mimeType": "image/png", "data": data}})
    assert failure(read_image, broken, MODEL).code == "malformed_image"


# Speech ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_raw_samples_of_any_rate_become_a_wav_of_that_rate(rate: int) -> None:
    samples = tone(0.5, rate)
    read = read_speech(candidate(inline(samples.tobytes(), f"audio/L16;codec=pcm;rate={rate}")), MODEL)
    assert read.sample_rate == rate
    assert read.duration_s == pytest.approx(0.5)
    assert read.peak == pytest.approx(12_000 / 32_768, abs=0.001)
    with wave.open(io.BytesIO(read.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, rate)
        assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), "<i2"), samples)


@pytest.mark.parametrize(
    "media_type", ["audio/l16; rate=24000", "audio/pcm;rate=24000", "audio/L16", "AUDIO/L16;RATE=24000"]
)
def test_raw_samples_are_known_by_any_of_their_names(media_type: str) -> None:
    read = read_speech(candidate(inline(tone().tobytes(), media_type)), MODEL)
    assert (read.sample_rate, read.duration_s) == (24_000, pytest.approx(0.5))


@pytest.mark.parametrize("media_type", ["audio/wav", "audio/x-wav", "audio/L16;rate=24000"])
def test_a_whole_wav_file_is_taken_sample_by_sample(media_type: str) -> None:
    read = read_speech(candidate(inline(wav(tone(), 24_000), media_type)), MODEL)
    with wave.open(io.BytesIO(read.wav)) as file:
        assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), "<i2"), tone())


def test_a_wav_that_was_streamed_and_does_not_know_its_length_is_read_to_its_end() -> None:
    whole = bytearray(wav(tone(), 24_000))
    whole[4:8] = whole[40:44] = struct.pack("<I", 0xFFFFFFFF)
    read = read_speech(candidate(inline(bytes(whole), "audio/wav")), MODEL)
    assert read.duration_s == pytest.approx(0.5)


def test_two_channels_become_one() -> None:
    both = np.repeat(tone(), 2)
    for data, media_type in (
        (wav(both, 24_000, channels=2), "audio/wav"),
        (both.tobytes(), "audio/L16;rate=24000;channels=2"),
    ):
        read = read_speech(candidate(inline(data, media_type)), MODEL)
        assert read.duration_s == pytest.approx(0.5)
        assert read.peak == pytest.approx(12_000 / 32_768, abs=0.01)


def test_speech_in_several_parts_is_joined_in_order() -> None:
    halves = [inline(tone(0.25).tobytes(), "audio/L16;rate=24000") for _ in range(2)]
    assert read_speech(candidate(*halves), MODEL).duration_s == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (inline(b"\0" * 48_000, "audio/L16;rate=24000"), "silent_speech"),
        (inline(b"\0\0\x05\0" * 12_000, "audio/L16;rate=24000"), "silent_speech"),
        (inline(wav(tone(0), 24_000), "audio/wav"), "no_speech"),
        (inline(b"abc", "audio/L16;rate=24000"), "malformed_speech"),
        (inline(b"RIFF and then nothing", "audio/wav"), "malformed_speech"),
        (inline(b"no audio at all", "audio/mpeg"), "malformed_speech"),
        ({"inlineData": {"mimeType": "audio/wav", "data": "?"}}, "malformed_speech"),
        ({"text": "I cannot speak."}, "no_speech"),
    ],
)
def test_what_is_no_sound_is_no_speech(part: dict[str, Any], code: str) -> None:
    assert failure(read_speech, candidate(part), MODEL).code == code


@pytest.mark.parametrize(
    ("read", "code"),
    [(read_image, "malformed_image"), (read_speech, "malformed_speech"), (read_song, "malformed_music")],
)
def test_bytes_that_are_none_are_told_as_what_was_asked_for(read: Any, code: str) -> None:
    untold = {"inlineData": {"data": "?"}}
    assert failure(read, candidate(untold), MODEL).code == code
    kind = "image/png" if read is read_image else "audio/mpeg"
    for data in ("?", ""):
        broken = {"inlineData": {"mimeType": kind, "data": data}}
        assert failure(read, candidate(broken), MODEL).code == code


# Whatever comes ----------------------------------------------------------------------------------------

FIELDS = """candidates content parts text inlineData mimeType data finishReason finishMessage promptFeedback
blockReason usageMetadata promptTokenCount candidatesTokensDetails modality tokenCount error code message
status details violations quotaId retryDelay thought modelVersion metadata"""
WORDS = ["STOP", "SAFETY", "image/png", "audio/L16", "AAAA", "\ud800", "\x00", "", 'api_key:ab"c\\']
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS.split()), inner, max_size=4)
    ),
    max_leaves=25,
)


@given(body=JSON, status=st.sampled_from([200, 200, 200, 204, 302, 400, 429, 500, 503]))
def test_no_answer_however_strange_ends_in_anything_but_a_failure_or_a_result(body: Any, status: int) -> None:
    strange = answer(json.dumps(body).encode(), status)
    for read in (read_text, read_image, read_speech, lambda a, m: read_json(a, m, Cat)):
        try:
            read(strange, MODEL)
        except AttemptFailedError as error:
            stored = json.dumps(error.failure.to_dict(), ensure_ascii=False).encode()
            assert not re.search(rb"(?<!\\)\\u0000", stored), "PostgreSQL does not keep NUL in JSON"


BESIDE = {
    "a number without end": "1e999",
    "no number": "NaN",
    "a thousand digits": "9" * 1000,
    "ten thousand digits": "9" * 10_000,
    "ten thousand brackets": "[" * 10_000 + "]" * 10_000,
    "half a character": '"\\ud800"',
    "NUL": '"\\u0000"',
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_paid_answer_is_not_lost_for_what_stands_beside_it(kind: str) -> None:
    whole = candidate({"text": '{"name": "Tom", "age": 3}'}).body.decode()
    odd = BESIDE[kind]
    body = (
        whole[:-1]
        + f', "usageMetadata": {{"totalTokenCount": {odd}, "promptTokenCount": 7}}, "more": {odd}}}'
    )
    read = read_json(answer(body.encode()), "m", Cat)
    assert read.document == Cat(name="Tom", age=3)
    assert (read.provenance.usage.total_tokens, read.provenance.usage.prompt_tokens) == (0, 7)


@pytest.mark.parametrize("kind", BESIDE)
def test_an_error_with_an_odd_value_is_a_failure_that_can_be_kept(kind: str) -> None:
    details = f'[{{"score": {BESIDE[kind]}}}]'
    body = f'{{"error": {{"code": 503, "status": "UNAVAILABLE", "message": "no", "details": {details}}}}}'
    with pytest.raises(AttemptFailedError) as caught:
        read_json(answer(body.encode(), 503), "m", Cat)
    assert caught.value.failure.code == "overloaded"
    kept = caught.value.failure.to_dict()
    assert json.loads(json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()) == kept


@pytest.mark.parametrize("delay", ["9" * 400 + "s", "1" + "0" * 30 + "s"])
def test_a_wait_without_end_is_a_number(delay: str) -> None:
    refusal = refused("later", 429, "RESOURCE_EXHAUSTED", {"retryDelay": delay})
    with pytest.raises(AttemptFailedError) as caught:
        read_json(refusal, "m", Cat)
    assert caught.value.failure.retry_after_s == 1e9
