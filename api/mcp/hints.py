"""What agents are told of each kind of tool, before they call one."""

from typing import Literal

from mcp.types import ToolAnnotations

Does = Literal["looks", "spends", "changes", "stops"]

_LOOKS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_SPENDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
_CHANGES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_STOPS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
HINTS: dict[Does, ToolAnnotations] = {
    "looks": _LOOKS,
    "spends": _SPENDS,
    "changes": _CHANGES,
    "stops": _STOPS,
}
