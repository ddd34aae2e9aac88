"""Why a job is as it is: what was decided at a moment, and what everything else waited for."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.explain import ExplainRequest
from api.cases.explain import explain as explain_job
from api.http.parameters import AT, path_id
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode


async def explain(request: Request) -> Response:
    """GET /v1/jobs/{id}/explain, now or ``?at=`` a position."""
    asked = ExplainRequest(path_id(request, "job_not_found"), AT.of(request))
    found = await threads_of(request).wait(explain_job, request.app.state.system, asked)
    return json_response(encode(found.to_json()))
