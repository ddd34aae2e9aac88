"""Another run of a job: the rest of a failed one; what is made again, given or edited, and what follows."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.accepted import Accepted
from api.cases.approve import Approve, ApproveRequest
from api.cases.approve import approve as approve_job
from api.cases.edit_scenes import EditScenes, EditScenesRequest
from api.cases.edit_scenes import edit as edit_scenes_of_job
from api.cases.preview import Preview
from api.cases.provide import Provide, ProvideRequest
from api.cases.provide import provide as provide_asset
from api.cases.regenerate import Regenerate, RegenerateRequest
from api.cases.regenerate import regenerate as regenerate_asset
from api.cases.retry import Retry, RetryRequest
from api.cases.retry import retry as retry_job
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.parameters import RUN_KEY, RUN_TRACEPARENT, path_id
from api.http.request_body import read_body
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode


async def retry(request: Request) -> Response:
    """POST /v1/jobs/{id}/retry."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    asked = await read_body(request, Retry)
    if not asked.dry_run:
        refuse_when_draining(request)
    wanted = RetryRequest(job_id, asked, RUN_KEY.of(request), RUN_TRACEPARENT.of(request))
    return _response(await threads_of(request).wait(retry_job, system, wanted))


async def approve(request: Request) -> Response:
    """POST /v1/jobs/{id}/approve."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    asked = await read_body(request, Approve)
    if not asked.dry_run:
        refuse_when_draining(request)
    wanted = ApproveRequest(job_id, asked, RUN_KEY.of(request), RUN_TRACEPARENT.of(request))
    return _response(await threads_of(request).wait(approve_job, system, wanted))


async def edit_scenes(request: Request) -> Response:
    """PATCH /v1/jobs/{id}/scenes."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    asked = await read_body(request, EditScenes)
    if not asked.dry_run:
        refuse_when_draining(request)
    key, traceparent = RUN_KEY.of(request), RUN_TRACEPARENT.of(request)
    wanted = EditScenesRequest(job_id, asked, key, caller_name(request), traceparent)
    return _response(await threads_of(request).wait(edit_scenes_of_job, system, wanted))


async def regenerate(request: Request) -> Response:
    """POST /v1/assets/{id}/regenerate."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    asked = await read_body(request, Regenerate)
    if not asked.dry_run:
        refuse_when_draining(request)
    wanted = RegenerateRequest(asset_id, asked, RUN_KEY.of(request), RUN_TRACEPARENT.of(request))
    return _response(await threads_of(request).wait(regenerate_asset, system, wanted))


async def provide(request: Request) -> Response:
    """PUT /v1/assets/{id}."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    asked = await read_body(request, Provide)
    if not asked.dry_run:
        refuse_when_draining(request)
    key, traceparent = RUN_KEY.of(request), RUN_TRACEPARENT.of(request)
    wanted = ProvideRequest(asset_id, asked, key, caller_name(request), traceparent)
    return _response(await threads_of(request).open(provide_asset, system, wanted))


def _response(result: Preview | Accepted) -> Response:
    if isinstance(result, Preview):
        return json_response(encode(result.to_json()))
    return json_response(result.job, 202 if result.began else 200)
