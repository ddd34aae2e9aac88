"""Waiting for a position that a request names, without a thread of those who wait where it need not wait."""

from anyio import to_thread
from starlette.requests import Request

from api.cases.positions import require_happened, wait_until_projected
from api.composition import System
from api.http.threads import threads_of


async def arrive_soon(request: Request, position: int, pointer: str) -> None:
    """As ``arrive`` of the cases; what is projected already, as nearly all is, takes no waiting place."""
    system: System = request.app.state.system
    if position and not await to_thread.run_sync(_is_projected, system, position, pointer):
        await threads_of(request).wait(wait_until_projected, system, position)


def _is_projected(system: System, position: int, pointer: str) -> bool:
    require_happened(system, position, pointer)
    return system.readers.position() >= position
