"""What is asked of a video model, and what its answers mean: bodies as they were seen on the wire."""

import base64
import json
from typing import Any

import pytest

from actors.gemini.gateway import Json, WireAnswer, file_id
from actors.gemini.interactions import (
    FileState,
    Standing,
    read_file_state,
    read_interaction,
    shot_request,
    video_bytes,
)
from actors.gemini.redact import redacted_json, redacted_raw
from actors.gemini.requests import Reference
from domain.failures import AttemptFailedError, Failure

MODEL = "gemini-omni-1.2-flash"
PICTURE = Reference(b"a picture" * 100, "image/png")
FILE = "https://generativelanguage.googleapis.com/v1beta/files/abc-1:download?alt=media"
VIDEO = {"type": "video", "mime_type": "video/mp4", "uri": FILE}
USAGE = {
    "total_input_tokens": 1189,
    "input_tokens_by_modality": [{"modality": "image", "tokens": 1100}, {"modality": "text", "tokens": 89}],
    "total_output_tokens": 20_307,
    "output_tokens_by_modality": [{"modality": "video", "tokens": 19_310}],
    "total_thought_tokens": 245,
    "total_cached_tokens": 0,
    "total_tool_use_tokens": 0,
    "total_tokens": 21_741,
}


def wire(body: Any, status: int = 200, **headers: str) -> WireAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WireAnswer(status, headers, raw, 1.5)


def interaction(status: str, **more: Any) -> Json:
    return {"id": "v1_abc", "object": "interaction", "status": status, "model": MODEL, **more}


def done(*contents: Json, usage: Json | None = USAGE, **more: Any) -> Json:
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": "A tram."}]},
        {"type": "thought", "signature": "x" * 4_000_000},
        {"type": "model_output", "content": list(contents)},
    ]
    return interaction("completed", steps=steps, **({"usage": usage} if usage else {}), **more)


def refused(body: Any, status: int = 200, *, created: bool = False) -> Failure:
    with pytest.raises(AttemptFailedError) as raised:
        read_interaction(wire(body, status), MODEL, created=created)
    return raised.value.failure


# What is asked for -----------------------------------------------------------------------------------------


def test_a_shot_is_asked_for_in_the_background_as_a_file_that_begins_with_the_picture() -> None:
    asked = shot_request(
        f"models/{MODEL}",
        "The tram leaves.",
        first_frame=PICTURE,
        aspect_ratio="16:9",
        resolution="720p",
        seconds=5.0,
        seed=7,
    ).body
    assert asked == {
        "model": MODEL,
        "input": [
            {
                "type": "user_input",
                "content": [
                    {
                        "type": "image",
                        "data": base64.b64encode(PICTURE.data).decode(),
                        "mime_type": "image/png",
                    },
                    {"type": "text", "text": "<FIRST_FRAME> The tram leaves."},
                ],
            }
        ],
        "response_format": {
            "type": "video",
            "aspect_ratio": "16:9",
            "resolution": "720p",
            "duration": "5s",
            "delivery": "uri",
        },
        "generation_config": {"seed": 7, "video_config": {"task": "image_to_video"}},
        "background": True,
        "store": True,
        "stream": False,
    }


def test_references_go_along_with_a_tag_each_and_a_tagged_prompt_is_left_alone() -> None:
    def text(prompt: str) -> str:
        request = shot_request(
            MODEL,
            prompt,
            first_frame=PICTURE,
            aspect_ratio="9:16",
            resolution="360p",
            seconds=3.25,
            references=[PICTURE, PICTURE],
        )
        [step] = request.body["input"]
        assert [each["type"] for each in step["content"]] == ["image", "image", "image", "text"]
        assert request.body["response_format"]["duration"] == "3.25s"
        assert "seed" not in request.body["generation_config"]
        return str(step["content"][-1]["text"])

    assert text("It leaves.") == (
        "[# Sources <FIRST_FRAME>@Image1] [# References <IMAGE_REF_0>@Image2 <IMAGE_REF_1>@Image3] It leaves."
    )
    assert (
        text("[# Sources <FIRST_FRAME>@Image1] It leaves.") == "[# Sources <FIRST_FRAME>@Image1] It leaves."
    )


