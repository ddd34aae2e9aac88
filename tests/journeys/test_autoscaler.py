"""Ray's own autoscaler: work that waits makes a node come, and rest lets it go.

The one that Ray's launcher and KubeRay use (its second version), with Ray's own provider of nodes that are
processes of this machine.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ray.autoscaler._private.fake_multi_node.node_provider import (
    FAKE_HEAD_NODE_ID,
    FAKE_HEAD_NODE_TYPE,
    FakeMultiNodeProvider,
)

from tests.crash.test_kill_processes import begun
from tests.emulating import Emulator
from tests.nodes import RayCluster, free_port
from tests.processes import SMALL, START_S, Server, changed_module, serve, start

__all__ = ["serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(600)]

GOES_S = 180
"""How long a place may take to end, and its node after it, as soon as the autoscaler has seen it idle."""
IDLE_S = 5
"""How long a place without work is kept: a minute, but here."""

ENVIRONMENT = {
    "RAY_FAKE_CLUSTER": "1",
    "RAY_enable_autoscaler_v2": "1",
    "RAY_CLOUD_INSTANCE_ID": FAKE_HEAD_NODE_ID,
    "AUTOSCALER_UPDATE_INTERVAL_S": "1",
}
MEMORY = 4 << 30
"""The head's: who asks models sits there, who renders has no room."""
UNUSED = (
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "initialization_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
    "cluster_synced_files",
    "rsync_exclude",
    "rsync_filter",
)
"""What a provider of its own has to name, and this one has no use for."""


def node_type(cpus: int, most: int) -> dict[str, Any]:
    return {"node_config": {}, "resources": {"CPU": cpus}, "min_workers": 0, "max_workers": most}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RayCluster]:
    """A head without CPUs, and an autoscaler that may add one node of two."""
    port = free_port()
    provider = {
        "type": "external",
        "module": f"{FakeMultiNodeProvider.__module__}.{FakeMultiNodeProvider.__name__}",
        "gcs_address": f"127.0.0.1:{port}",
        "head_node_id": FAKE_HEAD_NODE_ID,
        "launch_multiple": True,
        "disable_node_updaters": True,
    }
    config = {
        **dict.fromkeys(UNUSED, ()),
        "cluster_name": "reelog",
        "max_workers": 1,
        "idle_timeout_minutes": 0.1,
        "provider": provider,
        "auth": {"ssh_user": "nobody"},
        "file_mounts": {},
        "available_node_types": {FAKE_HEAD_NODE_TYPE: node_type(0, 0), "renderer": node_type(2, 1)},
        "head_node_type": FAKE_HEAD_NODE_TYPE,
    }
    hurry = changed_module(tmp_path / "hook", "actors.work.pools.pool", f"IDLE_S = {IDLE_S}")
    environment = ENVIRONMENT | hurry
    file = tmp_path / "autoscaler.json"
    file.write_text(json.dumps(config))
    cluster = RayCluster(
        tmp_path, f"--autoscaling-config={file}", f"--memory={MEMORY}", port=port, environment=environment
    )
    try:
        yield cluster
    finally:
        cluster.close()


def renderers(server: Server) -> list[dict[str, Any]]:
    crew = server.http.get("/readyz").json()["crew"]
    places: list[dict[str, Any]] = crew.get("crew", {}).get("renderers", {}).get("places", [])
    return places


def nodes(cluster: RayCluster) -> list[psutil.Process]:
    """The raylets on this cluster, the head's among them."""
    found = []
    for process in cluster.head.tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            # One that begins or ends has no command line.
            command = process.cmdline()[:1]
            if process.status() != psutil.STATUS_ZOMBIE and command and command[0].endswith("/raylet"):
                found.append(process)
    return found


def wait(until: Callable[[], bool], within_s: float, told: Callable[[], object]) -> None:
    """Nobody signals what Ray's autoscaler does: it is looked at."""
    deadline = time.monotonic() + within_s
    while not until():
        assert time.monotonic() < deadline, told()
        time.sleep(0.3)


def test_a_place_that_waits_makes_a_node_come_and_one_without_work_lets_it_go(
    cluster: RayCluster, emulator: Emulator, serve: Callable[..., Server]
) -> None:
    server = serve(emulator, REELOG_RAY_ADDRESS=cluster.address, REELOG_RENDERERS="1")
    assert len(nodes(cluster)) == 1, cluster.head.told()
    job = server.submit(options=SMALL)
    history = server.follow(job["id"], stop=begun("clip"))
    assert len(nodes(cluster)) == 2
    # Asked while there is work left: a place may end as soon as there is none.
    wait(lambda: bool(renderers(server)), START_S, lambda: server.http.get("/readyz").text)
    history += server.follow(job["id"], after=history[-1]["position"])
    assert history[-1]["type"] == "job.completed"
    wait(lambda: not renderers(server), GOES_S, lambda: renderers(server))
    wait(lambda: len(nodes(cluster)) == 1, GOES_S, lambda: nodes(cluster))
