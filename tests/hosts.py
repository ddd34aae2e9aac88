"""Hosts of their own on this machine, each with a network that can be cut: Linux's network namespaces.

What runs on one shares this machine's files and processes, and reaches others only by its one cable.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

IP = shutil.which("ip")


class Host:
    """``address`` is its own; ``outside`` is where it reaches this machine."""

    def __init__(self, name: str, outside: str, address: str) -> None:
        self.name = name
        self.outside = outside
        self.address = address
        self.command = (str(IP), "netns", "exec", name)
        """What a command begins with that is to run there."""
        self._cable = f"{name}-out"

    def plug_in(self) -> None:
        inside = f"{self.name}-in"
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", inside, "netns", self.name)
        _ip("addr", "add", f"{self.outside}/30", "dev", self._cable)
        self.mend()
        for command in (
            ("addr", "add", f"{self.address}/30", "dev", inside),
            ("link", "set", inside, "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", self.name, *command)

    def cut(self) -> None:
        """From now on packets are lost; nobody is told."""
        _ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        _ip("link", "set", self._cable, "up")


def _ip(*arguments: str) -> None:
    subprocess.run([str(IP), *arguments], check=True, capture_output=True, timeout=30)


@contextmanager
def host_of_its_own() -> Iterator[Host]:
    """Skips the test where this machine lets nobody have one."""
    unique = uuid4()
    name = f"rl{unique.hex[:8]}"  # the name of a cable has at most fifteen characters
    if IP is None or subprocess.run([IP, "netns", "add", name], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces here: they take root, and iproute2")
    # Its cable and addresses go with it. Nobody else's are met: 198.18.0.0/15 is for tests of networks.
    network = f"198.{18 + unique.bytes[4] % 2}.{unique.bytes[5]}"
    first = unique.bytes[6] // 4 * 4
    try:
        host = Host(name, f"{network}.{first + 1}", f"{network}.{first + 2}")
        host.plug_in()
        yield host
    finally:
        _ip("netns", "delete", name)
