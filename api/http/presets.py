"""Presets and casts by name: both are kept and asked for alike."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.cases.presets import PresetRequest, delete_preset, get_preset, list_presets, put_preset
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.parameters import LIMIT
from api.http.request_body import read_json
from api.http.responses import json_response
from api.http.threads import threads_of
from domain.preset import PresetKind

Handler = Callable[[Request], Awaitable[Response]]


def listing(kind: PresetKind) -> Handler:
    async def show_all(request: Request) -> Response:
        system: System = request.app.state.system
        pages, more = await threads_of(request).wait(
            list_presets, system, kind, LIMIT.of(request), caller_name(request)
        )
        flag = b"true" if more else b"false"
        return json_response(b'{"data":[' + b",".join(pages) + b'],"has_more":' + flag + b"}")

    return show_all


def showing(kind: PresetKind) -> Handler:
    async def show(request: Request) -> Response:
        system: System = request.app.state.system
        return json_response(await threads_of(request).wait(get_preset, system, _asked(request, kind)))

    return show


def putting(kind: PresetKind) -> Handler:
    async def put(request: Request) -> Response:
        system: System = request.app.state.system
        value = await read_json(request)
        refuse_when_draining(request)
        stored = await threads_of(request).wait(put_preset, system, _asked(request, kind), value)
        return json_response(stored.page, 201 if stored.added else 200)

    return put


def deleting(kind: PresetKind) -> Handler:
    async def delete(request: Request) -> Response:
        system: System = request.app.state.system
        refuse_when_draining(request)
        await threads_of(request).wait(delete_preset, system, _asked(request, kind))
        return Response(status_code=204)

    return delete


def _asked(request: Request, kind: PresetKind) -> PresetRequest:
    return PresetRequest(kind, request.path_params["name"], caller_name(request))
