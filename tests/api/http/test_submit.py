"""POST /v1/jobs: what is accepted, what is refused and how, and what happens twice."""

import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Site

Response = Any  # whichever client's: the test client brings its own

SCRIPT = "A boat sets out at dawn. It comes home at night."


def post(site: Site, body: Any, **headers: str) -> Response:
    return site.client.post("/v1/jobs", json=body, headers=headers)


def pointers(answer: Response) -> dict[str, str]:
    problem = answer.json()
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 422
    assert problem["request_id"] == answer.headers["x-request-id"]
    return {error["pointer"]: error["message"] for error in problem["errors"]}


def test_a_script_alone_makes_a_job_with_all_defaults(site: Site) -> None:
    answer = post(site, {"script": SCRIPT})
    job = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert job["status"] == "queued"
    assert job["provider"] == "emulator"
    assert job["models"] == {
        "text": "gemini-3.8-flash",
        "image": "gemini-nano-banana-2.1",
        "speech": "gemini-3.8-flash-tts",
    }
    assert job["options"]["resolution"] == "720p"
    assert job["options"]["fps"] == 30
    assert job["cost"]["max_usd"] is None


def test_a_job_is_in_the_log_and_in_the_list_before_it_is_answered(site: Site) -> None:
    job_id = site.submit()
    assert site.system.studio.job(UUID(job_id)).status == "queued"
    assert site.client.get(f"/v1/jobs/{job_id}").status_code == 200
    assert [job["id"] for job in site.client.get("/v1/jobs").json()["data"]] == [job_id]


def test_what_was_asked_for_is_what_is_recorded(site: Site) -> None:
    asked = {
        "script": SCRIPT,
        "language": "en",
        "models": {"image": "gemini-3-pro-image"},
        "options": {"aspect_ratio": "9:16", "resolution": "1080p", "captions": "sidecar", "style": "woodcut"},
        "max_cost_usd": 1.5,
        "priority": "high",
        "metadata": {"order": "A-1", "ünïcode": ["✓"]},
    }
    answer = post(site, asked)
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert job["models"]["image"] == "gemini-3-pro-image"
    assert job["models"]["text"] == "gemini-3.8-flash"
    assert {k: job["options"][k] for k in asked["options"]} == asked["options"]  # type: ignore[attr-defined]
    assert job["metadata"] == asked["metadata"]
    assert job["priority"] == "high"
    assert job["cost"]["max_usd"] == 1.5


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({}, "/script", ["script", "missing"]),
        ({"script": ""}, "/script", ["empty", "at least one sentence"]),
        ({"script": " \n "}, "/script", ["empty"]),
        ({"script": "x" * 50_001}, "/script", ["50,001", "50,000"]),
        ({"script": SCRIPT, "options": {"resolution": "8k"}}, "/options/resolution", ['"8k"', "1080p"]),
        ({"script": SCRIPT, "options": {"fps": 29}}, "/options/fps", ["29", "24"]),
        ({"script": SCRIPT, "options": {"max_scenes": 0}}, "/options/max_scenes", ["0", "1"]),
        ({"script": SCRIPT, "options": {"max_scene": 3}}, "/options/max_scene", ["did you mean max_scenes"]),
        ({"script": SCRIPT, "scirpt": ""}, "/scirpt", ["did you mean script"]),
        ({"script": SCRIPT, "models": {"text": "gpt-9"}}, "/models/text", ["gpt-9", "gemini-3.8-flash"]),
        (
            {"script": SCRIPT, "models": {"image": "gemini-3.8-flash"}},
            "/models/image",
            ["makes text", "gemini-nano-banana-2.1"],
        ),
        ({"script": SCRIPT, "allow_fallback": True}, "/allow_fallback", ["no fallback", "false"]),
        ({"script": SCRIPT, "max_cost_usd": -1}, "/max_cost_usd", ["-1", "greater than 0"]),
        ({"script": SCRIPT, "language": "englisch!"}, "/language", ["englisch!"]),
        (["script"], "", ["body", "an object"]),
        ({"script": SCRIPT, "options": {"style": ""}}, "/options/style", ["is empty"]),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_what_would_do(
    site: Site, body: Any, pointer: str, words: list[str]
) -> None:
    found = pointers(post(site, body))
    assert pointer in found
    for word in words:
        assert word in found[pointer]
    assert site.client.get("/v1/jobs").json()["data"] == []


