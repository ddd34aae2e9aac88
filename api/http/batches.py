"""Many submissions at once."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.batch import SubmitBatchRequest, get_batch, submit_batch
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.parameters import BATCH_KEY, TRACEPARENT, path_id
from api.http.request_body import read_json
from api.http.responses import json_response
from api.http.threads import threads_of


async def submit(request: Request) -> Response:
    """POST /v1/batches."""
    system: System = request.app.state.system
    key = BATCH_KEY.of(request)
    value = await read_json(request)
    refuse_when_draining(request, "Submit again in a moment.")
    asked = SubmitBatchRequest(value, key, caller_name(request), TRACEPARENT.of(request))
    submitted = await threads_of(request).begin(submit_batch, system, asked)
    if submitted.batch_id is None:
        return json_response(submitted.page)
    headers = {"Location": f"/v1/batches/{submitted.batch_id}"}
    return json_response(submitted.page, 201 if submitted.began else 200, headers)


async def show(request: Request) -> Response:
    """GET /v1/batches/{id}."""
    system: System = request.app.state.system
    batch_id = path_id(request, "batch_not_found")
    return json_response(await threads_of(request).wait(get_batch, system, batch_id, caller_name(request)))
