"""A Ray cluster of several nodes on this machine: each is a raylet of its own, and dies like a machine.

Every process is ended by the test that started it, by its own id and those of its children, also when that
fails.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil
import pytest
from ray._private.services import ConsolePopen

from tests.processes import kill_all

START_S = 120
RAY = Path(sys.executable).with_name("ray")

# Ray ends its processes and does not wait for them, which Python would object to in whatever test drops them.
ConsolePopen.__del__ = lambda _: None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RayNode:
    """One node: ``ray start --block`` and what it started; ``on`` begins a command on its host."""

    def __init__(self, log: Path, *options: str, on: Sequence[str] = (), **more: str) -> None:
        self._log = log
        environment = {
            **os.environ,
            "RAY_AUTH_MODE": "token",
            "RAY_USAGE_STATS_ENABLED": "0",
            # A node that is gone is known to be gone within seconds, as the cluster's own file sets it.
            "RAY_health_check_initial_delay_ms": "1000",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_timeout_ms": "2000",
            "RAY_health_check_failure_threshold": "3",
            **more,
        }
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                # Nobody reads what its log monitor would tell: one process fewer to start for each node.
                [*on, RAY, "start", "--block", "--include-log-monitor=false", *options],
                env=environment,
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + START_S
        while "block forever" not in self.told():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.2)

    def told(self) -> str:
        return self._log.read_text(errors="replace")

    def tree(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.process.pid)
        except psutil.NoSuchProcess:
            return []
        return [parent, *parent.children(recursive=True)]

    def pids(self) -> set[int]:
        return {process.pid for process in self.tree()}

    def kill(self) -> None:
        """As when a machine loses its power: all of its processes at once."""
        tree = self.tree()
        kill_all(tree)
        psutil.wait_procs(tree, timeout=30)
        self.process.wait(30)


class RayCluster:
    """A head on which nobody of the crew has room, and nodes that may be added and killed.

    ``options`` and ``environment`` are the head's.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        port: int | None = None,
        host: str = "127.0.0.1",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        # Whoever joins has the cluster's token from the environment: no file in anybody's home is needed.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        self._folder = folder
        self._options = options
        self._environment = environment or {}
        port = port or free_port()
        # A socket's path may hold about a hundred characters, and Ray adds many: a short folder.
        self._session = Path("/tmp") / f"rc{port}"  # noqa: S108 - as above; removed at the end
        self.address = f"{host}:{port}"
        self.nodes: list[RayNode] = []
        self._folders = [self._session]
        self.head = self._start_head()

    def _start_head(self) -> RayNode:
        return RayNode(
            self._folder / f"head{len(self.nodes)}.log",
            "--head",
            f"--port={self.address.rpartition(':')[2]}",
            "--num-cpus=0",
            "--memory=78643200",  # too little for whoever asks models: all work is done on the other nodes
            "--include-dashboard=false",
            f"--ray-client-server-port={free_port()}",  # nobody calls it; another cluster has the usual one
            f"--temp-dir={self._session}",
            *self._options,
            **self._environment,
        )

    def restart(self) -> None:
        """After the head's death: another one at its address, with one node. Those of the old one end."""
        for node in self.nodes:
            node.kill()
        self.head = self._start_head()
        self.add()

    def add(self, *options: str, cpus: int = 2, on: Sequence[str] = ()) -> RayNode:
        number = len(self.nodes)
        log = self._folder / f"node{number}.log"
        # A machine has a folder of its own, too: in a shared one a node that begins unpacks the code anew
        # under the processes of the others.
        own = Path(f"{self._session}n{number}")
        self._folders.append(own)
        given = (f"--address={self.address}", f"--num-cpus={cpus}", f"--temp-dir={own}")
        node = RayNode(log, *given, *options, on=on)
        self.nodes.append(node)
        return node

    def node_of(self, pid: int) -> RayNode | None:
        """The node that has this process; None where no living one has it."""
        return next((node for node in [self.head, *self.nodes] if pid in node.pids()), None)

    def close(self) -> None:
        # Asked to end, some of them take longer than anybody would wait.
        for node in [*self.nodes, self.head]:
            node.kill()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RayCluster]:
    cluster = RayCluster(tmp_path)
    try:
        yield cluster
    finally:
        cluster.close()
