"""Who asks, as the gate found out; and that the job or asset in a path is theirs.

What stands in a path's ``{id}`` is known by where it stands, so whatever is asked of a job or an asset, also
what will be added, is asked of the caller's own. Where the id is of something else, or a list is asked for,
the case is told who asks.
"""

from functools import partial

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.cases.callers import refuse_anothers_asset, refuse_anothers_job
from api.composition import System
from api.http.parameters import path_id
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


async def require_own(caller: Caller, path: str, scope: Scope, *, may: bool) -> None:
    """Refusals ``job_not_found``, ``asset_not_found`` of what is another's, as of what is not there.

    ``may``: whether the caller's key is for what is asked.
    """
    if caller.is_administrator or not path.startswith((*OF_JOBS, *OF_ASSETS)):
        return
    system: System = scope["app"].state.system
    connection = HTTPConnection(scope)
    if path.startswith(OF_ASSETS):
        asset_id = path_id(connection, "asset_not_found")
        await to_thread.run_sync(partial(refuse_anothers_asset, system, caller.name, asset_id, may=may))
    else:
        job_id = path_id(connection, "job_not_found")
        await to_thread.run_sync(refuse_anothers_job, system, caller.name, [job_id])
