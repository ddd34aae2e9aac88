"""Who asks, and whether what they ask about is theirs: decided here, for every way in.

Each key has a name, which is the caller of all that is asked with it. A caller sees its own jobs, with all
that is theirs; what is another's is not there for it. The administrator sees everything.
"""

from collections.abc import Iterable
from uuid import UUID

from api.cases.errors import Refusal
from api.composition import System
from domain.callers import LOCAL
from domain.store import JobNotFoundError

__all__ = ["LOCAL", "refuse_anothers_asset", "refuse_anothers_job", "sees", "shown_to"]


def shown_to(caller: str) -> str | None:
    """Whose jobs a list for this caller holds; None: everybody's."""
    return None if caller == LOCAL else caller


def sees(system: System, caller: str, of: UUID) -> bool:
    """Whether a caller may see this job, or this asset: it is its own, or the caller the administrator."""
    return caller == LOCAL or system.owners.of(of) == caller


def refuse_anothers_job(system: System, caller: str, job_ids: Iterable[UUID]) -> None:
    """Refusal ``job_not_found`` of the first of some jobs that is not the caller's, if one is not. Blocks."""
    for job_id in job_ids:
        if not sees(system, caller, job_id):
            raise JobNotFoundError(job_id)


def refuse_anothers_asset(system: System, caller: str, asset_id: UUID, *, may: bool = True) -> None:
    """Refusal ``asset_not_found`` of an asset of another's job. Blocks.

    One to which nothing has happened yet has no owner on record: who ``may`` do what is asked looks for it in
    the caller's jobs; for who may not, it is not there.
    """
    if caller != LOCAL and system.owners.of(asset_id) not in ((None, caller) if may else (caller,)):
        raise Refusal("asset_not_found", f"There is no asset {asset_id}.")
