"""Interactions from their acceptance to their file, as the SDK's own types read them."""

import base64
import io
from typing import Any

import av
import httpx
import pytest
from google.genai import types
from google.genai._gaos.types.interactions.interaction import Interaction
from google.genai._gaos.types.voices.listvoicesresponse import ListVoicesResponse
from pydantic import BaseModel

from actors.emulator.interactions import outcome
from actors.emulator.interactions.interaction import KEPT_INPUT_BYTES, InteractionStore
from actors.emulator.interactions.interaction import Interaction as Interaction_
from actors.emulator.interactions.request import read
from actors.emulator.server import EmulatorSettings, EmulatorThread
from actors.emulator.shots.shot import make_shot
from tests.actors.emulator.calling import Caller
from tests.actors.emulator.interactions.asking import LYRIA, Asking, file_of, shot

pytestmark = pytest.mark.slow

ON_THE_WIRE_ALONE = {"object"}
"""Real answers have it, the SDK's type has not."""


def unknown_in(value: Any) -> set[str]:
    """What the SDK's types kept without knowing it: field names, and contents of an unknown type."""
    if isinstance(value, list):
        return set().union(*(unknown_in(each) for each in value))
    if not isinstance(value, BaseModel):
        return set()
    found = {type(value).__name__} if type(value).__name__.startswith("Unknown") else set()
    found |= set(value.model_extra or {})
    return found.union(*(unknown_in(each) for _, each in value))


def strictly(body: dict[str, Any]) -> Interaction:
    parsed = Interaction.model_validate(body)
    assert unknown_in(parsed) <= ON_THE_WIRE_ALONE
    return parsed


def test_the_strict_parse_would_notice_what_the_sdk_does_not_know() -> None:
    step = {"type": "model_output", "content": [{"type": "video", "length": 3}]}
    body = {"id": "v1_x", "status": "completed", "steps": [step, {"type": "dream"}], "usage": {"cost": 1}}
    assert unknown_in(Interaction.model_validate(body)) == {"length", "UnknownStep", "cost"}


def test_a_shot_is_accepted_at_once_made_and_fetched(asking: Asking) -> None:
    accepted = asking.post(shot()).json()
    assert accepted["status"] == "in_progress"
    assert accepted["object"] == "interaction"
    assert strictly(accepted).id == accepted["id"]
    done = asking.ended(accepted["id"])
    parsed = strictly(done)
    assert parsed.status == "completed"
    assert [step["type"] for step in done["steps"]] == ["user_input", "thought", "model_output"]
    usage = done["usage"]
    assert usage["output_tokens_by_modality"] == [{"modality": "video", "tokens": 3 * 1931}]
    assert usage["total_output_tokens"] == 3 * 1931
    assert {each["modality"] for each in usage["input_tokens_by_modality"]} == {"text", "image"}
    assert usage["total_tokens"] == (
        usage["total_input_tokens"] + usage["total_output_tokens"] + usage["total_thought_tokens"]
    )
    path = file_of(done)
    known = types.File.model_validate(asking.emulator.get(path).json())
    assert (known.state, known.mime_type) == (types.FileState.ACTIVE, "video/mp4")
    raw = asking.emulator.get(f"{path}:download", alt="media").content
    assert known.size_bytes == len(raw)
    with av.open(io.BytesIO(raw)) as container:
        assert container.streams.video[0].frames == 72


def test_every_call_is_listed_with_model_and_status_and_creations_can_be_counted(asking: Asking) -> None:
    name = asking.accepted(shot())
    asking.ended(name)
    asking.look("v1_nothing")
    listed = asking.emulator.requests()
    creations = [
        each for each in listed if each["method"] == "POST" and each["path"].endswith("/interactions")
    ]
    assert [(each["model"], each["status"]) for each in creations] == [("gemini-omni-1.2-flash", 200)]
    looks = [each for each in listed if each["path"].endswith(name)]
    assert looks
    assert {each["model"] for each in looks} == {"gemini-omni-1.2-flash"}
    assert listed[-1]["status"] == 404


def test_one_in_the_foreground_answers_when_it_is_done_and_inline_unless_a_file_is_asked_for(
    asking: Asking,
) -> None:
    format_ = {"type": "video", "resolution": "360p", "duration": "3s"}
    done = asking.post(shot(background=False, response_format=format_)).json()
    assert strictly(done).status == "completed"
    content = done["steps"][-1]["content"][0]
    assert base64.b64decode(content["data"])[4:12] == b"ftypisom"


def test_a_cancelled_one_stays_cancelled_and_a_deleted_one_is_gone(asking: Asking) -> None:
    name = asking.accepted(shot())
    assert strictly(asking.cancel(name).json()).status == "cancelled"
    assert asking.ended(name)["status"] == "cancelled"
    url = f"{asking.emulator.url}/v1beta/interactions/{name}"
    assert asking.emulator.http.delete(url, headers={"x-goog-api-key": "k"}).json() == {}
    gone = asking.look(name)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")
    done = asking.made(shot())
    assert asking.cancel(done["id"]).json()["status"] == "completed"


