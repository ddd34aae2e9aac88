"""The list of models over HTTP."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.models import ListModelsRequest
from api.cases.models import list_models as models_of
from api.composition import System
from api.http.responses import json_response
from projections.wire import encode


async def list_models(request: Request) -> Response:
    """GET /v1/models."""
    system: System = request.app.state.system
    return json_response(encode(await to_thread.run_sync(models_of, system, ListModelsRequest())))
