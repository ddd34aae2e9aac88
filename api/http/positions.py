"""A position that a client names: it must have happened, and what is answered must be true at it.

A read "as of N" that is answered from tables which do not hold N yet would be wrong and call itself N; so it
waits a little, and then says that it cannot be answered now. A position beyond the log's end comes from
another log (a folder that was reset, a backup that was put back): whoever names it would be told nothing for
a long time and then miss what lies between.
"""

from anyio import to_thread
from starlette.requests import Request

from api.composition import System
from api.http.problems import FieldError, Problem
from api.http.threads import threads_of

PROJECTION_WAIT_S = 5.0


def see_that_it_has_happened(system: System, position: int, pointer: str) -> None:
    """Problem ``position_unknown`` for a position beyond the log's end; ``pointer`` says who names it."""
    head = system.log.head()
    if position > head:
        name = pointer.strip("?/")
        message = f"{name} is {position}, and the log ends at {head}; write a position that has happened"
        raise Problem("position_unknown", message, errors=[FieldError(pointer, message)])


def wait_until_projected(system: System, position: int) -> None:
    """Problem ``behind`` when the read models do not hold the position in time. Blocks."""
    if not system.readers.wait_for(position, PROJECTION_WAIT_S):
        raise behind(position, system.readers.position())


def behind(position: int, projected: int) -> Problem:
    return Problem(
        "behind",
        f"The read models are at position {projected} and do not hold {position} yet; ask again in a moment. "
        "/readyz says whether they get on.",
        headers={"Retry-After": "5"},
    )


def arrive(system: System, position: int, pointer: str) -> None:
    """Both: the position has happened, and the read models hold it. Blocks."""
    if position:
        see_that_it_has_happened(system, position, pointer)
        wait_until_projected(system, position)


async def arrive_soon(request: Request, position: int, pointer: str) -> None:
    """As ``arrive``; what is projected already, as nearly all is, takes no place of those who wait."""
    system: System = request.app.state.system
    if position and not await to_thread.run_sync(_is_projected, system, position, pointer):
        await threads_of(request).wait(wait_until_projected, system, position)


def _is_projected(system: System, position: int, pointer: str) -> bool:
    see_that_it_has_happened(system, position, pointer)
    return system.readers.position() >= position
