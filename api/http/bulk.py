"""What is asked of many jobs at once."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.bulk import CancelJobs, CancelJobsRequest, RetryJobs, RetryJobsRequest, cancel_jobs, retry_jobs
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.list_parameters import BULK_KEY
from api.http.parameters import RUN_TRACEPARENT
from api.http.request_body import read_body
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode


async def cancel(request: Request) -> Response:
    """POST /v1/jobs/cancel."""
    system: System = request.app.state.system
    asked = await read_body(request, CancelJobs)
    wanted = CancelJobsRequest(asked, caller_name(request))
    return json_response(encode(await threads_of(request).wait(cancel_jobs, system, wanted)))


async def retry(request: Request) -> Response:
    """POST /v1/jobs/retry."""
    system: System = request.app.state.system
    asked = await read_body(request, RetryJobs)
    if not asked.dry_run:
        refuse_when_draining(request)
    key, traceparent = BULK_KEY.of(request), RUN_TRACEPARENT.of(request)
    wanted = RetryJobsRequest(asked, caller_name(request), key, traceparent)
    return json_response(encode(await threads_of(request).wait(retry_jobs, system, wanted)))