def test_what_is_kept_of_a_request_and_an_answer_holds_no_pictures_and_no_signatures() -> None:
    request = shot_request(
        MODEL, "It leaves.", first_frame=PICTURE, aspect_ratio="16:9", resolution="720p", seconds=5
    )
    kept = redacted_json(request.body)
    assert base64.b64encode(PICTURE.data) not in kept
    assert json.loads(kept)["input"][0]["content"][0]["data"]["bytes"] == len(PICTURE.data)
    inline = {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(b"film" * 500).decode()}
    raw = redacted_raw(json.dumps(done(inline)).encode())
    assert len(raw) < 2_000
    assert json.loads(raw)["steps"][1] == {"type": "thought"}
    assert json.loads(raw)["steps"][2]["content"][0]["data"]["bytes"] == 2_000


# How a call stands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["queued", "in_progress", "paused_by_aliens"])
def test_what_is_under_way_or_unknown_is_waited_for_and_keeps_its_word(status: str) -> None:
    read = read_interaction(wire(interaction(status)), MODEL, created=True)
    assert (read.id, read.status, read.standing, read.failure) == ("v1_abc", status, Standing.PENDING, None)


def test_a_shot_that_is_done_names_its_file_its_model_and_its_tokens() -> None:
    read = read_interaction(wire(done({"type": "text", "text": "Here."}, VIDEO)), MODEL)
    assert (read.standing, read.failure, read.model) == (Standing.DONE, None, MODEL)
    assert read.file is not None
    assert file_id(read.file) == "abc-1"
    assert read.usage is not None
    assert (read.usage.prompt_tokens, read.usage.output_tokens, read.usage.thoughts_tokens) == (
        1189,
        20_307,
        245,
    )
    assert read.usage.by_modality == {"VIDEO": 19_310}
    assert read.usage.prompt_by_modality == {"IMAGE": 1100, "TEXT": 89}


def test_output_that_is_not_broken_down_is_film_the_dearest() -> None:
    usage = {name: value for name, value in USAGE.items() if name != "output_tokens_by_modality"}
    read = read_interaction(wire(done(VIDEO, usage=usage)), MODEL)
    assert read.usage is not None
    assert read.usage.by_modality == {"VIDEO": 20_307}


def test_a_video_may_come_along_and_answers_of_before_have_outputs() -> None:
    inline = {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(b"film").decode()}
    assert video_bytes(read_interaction(wire(done(inline)), MODEL)) == b"film"
    legacy = interaction("completed", outputs=[VIDEO])
    read = read_interaction(wire(legacy), MODEL)
    assert (read.file, read.usage) == (FILE, None)
    broken = read_interaction(wire(done(inline | {"data": "no base64!"})), MODEL)
    with pytest.raises(AttemptFailedError, match="not base64"):
        video_bytes(broken)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (done(usage=USAGE | {"total_output_tokens": 0}), "no_shot", "holds no video"),
        (done({"type": "text", "text": "I cannot film this."}), "no_shot", "I cannot film this."),
        (interaction("failed"), "provider_error", "says no more"),
        (
            interaction("failed", errors=[{"code": "internal", "message": "Something broke."}]),
            "provider_error",
            "Something broke.",
        ),
        (
            interaction(
                "failed", steps=[{"type": "model_output", "error": {"code": 503, "message": "Busy."}}]
            ),
            "overloaded",
            "Busy.",
        ),
        (
            interaction("failed", error={"code": "too_many_requests", "message": "Please retry in 23.397s"}),
            "rate_limited",
            "23.397s",
        ),
        (
            interaction("failed", errors=[{"code": "safety", "message": "Not this."}]),
            "safety",
            "Not this.",
        ),
        (interaction("cancelled"), "stopped_for_other_reason", "cancelled"),
        (interaction("incomplete"), "stopped_for_other_reason", "before it was done"),
        (
            interaction("incomplete", errors=[{"code": "max_tokens", "message": "It was cut off."}]),
            "stopped_for_other_reason",
            "It was cut off.",
        ),
        (interaction("requires_action"), "unusable_tool_call", "tool"),
        (interaction("requires_continuation"), "stopped_for_other_reason", "another call"),
        (interaction("budget_exceeded"), "billing_required", "budget"),
    ],
)
def test_a_call_of_which_nothing_came_says_why_and_may_be_billed(body: Json, code: str, said: str) -> None:
    failure = read_interaction(wire(body), MODEL).failure
    assert failure is not None
    assert (failure.code, failure.may_have_been_billed) == (code, True)
    assert (failure.response_id, failure.finish_reason) == ("v1_abc", body["status"])
    assert said in failure.message


