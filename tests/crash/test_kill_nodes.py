"""Films on several nodes: clips are spread, and a node that dies takes only what it was making."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.test_kill_processes import begun, check, paid
from tests.emulating import Emulator
from tests.nodes import RayCluster, RayNode, cluster
from tests.processes import START_S, UNTIL_KILLED, Server, serve, start

__all__ = ["cluster", "serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.cluster, pytest.mark.timeout(900)]

Serve = Callable[..., Server]
Event = dict[str, Any]
FILM = {"quality": "low", "fps": 24, "max_scenes": 6, "music": False}
SCRIPT = "\n\n".join(
    f"{who} walks along the shore in the early morning, and looks at the grey sea."
    for who in ("The keeper", "A child", "The captain", "A dog", "The baker", "An old woman")
)
"""So many clips, and so long ones, that those who can render all have one in hand."""
DYING = f"{UNTIL_KILLED} A lamp burns on the cliff.\n\nA boat comes home."


def places(
    server: Server, seat: str, *, until: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """What ``/readyz`` tells of a pool, as soon as it is so: there is no event of it."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        told: list[dict[str, Any]] = (
            server.http.get("/readyz").json()["crew"].get("crew", {}).get(seat, {}).get("places", [])
        )
        if until(told):
            return told
        time.sleep(0.3)
    raise TimeoutError(f"{told} {server.process.told()}")


def workers_of(history: list[Event], kind: str) -> Counter[str]:
    """How many assets of a kind each worker made."""
    begun_by = {
        (event["asset"]["id"], event["data"]["attempt"]): event["data"]["worker"]
        for event in history
        if event["type"] == "asset.attempt_started" and event["asset"]["kind"] == kind
    }
    return Counter(
        begun_by[event["asset"]["id"], event["data"]["attempt"]]
        for event in history
        if event["type"] == "asset.generated" and event["asset"]["kind"] == kind
    )


def busy_node(cluster: RayCluster, server: Server, seat: str) -> RayNode:
    """A node on which this seat makes something now."""
    working = places(server, seat, until=lambda told: any(one.get("attempts") for one in told))
    for place in working:
        if place.get("attempts") and (node := cluster.node_of(place["pid"])) is not None:
            return node
    raise AssertionError(working)


def test_clips_are_spread_over_nodes_and_a_node_that_dies_takes_only_what_it_was_making(
    cluster: RayCluster, emulator: Emulator, serve: Serve
) -> None:
    cluster.add()
    cluster.add()
    server = serve(emulator, REELOG_RAY_ADDRESS=cluster.address)

    # The first film: both nodes render, one place each, as each has two CPUs.
    job = server.submit(script=SCRIPT, options=FILM)
    history = server.follow(job["id"])
    check(server, job["id"], history)
    clips = workers_of(history, "clip")
    assert len(clips) == 2, clips
    assert sum(clips.values()) > 2
    told = places(server, "renderers", until=lambda told: len(told) == 2)
    assert len({place["node"] for place in told}) == 2

    # A node dies in mid-render.
    job = server.submit(script=SCRIPT, options=FILM)
    before = server.follow(job["id"], stop=begun("clip"))
    busy_node(cluster, server, "renderers").kill()
    history = before + server.follow(job["id"], after=before[-1]["position"])
    lost = check(server, job["id"], history)
    # Calls die with it where it holds artists, too.
    assert {e["stage"] for e in lost} <= {"image_generation", "narration", "music", "composition"}, lost

    # Another takes its place; then the one on which models are asked dies in mid-image.
    cluster.add()
    drawn = emulator.pictures()
    job = server.submit(script=DYING, options=FILM)
    before = server.follow(job["id"], stop=begun("image"))
    emulator.until_it_draws(besides=drawn)
    node = busy_node(cluster, server, "artists")
    calls = len(emulator.calls())
    node.kill()
    history = before + server.follow(job["id"], after=before[-1]["position"])
    lost = check(server, job["id"], history)
    assert lost, "what was in flight says so"
    assert calls > 0
    scenes = sum(workers_of(history, "clip").values())
    assert paid(history) == 2 * scenes + 3 + len([e for e in lost if e["data"]["may_have_been_billed"]])
