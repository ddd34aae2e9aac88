"""The server as its users meet it: two jobs at once, a stream that is cut, the film at the end."""

import functools
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.journeys.sharing import House
from tests.processes import SMALL, Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_two_jobs_at_once_and_a_stream_cut_and_resumed_misses_nothing(
    house: House,
) -> None:
    server = house.server()
    first, second = server.submit(), server.submit(script="A boat leaves the harbour before sunrise.")

    # Watch the first, cutting the line after every few events and going on from the last one seen.
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["type"] != "job.completed":
        countdown = iter(range(7))
        seen += server.follow(
            first["id"],
            after=seen[-1]["position"] if seen else None,
            stop=lambda _, left=countdown: next(left, None) is None,
        )
        assert seen[-1]["type"] != "job.failed", seen[-1]
    server.follow(second["id"])

    told = server.http.get(f"/v1/jobs/{first['id']}/events", params={"limit": 1000}).json()["data"]
    assert seen == told
    positions = [event["position"] for event in seen]
    assert positions == sorted(set(positions))
    progress = [event["progress"] for event in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0

    for job in (first, second):
        done = server.job(job["id"])
        assert done["status"] == "completed", done["failure"]
        assert done["provider"] == "emulator"
        assert [scene["scene"] for scene in done["scenes"]] == list(range(1, len(done["scenes"]) + 1))
        film = server.http.get(done["links"]["video"], headers={"Range": "bytes=0-99"})
        assert film.status_code == 206
        assert film.content[4:8] == b"ftyp"
    assert server.follow(first["id"], after=positions[-1]) == []
    cancelled_in_mid_call(server)


def cancelled_in_mid_call(server: Server) -> None:
    """It stops at once; the call would take a minute. Seen to fail without ``Director._cancel``."""
    script = "[[fault: delay image_generation seconds=60]] A lamp burns on the cliff."
    job = server.submit(script=script, options=SMALL | {"max_scenes": 1})
    picture = functools.partial(is_about, "asset.attempt_started", "image")
    history = server.follow(job["id"], stop=picture)
    answer = server.http.post(f"/v1/jobs/{job['id']}/cancel")
    assert answer.status_code == 202, answer.text
    history += server.follow(job["id"], after=history[-1]["position"])
    assert history[-1]["type"] == "job.cancelled"
    [asked] = [event for event in history if event["type"] == "job.cancel_requested"]
    [ended] = [event for event in history if is_about("asset.attempt_failed", "image", event)]
    assert ended["data"]["failure"]["code"] == "cancelled"
    assert ended["data"]["failure"]["may_have_been_billed"]
    # Usually a tenth of a second; this much, that a machine with other work does not make it fail.
    assert history[-1]["occurred_at"] <= later(asked["occurred_at"], 5)


def is_about(topic: str, kind: str, event: dict[str, Any]) -> bool:
    return bool(event["type"] == topic and event["asset"]["kind"] == kind)


def later(moment: str, seconds: float) -> str:
    shifted = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    return shifted.isoformat(timespec="milliseconds").replace("+00:00", "Z")