# What is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (404, {"code": "not_found", "message": "Model 'x' not found."}, "model_not_found"),
        (404, {"code": 404, "status": "NOT_FOUND", "message": "models/x is not found"}, "model_not_found"),
        (400, {"code": "invalid_request", "message": "Unknown parameter 'inputs'"}, "bad_request"),
        (
            400,
            {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"},
            "invalid_api_key",
        ),
        (429, {"code": "too_many_requests", "message": "Please retry in 23.397s"}, "rate_limited"),
        (503, {"code": "unavailable", "message": "The model is overloaded."}, "overloaded"),
        (200, {"code": "too_many_requests", "message": "Please retry in 2s"}, "rate_limited"),
    ],
)
def test_a_refusal_in_the_providers_own_words_costs_nothing_in_either_shape(
    status: int, error: Json, code: str
) -> None:
    failure = refused({"error": error}, status, created=True)
    assert (failure.code, failure.may_have_been_billed) == (code, False)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": {"code": "internal", "message": "Oh."}}),
        (504, {"error": {"code": "gateway_timeout", "message": "Late."}}),
        (502, b"<html>Bad gateway</html>"),
        (403, b"<html>A proxy says no</html>"),
        (200, b"not json"),
        (200, {"object": "interaction", "status": "in_progress"}),
        (200, {"id": "../../models", "status": "in_progress"}),
    ],
)
def test_what_is_neither_a_receipt_nor_a_refusal_may_have_been_billed(status: int, body: Any) -> None:
    failure = refused(body, status, created=True)
    assert failure.may_have_been_billed
    assert not refused(body, status).may_have_been_billed, "a question how it stands costs nothing"


def test_the_wait_that_is_asked_for_is_told() -> None:
    body = {"error": {"code": "too_many_requests", "message": "Please retry in 23.397s."}}
    assert refused(body, 429).retry_after_s == 23.397
    assert refused(interaction("") | body).retry_after_s == 23.397


# Files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"name": "files/abc", "state": "PROCESSING"}, FileState.PROCESSING),
        ({"name": "files/abc", "state": "ACTIVE"}, FileState.ACTIVE),
        ({"file": {"name": "files/abc", "state": "ACTIVE"}}, FileState.ACTIVE),
        ({"name": "files/abc", "state": "STATE_UNSPECIFIED"}, FileState.PROCESSING),
        ({"name": "files/abc", "state": "FAILED", "error": {"code": 13, "message": "No."}}, FileState.FAILED),
    ],
)
def test_a_file_tells_its_state(body: Json, state: FileState) -> None:
    assert read_file_state(wire(body), MODEL) is state


@pytest.mark.parametrize(
    "name",
    ["files/abc-1", "files/abc-1:download", FILE, "https://x.example/v1beta/files/abc-1?key=1"],
)
def test_a_files_id_is_cut_out_of_its_name_or_address(name: str) -> None:
    assert file_id(name) == "abc-1"


@pytest.mark.parametrize(
    "name", ["", "gs://bucket/film.mp4", "files/../models", "https://x.example/film.mp4"]
)
def test_what_is_no_file_of_the_api_is_not_fetched(name: str) -> None:
    with pytest.raises(AttemptFailedError, match="is not a file of the API"):
        file_id(name)
