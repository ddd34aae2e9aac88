"""Real traffic, replayed through HTTP and both SDKs: what is read must be what the recording holds.

The expectation is computed from the recording by the few plain lines below, not by the reader's own code.
One film's are part of the project (tests/recordings); others are replayed as well where they are there.
"""

import asyncio
import base64
import io
import json
import wave
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image
from pydantic import RootModel

from actors.gemini.gateway import Gateway, WireAnswer
from actors.gemini.reader import (
    Provenance,
    read_image,
    read_json,
    read_song,
    read_speech,
    read_text,
)
from domain.failures import AttemptFailedError, Failure
from tests.recorded import body_of, cases, folders

MODEL = "gemini-recorded"
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]


RECORDINGS = [case for folder in folders() for case in cases(folder)]
ANSWERS = [case for case in RECORDINGS if case["kind"] != "list-models"]
# Another API's listing (Vertex) has another shape; the product does not call it.
LISTINGS = [c for c in RECORDINGS if c["kind"] == "list-models" and c["api"] == "gemini-developer"]


class AnyJson(RootModel[Any]):
    pass


# What the recording holds, told plainly ----------------------------------------------------------------


def chunks_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer's JSON objects, of a stream several; none where a part of it is not JSON."""
    response = case["response"]
    if "body" in response:
        return response["body"] if isinstance(response["body"], list) else [response["body"]]
    lines = response["body_text"].replace("\r\n", "\n").split("\n")
    told = [line[len("data:") :] for line in lines if line.startswith("data:")]
    told.append("\n".join(line for line in lines if not line.startswith("data:")))
    try:
        return [json.loads(chunk) for chunk in told if chunk.strip()]
    except ValueError:
        return []


def parts_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        part
        for chunk in chunks_of(case)
        for candidate in (chunk.get("candidates") or [])[:1]
        for part in (candidate.get("content") or {}).get("parts") or []
        if not part.get("thought")
    ]


def last(case: dict[str, Any], key: str) -> Any:
    return next((chunk[key] for chunk in reversed(chunks_of(case)) if key in chunk), None)


def finish_of(case: dict[str, Any]) -> str | None:
    reasons = [c["candidates"][0].get("finishReason") for c in chunks_of(case) if c.get("candidates")]
    return next((reason for reason in reversed(reasons) if told(reason)), None)


def text_of(case: dict[str, Any]) -> str:
    return "".join(part.get("text") or "" for part in parts_of(case))


def media_of(case: dict[str, Any], kind: str) -> list[tuple[bytes, str]]:
    blobs = [part["inlineData"] for part in parts_of(case) if "inlineData" in part]
    return [
        (base64.b64decode(blob["data"]), blob["mimeType"])
        for blob in blobs
        if blob["mimeType"].startswith(kind)
    ]


def sound_of(case: dict[str, Any]) -> tuple[bytes, int]:
    """The samples (16 bit, one channel) and their rate, whether with a WAV's head or without."""
    blobs = media_of(case, "audio/")
    data = b"".join(data for data, _ in blobs)
    if not data.startswith(b"RIFF"):
        return data, int(blobs[0][1].split("rate=")[1].split(";")[0])
    with wave.open(io.BytesIO(data)) as file:
        return file.readframes(file.getnframes()), file.getframerate()


def cause_of(case: dict[str, Any]) -> str | None:
    """The failure that the recording is of, and None for a whole answer."""
    if case["response"]["status"] != 200 or last(case, "error") or not body_of(case).strip():
        return cause_of_refusal(case)
    feedback = last(case, "promptFeedback")
    if feedback is not None and (
        told(feedback.get("blockReason")) or not any(chunk.get("candidates") for chunk in chunks_of(case))
    ):
        return "prompt_blocked"
    finish = finish_of(case)
    if finish not in {None, "STOP"}:
        return CAUSES_OF_FINISHES.get(finish, "unknown_finish_reason")
    if not ({"candidates", "promptFeedback", "usageMetadata"} & {key for c in chunks_of(case) for key in c}):
        return "malformed_body"
    return missing_from(case)


def cause_of_refusal(case: dict[str, Any]) -> str:
    error, status = last(case, "error"), case["response"]["status"]
    if isinstance(error, dict):
        unknown = "provider_error" if status >= 500 else "unknown_error"
        return CAUSES_OF_ERRORS.get(error_name(error, status), unknown)
    if status < 300 and not body_of(case).strip():
        return "empty_answer"
    return CAUSES_OF_STATUS.get(status, "provider_error" if status >= 500 else "malformed_body")


def told(name: str | None) -> str | None:
    """An enum's value, where it says anything."""
    return None if name is None or name.endswith("_UNSPECIFIED") else name


