"""Two of everything on one PostgreSQL and one Ray: whoever dies or is restarted is followed by the other."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.crash.test_kill_processes import PAID, begun, check, kill, paid
from tests.emulating import Emulator
from tests.nodes import RayCluster, cluster
from tests.processes import FILM_S, UNTIL_KILLED, Process, Server, serve, start

__all__ = ["cluster", "serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.cluster, pytest.mark.timeout(600)]

Event = dict[str, Any]
TAKEOVER_S = 5.0
LOCAL = {"clip", "transition", "music", "captions", "poster", "video"}
SMALL = {"quality": "low", "fps": 24, "max_scenes": 2, "music": False}
WORDS = ("A lamp burns on the cliff.", "A boat comes home.")
SCRIPT = "\n\n".join(
    f"[[fault: delay image_generation seconds={pause}]] {words}"
    for pause, words in zip((4, 6), WORDS, strict=True)
)
"""One scene is rendered while the other is drawn; whoever is told to end may let both calls end."""
DYING = "\n\n".join((f"{UNTIL_KILLED} {WORDS[0]}", WORDS[1]))


class Crews:
    """``work`` on one cluster and one store, as often as it is started."""

    def __init__(
        self, start: Callable[..., Process], cluster: RayCluster, emulator: Emulator, store: str
    ) -> None:
        self._start = start
        self._cluster = cluster
        self._environment = {"REELOG_STORE": store, "REELOG_GEMINI_BASE_URL": emulator.url}

    def begin(self, state: str) -> tuple[Process, dict[str, Any]]:
        process = self._start("work", "--address", self._cluster.address, "--json", **self._environment)
        said = process.first_line()
        assert said["state"] == state
        return process, said


def takes_over(standby: Process, since: float) -> dict[str, Any]:
    """What it says when it directs."""
    said = standby.first_line()
    assert said["state"] == "ready", said
    assert time.monotonic() - since <= TAKEOVER_S
    return said


def watch(servers: list[Server], job_id: str) -> list[Event]:
    """As a browser behind a proxy does: where the stream breaks, it is opened again at another server."""
    seen: list[Event] = []
    deadline = time.monotonic() + FILM_S
    while not seen or seen[-1]["type"] not in ("job.completed", "job.failed"):
        assert time.monotonic() < deadline, seen[-1:]
        for server in list(servers):
            with contextlib.suppress(httpx.HTTPError):
                seen += server.follow(job_id, after=seen[-1]["position"] if seen else None)
    return seen


@pytest.mark.alone
def test_a_second_crew_stands_by_and_takes_over_and_all_are_restarted_in_turn(
    cluster: RayCluster,
    emulator: Emulator,
    serve: Callable[..., Server],
    start: Callable[..., Process],
    postgresql_url: str,
) -> None:
    """Fails where who stands by keeps its renderer: the only node has no room for another's."""
    cluster.add()
    crews = Crews(start, cluster, emulator, postgresql_url)
    server = serve(emulator, "--no-actors", REELOG_STORE=postgresql_url)
    first, first_says = crews.begin("ready")
    second, _ = crews.begin("standing by")

    # The Director's process is killed in mid-render; its workers live on, and so does what they make.
    job = server.submit(script=SCRIPT, options=SMALL)
    before = server.follow(job["id"], stop=begun("clip"))
    kill(first_says["director"]["pid"])
    second_says = takes_over(second, time.monotonic())
    assert first.first_line()["state"] == "standing by", "Ray starts it again, and the other directs"
    history = before + server.follow(job["id"], after=before[-1]["position"])
    assert check(server, job["id"], history) == []
    took_over = [e["data"]["director"] for e in history if e["type"] == "job.resumed"]
    assert took_over == [second_says["director"]["boot_id"]], "one after the other, and nobody else"

    # The whole of it is killed in mid-image, with its workers.
    drawn = emulator.pictures()
    job = server.submit(script=DYING, options=SMALL)
    before = server.follow(job["id"], stop=begun("image"))
    emulator.until_it_draws(besides=drawn)
    second.kill_tree()
    takes_over(first, time.monotonic())
    history = before + server.follow(job["id"], after=before[-1]["position"])
    assert check(server, job["id"], history), "what was in flight says so"

    # All are restarted in mid-film, one after the other.
    third, _ = crews.begin("standing by")
    servers = [server, serve(emulator, "--no-actors", REELOG_STORE=postgresql_url)]
    calls = len(emulator.calls())
    job = servers[1].submit(script=SCRIPT, options=SMALL)
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch, servers, job["id"])
        servers[1].follow(job["id"], stop=begun("image"))
        assert first.stop() == 0, first.told()
        takes_over(third, time.monotonic())
        assert servers.pop(0).process.stop() == 0
        servers.append(serve(emulator, "--no-actors", REELOG_STORE=postgresql_url))
        fourth, _ = crews.begin("standing by")
        assert third.stop() == 0, third.told()
        takes_over(fourth, time.monotonic())
        assert servers.pop(0).process.stop() == 0
        servers.append(serve(emulator, "--no-actors", REELOG_STORE=postgresql_url))
        history = watching.result(FILM_S)
    lost = check(servers[-1], job["id"], history)
    assert {event["asset"]["kind"] for event in lost} <= LOCAL
    made = [e for e in history if e["type"] == "asset.generated" and e["asset"]["kind"] in PAID]
    assert len(emulator.calls()) - calls == paid(history) == len(made), "no paid call was lost or repeated"
    assert fourth.stop() == 0, fourth.told()


def test_the_node_of_the_director_is_killed_and_then_the_head_which_comes_back(
    cluster: RayCluster,
    emulator: Emulator,
    serve: Callable[..., Server],
    start: Callable[..., Process],
    postgresql_url: str,
) -> None:
    cluster.add()
    crews = Crews(start, cluster, emulator, postgresql_url)
    server = serve(emulator, "--no-actors", REELOG_STORE=postgresql_url)
    work, said = crews.begin("ready")
    cluster.add()
    node = cluster.node_of(said["director"]["pid"])
    assert node is not None
    # The server has no actors, and shows those that work elsewhere.
    deadline = time.monotonic() + FILM_S
    while (crew := server.http.get("/readyz").json()["crew"])["at_work"] != "ready":
        assert time.monotonic() < deadline, crew
        time.sleep(0.3)
    assert crew["director"]["pid"] == said["director"]["pid"]
    for dies in dict.fromkeys((node, cluster.head)):
        job = server.submit(script=SCRIPT, options=SMALL)
        before = server.follow(job["id"], stop=begun("image"))
        calls = len(emulator.calls())
        dies.kill()
        if dies is cluster.head:
            # As a launcher would: a cluster anew at the old address. The crew lives, and joins it.
            cluster.restart()
        history = before + server.follow(job["id"], after=before[-1]["position"])
        lost = [e for e in check(server, job["id"], history) if e["asset"]["kind"] in PAID]
        made = [e for e in history if e["type"] == "asset.generated" and e["asset"]["kind"] in PAID]
        assert paid(history) == len(made) + len(lost), "nothing was paid twice but what was in flight"
        assert calls > 0
    assert work.running()
    assert work.stop() == 0, work.told()
