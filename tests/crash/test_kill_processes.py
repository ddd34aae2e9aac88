"""SIGKILL to each process of a real server with Ray, in mid-call: the job completes, nothing is paid twice.

Seen to fail without ``Cluster._begin_anew``: after its raylet's death a server waited for ever. While the
Director owned the crew's actors, Ray ended them with it, and their calls in flight were lost.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.journeys.conftest import START_S, Server, emulator, serve, slow_emulator, start

__all__ = ["emulator", "serve", "slow_emulator", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(400)]

Serve = Callable[..., Server]
PAID = {"analysis", "storyboard", "audio_plan", "image", "narration"}
SMALL = {"quality": "low", "fps": 24, "max_scenes": 1, "music": False}
SCRIPT = "A lamp burns on the cliff."


def a_picture_is_begun(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")


def crew_of(server: Server) -> dict[str, Any]:
    told: dict[str, Any] = server.http.get("/readyz").json()["crew"]
    return told


def kill(pid: int) -> None:
    # Not waited for: a child of the server stays as a zombie until the server looks.
    psutil.Process(pid).kill()


def raylet_of(server: Server) -> int:
    [raylet] = [p.pid for p in server.process.tree() if p.name() == "raylet"]
    return int(raylet)


WHO: dict[str, Callable[[Server], int]] = {
    "the worker": lambda server: crew_of(server)["crew"]["artists"]["pid"],
    "the Director": lambda server: crew_of(server)["director"]["pid"],
    "the raylet": raylet_of,
}


def check(server: Server, job_id: str, history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The promises; gives the attempts that were told as lost."""
    assert history[-1]["type"] == "job.completed", history[-1]
    made = Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated")
    assert set(made.values()) == {1}, "every asset was made exactly once"
    positions = [e["position"] for e in history]
    assert positions == sorted(set(positions))
    lost = [e for e in history if e["type"] == "asset.attempt_lost"]
    for event in lost:
        assert event["data"]["may_have_been_billed"] == (event["asset"]["kind"] in PAID)
    job = server.job(job_id)
    assert job["cost"]["lost_calls"] == len([e for e in lost if e["asset"]["kind"] in PAID])
    film = server.http.get(job["links"]["video"])
    assert film.content[4:8] == b"ftyp"
    return lost


def begun(history: list[dict[str, Any]]) -> int:
    """How many paid calls were begun."""
    return len([e for e in history if e["type"] == "asset.attempt_started" and e["asset"]["kind"] in PAID])


def test_each_process_of_a_server_is_killed_in_mid_call_and_the_server_goes_on(
    slow_emulator: Any, serve: Serve
) -> None:
    server = serve(slow_emulator)
    attempts = 0
    directors: set[int] = set()
    for who, pid_of in WHO.items():
        job = server.submit(script=SCRIPT, options=SMALL)
        before = server.follow(job["id"], stop=a_picture_is_begun)
        directors.add(crew_of(server)["director"]["pid"])
        kill(pid_of(server))
        history = before + server.follow(job["id"], after=before[-1]["position"])
        lost = check(server, job["id"], history)
        if who == "the worker":
            assert "image" in {e["asset"]["kind"] for e in lost}
        if who == "the Director":
            assert lost == [], "its workers live on, and so do their calls"
        attempts += begun(history)
    assert len(slow_emulator.calls()) <= attempts
    # What was at work outlives the raylet for some seconds, so the job may have ended on the old Ray.
    director = a_new_director(server, besides=directors)
    assert director not in directors
    last = server.submit(script=SCRIPT, options=SMALL)
    assert check(server, last["id"], server.follow(last["id"])) == []
    assert server.process.stop() == 0, server.process.told()


def a_new_director(server: Server, besides: set[int]) -> int:
    """Wait until another process directs; gives its id. There is no event to wait for: Ray is asked."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        told = crew_of(server).get("director", {})
        if told.get("state") == "directing" and told["pid"] not in besides:
            return int(told["pid"])
        time.sleep(0.5)
    raise TimeoutError(f"nobody directs: {crew_of(server)} {server.process.told()}")


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_the_api_alone_is_killed_and_another_server_goes_on(
    slow_emulator: Any, serve: Serve, store: str, request: pytest.FixtureRequest
) -> None:
    chosen = {} if store == "sqlite" else {"REELOG_STORE": request.getfixturevalue("postgresql_url")}
    first = serve(slow_emulator, **chosen)
    job = first.submit(script=SCRIPT, options=SMALL)
    before = first.follow(job["id"], stop=a_picture_is_begun)
    family = first.process.tree()
    try:
        kill(first.process.pid)
        second = serve(slow_emulator, **chosen)
        assert second.http.get("/readyz").json()["store"] == store
        history = before + second.follow(job["id"], after=before[-1]["position"])
        check(second, job["id"], history)
        assert len(slow_emulator.calls()) <= begun(history)
        assert second.process.stop() == 0, second.process.told()
    finally:
        # Ray's own agents outlive a driver that was killed by a minute.
        for process in family:
            if process.is_running():
                process.kill()


def test_of_two_servers_on_one_folder_one_directs_and_the_other_takes_over(
    slow_emulator: Any, serve: Serve
) -> None:
    first, second = serve(slow_emulator), serve(slow_emulator)
    jobs = [server.submit(script=SCRIPT, options=SMALL) for server in (first, second)]
    told = [first.follow(job["id"], stop=a_picture_is_begun) for job in jobs]
    states = [crew_of(server).get("director", {}).get("state") for server in (first, second)]
    directing = first if states[0] == "directing" else second
    other = second if directing is first else first
    assert states.count("directing") == 1, states
    directing.process.kill_tree()
    attempts = 0
    for job, before in zip(jobs, told, strict=True):
        history = before + other.follow(job["id"], after=before[-1]["position"])
        check(other, job["id"], history)
        attempts += begun(history)
    assert len(slow_emulator.calls()) <= attempts
    assert other.process.stop() == 0, other.process.told()
