"""The emulator on the wire: what Google's published types, and Google's own errors, say it should be."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from google.genai import types

from actors.emulator.models import MODELS
from actors.emulator.server import EmulatorSettings, EmulatorThread
from tests.actors.emulator.calling import (
    IMAGE,
    OLD_SPEECH,
    SPEECH,
    TEXT,
    Caller,
    bytes_of,
    pcm_of,
    text_of,
)

pytestmark = pytest.mark.slow

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "text": (TEXT, {}),
    "json": (TEXT, {"responseJsonSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}),
    "cut off": (TEXT, {"maxOutputTokens": 3}),
    "image": (IMAGE, {"responseModalities": ["IMAGE"]}),
    "image with words": (IMAGE, {"responseModalities": ["TEXT", "IMAGE"]}),
    "speech": (SPEECH, {"responseModalities": ["AUDIO"]}),
    "older speech": (OLD_SPEECH, {"responseModalities": ["AUDIO"]}),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_parses_into_the_published_types_with_unknown_fields_forbidden(
    emulator: Caller, kind: str
) -> None:
    model, config = ANSWERS[kind]
    answer = emulator.post(model, config=config)
    assert answer.status_code == 200, answer.text
    assert types.GenerateContentResponse.model_config["extra"] == "forbid"
    parsed = types.GenerateContentResponse.model_validate(answer.json())
    usage = parsed.usage_metadata
    assert usage is not None
    assert usage.prompt_token_count
    said, thought = usage.candidates_token_count or 0, usage.thoughts_token_count or 0
    assert usage.total_token_count == usage.prompt_token_count + said + thought
    assert parsed.response_id
    assert parsed.model_version == model
    assert parsed.candidates is not None
    assert parsed.candidates[0].finish_reason is not None
    assert parsed.candidates[0].finish_reason.value == ("MAX_TOKENS" if kind == "cut off" else "STOP")


def test_every_listed_model_parses_and_a_page_leads_to_the_next(emulator: Caller) -> None:
    names: list[str] = []
    token = None
    while True:
        page = emulator.get("/v1beta/models", pageSize=5, **({"pageToken": token} if token else {})).json()
        assert len(page["models"]) <= 5
        for entry in page["models"]:
            # The SDK knows this field by another name; all others are the published ones.
            renamed = dict(entry)
            renamed["supportedActions"] = renamed.pop("supportedGenerationMethods")
            types.Model.model_validate(renamed)
            names.append(entry["name"].removeprefix("models/"))
        token = page.get("nextPageToken")
        if token is None:
            break
    assert names == list(MODELS)


def test_v1_lists_no_preview_and_knows_none(emulator: Caller) -> None:
    names = {entry["name"] for entry in emulator.get("/v1/models").json()["models"]}
    assert f"models/{TEXT}" in names
    assert f"models/{OLD_SPEECH}" not in names
    assert emulator.post(OLD_SPEECH, version="v1").status_code == 404
    assert emulator.post(TEXT, version="v1").status_code == 200


def test_one_model_can_be_looked_up_and_an_unknown_one_is_404_in_googles_words(emulator: Caller) -> None:
    assert emulator.get(f"/v1beta/models/{TEXT}").json()["name"] == f"models/{TEXT}"
    error = emulator.post("gemini-9-neon").json()["error"]
    assert error == {
        "code": 404,
        "status": "NOT_FOUND",
        "message": "models/gemini-9-neon is not found for API version v1beta, or is not supported for "
        "generateContent. Call ModelService.ListModels to see the list of available models and their "
        "supported methods.",
    }


def test_a_call_without_a_key_is_403_and_one_with_the_key_invalid_is_400(emulator: Caller) -> None:
    missing = emulator.post(TEXT, key=None)
    assert missing.status_code == 403
    assert missing.json()["error"]["message"].startswith("Method doesn't allow unregistered callers")
    refused = emulator.post(TEXT, key="invalid")
    assert refused.status_code == 400
    assert refused.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert emulator.post(TEXT, key=None, query="?key=in-the-query").status_code == 200


def test_both_spellings_of_fields_and_both_forms_of_enums_are_taken(emulator: Caller) -> None:
    body = {
        "contents": [{"role": "user", "parts": [{"text": "Good evening."}]}],
        "generation_config": {
            "response_modalities": [3],
            "speechConfig": {"voice_config": {"prebuilt_voice_config": {"voice_name": "puck"}}},
        },
    }
    assert bytes_of(emulator.post(SPEECH, body=body).json())[0] == "audio/wav"
    schema = {"type": 6, "properties": {"words": {"type": 5, "items": {"type": 1}}}, "required": ["words"]}
    answer = emulator.post(TEXT, config={"responseSchema": schema, "responseMimeType": "application/json"})
    assert text_of(answer.json()).startswith('{"words": [')


def test_enums_are_numbers_when_the_query_asks_for_them(emulator: Caller) -> None:
    answer = emulator.post(
        IMAGE, config={"responseModalities": [2]}, query="?%24alt=json%3Benum-encoding%3Dint"
    ).json()
    assert answer["candidates"][0]["finishReason"] == 1
    assert answer["usageMetadata"]["candidatesTokensDetails"] == [{"modality": 2, "tokenCount": 1120}]
    assert (
        emulator.post(TEXT, query="?$alt=json;enum-encoding=int").json()["candidates"][0]["finishReason"] == 1
    )


def test_unknown_fields_are_refused_by_name_and_place(emulator: Caller) -> None:
    answer = emulator.post(
        IMAGE,
        body={
            "contents": [{"parts": [{"txt": "x"}]}],
            "generationConfig": {"imageConfig": {"imageOutputOptions": {}}, "temperature": "hot"},
            "prompt": 1,
        },
    )
    assert answer.status_code == 400
    [detail] = answer.json()["error"]["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert [violation.get("field") for violation in detail["fieldViolations"]] == [
        "contents[0].parts[0]",
        "generation_config.image_config",
        "generation_config.temperature",
        None,
    ]
    assert detail["fieldViolations"][3]["description"] == (
        'Invalid JSON payload received. Unknown name "prompt": Cannot find field.'
    )


def test_broken_json_and_too_large_a_body_are_400(emulator: Caller) -> None:
    url = f"{emulator.url}/v1beta/models/{TEXT}:generateContent"
    headers = {"x-goog-api-key": "k"}
    assert emulator.http.post(url, content=b"{", headers=headers).status_code == 400
    large = emulator.http.post(url, content=b" " * (32 * 1024 * 1024 + 1), headers=headers)
    assert large.status_code == 400
    assert "payload size exceeds the limit" in large.json()["error"]["message"]


def test_tokens_are_counted_alone(emulator: Caller) -> None:
    body = {"contents": [{"parts": [{"text": "x" * 400}]}]}
    answer = emulator.http.post(
        f"{emulator.url}/v1beta/models/{TEXT}:countTokens", json=body, headers={"x-goog-api-key": "k"}
    ).json()
    assert types.CountTokensResponse.model_validate(answer).total_tokens == 100


def test_a_model_that_is_routed_says_which_one_answered(emulator: Caller) -> None:
    assert emulator.post("gemini-3.7-flash").json()["modelVersion"] == "gemini-3.8-flash"


@pytest.mark.slow
def test_pictures_have_the_size_and_type_of_their_generation(emulator: Caller) -> None:
    wide = emulator.post(IMAGE, config={"imageConfig": {"aspectRatio": "16:9"}}).json()
    kind, raw = bytes_of(wide)
    assert (kind, raw[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    old = bytes_of(emulator.post("gemini-2.5-flash-image").json())
    assert (old[0], old[1][:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    two_k = emulator.post(IMAGE, config={"imageConfig": {"imageSize": "2K"}}).json()
    assert two_k["usageMetadata"]["candidatesTokensDetails"][0]["tokenCount"] == 1680


def test_newer_speech_is_a_wav_and_older_speech_raw_samples_at_25_tokens_a_second(emulator: Caller) -> None:
    for model, kind in ((SPEECH, "audio/wav"), (OLD_SPEECH, "audio/L16;codec=pcm;rate=24000")):
        answer = emulator.post(model, "The sea was calm, and the light was still burning.").json()
        assert bytes_of(answer)[0] == kind
        seconds = len(pcm_of(answer)) / 2 / 24_000
        [detail] = answer["usageMetadata"]["candidatesTokensDetails"]
        assert detail == {"modality": "AUDIO", "tokenCount": round(seconds * 25)}


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "speech takes no system instruction": (
        SPEECH,
        {"systemInstruction": {"parts": [{"text": "Be kind"}]}},
        "Developer instruction is not enabled",
    ),
    "newest speech takes no temperature": (
        SPEECH,
        {"generationConfig": {"temperature": 1}},
        "temperature is not supported",
    ),
    "speech has no other voices": (
        SPEECH,
        {
            "generationConfig": {
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Bob"}}}
            }
        },
        "Voice name Bob is not supported. Allowed voice names are: achernar",
    ),
    "speech cannot draw": (
        SPEECH,
        {"generationConfig": {"responseModalities": ["IMAGE"]}},
        "response modalities",
    ),
    "text cannot speak": (
        TEXT,
        {"generationConfig": {"responseModalities": ["AUDIO"]}},
        "response modalities",
    ),
    "pictures have no such shape": (
        IMAGE,
        {"generationConfig": {"imageConfig": {"aspectRatio": "7:5"}}},
        "aspect_ratio",
    ),
    "the lite model draws 1K alone": (
        "gemini-3.1-flash-lite-image",
        {"generationConfig": {"imageConfig": {"imageSize": "2K"}}},
        "Image size 2K",
    ),
    "pictures have no schema": (
        IMAGE,
        {"generationConfig": {"responseJsonSchema": {"type": "object"}}},
        "JSON mode",
    ),
    "temperature has a range": (TEXT, {"generationConfig": {"temperature": 4}}, "temperature"),
    "the fourth generation has no budget": (
        "gemini-4-argon",
        {"generationConfig": {"thinkingConfig": {"thinkingBudget": 100}}},
        "Thinking budget",
    ),
    "the last turn is the user's": (
        TEXT,
        {"contents": [{"role": "model", "parts": [{"text": "Once"}]}]},
        "Requests ending with a model turn are not supported.",
    ),
    "something must be said": (TEXT, {"contents": []}, "contents is not specified"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_a_model_does_not_do_is_refused_as_google_refuses_it(emulator: Caller, name: str) -> None:
    model, part, message = REFUSALS[name]
    body = {"contents": [{"role": "user", "parts": [{"text": "Hello."}]}]} | part
    answer = emulator.post(model, body=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert message in answer.json()["error"]["message"]


def test_it_says_who_it_is_in_every_answer(emulator: Caller) -> None:
    identity = emulator.http.get(f"{emulator.url}/emulator")
    assert identity.json()["emulator"] == "reelog"
    version = identity.json()["version"]
    answers = [
        identity,
        emulator.post(TEXT),
        emulator.post(TEXT, key=None),
        emulator.get("/v1beta/models"),
        emulator.get("/nowhere"),
        emulator.get("/emulator/requests"),
    ]
    assert [answer.headers.get("x-reelog-emulator") for answer in answers] == [version] * len(answers)


def test_requests_are_counted_with_status_and_body_and_forgotten_on_demand(emulator: Caller) -> None:
    picture = hashlib.sha256(b"\x00" * 3000)
    emulator.post(TEXT, "first")
    emulator.post("gemini-9")
    inline = {"inlineData": {"mimeType": "image/png", "data": "A" * 4000}}
    emulator.post(IMAGE, body={"contents": [{"parts": [{"text": "second"}, inline]}]})
    seen = emulator.requests()
    assert [(each["n"], each["model"], each["status"]) for each in seen] == [
        (1, TEXT, 200),
        (2, "gemini-9", 404),
        (3, IMAGE, 200),
    ]
    assert seen[0]["method"] == "POST"
    assert seen[0]["path"] == f"/v1beta/models/{TEXT}:generateContent"
    body = emulator.get("/emulator/requests/3").json()["body"]
    assert body["contents"][0]["parts"][1]["inlineData"]["data"] == f"sha256:{picture.hexdigest()}"
    emulator.http.delete(f"{emulator.url}/emulator/requests").raise_for_status()
    emulator.post(TEXT)
    assert [each["n"] for each in emulator.requests()] == [1]


def test_a_request_under_way_is_listed_without_a_status(emulator: Caller) -> None:
    emulator.set_faults({"fault": "hang", "seconds": 60})
    with ThreadPoolExecutor(1) as pool, httpx.Client(timeout=httpx.Timeout(30, read=1)) as impatient:
        body = {"contents": [{"parts": [{"text": "x"}]}]}
        url = f"{emulator.url}/v1beta/models/{TEXT}:generateContent"
        waiting = pool.submit(impatient.post, url, json=body, headers={"x-goog-api-key": "k"})
        while not emulator.requests():
            assert not waiting.done()
        assert emulator.requests()[0]["status"] is None
        with pytest.raises(httpx.ReadTimeout):
            waiting.result()


@pytest.mark.slow
def test_two_hundred_requests_wait_out_their_latency_side_by_side() -> None:
    with EmulatorThread(EmulatorSettings(latency=(1.0, 1.0))) as running:
        body = {"contents": [{"parts": [{"text": "Hello."}]}]}
        url = f"{running.url}/v1beta/models/{TEXT}:generateContent"

        def call(_: int) -> float:
            answer = httpx.post(url, json=body, headers={"x-goog-api-key": "k"}, timeout=120, trust_env=False)
            answer.raise_for_status()
            return float(answer.headers["server-timing"].rpartition("=")[2])

        with ThreadPoolExecutor(50) as pool:
            spent = list(pool.map(call, range(200)))
    # One after another they would take 200 s; each takes its own second and what the machine adds.
    assert min(spent) >= 1000
    assert sum(spent) / len(spent) < 60_000
