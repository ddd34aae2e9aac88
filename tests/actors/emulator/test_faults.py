"""Scripted faults: each does what its name says, strikes whom it names, and as often as it says."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from actors.emulator import faults
from actors.emulator.faults import BadFault, Fault, FaultScript, Request
from actors.emulator.server import EmulatorSettings, EmulatorThread
from domain.script import AudioPlan, ScriptAnalysis, Storyboard, response_schema
from tests.actors.emulator.calling import (
    IMAGE,
    KEEPER,
    OLD_SPEECH,
    SPEECH,
    TEXT,
    Caller,
    bytes_of,
    pcm_of,
    text_of,
)

pytestmark = pytest.mark.slow

SCHEMA = {"responseJsonSchema": response_schema(ScriptAnalysis)}
PROMPT = f"<script>\n{KEEPER}</script>"


@pytest.mark.parametrize("name", faults.HTTP_FAULTS)
def test_an_http_fault_answers_with_its_status_and_googles_error_body(emulator: Caller, name: str) -> None:
    emulator.set_faults({"fault": name})
    answer = emulator.post(TEXT)
    assert answer.status_code == int(name[:3])
    body = answer.json()
    if name.endswith("_list"):
        assert isinstance(body, list)
        [body] = body
    assert body["error"]["code"] == answer.status_code
    assert re.fullmatch(r"[A-Z_]+", body["error"]["status"])
    assert emulator.post(TEXT).status_code == 200


def error_details(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    return {each["@type"].rpartition(".")[2]: each for each in answer.json()["error"].get("details", [])}


def test_quota_errors_differ_as_the_recorded_ones_do(emulator: Caller) -> None:
    emulator.set_faults(
        {"fault": "429", "seconds": 3, "contains": "minute"},
        {"fault": "429_per_day", "seconds": 28, "contains": "day"},
        {"fault": "429_limit_0", "contains": "never"},
        {"fault": "429_help_only", "contains": "help"},
        {"fault": "429_bare", "contains": "bare"},
    )
    minute, day, never = (error_details(emulator.post(TEXT, word)) for word in ("minute", "day", "never"))
    assert minute["RetryInfo"]["retryDelay"] == "3s"
    assert "PerMinute" in minute["QuotaFailure"]["violations"][0]["quotaId"]
    assert day["RetryInfo"]["retryDelay"] == "28s"
    assert "PerDay" in day["QuotaFailure"]["violations"][0]["quotaId"]
    assert never["QuotaFailure"]["violations"][0]["quotaValue"] == "0"
    assert set(error_details(emulator.post(TEXT, "help"))) == {"Help"}
    assert "details" not in emulator.post(TEXT, "bare").json()["error"]


def test_a_suspended_consumers_message_echoes_the_key(emulator: Caller) -> None:
    emulator.set_faults({"fault": "403_suspended"})
    assert "api_key:my-secret" in emulator.post(TEXT, key="my-secret").json()["error"]["message"]


@pytest.mark.parametrize("reason", faults.BLOCK_REASONS)
def test_a_blocked_prompt_has_feedback_and_no_candidates(emulator: Caller, reason: str) -> None:
    emulator.set_faults({"fault": "blocked", "reason": reason})
    answer = emulator.post(TEXT).json()
    assert answer["promptFeedback"] == {"blockReason": reason}
    assert "candidates" not in answer
    assert answer["usageMetadata"]["promptTokenCount"] == answer["usageMetadata"]["totalTokenCount"]


@pytest.mark.parametrize("reason", faults.FINISH_REASONS)
def test_a_finish_reason_is_given_without_content_unless_it_means_cut_off(
    emulator: Caller, reason: str
) -> None:
    emulator.set_faults({"fault": "finish", "reason": reason})
    [candidate] = emulator.post(TEXT, "The sea was calm.").json()["candidates"]
    assert candidate["finishReason"] == reason
    has_words = bool(candidate.get("content", {}).get("parts"))
    assert has_words == (reason in {"MAX_TOKENS", "CONTINUATION"})


def test_answers_can_be_empty_in_four_ways(emulator: Caller) -> None:
    emulator.set_faults(
        {"fault": "no_candidates", "contains": "none"},
        {"fault": "empty_candidates", "contains": "list"},
        {"fault": "empty_body", "contains": "body"},
        {"fault": "not_json", "contains": "page"},
    )
    assert "candidates" not in emulator.post(TEXT, "none").json()
    assert emulator.post(TEXT, "list").json()["candidates"] == []
    assert (emulator.post(TEXT, "body").status_code, emulator.post(TEXT, "fine").status_code) == (200, 200)
    emulator.set_faults({"fault": "empty_body"}, {"fault": "not_json", "nth": 2})
    assert emulator.post(TEXT).content == b""
    page = emulator.post(TEXT)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.slow
def test_a_picture_can_be_words_thoughts_unreadable_or_of_another_shape(emulator: Caller) -> None:
    config = {"imageConfig": {"aspectRatio": "16:9"}, "responseModalities": ["IMAGE"]}
    emulator.set_faults({"fault": "text_only"})
    [part] = emulator.post(IMAGE, config=config).json()["candidates"][0]["content"]["parts"]
    assert set(part) == {"text"}
    emulator.set_faults({"fault": "thoughts_only"})
    [part] = emulator.post(IMAGE, config=config).json()["candidates"][0]["content"]["parts"]
    assert part["thought"] is True
    emulator.set_faults({"fault": "bad_base64"})
    data = emulator.post(IMAGE, config=config).json()["candidates"][0]["content"]["parts"][0]["inlineData"][
        "data"
    ]
    with pytest.raises(ValueError, match=r"base64|[Ii]ncorrect padding"):
        base64.b64decode(data, validate=True)
    emulator.set_faults({"fault": "wrong_aspect"})
    _, raw = bytes_of(emulator.post(IMAGE, config=config).json())
    width, height = Image.open(io.BytesIO(raw)).size
    assert height > width


def test_speech_can_be_silent_or_too_short(emulator: Caller) -> None:
    emulator.set_faults({"fault": "silent_audio"}, {"fault": "short_audio", "nth": 2})
    silent = pcm_of(emulator.post(SPEECH, "The sea was calm.").json())
    assert len(silent) > 24_000
    assert not any(silent)
    assert len(pcm_of(emulator.post(SPEECH, "The sea was calm.").json())) == 4800


def test_json_can_be_truncated_fenced_misshapen_or_short_of_a_sentence(emulator: Caller) -> None:
    emulator.set_faults(*({"fault": name, "nth": 1} for name in ("truncated_json",)))
    with pytest.raises(json.JSONDecodeError):
        json.loads(text_of(emulator.post(TEXT, PROMPT, config=SCHEMA).json()))
    emulator.set_faults({"fault": "fenced_json"})
    assert text_of(emulator.post(TEXT, PROMPT, config=SCHEMA).json()).startswith("```json\n{")
    emulator.set_faults({"fault": "schema_mismatch"})
    wrong = json.loads(text_of(emulator.post(TEXT, PROMPT, config=SCHEMA).json()))
    with pytest.raises(ValueError, match="validation error"):
        ScriptAnalysis.model_validate(wrong)
    whole = json.loads(text_of(emulator.post(TEXT, PROMPT, config=SCHEMA).json()))
    emulator.set_faults({"fault": "missing_sentence"})
    short = ScriptAnalysis.model_validate_json(text_of(emulator.post(TEXT, PROMPT, config=SCHEMA).json()))
    assert len(short.scenes) == len(whole["scenes"]) - 1


def test_the_connection_can_be_cut_before_and_after_the_headers(emulator: Caller) -> None:
    emulator.set_faults({"fault": "disconnect"}, {"fault": "disconnect_after_headers", "nth": 2})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        emulator.post(TEXT)
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete message body|peer closed"):
        emulator.post(TEXT)
    assert [each["status"] for each in emulator.requests()] == [0, 0]
    assert emulator.post(TEXT).status_code == 200


def test_an_answer_can_be_delayed_and_can_never_come(emulator: Caller) -> None:
    emulator.set_faults({"fault": "delay", "seconds": 0.3}, {"fault": "hang", "nth": 2, "seconds": 60})
    assert float(emulator.post(TEXT).headers["server-timing"].rpartition("=")[2]) >= 300
    url = f"{emulator.url}/v1beta/models/{TEXT}:generateContent"
    body = {"contents": [{"parts": [{"text": "x"}]}]}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, headers={"x-goog-api-key": "k"}, timeout=0.5, trust_env=False)


def test_a_fault_strikes_only_what_it_names_and_as_often_as_it_says() -> None:
    script = FaultScript(
        faults.parse(
            [
                {"fault": "503", "stage": "narration", "nth": 2, "times": 2},
                {"fault": "500", "model": "m", "document": "Storyboard", "times": "always"},
            ]
        )
    )
    speech, board = (
        Request(kind="speech", model="s", text=""),
        Request(kind="text", model="m", text="", document="Storyboard"),
    )
    struck = [script.strike(speech) for _ in range(5)]
    assert [fault.fault if fault else None for fault in struck] == [None, "503", "503", None, None]
    assert all(script.strike(board) for _ in range(4))
    assert script.strike(Request(kind="text", model="other", text="", document="Storyboard")) is None


def film(emulator: Caller, script: str) -> list[int]:
    """Asks for all that a film of this script takes, each until it works; the statuses in order."""
    statuses: list[int] = []

    def until_it_works(model: str, prompt: str, config: dict[str, Any]) -> dict[str, Any]:
        for _ in range(4):
            answer = emulator.post(model, prompt, config=config)
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                found: dict[str, Any] = answer.json()
                return found
        raise AssertionError(statuses)

    def write(document: Any, prompt: str) -> Any:
        config = {"responseJsonSchema": response_schema(document)}
        return json.loads(text_of(until_it_works(TEXT, prompt, config)))

    limits = "<scene_count>3</scene_count>\n<max_images>3</max_images>"
    analysis = write(ScriptAnalysis, f"<script>\n{script}\n</script>\n{limits}")
    given = f"<analysis>\n{json.dumps(analysis)}\n</analysis>"
    board, _ = write(Storyboard, given), write(AudioPlan, given)
    for frame in board["frames"]:
        until_it_works(IMAGE, f"{frame['prompt']}\n\nNo lettering in the picture.", {})
    for scene in analysis["scenes"]:
        assert "[[" not in scene["narration"]
        until_it_works(OLD_SPEECH, f"Say warmly:\n{scene['narration']}", {})
    return statuses


@pytest.mark.slow
def test_a_direction_in_the_script_strikes_the_stage_and_scene_it_names_each_time_the_film_is_made(
    emulator: Caller,
) -> None:
    script = KEEPER + " [[fault: 429 image_generation scene=2 times=1]] [[fault: 503 audio_planning]]"
    expected = [200, 200, 503, 200, 200, 429, 200, 200, 200, 200, 200]
    assert film(emulator, script) == expected
    assert film(emulator, script) == expected


@pytest.mark.slow
def test_a_direction_for_the_analysis_itself_strikes_once(emulator: Caller) -> None:
    assert film(emulator, KEEPER + " [[fault: 500 script_analysis]]")[:2] == [500, 200]


def test_a_direction_that_cannot_be_understood_is_refused_with_the_reason(emulator: Caller) -> None:
    answer = emulator.post(TEXT, "Hello [[fault: 4711]]")
    assert answer.status_code == 400
    assert "'4711' is none of 400" in answer.json()["error"]["message"]


def test_a_direction_in_a_prompt_is_not_drawn(emulator: Caller) -> None:
    struck = emulator.post(IMAGE, "A ship [[fault: 503 image]]")
    assert struck.status_code == 503
    drawn = bytes_of(emulator.post(IMAGE, "A ship [[fault: 503 image]]").json())
    assert drawn == bytes_of(emulator.post(IMAGE, "A ship  ").json())


BAD: dict[str, tuple[Any, str]] = {
    "not a list": ({}, "must be a list of faults, not dict"),
    "not an object": ([1], r"\[0\]: must be an object, not int"),
    "unknown fault": ([{"fault": "teapot"}], r"\[0\].fault: 'teapot' is none of 400"),
    "unknown field": (
        [{"fault": "500", "stages": "x"}],
        r"\[0\].stages: unknown field; known are fault, reason",
    ),
    "unknown stage": (
        [{"fault": "500", "stage": "composition"}],
        r"\[0\].stage: 'composition' is none of script_writing, script_analysis",
    ),
    "unknown kind": ([{"fault": "500", "kind": "film"}], r"\[0\].kind: 'film' is none of text"),
    "bad polls": ([{"fault": "poll_503", "polls": 0}], r"\[0\].polls: 0 must be a whole number from 1"),
    "bad times": (
        [{"fault": "500", "times": 0}],
        r"\[0\].times: 0 must be a whole number from 1 or \"always\"",
    ),
    "bad scene": ([{"fault": "500", "scene": "two"}], r"\[0\].scene: 'two' must be a whole number from 1"),
    "bad seconds": ([{"fault": "hang", "seconds": -1}], r"\[0\].seconds: -1 must be a number"),
    "bad reason": ([{"fault": "finish", "reason": "BORED"}], r"\[0\].reason: 'BORED' is none of MAX_TOKENS"),
    "needless reason": ([{"fault": "500", "reason": "SAFETY"}], "only finish and blocked have a reason"),
    "bad limit": (
        [{"fault": "429_per_minute", "limit": 0}],
        r"\[0\].limit: 0 must be a whole number from 1",
    ),
    "needless limit": ([{"fault": "429", "limit": 3}], "only 429_per_minute has a limit"),
    "bad text": ([{"fault": "500", "contains": 5}], r"\[0\].contains: 5 must be text"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_faults_file_is_refused_with_place_field_and_value(tmp_path: Path, name: str) -> None:
    entries, message = BAD[name]
    file = tmp_path / "faults.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(BadFault, match=message) as caught:
        faults.load(file)
    assert str(file) in str(caught.value)


def test_a_file_that_is_missing_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFault, match="cannot be read"):
        faults.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("[", encoding="utf-8")
    with pytest.raises(BadFault, match="is not JSON"):
        faults.load(tmp_path / "bad.json")


def test_faults_can_be_read_back_and_replaced_over_http(emulator: Caller) -> None:
    emulator.set_faults({"fault": "429", "kind": "image", "times": "always"})
    assert emulator.get("/emulator/faults").json() == [
        {"fault": "429", "kind": "image", "nth": 1, "times": "always"}
    ]
    refused = emulator.http.put(f"{emulator.url}/emulator/faults", json=[{"fault": "x"}])
    assert refused.status_code == 422
    assert "faults[0].fault" in refused.json()["error"]
    assert emulator.post(IMAGE).status_code == 429


def test_the_server_can_start_with_faults_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"fault": "503_overloaded", "kind": "text"}]', encoding="utf-8")
    found = faults.load(file)
    assert found == (Fault(fault="503_overloaded", kind="text"),)
    with EmulatorThread(EmulatorSettings(faults=found)) as running, httpx.Client(trust_env=False) as http:
        answer = Caller(running.url, http).post(TEXT)
    assert answer.json()["error"]["message"] == "The model is overloaded. Please try again later."
