"""A node on a host of its own whose cable is cut for half a minute: from Ray's head and from the store."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.test_kill_nodes import FILM, SCRIPT, busy_node, places
from tests.crash.test_kill_processes import PAID, begun, check, told_by
from tests.domain.store.pg_proxies import Stalling, standing, through
from tests.emulating import Emulator
from tests.hosts import Host, host_of_its_own
from tests.nodes import RayCluster
from tests.processes import Server, serve, start

__all__ = ["serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.cluster, pytest.mark.timeout(600)]

MEMORY = 4 << 30
"""The head's: who asks models sits there, who renders has no room."""
LITTLE = 75 << 20
"""A node's on which only renderers have room."""
CUT_S = 30


@pytest.fixture
def host() -> Iterator[Host]:
    with host_of_its_own() as host:
        yield host


@pytest.fixture
def cluster(host: Host, tmp_path: Path) -> Iterator[RayCluster]:
    """Its head is on this machine, where the host reaches it."""
    cluster = RayCluster(
        tmp_path, f"--node-ip-address={host.outside}", f"--memory={MEMORY}", host=host.outside
    )
    try:
        yield cluster
    finally:
        cluster.close()


def test_a_node_that_is_cut_off_for_half_a_minute_costs_nothing_but_what_it_was_rendering(
    host: Host,
    cluster: RayCluster,
    emulator: Emulator,
    serve: Callable[..., Server],
    postgres_server: Any,
    postgresql_url: str,
) -> None:
    """Nobody is told of the cut: the store sees a worker that is silent, Ray one that is not there."""
    socket = Path(postgres_server.get_postmaster_info().socket_dir) / ".s.PGSQL.5432"
    with standing(Stalling(socket, host.outside)) as proxy:
        store = through(proxy, postgresql_url)
        server = serve(emulator, REELOG_RAY_ADDRESS=cluster.address, REELOG_STORE=store)
        told_by(server, "director", "pid")  # on the head, as there is no other node yet
        far = cluster.add(f"--node-ip-address={host.address}", f"--memory={LITTLE}", on=host.command)

        job = server.submit(script=SCRIPT, options=FILM)
        history = server.follow(job["id"], stop=begun("clip"))
        assert busy_node(cluster, server, "renderers") is far
        near = cluster.add(f"--node-ip-address={host.outside}", f"--memory={LITTLE}")
        host.cut()
        cut_at = time.monotonic()
        # The head misses it soon, and a place is filled on the node that is left. Where there was one
        # already, Ray has no room there for the place that was lost: it is pending, and has no address.
        places(
            server,
            "renderers",
            until=lambda told: {p["address"] for p in told if "address" in p} == {host.outside},
        )
        # Waiting is the point: the worker over there renders on, and cannot record what it made.
        time.sleep(max(0.0, cut_at + CUT_S - time.monotonic()))
        host.mend()
        history += server.follow(job["id"], after=history[-1]["position"])
        lost = check(server, job["id"], history)
        assert not {event["asset"]["kind"] for event in lost} & PAID
        assert near.process.poll() is None
        assert server.process.stop() == 0, server.process.told()