def test_every_fault_is_told_at_once(site: Site) -> None:
    body = {
        "script": "",
        "modles": {},
        "models": {"text": "unknown", "speech": 3},
        "options": {"resolution": "8k", "quality": "best"},
        "priority": "urgent",
    }
    assert set(pointers(post(site, body))) == {
        "/script",
        "/modles",
        "/models/text",
        "/models/speech",
        "/options/resolution",
        "/options/quality",
        "/priority",
    }


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"script": "caf\xe9"}', ["not UTF-8", "0xe9", "offset 15"]),
        (b"\xff\xfe{\x00}\x00", ["not UTF-8", "offset 0"]),
        (b'{"script": ', ["not JSON"]),
        (b"", ["is empty"]),
        (b"null", ["the body is null", "an object"]),
        (b'{"script": "a", "max_cost_usd": NaN}', ["NaN"]),
        (b'{"script": "a", "max_cost_usd": 1e999}', ["too large"]),
        (b'{"script": "a", "options": {"fps": ' + b"9" * 5000 + b"}}", ["too large"]),
        (b"[" * 100_000, ["nested too deeply"]),
        (b'{"script": "a", "metadata": {"a": "\\ud800"}}', ["surrogates"]),
        (b'{"script": "a\\u0000b"}', ["NUL"]),
        (b'{"\\ud800": "\\ud800", "\\ud800": 1}', ["? is there more than once", "surrogates"]),
    ],
)
def test_bytes_that_are_no_submission_are_refused_in_words(site: Site, raw: bytes, words: list[str]) -> None:
    answer = site.client.post("/v1/jobs", content=raw, headers={"Content-Type": "application/json"})
    told = " ".join(pointers(answer).values())
    for word in words:
        assert word in told


def test_a_name_that_is_there_twice_is_refused_where_it_is(site: Site) -> None:
    raw = b'{"script": "a", "script": "b", "metadata": {"x/y": [{"z": 1, "z": 1}]}}'
    answer = site.client.post("/v1/jobs", content=raw, headers={"Content-Type": "application/json"})
    assert set(pointers(answer)) == {"/script", "/metadata/x~1y/0/z"}


