"""Keys: given, listed, looked at and revoked by the administrator; and who the caller is."""

from starlette.requests import Request
from starlette.responses import Response

from api.cases.keys import AddKeyRequest, add_key, get_key, list_keys, revoke_key, who_am_i
from api.composition import System
from api.http.callers import caller_of
from api.http.draining import refuse_when_draining
from api.http.parameters import LIMIT
from api.http.request_body import read_json
from api.http.responses import json_response
from api.http.threads import threads_of


async def add(request: Request) -> Response:
    """POST /v1/keys."""
    system: System = request.app.state.system
    value = await read_json(request)
    refuse_when_draining(request)
    page = await threads_of(request).wait(add_key, system, AddKeyRequest(value))
    return json_response(page, 201, {"Location": f"/v1/keys/{value['name']}", "Cache-Control": "no-store"})


async def show_all(request: Request) -> Response:
    """GET /v1/keys."""
    system: System = request.app.state.system
    pages, more = await threads_of(request).wait(list_keys, system, LIMIT.of(request))
    flag = b"true" if more else b"false"
    return json_response(b'{"data":[' + b",".join(pages) + b'],"has_more":' + flag + b"}")


async def show(request: Request) -> Response:
    """GET /v1/keys/{name}."""
    system: System = request.app.state.system
    return json_response(await threads_of(request).wait(get_key, system, request.path_params["name"]))


async def revoke(request: Request) -> Response:
    """DELETE /v1/keys/{name}."""
    system: System = request.app.state.system
    refuse_when_draining(request)
    page = await threads_of(request).wait(revoke_key, system, request.path_params["name"])
    request.app.state.key_watch.look()
    return json_response(page)


async def own(request: Request) -> Response:
    """GET /v1/key."""
    system: System = request.app.state.system
    return json_response(await threads_of(request).wait(who_am_i, system, caller_of(request.scope)))
