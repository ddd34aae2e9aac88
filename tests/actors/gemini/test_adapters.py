"""The promises of ``gateway.py``, kept by both adapters: counted at a server that misbehaves on purpose."""

import asyncio
import base64
import json
import threading
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini import pages
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import SDK_CAPABILITIES, Capability, Gateway, GatewaySettings, Sdk, WireAnswer
from actors.gemini.requests import image_request, speech_request, text_json_request
from domain.failures import AttemptFailedError, Failure
from domain.script import AudioPlan, ScriptAnalysis, Storyboard, response_schema

pytestmark = pytest.mark.slow

MODEL = "gemini-test"
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]
WHOLE = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}
SDKS: list[Sdk] = ["google-genai", "google-generativeai"]


def call(runner: asyncio.Runner, gateway: Gateway, timeout_s: float = 20, **config: Any) -> WireAnswer:
    return runner.run(gateway.generate(MODEL, CONTENTS, config, timeout_s))


def failed(runner: asyncio.Runner, gateway: Gateway, timeout_s: float = 20, **config: Any) -> Failure:
    with pytest.raises(AttemptFailedError) as raised:
        call(runner, gateway, timeout_s, **config)
    assert raised.value.failure.model == MODEL
    return raised.value.failure


# One call is one request -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", [204, 301, 302, 307, 308, 400, 401, 403, 404, 408, 429, 499, 500, 502, 503, 504]
)
def test_an_answer_of_any_status_is_returned_and_the_request_is_sent_once(
    status: int, runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    error = {"error": {"code": status, "message": "no", "details": [{"retryDelay": "0.1s"}]}}
    body = b"" if status < 400 else json.dumps(error).encode()
    scripted.default = scripted.script(
        status, body, {"location": f"{scripted.url}/elsewhere", "retry-after": "0"}
    )
    answer = call(runner, gateway)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers["retry-after"] == "0"
    assert len(scripted.asked) == 1


def test_a_connection_that_breaks_after_the_request_is_not_tried_again_and_may_have_been_charged(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.default = scripted.script(hang_up=True)
    failure = failed(runner, gateway)
    assert (failure.code, failure.may_have_been_billed) == ("connection_lost", True)
    assert len(scripted.asked) == 1


def test_an_answer_that_breaks_off_is_lost_and_not_asked_for_again(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.default = scripted.script(200, b'{"candidates": [', cut=True)
    failure = failed(runner, gateway)
    assert (failure.code, failure.may_have_been_billed) == ("connection_lost", True)
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("how", ["hang", "trickle"])
def test_a_call_ends_at_its_time_limit_and_may_have_been_charged(
    how: str, runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.default = scripted.script(**{how: True})
    failure = failed(runner, gateway, timeout_s=0.3)
    assert (failure.code, failure.may_have_been_billed) == ("timeout", True)
    assert failure.elapsed_s is not None
    assert failure.elapsed_s >= 0.3
    assert len(scripted.asked) == 1


def test_an_answer_that_wants_to_be_continued_is_not_continued_unasked(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json({"candidates": [{"finishReason": "CONTINUATION"}], "continuationToken": "dG9rZW4="})
    assert b"CONTINUATION" in call(runner, gateway).body
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("sdk", SDKS)
def test_where_nothing_listens_nothing_was_sent_and_nothing_can_be_charged(
    sdk: Sdk, runner: asyncio.Runner, unused_port: int
) -> None:
    async def story() -> Failure:
        nowhere = open_gateway(
            GatewaySettings(SecretStr("k" * 39), f"http://127.0.0.1:{unused_port}", sdk=sdk)
        )
        try:
            with pytest.raises(AttemptFailedError) as raised:
                await nowhere.generate(MODEL, CONTENTS, {}, 5)
        finally:
            await nowhere.close()
        return raised.value.failure

    failure = runner.run(story())
    assert (failure.code, failure.may_have_been_billed, failure.retryable) == (
        "connection_failed",
        False,
        True,
    )


@pytest.mark.parametrize("sdk", SDKS)
def test_a_gateway_may_be_opened_in_a_thread_while_the_loop_goes_on(
    sdk: Sdk, runner: asyncio.Runner, scripted: Any
) -> None:
    scripted.answer_json(WHOLE)

    async def story() -> WireAnswer:
        settings = GatewaySettings(SecretStr("k" * 39), scripted.url, sdk=sdk)
        gateway = await asyncio.to_thread(open_gateway, settings)
        try:
            assert gateway.capabilities == SDK_CAPABILITIES[sdk]
            return await gateway.generate(MODEL, CONTENTS, {}, 10)
        finally:
            await gateway.close()

    assert runner.run(story()).status == 200


def test_many_calls_are_in_flight_at_once(runner: asyncio.Runner, gateway: Gateway, scripted: Any) -> None:
    at_once = 40
    scripted.hold_until = at_once

    async def story() -> list[WireAnswer]:
        calls = [gateway.generate(MODEL, CONTENTS, {}, 30) for _ in range(at_once)]
        return list(await asyncio.gather(*calls))

    assert {answer.status for answer in runner.run(story())} == {200}
    assert len(scripted.asked) == at_once


# Bytes as they are -------------------------------------------------------------------------------------


def test_an_answers_bytes_arrive_as_they_are_also_where_no_sdk_could_parse_them(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    strange = {
        "candidates": [
            {
                "finishReason": "BRAND_NEW",
                "finishMessage": "grüße 日本",
                "content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "not base64!"}}]},
            }
        ],
        "usageMetadata": {"serviceTier": "standard", "brandNew": [1]},
    }
    scripted.answer_json(strange)
    assert json.loads(call(runner, gateway).body) == strange


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'[{"error": {"code": 429}}]'])
@pytest.mark.parametrize("status", [200, 429])
def test_a_body_that_is_no_object_arrives_too(
    body: bytes, status: int, runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.default = scripted.script(status, body)
    answer = call(runner, gateway)
    assert (answer.status, answer.body) == (status, body)


def test_an_answer_of_many_megabytes_arrives_whole(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json({"candidates": [], "big": "x" * (20 << 20)})
    assert len(call(runner, gateway).body) > 20 << 20


def test_the_key_is_removed_from_an_error_that_echoes_it(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    def echo(asked: Any) -> Any:
        return scripted.script(403, json.dumps({"said": asked.headers["x-goog-api-key"]}).encode())

    scripted.default = echo
    answer = call(runner, gateway)
    assert json.loads(answer.body) == {"said": "[api key]"}


# What is sent ------------------------------------------------------------------------------------------


def test_the_request_goes_to_the_stated_version_with_the_key_in_its_header(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json(WHOLE)
    call(runner, gateway, generationConfig={"maxOutputTokens": 7})
    [asked] = scripted.asked
    assert asked.path.split("?")[0] == f"/v1beta/models/{MODEL}:generateContent"
    assert "key=" not in asked.path
    assert asked.headers["x-goog-api-key"].startswith("AIza")
    assert asked.body["contents"][0]["parts"] == [{"text": "Hello"}]
    assert asked.body["generationConfig"]["maxOutputTokens"] == 7


def test_an_image_goes_along_byte_by_byte(runner: asyncio.Runner, gateway: Gateway, scripted: Any) -> None:
    scripted.answer_json(WHOLE)
    data = bytes(range(256))
    part = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}}
    runner.run(gateway.generate(MODEL, [{"role": "user", "parts": [part]}], {}, 20))
    sent = scripted.asked[0].body["contents"][0]["parts"][0]["inlineData"]
    assert base64.b64decode(sent["data"]) == data


@pytest.mark.parametrize("document", [ScriptAnalysis, Storyboard, AudioPlan])
def test_every_document_can_be_asked_for_through_either_sdk(
    document: Any, runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json(WHOLE)
    request = text_json_request(MODEL, "Write.", response_schema(document), max_output_tokens=100)
    runner.run(gateway.generate(request.model, request.contents, request.config, 20))
    settings = scripted.asked[0].body["generationConfig"]
    sent = settings.get("responseJsonSchema") or settings["responseSchema"]
    assert set(sent["properties"]) == set(document.model_fields)
    assert set(sent["required"]) <= set(document.model_fields)
    assert settings["responseMimeType"] == "application/json"


def test_what_an_adapter_cannot_carry_is_refused_by_name_and_nothing_is_sent(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json(WHOLE)
    voices = {"speakerVoiceConfigs": []}
    requests = {
        Capability.SEED: {"generationConfig": {"seed": 4}},
        Capability.IMAGE_CONFIG: {"generationConfig": {"imageConfig": {"aspectRatio": "16:9"}}},
        Capability.THINKING: {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}},
        Capability.SPEECH_LANGUAGE: {"generationConfig": {"speechConfig": {"languageCode": "en-US"}}},
        Capability.MULTI_SPEAKER: {"generationConfig": {"speechConfig": {"multiSpeakerVoiceConfig": voices}}},
        Capability.MUSIC: {"generationConfig": {"responseModalities": ["AUDIO"]}},
        Capability.STORE: {"store": False},
    }
    for capability, config in requests.items():
        scripted.reset()
        if capability in gateway.capabilities:
            call(runner, gateway, **config)
            sent = scripted.asked[0].body
            assert {key: sent[key] for key in config} == config
        else:
            failure = failed(runner, gateway, **config)
            assert failure.code == "capability_missing"
            assert capability in failure.message
            assert not scripted.asked


@pytest.mark.parametrize(
    "config", [{"generationConfig": {"inventedLater": 1}}, {"inventedLater": 1}], ids=["setting", "field"]
)
def test_a_field_that_an_sdk_does_not_know_is_sent_or_refused_but_never_dropped(
    config: dict[str, Any], runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json(WHOLE)
    if Capability.JSON_SCHEMA in gateway.capabilities:  # carries what it is given, verbatim
        call(runner, gateway, **config)
        assert "inventedLater" in json.dumps(scripted.asked[0].body)
    else:
        failure = failed(runner, gateway, **config)
        assert failure.code == "capability_missing"
        assert "inventedLater" in failure.message
        assert not scripted.asked


def test_a_single_voice_and_a_plain_image_can_be_asked_for_through_either_sdk(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    speech = speech_request(
        "gemini-2.5-flash-preview-tts",
        "Hello.",
        voice="Kore",
        style="warmly",
        language=None,
        max_output_tokens=99,
    )
    image = image_request(MODEL, "A cat", aspect_ratio=None, image_size=None, max_output_tokens=99)
    for request, modality in ((speech, {"AUDIO", 3}), (image, {"IMAGE", 2})):
        scripted.reset()
        scripted.answer_json(WHOLE)
        runner.run(gateway.generate(request.model, request.contents, request.config, 20))
        [sent] = scripted.asked[0].body["generationConfig"]["responseModalities"]
        assert sent in modality


@pytest.mark.parametrize(
    "name", ["", "../v1/models/x", "a b", "x?key=1", "x:countTokens", "models/../x", "a/b"]
)
def test_a_name_that_is_no_models_never_becomes_part_of_an_address(
    name: str, runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    with pytest.raises(AttemptFailedError) as raised:
        runner.run(gateway.generate(name, CONTENTS, {}, 5))
    assert raised.value.failure.code == "model_not_found"
    assert not scripted.asked


# Listing models ----------------------------------------------------------------------------------------


def test_all_pages_of_the_models_are_listed(runner: asyncio.Runner, gateway: Gateway, scripted: Any) -> None:
    script = scripted.script
    first = {"name": "models/a", "inputTokenLimit": 8, "supportedGenerationMethods": ["generateContent"]}
    pages = {
        "": {"models": [first], "nextPageToken": "two"},
        "two": {"models": [{"name": "models/b"}]},
    }
    scripted.default = lambda asked: script(
        200, json.dumps(pages["two" if "pageToken=two" in asked.path else ""]).encode()
    )
    listed = runner.run(gateway.list_models())
    assert [model["name"] for model in listed] == ["models/a", "models/b"]
    assert listed[0]["supportedGenerationMethods"] == ["generateContent"]
    assert listed[0]["inputTokenLimit"] == 8
    assert len(scripted.asked) == 2


def test_a_listing_that_is_refused_tells_why(runner: asyncio.Runner, gateway: Gateway, scripted: Any) -> None:
    details = [{"reason": "API_KEY_INVALID"}]
    error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": details}
    scripted.answer_json({"error": error}, 400)
    with pytest.raises(AttemptFailedError) as raised:
        runner.run(gateway.list_models())
    assert raised.value.failure.code == "invalid_api_key"


def test_a_listing_that_turns_in_circles_ends(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    scripted.answer_json({"models": [{"name": "models/a"}], "nextPageToken": "again"})
    assert {model["name"] for model in runner.run(gateway.list_models())} == {"models/a"}
    assert len(scripted.asked) < 50


def test_a_listing_whose_pages_take_too_long_together_ends(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "TIMEOUT_S", 0.5)

    def slow(_: Any) -> Any:
        threading.Event().wait(0.2)
        return scripted.script(200, json.dumps({"models": [], "nextPageToken": "next"}).encode())

    scripted.default = slow
    with pytest.raises(AttemptFailedError) as raised:
        runner.run(gateway.list_models())
    assert raised.value.failure.code == "timeout"
    assert len(scripted.asked) < pages.MOST_PAGES


# The environment decides nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("sdk", SDKS)
def test_the_environment_changes_neither_key_nor_address_nor_version(
    sdk: Sdk, runner: asyncio.Runner, scripted: Any, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    elsewhere = f"http://127.0.0.1:{unused_port}"
    for name, value in {
        "GOOGLE_API_KEY": "AIza-another-key-that-must-not-be-used",
        "GEMINI_API_KEY": "AIza-yet-another-key-that-must-not-be-used",
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_USE_ENTERPRISE": "true",
        "GOOGLE_GEMINI_BASE_URL": elsewhere,
        "GOOGLE_VERTEX_BASE_URL": elsewhere,
        "GOOGLE_GENAI_API_VERSION": "v1",
        "GOOGLE_CLOUD_PROJECT": "someone-elses",
        "GOOGLE_CLOUD_LOCATION": "nowhere",
        "HTTP_PROXY": elsewhere,
        "http_proxy": elsewhere,
        "ALL_PROXY": elsewhere,
    }.items():
        monkeypatch.setenv(name, value)
    scripted.answer_json(WHOLE)

    async def story() -> None:
        gateway = open_gateway(
            GatewaySettings(SecretStr("AIza-the-key-of-the-settings"), scripted.url, sdk=sdk)
        )
        try:
            await gateway.generate(MODEL, CONTENTS, {}, 10)
        finally:
            await gateway.close()

    runner.run(story())
    [asked] = scripted.asked
    assert asked.headers["x-goog-api-key"] == "AIza-the-key-of-the-settings"
    assert asked.path.startswith("/v1beta/models/")


@pytest.mark.parametrize("sdk", SDKS)
def test_a_path_in_the_base_url_is_kept(sdk: Sdk, runner: asyncio.Runner, scripted: Any) -> None:
    scripted.answer_json(WHOLE)

    async def story() -> None:
        settings = GatewaySettings(SecretStr("k" * 39), f"{scripted.url}/proxy/gemini/", sdk=sdk)
        gateway = open_gateway(settings)
        try:
            await gateway.generate(MODEL, CONTENTS, {}, 10)
        finally:
            await gateway.close()

    runner.run(story())
    assert scripted.asked[0].path.startswith(f"/proxy/gemini/v1beta/models/{MODEL}")


def test_a_cancelled_call_closes_its_connection_where_the_adapter_says_so(
    runner: asyncio.Runner, gateway: Gateway, scripted: Any
) -> None:
    if Capability.CANCEL not in gateway.capabilities:
        pytest.skip("this adapter calls in threads, and says that it cannot cancel")
    scripted.default = scripted.script(hang=True)

    async def story() -> None:
        task = asyncio.ensure_future(gateway.generate(MODEL, CONTENTS, {}, 60))
        await asyncio.to_thread(scripted.got_request.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    runner.run(story())
    assert scripted.hung_up_on.wait(10), "the server saw the connection close"
