"""What interactions, their files, shots and songs meet when a fault is scripted."""

import base64
import io
import json
from itertools import pairwise
from typing import Any

import av
import httpx
import numpy as np
import pytest

from domain.script import ScriptAnalysis, Storyboard, response_schema
from tests.actors.emulator.calling import KEEPER, TEXT, bytes_of, text_of
from tests.actors.emulator.interactions.asking import LYRIA, Asking, file_of, shot

pytestmark = pytest.mark.slow


def download(asking: Asking, done: dict[str, Any]) -> httpx.Response:
    return asking.emulator.get(f"{file_of(done)}:download", alt="media")


def frames_of(raw: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(raw)) as container:
        return [frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"fault": "429"}, 429, "too_many_requests"),
        ({"fault": "503"}, 503, "service_unavailable"),
        ({"fault": "500"}, 500, "internal_error"),
        ({"fault": "504"}, 504, "gateway_timeout"),
    ],
)
def test_errors_have_a_code_in_words_or_googles_older_form(
    asking: Asking, fault: dict[str, Any], status: int, code: str
) -> None:
    asking.emulator.set_faults({**fault, "kind": "video"}, {**fault, "kind": "video", "rpc": True, "nth": 2})
    own, older = asking.post(shot()), asking.post(shot())
    assert (own.status_code, own.json()["error"]["code"]) == (status, code)
    assert set(own.json()["error"]) == {"code", "message"}
    assert (older.status_code, older.json()["error"]["code"]) == (status, status)
    assert asking.post(shot()).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("poll_429", 429), ("poll_500", 500), ("poll_503", 503)])
def test_a_look_fails_as_often_as_asked_after_the_call_was_accepted(
    asking: Asking, name: str, status: int
) -> None:
    asking.emulator.set_faults({"fault": name, "stage": "video_generation", "polls": 2, "seconds": 23})
    made = asking.accepted(shot())
    assert [asking.look(made).status_code for _ in range(3)] == [status, status, 200]
    assert asking.ended(made)["status"] == "completed"


def test_a_refused_look_says_when_to_come_again(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "poll_429", "seconds": 23})
    told = asking.look(asking.accepted(shot())).json()["error"]
    assert told["code"] == "too_many_requests"
    assert "Please retry in 23." in told["message"]


def test_a_look_can_be_garbage_empty_cut_or_unknown(asking: Asking) -> None:
    names = ("poll_garbage", "poll_empty", "poll_404", "poll_cut")
    asking.emulator.set_faults(*({"fault": name, "nth": 1} for name in names))
    made = [asking.accepted(shot()) for _ in names]
    assert asking.look(made[0]).text.startswith("<!DOCTYPE html>")
    assert asking.look(made[1]).content == b""
    assert asking.look(made[2]).status_code == 404
    with pytest.raises(httpx.RemoteProtocolError):
        asking.look(made[3])


def test_a_look_can_be_slow(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "poll_slow", "seconds": 60})
    made = asking.accepted(shot())
    url = f"{asking.emulator.url}/v1beta/interactions/{made}"
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, headers={"x-goog-api-key": "k"}, timeout=0.3, trust_env=False)


def test_an_answer_that_is_lost_after_acceptance_leaves_an_orphan(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "accepted_lost"}, {"fault": "accepted_without_id", "nth": 2})
    with pytest.raises(httpx.RemoteProtocolError):
        asking.post(shot())
    assert asking.emulator.requests()[0]["status"] == 0
    assert "id" not in asking.post(shot()).json()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("interaction_failed", "failed"),
        ("blocked", "failed"),
        ("interaction_incomplete", "incomplete"),
        ("interaction_cancelled", "cancelled"),
        ("budget_exceeded", "budget_exceeded"),
    ],
)
def test_an_interaction_can_end_without_a_shot(asking: Asking, fault: str, status: str) -> None:
    asking.emulator.set_faults({"fault": fault})
    done = asking.made(shot())
    assert done["status"] == status
    assert done["usage"]["total_output_tokens"] == 0
    assert [each["type"] for each in done["steps"]] == ["user_input"]
    if status != "cancelled":
        assert {"code", "message"} == set(done["errors"][0])


def test_one_can_be_completed_without_content(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "no_content"})
    done = asking.made(shot())
    assert (done["status"], done["usage"]["total_output_tokens"]) == ("completed", 0)
    assert [each["type"] for each in done["steps"]] == ["user_input"]


def test_one_can_stay_in_progress_until_it_is_cancelled_and_one_can_expire(asking: Asking) -> None:
    asking.emulator.set_faults(
        {"fault": "stays_in_progress"}, {"fault": "id_expires", "nth": 2, "seconds": 0}
    )
    stays, expires = asking.accepted(shot()), asking.accepted(shot())
    assert asking.look(expires).status_code == 404
    assert asking.look(stays).json()["status"] == "in_progress"
    assert asking.cancel(stays).json()["status"] == "cancelled"


