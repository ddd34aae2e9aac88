"""What Ray knows of its nodes and of a worker, and whether the Ray that was joined is still there.

No public part of Ray tells of one actor or node. Ray itself is handed in: ``cluster`` alone imports it, as it
settles how Ray is to be before it is loaded.
"""

from typing import Any, Final

from actors.work.address import knock
from actors.work.pools.machines import Machines, Node, Whereabouts

ANSWER_S: Final = 2.0
"""How long a head may take to say which nodes it has."""


class RaySurroundings:
    """The nodes and workers of the Ray that this process works in: ``ray`` and its ``ray._private.state``."""

    def __init__(self, ray: Any, state: Any) -> None:
        self._ray, self._state = ray, state

    def machines(self) -> Machines:
        free = self._state.available_resources_per_node()
        nodes = {
            node["NodeID"]: Node(
                node["NodeManagerAddress"],
                cpus=node["Resources"].get("CPU", 0.0),
                free=free.get(node["NodeID"], {}).get("CPU", 0.0),
            )
            for node in self._ray.nodes()
            if node["Alive"]
        }
        # What an autoscaler could add is known where it has told Ray.
        config = self._state.state.get_cluster_config()
        groups = [group.resources.get("CPU", 0) for group in config.node_group_configs] if config else []
        possible = (self._state.state.get_max_resources_from_cluster_config() or {}).get("CPU", 0)
        return Machines(
            nodes,
            most_cpus=max(float(possible), sum(node.cpus for node in nodes.values())),
            largest=max([*groups, *(node.cpus for node in nodes.values())], default=0.0),
        )

    def where(self, worker: Any) -> Whereabouts:
        told = self._state.actors(worker._actor_id.hex())  # noqa: SLF001 - as Ray's own lists do
        placed = told.get("Pid") and told.get("State") in ("ALIVE", "PENDING_CREATION")
        return Whereabouts(
            told["Address"]["NodeID"] if placed else None,
            gone=told.get("State") == "DEAD",
            incarnation=int(told.get("NumRestarts") or 0),
        )


def is_joined(ray: Any, raylet: Any, alive: int) -> bool:
    """Whether the Ray that this process joined is there: a head that was started anew knows nobody's node.

    Asked by a connection of its own, as Ray ends the process that asks another cluster by its old one; and
    only where somebody listens, as Ray ends the process as well that has asked in vain for a minute.
    ``raylet`` is ``ray._raylet``, ``alive`` the state of a node that lives.
    """
    try:
        context = ray.get_runtime_context()
        knock(context.gcs_address)
        mine = raylet.NodeID.from_hex(context.get_node_id())
        nodes = raylet.GcsClient(address=context.gcs_address).get_all_node_info(timeout=ANSWER_S)
        return bool(mine in nodes and nodes[mine].state == alive)
    except Exception:  # noqa: BLE001 - whatever it raises, there is no Ray that could be asked
        return False
