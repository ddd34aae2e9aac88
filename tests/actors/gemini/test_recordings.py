"""Real traffic, replayed through HTTP and both SDKs: what is read must be what the recording holds.

The expectation is computed from the recording by the few plain lines below, not by the reader's own code.
The recordings are not part of the product; where the folder is absent these tests are skipped.
"""

import asyncio
import base64
import io
import json
import os
import wave
from collections.abc import Callable
from pathlib import Path
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
    read_speech,
    read_text,
)
from domain.failures import AttemptFailedError, Failure

FOLDER = Path(
    os.environ.get("REELOG_WIRE_RECORDINGS") or Path(__file__).parents[3].parent / "shared" / "gemini-wire"
)
MODEL = "gemini-recorded"
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]


def _recordings() -> list[dict[str, Any]]:
    listed = FOLDER / "index.json"
    if not listed.is_file():
        return []
    entries = json.loads(listed.read_text())["cases"]
    return [json.loads((FOLDER / entry["file"]).read_text()) for entry in entries]


RECORDINGS = _recordings()
ANSWERS = [case for case in RECORDINGS if case["kind"] != "list-models"]
# Another API's listing (Vertex) has another shape; the product does not call it.
LISTINGS = [c for c in RECORDINGS if c["kind"] == "list-models" and c["api"] == "gemini-developer"]

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=f"no recordings in {FOLDER}")


class AnyJson(RootModel[Any]):
    pass


# What the recording holds, told plainly ----------------------------------------------------------------


def body_of(case: dict[str, Any]) -> bytes:
    response = case["response"]
    return (
        response["body_text"].encode() if "body_text" in response else json.dumps(response["body"]).encode()
    )


def chunks_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    response = case["response"]
    if "body" in response:
        return response["body"] if isinstance(response["body"], list) else [response["body"]]
    chunks = []
    rest = []
    for line in response["body_text"].splitlines():
        if line.startswith("data: "):
            chunks.append(json.loads(line[len("data: ") :]))
        else:
            rest.append(line)
    if "".join(rest).strip():
        chunks.append(json.loads("\n".join(rest)))
    return chunks


def parts_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        part
        for chunk in chunks_of(case)
        for candidate in chunk.get("candidates", [])[:1]
        for part in candidate.get("content", {}).get("parts", [])
        if not part.get("thought")
    ]


def last(case: dict[str, Any], key: str) -> Any:
    return next((chunk[key] for chunk in reversed(chunks_of(case)) if key in chunk), None)


def finish_of(case: dict[str, Any]) -> str | None:
    reasons = [c["candidates"][0].get("finishReason") for c in chunks_of(case) if c.get("candidates")]
    return next((reason for reason in reversed(reasons) if reason), None)


def text_of(case: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in parts_of(case))


def media_of(case: dict[str, Any], kind: str) -> list[tuple[bytes, str]]:
    blobs = [part["inlineData"] for part in parts_of(case) if "inlineData" in part]
    return [
        (base64.b64decode(blob["data"]), blob["mimeType"])
        for blob in blobs
        if blob["mimeType"].startswith(kind)
    ]


def cause_of(case: dict[str, Any]) -> str | None:
    """The failure that the recording is of, and None for a whole answer."""
    error = last(case, "error")
    if error is not None:
        return CAUSES_OF_ERRORS[error_name(error)]
    if case["response"]["status"] != 200:
        raise AssertionError("an error without an error object: none is recorded so far")
    feedback = last(case, "promptFeedback")
    if feedback and (
        "blockReason" in feedback or not any(chunk.get("candidates") for chunk in chunks_of(case))
    ):
        return "prompt_blocked"
    finish = finish_of(case)
    if finish not in {None, "STOP"}:
        renamed = {"OTHER": "stopped_for_other_reason", "MAX_TOKENS": "answer_truncated"}
        return renamed.get(finish, finish.lower())
    if not ({"candidates", "promptFeedback", "usageMetadata"} & {key for c in chunks_of(case) for key in c}):
        return "malformed_body"
    return missing_from(case)


