"""What a job would cost and take, before it is submitted: for the same body, checked the same way."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.composition import System
from api.http.acceptance import checked, notices_of
from api.http.reading import read_json
from api.http.responses import json_response
from api.http.revisions import calls_of
from api.http.threads import threads_of
from projections.wire import encode


async def estimate(request: Request) -> Response:
    """POST /v1/estimate."""
    system: System = request.app.state.system
    value = await read_json(request)
    return json_response(await threads_of(request).wait(_estimate, system, value))


def _estimate(system: System, value: Any) -> bytes:
    submission = checked(system, value)
    models = submission.models.model_dump()
    forecast = system.planning.forecast(
        submission.script,
        models,
        submission.options,
        calls=calls_of(system, system.provider),
        seconds=system.readers.seconds(models, submission.options, system.provider),
    )
    about = {"provider": system.provider, "max_cost_usd": submission.max_cost_usd}
    return encode(about | forecast.to_dict() | {"notices": notices_of(system, submission)})
