"""The machines that places are on, as the cluster tells of them. What tells is the cluster's matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Node:
    """One machine: its CPUs, and how many of them nobody has reserved."""

    address: str
    cpus: float
    free: float


@dataclass(frozen=True)
class Machines:
    """All nodes by id; ``most_cpus`` and ``largest`` also count what an autoscaler could add."""

    nodes: Mapping[str, Node]
    most_cpus: float
    largest: float
    """CPUs of the largest node that there is or could be."""

    @property
    def several(self) -> bool:
        return len(self.nodes) > 1

    def cannot_place(self, cpus: float) -> str:
        """Why a place of so many CPUs waits: which node comes nearest to having them."""
        if not self.nodes:
            return "there is no node"
        largest = max(node.cpus for node in self.nodes.values())
        if largest < cpus:
            return f"it needs {cpus:g} CPUs, and the largest node has {largest:g}"
        freest = max(self.nodes.values(), key=lambda node: node.free)
        if freest.free < cpus:
            most = f"{freest.address} has most free: {freest.free:g} of {freest.cpus:g}"
            return f"it needs {cpus:g} CPUs, and {most}"
        return "Ray is placing it"


@dataclass(frozen=True)
class Whereabouts:
    """Where a worker is: nowhere yet (``node`` is None), on a node, or gone for good."""

    node: str | None
    gone: bool = False
    incarnation: int = 0
    """How often it was started again."""


class Surroundings(Protocol):
    """What a crew asks of the cluster that it sits on. Both block, for milliseconds."""

    def machines(self) -> Machines: ...

    def where(self, worker: Any) -> Whereabouts:
        """Raises what the cluster raises where it cannot be asked."""
        ...