def missing_from(case: dict[str, Any]) -> str | None:
    """What a whole answer fails to hold of what its kind is for."""
    if case["kind"] == "image":
        return None if media_of(case, "image/") else "no_image"
    if case["kind"] == "tts":
        return None if media_of(case, "audio/") else "no_speech"
    if text_of(case).strip():
        return None
    return "unusable_tool_call" if any("functionCall" in part for part in parts_of(case)) else "empty_answer"


def error_name(error: dict[str, Any]) -> str:
    """What the provider's error object says that tells its cause, as a person would look for it."""
    details = json.dumps(error.get("details", []))
    for sign in SIGNS:
        if sign in details or sign in error["message"]:
            return sign
    return str(error["status"])


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
    told = last(case, "usageMetadata") or {}
    usage = provenance.usage
    assert usage.prompt_tokens == told.get("promptTokenCount", 0)
    assert usage.output_tokens == told.get("candidatesTokenCount", 0)
    assert usage.thoughts_tokens == (told.get("thoughtsTokenCount") or 0)
    assert usage.cached_tokens == told.get("cachedContentTokenCount", 0)
    assert usage.total_tokens == told.get("totalTokenCount", 0)
    details = told.get("candidatesTokensDetails", [])
    assert usage.by_modality == {entry["modality"]: entry["tokenCount"] for entry in details}
    assert provenance.model_version == last(case, "modelVersion")
    assert provenance.response_id == last(case, "responseId")
    assert provenance.finish_reason == finish_of(case)


def read_as_recorded(case: dict[str, Any], answer: WireAnswer) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "image": lambda: read_image(answer, MODEL),
        "tts": lambda: read_speech(answer, MODEL),
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
        assert read.data == data
        assert read.media_type == ("image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
        assert read.text == text_of(case)
    elif case["kind"] == "tts":
        data, media_type = media_of(case, "audio/")[0]
        rate = int(media_type.split("rate=")[1])
        assert read.sample_rate == rate
        assert read.duration_s == pytest.approx(len(data) / 2 / rate)
        with wave.open(io.BytesIO(read.wav)) as file:
            assert file.readframes(file.getnframes()) == data
    else:
        assert read.text == text_of(case)


def same_json(case: dict[str, Any], answer: WireAnswer) -> None:
    try:
        value = json.loads(text_of(case))
    except ValueError:
        failure = failure_of(lambda: read_json(answer, MODEL, AnyJson))
        assert failure.code == "malformed_answer"
        assert failure.details["usage"]["total_tokens"] == last(case, "usageMetadata")["totalTokenCount"]
        return
    read = read_json(answer, MODEL, AnyJson)
    assert read.document.root == value
    same_usage(case, read.provenance)


def same_failure(case: dict[str, Any], cause: str, failure: Failure) -> None:
    assert failure.code == cause
    assert failure.model == MODEL
    assert failure.hint
    error = last(case, "error")
    told = last(case, "usageMetadata") or {}
    if error is not None:
        assert failure.http_status == error["code"]
        assert failure.provider_status == error["status"]
        assert failure.message.split("[")[0][:30] in error["message"].replace("api_key:REDACTED", "api_key:")
        delays = [d["retryDelay"] for d in error.get("details", []) if "retryDelay" in d]
        assert failure.retry_after_s == (float(delays[0].rstrip("s")) if delays else None)
        return
    assert failure.http_status == 200
    feedback = last(case, "promptFeedback") or {}
    assert failure.finish_reason == (feedback.get("blockReason") or finish_of(case))
    assert failure.response_id == last(case, "responseId")
    if told:
        assert failure.details["usage"]["total_tokens"] == told.get("totalTokenCount", 0)
        assert failure.details["usage"]["thoughts_tokens"] == (told.get("thoughtsTokenCount") or 0)
    said = feedback.get("blockReasonMessage")
    if finish_of(case) not in {None, "STOP"}:
        said = chunks_of(case)[-1]["candidates"][0].get("finishMessage")
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
