"""Who asks, as the gate found out; and that the job or asset in a path is theirs.

What stands in a path's ``{id}`` is known by where it stands, so whatever is asked of a job or an asset, also
what will be added, is asked of the caller's own. Where the id is of something else, or a list is asked for,
the case is told who asks.
"""

from uuid import UUID

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.cases.callers import refuse_anothers_asset, refuse_anothers_job
from api.composition import System
from domain.key import Caller

CALLER = "reelog.caller"
"""In the scope of a request: the `Caller` whom the gate let in; None where nobody was."""
OF_JOBS = ("/v1/jobs/{id}", "/jobs/{id}")
OF_ASSETS = ("/v1/assets/{id}",)


def caller_of(scope: Scope) -> Caller:
    """Who asks for what needs a key: the gate has let nobody else through."""
    caller: Caller = scope[CALLER]
    return caller


def caller_name(request: HTTPConnection) -> str:
    return caller_of(request.scope).name


async def require_own(caller: Caller, path: str, scope: Scope) -> None:
    """Refusals ``job_not_found``, ``asset_not_found`` of what is another's, as of what is not there."""
    if caller.is_administrator or not path.startswith((*OF_JOBS, *OF_ASSETS)):
        return
    try:
        of = UUID(scope["path_params"]["id"])
    except ValueError:
        return  # it is not found, as the handler says
    system: System = scope["app"].state.system
    if path.startswith(OF_ASSETS):
        await to_thread.run_sync(refuse_anothers_asset, system, caller.name, of)
    else:
        await to_thread.run_sync(refuse_anothers_job, system, caller.name, [of])
