"""What a job would cost and take, before it is submitted."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.estimate import EstimateRequest
from api.cases.estimate import estimate as estimate_job
from api.composition import System
from api.http.callers import caller_name
from api.http.request_body import read_json
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode


async def estimate(request: Request) -> Response:
    """POST /v1/estimate."""
    system: System = request.app.state.system
    value = await read_json(request)
    asked = EstimateRequest(value, caller_name(request))
    estimate = await threads_of(request).wait(estimate_job, system, asked)
    return json_response(encode(estimate.to_json()))