def missing_from(case: dict[str, Any]) -> str | None:
    """What a whole answer fails to hold of what its kind is for."""
    if case["kind"] == "image":
        return None if media_of(case, "image/") else "no_image"
    if case["kind"] == "tts":
        return None if media_of(case, "audio/") else "no_speech"
    if text_of(case).strip():
        return None
    return "unusable_tool_call" if any("functionCall" in part for part in parts_of(case)) else "empty_answer"


def error_name(error: dict[str, Any], status: int) -> str:
    """What the provider's error object says that tells its cause, as a person would look for it."""
    details = json.dumps(error.get("details", []))
    for sign in SIGNS:
        if sign in details or sign in error.get("message", ""):
            return sign
    named = str(error.get("status"))
    if named in CAUSES_OF_ERRORS:
        return named
    return NAMES_OF_STATUS.get(error["code"] if isinstance(error.get("code"), int) else status, named)


SIGNS = (
    "API_KEY_INVALID",
    "CONSUMER_SUSPENDED",
    "SERVICE_DISABLED",
    "User location is not supported",
    "reported as leaked",
    "limit: 0",
    "PerDay",
    "PerMinute",
    "sensitive words",
    "input token count",
    "response modalities",
    "has not been used in project",
    "credits are depleted",
    "has been suspended",
)
CAUSES_OF_ERRORS = {
    "API_KEY_INVALID": "invalid_api_key",
    "CONSUMER_SUSPENDED": "account_suspended",
    "SERVICE_DISABLED": "api_not_enabled",
    "User location is not supported": "region_not_supported",
    "reported as leaked": "api_key_leaked",
    "limit: 0": "quota_zero",
    "PerDay": "quota_exhausted_today",
    "PerMinute": "rate_limited",
    "sensitive words": "prompt_blocked",
    "input token count": "prompt_too_long",
    "response modalities": "unsupported_modality",
    "has not been used in project": "api_not_enabled",
    "credits are depleted": "billing_required",
    "has been suspended": "account_suspended",
    "RESOURCE_EXHAUSTED": "rate_limited",
    "INVALID_ARGUMENT": "bad_request",
    "FAILED_PRECONDITION": "bad_request",
    "PERMISSION_DENIED": "access_denied",
    "UNAUTHENTICATED": "invalid_api_key",
    "NOT_FOUND": "model_not_found",
    "INTERNAL": "provider_error",
    "CANCELLED": "provider_error",
    "UNAVAILABLE": "overloaded",
    "DEADLINE_EXCEEDED": "provider_timeout",
}
NAMES_OF_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
CAUSES_OF_STATUS = {
    408: "provider_timeout",
    413: "prompt_too_long",
    429: "rate_limited",
    503: "overloaded",
    504: "provider_timeout",
}
"""Of an answer without Google's error object, such as a proxy's."""
CAUSES_OF_FINISHES = {
    **{name: name.lower() for name in (
        "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
        "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE",
        "MALFORMED_RESPONSE",
    )},
    "OTHER": "stopped_for_other_reason",
    "MAX_TOKENS": "answer_truncated",
    "CONTINUATION": "answer_truncated",
    "MALFORMED_FUNCTION_CALL": "unusable_tool_call",
    "UNEXPECTED_TOOL_CALL": "unusable_tool_call",
    "TOO_MANY_TOOL_CALLS": "unusable_tool_call",
}  # fmt: skip


# The replay --------------------------------------------------------------------------------------------


def replay(case: dict[str, Any], gateway: Gateway, runner: asyncio.Runner, scripted: Any) -> WireAnswer:
    scripted.default = scripted.script(
        case["response"]["status"], body_of(case), {"content-type": "application/json; charset=UTF-8"}
    )
    answer = runner.run(gateway.generate(MODEL, CONTENTS, {}, 30))
    assert len(scripted.asked) == 1, "one call is one request"
    return answer


def failure_of(read: Callable[[], object]) -> Failure:
    with pytest.raises(AttemptFailedError) as raised:
        read()
    return raised.value.failure


def same_usage(case: dict[str, Any], provenance: Provenance) -> None:
    used = last(case, "usageMetadata") or {}
    usage = provenance.usage
    assert usage.prompt_tokens == used.get("promptTokenCount", 0)
    assert usage.output_tokens == used.get("candidatesTokenCount", 0)
    assert usage.thoughts_tokens == (used.get("thoughtsTokenCount") or 0)
    assert usage.cached_tokens == used.get("cachedContentTokenCount", 0)
    assert usage.total_tokens == used.get("totalTokenCount", 0)
    details = used.get("candidatesTokensDetails", [])
    assert usage.by_modality == {entry["modality"]: entry.get("tokenCount", 0) for entry in details}
    assert provenance.model_version == last(case, "modelVersion")
    assert provenance.response_id == last(case, "responseId")
    assert provenance.finish_reason == finish_of(case)


