"""``GET voices``: the thirty that every speech model has, and a library of more.

The real library holds more than 150 voices; which, nobody has published. So the names of ours are made by
rule, with the ids that voices of a library have, and each sounds as one of the thirty.
"""

import base64
import binascii
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from actors.emulator import errors as rpc_errors
from actors.emulator.errors import Refused
from actors.emulator.handler import Emulator, check_key
from actors.emulator.interactions import errors
from actors.emulator.speech import LIBRARY, VOICES

PAGE, LARGEST_PAGE = 50, 1000
ACCENTS = ("en-US", "en-GB", "en-AU", "en-IN")
CONTEXTS = ("Audiobook", "News", "Conversational", "Documentary")


def listed() -> list[dict[str, Any]]:
    prebuilt = [
        {
            "id": name,
            "type": "prebuilt",
            "display_name": name,
            "description": f"The prebuilt voice {name}.",
            "language_code": "en-US",
        }
        for name in VOICES
    ]
    library = [
        {
            "id": voice,
            "type": "prebuilt",
            "display_name": f"{base} {CONTEXTS[n % len(CONTEXTS)]}",
            "description": f"A voice of the library that sounds as {base}.",
            "context": CONTEXTS[n % len(CONTEXTS)],
            "language_code": ACCENTS[n % len(ACCENTS)],
        }
        for n, (voice, base) in enumerate(LIBRARY.items())
    ]
    return prebuilt + library


class VoiceHandler:
    """The list in pages, and one voice."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def list(self, request: Request) -> Response:
        return self._answer(request, None)

    async def get(self, request: Request) -> Response:
        return self._answer(request, request.path_params["id"])

    def _answer(self, request: Request, name: str | None) -> Response:
        entry = self._emulator.log.begin("GET", request.url.path, None)
        try:
            response = self._emulator.send(_page(request) if name is None else _one(request, name))
        except Refused as refused:
            response = self._emulator.send_error(refused.error)
        entry.status = response.status_code
        return response


def _check(request: Request) -> None:
    check_key(request)
    if request.path_params["version"] != "v1beta":
        raise Refused(rpc_errors.path_not_found())


def _one(request: Request, name: str) -> dict[str, Any]:
    _check(request)
    found = next((voice for voice in listed() if voice["id"] == name), None)
    if found is None:
        raise errors.missing(f"Voice '{name}'")
    return found


def _page(request: Request) -> dict[str, Any]:
    _check(request)
    try:
        size = int(request.query_params.get("page_size") or PAGE)
        token = request.query_params.get("page_token")
        start = int(base64.urlsafe_b64decode(token).decode()) if token else 0
    except (ValueError, binascii.Error) as problem:
        raise errors.invalid("Invalid page size or page token.") from problem
    voices = listed()
    end = start + max(1, min(size, LARGEST_PAGE))
    body: dict[str, Any] = {"voices": voices[start:end]}
    if end < len(voices):
        body["next_page_token"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return body
