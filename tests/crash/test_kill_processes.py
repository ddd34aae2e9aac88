"""SIGKILL to each process of a real server with Ray, in mid-call: the job completes, nothing is paid twice.

Seen to fail without ``Cluster._begin_anew``: after its raylet's death a server waited for ever. While the
Director owned the crew's actors, Ray ended them with it, and their calls in flight were lost.
"""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.emulating import Emulator
from tests.processes import START_S, UNTIL_KILLED, Server, kill_all, serve, start

__all__ = ["serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.crash, pytest.mark.timeout(900)]

Serve = Callable[..., Server]
Event = dict[str, Any]
PAID = {"analysis", "storyboard", "audio_plan", "image", "narration"}
SMALL = {"quality": "low", "fps": 24, "max_scenes": 1, "music": False}
WORDS = "A lamp burns on the cliff."
SCRIPT = f"[[fault: delay image_generation seconds=3]] {WORDS}"
"""Its picture is in flight for a while, and whoever lives on ends that."""
DYING = f"{UNTIL_KILLED} {WORDS}"


def begun(kind: str) -> Callable[[Event], bool]:
    return lambda e: bool(e["type"] == "asset.attempt_started" and e["asset"]["kind"] == kind)


def made(kind: str) -> Callable[[Event], bool]:
    return lambda e: bool(e["type"] == "asset.generated" and e["asset"]["kind"] == kind)


def told_by(server: Server, *path: str) -> Any:
    """What ``/readyz`` says of its crew, as soon as it does: who is being started again, or is busy, is
    not told of for a while. There is no event to wait for.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        said = told = server.http.get("/readyz").json()["crew"]
        for name in path:
            told = told.get(name, {}) if isinstance(told, dict) else {}
        if isinstance(
            told, list
        ):  # the places of a pool: there is one here, and who has answered has a number
            told = next((place["pid"] for place in told if "pid" in place), {})
        if told != {}:
            return told
        time.sleep(0.5)
    raise TimeoutError(f"nothing is said of {' '.join(path)}: {said} {server.process.told()}")


def kill(pid: int) -> None:
    # Not waited for: a child of the server stays as a zombie until the server looks.
    psutil.Process(pid).kill()


def raylet_of(server: Server) -> int:
    found = []
    for process in server.process.tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "raylet":
                found.append(process.pid)
    [raylet] = found
    return int(raylet)


WHO: dict[str, tuple[str, str, Callable[[Server], int]]] = {
    "the artists": ("image", DYING, lambda server: int(told_by(server, "crew", "artists", "places"))),
    "the renderers": ("clip", WORDS, lambda server: int(told_by(server, "crew", "renderers", "places"))),
    "the Director": ("image", SCRIPT, lambda server: int(told_by(server, "director", "pid"))),
    "the raylet": ("image", DYING, raylet_of),
}
"""Each process of a server but itself, the kind of asset in the making when it is killed, and the script."""


def check(server: Server, job_id: str, history: list[Event]) -> list[Event]:
    """The promises; gives the attempts that were told as lost."""
    assert history[-1]["type"] == "job.completed", json.dumps(history[-3:])
    made_ = Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated")
    assert set(made_.values()) == {1}, "every asset was made exactly once"
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


def paid(history: list[Event]) -> int:
    """How many paid calls were begun."""
    return len([e for e in history if e["type"] == "asset.attempt_started" and e["asset"]["kind"] in PAID])


def test_each_process_of_a_server_is_killed_in_mid_work_and_the_server_goes_on(
    emulator: Emulator, serve: Serve
) -> None:
    server = serve(emulator)
    attempts = 0
    directors: set[int] = set()
    for who, (kind, script, pid_of) in WHO.items():
        directors.add(int(told_by(server, "director", "pid")))
        # Renderers are there since the film before: a clip may be finished before anybody could be asked.
        pid = pid_of(server) if kind == "clip" else None
        drawn = emulator.pictures()
        job = server.submit(script=script, options=SMALL)
        before = server.follow(job["id"], stop=begun(kind))
        if script is DYING:
            emulator.until_it_draws(besides=drawn)
        kill(pid or pid_of(server))
        history = before + server.follow(job["id"], after=before[-1]["position"])
        lost = check(server, job["id"], history)
        if who in ("the artists", "the renderers"):
            assert kind in {e["asset"]["kind"] for e in lost}
        if who == "the Director":
            assert lost == [], "its workers live on, and so do their calls"
        attempts += paid(history)
    assert len(emulator.calls()) <= attempts
    # What was at work outlives the raylet for some seconds, so the job may have ended on the old Ray.
    director = a_new_director(server, besides=directors)
    assert director not in directors
    last = server.submit(script=WORDS, options=SMALL)
    assert check(server, last["id"], server.follow(last["id"])) == []
    assert server.process.stop() == 0, server.process.told()


def a_new_director(server: Server, besides: set[int]) -> int:
    """Wait until another process directs; gives its id. There is no event to wait for: Ray is asked."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        told = told_by(server, "director")
        if told["state"] == "directing" and told["pid"] not in besides:
            return int(told["pid"])
        time.sleep(0.5)
    raise TimeoutError(f"nobody directs: {told} {server.process.told()}")


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_the_api_alone_is_killed_and_another_server_goes_on(
    emulator: Emulator, serve: Serve, store: str, request: pytest.FixtureRequest
) -> None:
    chosen = {} if store == "sqlite" else {"REELOG_STORE": request.getfixturevalue("postgresql_url")}
    first = serve(emulator, **chosen)
    job = first.submit(script=SCRIPT, options=SMALL)
    before = first.follow(job["id"], stop=begun("image"))
    family = first.process.tree()
    try:
        kill(first.process.pid)
        second = serve(emulator, **chosen)
        assert second.http.get("/readyz").json()["database"] == store
        history = before + second.follow(job["id"], after=before[-1]["position"])
        check(second, job["id"], history)
        assert len(emulator.calls()) <= paid(history)
        assert second.process.stop() == 0, second.process.told()
    finally:
        # Ray's own agents outlive a driver that was killed by a minute.
        kill_all(family)


def test_of_two_servers_on_one_folder_one_directs_and_the_other_takes_over(
    emulator: Emulator, serve: Serve
) -> None:
    first, second = servers = serve(emulator), serve(emulator)
    # Both are there before there is work, so that it is under way when one of them dies.
    told_by(first, "director")
    told_by(second, "director")
    jobs = [
        server.submit(script=f"{DYING} It is the lamp of house {number}.", options=SMALL)
        for number, server in enumerate(servers, 1)
    ]
    told = [first.follow(job["id"], stop=begun("image")) for job in jobs]
    states = [told_by(server, "director", "state") for server in servers]
    assert sorted(states) == ["directing", "waiting for the lease"]
    directing, other = servers if states[0] == "directing" else servers[::-1]
    emulator.until_it_draws(besides=1)
    directing.process.kill_tree()
    attempts = 0
    for job, before in zip(jobs, told, strict=True):
        history = before + other.follow(job["id"], after=before[-1]["position"])
        check(other, job["id"], history)
        attempts += paid(history)
    assert len(emulator.calls()) <= attempts
    assert other.process.stop() == 0, other.process.told()