def read_as_recorded(case: dict[str, Any], answer: WireAnswer) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "image": lambda: read_image(answer, MODEL),
        "tts": lambda: read_speech(answer, MODEL),
        "music": lambda: read_song(answer, MODEL),
        "json": lambda: read_json(answer, MODEL, AnyJson),
    }
    return readers.get(case["kind"], lambda: read_text(answer, MODEL))()


@pytest.mark.parametrize("case", ANSWERS, ids=[case["id"] for case in ANSWERS])
def test_what_is_read_is_what_the_recording_holds(
    case: dict[str, Any], gateway: Gateway, runner: asyncio.Runner, scripted: Any
) -> None:
    answer = replay(case, gateway, runner, scripted)
    assert answer.status == case["response"]["status"]
    cause = cause_of(case)
    if cause is not None:
        same_failure(case, cause, failure_of(lambda: read_as_recorded(case, answer)))
        return
    if case["kind"] == "json":
        same_json(case, answer)
        return
    read = read_as_recorded(case, answer)
    same_usage(case, read.provenance)
    if case["kind"] == "image":
        data, _ = media_of(case, "image/")[0]
        with Image.open(io.BytesIO(data)) as picture:
            assert (read.width, read.height) == picture.size
            assert read.media_type == f"image/{str(picture.format).lower()}"
        assert read.data == data
        assert read.text == text_of(case)
    elif case["kind"] == "tts":
        samples, rate = sound_of(case)
        assert read.sample_rate == rate
        assert read.duration_s == pytest.approx(len(samples) / 2 / rate)
        with wave.open(io.BytesIO(read.wav)) as file:
            assert file.readframes(file.getnframes()) == samples
    else:
        assert read.text == text_of(case)


def same_json(case: dict[str, Any], answer: WireAnswer) -> None:
    bare = text_of(case).strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        value = json.loads(bare)
    except ValueError:
        failure = failure_of(lambda: read_json(answer, MODEL, AnyJson))
        assert failure.code == "malformed_answer"
        used = last(case, "usageMetadata") or {}
        assert failure.details["usage"]["total_tokens"] == used.get("totalTokenCount", 0)
        return
    read = read_json(answer, MODEL, AnyJson)
    assert read.document.root == value
    same_usage(case, read.provenance)


def same_failure(case: dict[str, Any], cause: str, failure: Failure) -> None:
    assert failure.code == cause
    assert failure.model == MODEL
    assert failure.hint
    error, status = last(case, "error"), case["response"]["status"]
    if isinstance(error, dict):
        assert failure.http_status == error.get("code", status)
        assert failure.provider_status == error.get("status")
        said = error.get("message", "").replace("api_key:REDACTED", "api_key:")
        assert failure.message.split("[")[0][:30] in (said or failure.message)
        delays = [d["retryDelay"] for d in error.get("details", []) if "retryDelay" in d]
        if delays or "retry in" not in said:
            assert failure.retry_after_s == (float(delays[0].rstrip("s")) if delays else None)
        return
    assert failure.http_status == status
    if status != 200 or not chunks_of(case) or cause == "malformed_body":
        return
    feedback = last(case, "promptFeedback") or {}
    assert failure.finish_reason == (told(feedback.get("blockReason")) or finish_of(case))
    assert failure.response_id == last(case, "responseId")
    used = last(case, "usageMetadata")
    if used:
        assert failure.details["usage"]["total_tokens"] == used.get("totalTokenCount", 0)
        assert failure.details["usage"]["thoughts_tokens"] == (used.get("thoughtsTokenCount") or 0)
    said = feedback.get("blockReasonMessage")
    if finish_of(case) not in {None, "STOP"}:
        said = next(c["candidates"][0] for c in reversed(chunks_of(case)) if c.get("candidates")).get(
            "finishMessage"
        )
    assert said is None or failure.message == said


@pytest.mark.parametrize("case", LISTINGS, ids=[case["id"] for case in LISTINGS])
def test_the_models_listed_are_those_of_the_recording(
    case: dict[str, Any], gateway: Gateway, runner: asyncio.Runner, scripted: Any
) -> None:
    script = scripted.script
    recorded = script(200, body_of(case))
    token = case["response"]["body"].get("nextPageToken")
    scripted.default = recorded
    if token:
        after = script(200, b'{"models": [{"name": "models/last-page"}]}')
        scripted.default = lambda asked: after if f"pageToken={token}" in unquote(asked.path) else recorded
    listed = runner.run(gateway.list_models())
    wanted = case["response"]["body"].get("models", []) + ([{"name": "models/last-page"}] if token else [])
    assert [model["name"] for model in listed] == [model["name"] for model in wanted]
    for got, want in zip(listed, wanted, strict=True):
        assert got.get("inputTokenLimit") == want.get("inputTokenLimit")
        assert got.get("supportedGenerationMethods", []) == want.get("supportedGenerationMethods", [])
    assert len(scripted.asked) == (2 if token else 1)
