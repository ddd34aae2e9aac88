"""A position that a client names: it must have happened, and what is answered must be true at it.

A read "as of N" that is answered from tables which do not hold N yet would be wrong and call itself N; so it
waits a little, and then says that it cannot be answered now. A position beyond the log's end comes from
another log (a folder that was reset, a backup that was put back): whoever names it would be told nothing for
a long time and then miss what lies between.
"""

from api.cases.errors import SOON_S, Faults, Refusal
from api.composition import System

PROJECTION_WAIT_S = 5.0
MAX_POSITION = 2**53
"""As far as every program that reads JSON counts exactly."""


def require_happened(system: System, position: int, pointer: str) -> None:
    """Refusal ``position_unknown`` for a position beyond the log's end; ``pointer`` says who names it."""
    head = system.log.head()
    if position > head:
        name = pointer.strip("?/")
        message = f"{name} is {position}, and the log ends at {head}; write a position that has happened"
        raise Faults.of_one("position_unknown", pointer, message)


def wait_until_projected(system: System, position: int) -> None:
    """Refusal ``behind`` when the read models do not hold the position in time. Blocks."""
    if not system.readers.wait_for(position, PROJECTION_WAIT_S):
        raise behind(position, system.readers.position())


def behind(position: int, projected: int) -> Refusal:
    return Refusal(
        "behind",
        f"The read models are at position {projected} and do not hold {position} yet; ask again in a moment. "
        "/readyz says whether they get on.",
        retry_after_s=SOON_S,
    )


def arrive(system: System, position: int, pointer: str) -> None:
    """Both: the position has happened, and the read models hold it. Blocks."""
    if position:
        require_happened(system, position, pointer)
        wait_until_projected(system, position)
