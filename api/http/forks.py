"""A fork: a new job from any moment of another one, keeping all that its changes do not touch."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.fork import Fork, ForkRequest
from api.cases.fork import fork as fork_job
from api.cases.preview import Preview
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.parameters import IDEMPOTENCY_KEY, TRACEPARENT, path_id
from api.http.request_body import read_body
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode


async def fork(request: Request) -> Response:
    """POST /v1/jobs/{id}/fork."""
    system: System = request.app.state.system
    source_id = path_id(request, "job_not_found")
    asked = await read_body(request, Fork)
    if not asked.dry_run:
        refuse_when_draining(request)
    key, traceparent = IDEMPOTENCY_KEY.of(request), TRACEPARENT.of(request)
    wanted = ForkRequest(source_id, asked, key, caller_name(request), traceparent)
    result = await threads_of(request).begin(fork_job, system, wanted)
    if isinstance(result, Preview):
        return json_response(encode(result.to_json()))
    location = {"Location": f"/v1/jobs/{result.job_id}"}
    return json_response(result.job, 201 if result.began else 200, location)