def test_a_thought_can_be_signed_with_megabytes_and_a_shot_come_inline_though_it_is_large(
    asking: Asking,
) -> None:
    asking.emulator.set_faults({"fault": "mega_thought"}, {"fault": "inline_video", "nth": 1})
    signed, inline = asking.made(shot()), asking.made(shot())
    assert len(signed["steps"][1]["signature"]) > 3_000_000
    raw = base64.b64decode(inline["steps"][-1]["content"][0]["data"])
    assert len(raw) > 4 * 1024 * 1024
    assert len(frames_of(raw)) == 72


def test_a_file_is_processed_for_so_many_looks(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "file_processing", "polls": 2})
    done = asking.made(shot())
    assert download(asking, done).status_code == 400
    states = [asking.emulator.get(file_of(done)).json()["state"] for _ in range(3)]
    assert states == ["PROCESSING", "PROCESSING", "ACTIVE"]
    assert download(asking, done).status_code == 200


def test_a_file_can_fail_be_missing_or_break_off(asking: Asking) -> None:
    asking.emulator.set_faults(
        *({"fault": name} for name in ("file_failed", "file_missing", "download_503", "download_cut"))
    )
    failed, missing, busy, cut = (asking.made(shot()) for _ in range(4))
    assert asking.emulator.get(file_of(failed)).json()["state"] == "FAILED"
    assert asking.emulator.get(file_of(missing)).status_code == 403
    assert [download(asking, busy).status_code for _ in range(2)] == [503, 200]
    with pytest.raises(httpx.RemoteProtocolError):
        download(asking, cut)
    assert download(asking, cut).status_code == 200


def test_a_shot_can_be_wrong_in_every_way(asking: Asking) -> None:
    names = ("wrong_length", "wrong_shape", "black_shot", "frozen_shot", "broken_mp4", "several_cuts")
    asking.emulator.set_faults(*({"fault": name} for name in names))
    made = {name: asking.accepted(shot()) for name in names}
    raw = {name: download(asking, asking.ended(made[name])).content for name in names}
    assert len(frames_of(raw["wrong_length"])) == 36
    height, width = frames_of(raw["wrong_shape"])[0].shape
    assert height > width
    assert max(int(frame.max()) for frame in frames_of(raw["black_shot"])) <= 20
    frozen = frames_of(raw["frozen_shot"])
    assert float(np.abs(frozen[0] - frozen[-1]).mean()) < 1
    with pytest.raises(av.error.FFmpegError):
        frames_of(raw["broken_mp4"])
    cuts = frames_of(raw["several_cuts"])
    steps = [float(np.abs(after - before).mean()) for before, after in pairwise(cuts)]
    assert [n + 1 for n, step in enumerate(steps) if step > 20] == [24, 48]


def test_a_fault_in_a_script_meets_the_shot_of_its_scene(asking: Asking) -> None:
    asking.emulator.set_faults({"fault": "503", "kind": "video", "contains": "skyline"})
    skyline = shot(input="A skyline at night", generation_config={})
    assert [asking.post(body).status_code for body in (shot(), skyline, skyline)] == [200, 503, 200]
    directed = shot(input="The sea [[fault: 429 video_generation]]", generation_config={})
    assert asking.post(directed).status_code == 429


def test_a_direction_of_a_script_names_the_shot_by_its_scene(asking: Asking) -> None:
    def write(document: Any, prompt: str) -> Any:
        answer = asking.emulator.post(TEXT, prompt, config={"responseJsonSchema": response_schema(document)})
        return json.loads(text_of(answer.json()))

    script = f"{KEEPER} [[fault: 429 video_generation scene=2]]"
    analysis = write(ScriptAnalysis, f"<script>\n{script}\n</script>\n<scene_count>3</scene_count>")
    board = write(Storyboard, f"<analysis>\n{json.dumps(analysis)}\n</analysis>")
    asked = [
        (
            frame["scene"],
            shot(input=f"One shot of 3 seconds.\n{frame['motion']}\nNo lettering.", generation_config={}),
        )
        for frame in board["frames"]
    ]
    refused = [scene for scene, body in asked if asking.post(body).status_code == 429]
    assert refused == [2]


def test_songs_meet_their_own_faults(asking: Asking) -> None:
    def song() -> dict[str, Any]:
        found: dict[str, Any] = asking.emulator.post(
            LYRIA, "A 8 second song", config={"responseModalities": ["AUDIO"]}
        ).json()
        return found

    names = ("blocked", "text_only", "silent_audio", "short_audio", "other_audio_type")
    asking.emulator.set_faults(*({"fault": name, "stage": "music"} for name in names))
    assert song()["promptFeedback"]["blockReason"] == "SAFETY"
    assert not any("inlineData" in part for part in song()["candidates"][0]["content"]["parts"])
    sounds = []
    for _ in range(3):
        kind, raw = bytes_of(song())
        with av.open(io.BytesIO(raw)) as container:
            frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        sounds.append((kind, np.concatenate(frames, axis=1)))
    (_, silent), (_, short), (other, whole) = sounds
    assert float(np.abs(silent).max()) < 1e-3
    assert short.shape[1] < whole.shape[-1] / 2
    assert other == "audio/wav"