def test_the_latency_lies_between_acceptance_and_completion() -> None:
    with (
        EmulatorThread(EmulatorSettings(latency=(600, 600))) as running,
        httpx.Client(trust_env=False) as http,
    ):
        asking = Asking(Caller(running.url, http))
        name = asking.accepted(shot())
        assert asking.look(name).json()["status"] == "in_progress"
        assert asking.cancel(name).json()["status"] == "cancelled"


def test_the_same_request_gives_the_same_shot_and_another_seed_another(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "make_shot", make_shot)

    def raw(body: dict[str, Any]) -> bytes:
        return asking.emulator.get(f"{file_of(asking.made(body))}:download", alt="media").content

    assert raw(shot()) == raw(shot())
    format_ = {"type": "video", "resolution": "360p", "duration": "3s", "delivery": "uri"}
    rainy = shot(input="Rain on the sea", response_format=format_, generation_config={"seed": 1})
    assert raw(rainy) != raw(rainy | {"generation_config": {"seed": 2}})


def test_pictures_come_back_only_where_they_are_asked_for(asking: Asking) -> None:
    name = asking.made(shot())["id"]
    without = asking.look(name).json()["steps"][0]["content"][0]
    assert without == {"type": "image", "mime_type": "image/png"}
    with_input = asking.emulator.get(f"/v1beta/interactions/{name}", include_input="true").json()
    assert with_input["steps"][0]["content"][0]["data"] == shot()["input"][0]["data"]
    strictly(with_input)


def test_a_song_is_text_and_then_sound(asking: Asking) -> None:
    body = {"model": LYRIA, "input": "A 6 second song of joy", "response_format": {"type": "audio"}}
    done = asking.post(body).json()
    parsed = strictly(done)
    assert parsed.status == "completed"
    assert [each["type"] for each in done["steps"][-1]["content"]] == ["text", "audio"]
    audio = done["steps"][-1]["content"][1]
    assert audio["mime_type"] == "audio/mpeg"
    with av.open(io.BytesIO(base64.b64decode(audio["data"]))) as container:
        assert container.streams.audio[0].rate == 44_100
    modalities = {each["modality"] for each in done["usage"]["output_tokens_by_modality"]}
    assert modalities == {"text", "audio"}
    wav = asking.post(body | {"response_format": {"type": "audio", "mime_type": "audio/wav"}}).json()
    assert base64.b64decode(wav["steps"][-1]["content"][1]["data"])[:4] == b"RIFF"


def test_the_key_is_looked_at_before_anything_else(asking: Asking) -> None:
    for answer in (
        asking.post(shot(), key=None),
        asking.emulator.http.get(f"{asking.emulator.url}/v1beta/interactions/v1_x"),
        asking.emulator.http.get(f"{asking.emulator.url}/v1beta/files/x:download?alt=media"),
        asking.emulator.http.get(f"{asking.emulator.url}/v1beta/voices"),
    ):
        assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_voices_are_listed_in_pages_and_can_be_spoken_with(asking: Asking) -> None:
    first = asking.emulator.get("/v1beta/voices").json()
    assert unknown_in(ListVoicesResponse.model_validate(first)) == set()
    names, page = [], first
    while True:
        names += [voice["id"] for voice in page["voices"]]
        if "next_page_token" not in page:
            break
        page = asking.emulator.get("/v1beta/voices", page_token=page["next_page_token"]).json()
    assert len(names) == len(set(names)) > 150
    assert names[0] == "Zephyr"
    voice = asking.emulator.get(f"/v1beta/voices/{names[-1]}").json()
    assert voice["id"] == names[-1]
    assert asking.emulator.get("/v1beta/voices/nobody").status_code == 404
    for model, status in (("gemini-3.8-flash-tts", 200), ("gemini-3.1-flash-tts-preview", 400)):
        config = {"responseModalities": ["AUDIO"], "speechConfig": {"voiceConfig": {"voice": names[-1]}}}
        assert asking.emulator.post(model, "Good evening.", config=config).status_code == status


def test_models_that_only_interact_are_listed_and_refuse_to_generate(asking: Asking) -> None:
    answer = asking.emulator.get("/v1beta/models", pageSize=1000)
    names = [each["name"] for each in answer.json()["models"]]
    for model in ("gemini-omni-1.2-flash", "gemini-omni-1.1-flash", "gemini-3.5-transcribe"):
        assert f"models/{model}" in names
        refused = asking.emulator.post(model)
        assert refused.status_code == 400
        assert "Interactions API" in refused.json()["error"]["message"]
    assert {"models/lyria-3.5", "models/lyria-3-clip-preview", "models/gemini-4-hydrogen"} <= set(names)


def test_pictures_of_those_that_ended_are_forgotten_when_there_are_many() -> None:
    ask = read(shot(), "v1beta")
    store, size = InteractionStore(), len(shot()["input"][0]["data"])
    interactions = [Interaction_(f"v1_{n}", ask) for n in range(KEPT_INPUT_BYTES // size + 2)]
    for each in interactions:
        each.end("completed")
        store.settle(each)
    kept = [each.input_kept for each in interactions]
    assert (kept[0], kept[-1], kept.count(False)) == (False, True, 2)
    assert "data" not in interactions[0].public(with_input=True)["steps"][0]["content"][0]
    assert "data" in interactions[-1].public(with_input=True)["steps"][0]["content"][0]