def test_a_packed_body_is_not_taken_for_a_broken_one(site: Site) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = site.client.post("/v1/jobs", content=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"


def test_only_json_is_taken(site: Site) -> None:
    answer = site.client.post("/v1/jobs", content=b"script=hello", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"
    assert "text/plain" in answer.json()["detail"]


def test_a_body_over_the_limit_is_refused_told_or_counted(site: Site) -> None:
    def chunks() -> Any:
        for _ in range(3):
            yield b" " * 500_000

    headers = {"Content-Type": "application/json"}
    told = site.client.post("/v1/jobs", content=b" " * 1_500_000, headers=headers)
    counted = site.client.post("/v1/jobs", content=chunks(), headers=headers)
    for answer in (told, counted):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "content_too_large"


# ---- twice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["order-1", '"order-1"', "a b/c"])
def test_the_same_key_and_body_give_the_same_job(site: Site, key: str) -> None:
    first = post(site, {"script": SCRIPT, "priority": "low"}, **{"Idempotency-Key": key})
    again = post(site, {"priority": "low", "script": SCRIPT}, **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(site.client.get("/v1/jobs").json()["data"]) == 1


def test_a_key_is_the_same_bare_and_quoted(site: Site) -> None:
    bare = post(site, {"script": SCRIPT}, **{"Idempotency-Key": "order-1"})
    quoted = post(site, {"script": SCRIPT}, **{"Idempotency-Key": '"order-1"'})
    assert (quoted.status_code, quoted.json()["id"]) == (200, bare.json()["id"])


def test_the_same_key_with_another_body_is_refused(site: Site) -> None:
    post(site, {"script": SCRIPT}, **{"Idempotency-Key": "k"})
    answer = post(site, {"script": SCRIPT + " Again."}, **{"Idempotency-Key": "k"})
    assert pointers(answer).keys() == {"Idempotency-Key"}
    assert answer.json()["code"] == "idempotency_key_reused"


def test_a_refused_body_does_not_use_up_its_key(site: Site) -> None:
    assert post(site, {"script": ""}, **{"Idempotency-Key": "k"}).status_code == 422
    assert post(site, {"script": SCRIPT}, **{"Idempotency-Key": "k"}).status_code == 201


def test_an_accepted_job_is_found_again_though_its_model_is_gone(site: Site) -> None:
    post(site, {"script": SCRIPT}, **{"Idempotency-Key": "k"})
    site.system.models._catalogue = None
    site.system.models._load = lambda: pytest.fail("the models were asked for")
    assert post(site, {"script": SCRIPT}, **{"Idempotency-Key": "k"}).status_code == 200


def test_twins_at_the_same_moment_make_one_job(site: Site) -> None:
    answers: list[Response] = []
    barrier = threading.Barrier(8)

    def submit() -> None:
        barrier.wait()
        answers.append(post(site, {"script": SCRIPT}, **{"Idempotency-Key": "twins"}))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_key_is_remembered_after_a_restart(open_site: Callable[..., Site]) -> None:
    before = open_site()
    first = post(before, {"script": SCRIPT}, **{"Idempotency-Key": "k"})
    after = open_site()
    again = post(after, {"script": SCRIPT}, **{"Idempotency-Key": "k"})
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]


def test_a_bad_key_is_refused(site: Site) -> None:
    answer = post(site, {"script": SCRIPT}, **{"Idempotency-Key": "x" * 256})
    assert pointers(answer).keys() == {"Idempotency-Key"}


# ---- waiting ------------------------------------------------------------------------------------------


def test_prefer_wait_holds_the_answer_until_the_job_has_ended(site: Site) -> None:
    answers: list[Response] = []

    def submit() -> None:
        answers.append(post(site, {"script": SCRIPT}, Prefer="wait=60", **{"Idempotency-Key": "w"}))

    waiting = threading.Thread(target=submit)
    waiting.start()
    while not (jobs := site.client.get("/v1/jobs").json()["data"]):
        assert waiting.is_alive()
    assert site.filming.finish(UUID(jobs[0]["id"])) == "completed"
    waiting.join(60)
    assert answers[0].status_code == 201
    assert answers[0].headers["preference-applied"] == "wait=60"
    assert answers[0].json()["status"] == "completed"


@pytest.mark.parametrize(
    ("preferences", "applied"),
    [
        ([("Prefer", "respond-async, wait=0")], "wait=0"),
        ([("Prefer", "respond-async"), ("Prefer", "wait=0")], "wait=0"),
        ([("Prefer", "wait=soon")], None),
    ],
)
def test_the_wait_that_was_applied_is_told(
    site: Site, preferences: list[tuple[str, str]], applied: str | None
) -> None:
    answer = site.client.post("/v1/jobs", json={"script": SCRIPT}, headers=preferences)
    assert answer.headers.get("preference-applied") == applied


def test_prefer_wait_gives_up_after_its_time(site: Site) -> None:
    answer = post(site, {"script": SCRIPT}, Prefer="wait=0")
    assert answer.status_code == 201
    assert answer.json()["status"] == "queued"


def test_the_weights_of_a_job_are_recorded_with_it(site: Site) -> None:
    job_id = site.submit()
    [event] = site.client.get(f"/v1/jobs/{job_id}/events").json()["data"]
    assert event["data"]["weights"]["measured"] is False
    site.filming.finish(UUID(job_id))
    site.settle()
    event = site.client.get(f"/v1/jobs/{site.submit()}/events").json()["data"][0]
    assert event["data"]["weights"]["measured"] is True
    assert json.loads(json.dumps(event))["data"]["weights"]["seconds"]["image"] == site.filming.latency_s


@pytest.mark.parametrize(
    ("script", "options", "pointer", "words"),
    [
        (
            "word " * 200,
            {"target_duration_s": 30},
            "/options/target_duration_s",
            ["30", "80 s", "Ask for 57 s"],
        ),
        ("word " * 1100, {"max_scenes": 1}, "/options/max_scenes", ["is 1", "440 s", "ask for 2 or more"]),
        ("word " * 1100, {"max_images": 1}, "/options/max_images", ["is 1", "440 s", "ask for 2 or more"]),
    ],
)
def test_what_no_film_can_be_made_of_is_refused_with_the_limit(
    site: Site, script: str, options: dict[str, Any], pointer: str, words: list[str]
) -> None:
    for path in ("/v1/jobs", "/v1/estimate"):
        told = pointers(site.client.post(path, json={"script": script, "options": options}))
        assert list(told) == [pointer]
        assert all(word in told[pointer] for word in words), told
    silent = options | {"narration": False}
    assert post(site, {"script": script, "options": silent}).status_code == 201
