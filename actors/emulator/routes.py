"""The emulator's routes: Gemini's own, and those by which people and tests look behind it."""

import base64
import binascii
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actors.emulator import errors
from actors.emulator.errors import Refused
from actors.emulator.faults import BadFault, FaultScript, parse
from actors.emulator.generate_request import find_model
from actors.emulator.handler import VERSION, Emulator, check_key
from actors.emulator.interactions.handler import InteractionHandler
from actors.emulator.interactions.voices import VoiceHandler
from actors.emulator.models import served

PAGE, LARGEST_PAGE = 50, 1000
VERSIONS = ("v1beta", "v1")
OWN = {"x-reelog-emulator": VERSION}


def routes(emulator: Emulator, interactions: InteractionHandler) -> list[Route]:
    gemini, admin, voices = GeminiRoutes(emulator), AdminRoutes(emulator), VoiceHandler(emulator)
    one = "/{version}/interactions/{id}"
    return [
        Route("/{version}/models", gemini.list_models, methods=["GET"]),
        Route("/{version}/models/{name}", gemini.get_model, methods=["GET"]),
        Route("/{version}/models/{call}", gemini.call, methods=["POST"]),
        Route("/{version}/interactions", interactions.create, methods=["POST"]),
        Route(one, interactions.get, methods=["GET"]),
        Route(one, interactions.delete, methods=["DELETE"]),
        Route(f"{one}/cancel", interactions.cancel, methods=["POST"]),
        Route("/{version}/files/{file}", interactions.files.get, methods=["GET"]),
        Route("/{version}/voices", voices.list, methods=["GET"]),
        Route("/{version}/voices/{id}", voices.get, methods=["GET"]),
        Route("/emulator", admin.identity, methods=["GET"]),
        Route("/emulator/requests", admin.requests, methods=["GET"]),
        Route("/emulator/requests", admin.clear, methods=["DELETE"]),
        Route("/emulator/requests/{n:int}", admin.one_request, methods=["GET"]),
        Route("/emulator/faults", admin.faults, methods=["GET"]),
        Route("/emulator/faults", admin.set_faults, methods=["PUT"]),
        Route("/{path:path}", gemini.unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


class GeminiRoutes:
    """What Google serves."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def call(self, request: Request) -> Response:
        name, _, method = request.path_params["call"].partition(":")
        version = request.path_params["version"]
        if version in VERSIONS and method == "generateContent":
            return await self._emulator.generate(request, version, name)
        if version in VERSIONS and method == "countTokens":
            return await self._emulator.count_tokens(request, version, name)
        return await self.unknown(request)

    async def list_models(self, request: Request) -> Response:
        return self._look_up(request, None)

    async def get_model(self, request: Request) -> Response:
        return self._look_up(request, request.path_params["name"])

    def _look_up(self, request: Request, name: str | None) -> Response:
        entry = self._emulator.log.begin("GET", request.url.path, name)
        try:
            response = self._emulator.send(_looked_up(request, name))
        except Refused as refused:
            response = self._emulator.send_error(refused.error)
        entry.status = response.status_code
        return response

    async def unknown(self, request: Request) -> Response:
        entry = self._emulator.log.begin(request.method, request.url.path, None)
        entry.status = 404
        return self._emulator.send_error(errors.path_not_found())


def _looked_up(request: Request, name: str | None) -> dict[str, Any]:
    check_key(request)
    version = request.path_params["version"]
    if version not in VERSIONS:
        raise Refused(errors.path_not_found())
    return _page(request, version) if name is None else find_model(name, version, "generateContent").public()


def _page(request: Request, version: str) -> dict[str, Any]:
    models = [model.public() for model in served(version)]
    try:
        size = int(request.query_params.get("pageSize") or request.query_params.get("page_size") or PAGE)
    except ValueError as problem:
        raise Refused(errors.invalid("Invalid value at 'page_size' (TYPE_INT32)")) from problem
    token = request.query_params.get("pageToken") or request.query_params.get("page_token")
    start = 0
    if token:
        # As with the real service, a token names the last model of the page before.
        try:
            last = base64.b64decode(token, altchars=b"-_", validate=True).decode()
            start = [model["name"] for model in models].index(last) + 1
        except (binascii.Error, UnicodeDecodeError, ValueError) as problem:
            raise Refused(errors.invalid("Invalid page token.")) from problem
    end = start + max(1, min(size, LARGEST_PAGE))
    body: dict[str, Any] = {"models": models[start:end]}
    if end < len(models):
        body["nextPageToken"] = base64.urlsafe_b64encode(models[end - 1]["name"].encode()).decode()
    return body


class AdminRoutes:
    """What only an emulator has."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def identity(self, _request: Request) -> Response:
        return JSONResponse({"emulator": "reelog", "version": VERSION}, headers=OWN)

    async def requests(self, _request: Request) -> Response:
        return JSONResponse({"data": self._emulator.log.public()}, headers=OWN)

    async def clear(self, _request: Request) -> Response:
        self._emulator.log.clear()
        return Response(status_code=204, headers=OWN)

    async def one_request(self, request: Request) -> Response:
        entry = self._emulator.log.find(request.path_params["n"])
        if entry is None:
            return JSONResponse({"error": "no such request"}, 404, headers=OWN)
        return JSONResponse({**entry.public(), "fault": entry.fault, "body": entry.body}, headers=OWN)

    async def faults(self, _request: Request) -> Response:
        return JSONResponse([fault.public() for fault in self._emulator.script.faults], headers=OWN)

    async def set_faults(self, request: Request) -> Response:
        try:
            found = parse(json.loads(await request.body()))
        except (json.JSONDecodeError, UnicodeDecodeError, BadFault) as problem:
            return JSONResponse({"error": str(problem)}, 422, headers=OWN)
        self._emulator.script = FaultScript(found)
        return JSONResponse([fault.public() for fault in found], headers=OWN)
