"""Handles one call to the Gemini API: key, model, fields, faults, latency, answer, in that order."""

import asyncio
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as version_of
from typing import Any
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from actors.emulator import errors, http_faults, proto_json
from actors.emulator.answers import Made, make, new_response_id, prompt_tokens
from actors.emulator.errors import GoogleError, Refused
from actors.emulator.faults import BadFault, Fault, FaultScript, from_direction
from actors.emulator.faults import Request as Asked
from actors.emulator.film_faults import FilmFaults, FilmMemory
from actors.emulator.generate_request import GenerateRequest, check, find_model
from actors.emulator.like_google import Behaviour, LikeGoogle, Temper
from actors.emulator.models import Model
from actors.emulator.request_log import Entry, RequestLog, without_bulk
from actors.emulator.writing import prompt_parser
from actors.emulator.writing.motion import MOTION_FIELDS

VERSION = version_of("reelog")
LARGEST_BODY = 32 * 1024 * 1024
HEADERS = {
    "content-type": "application/json; charset=UTF-8",
    "vary": "Origin, Referer, X-Origin",
    "server": "scaffolding on HTTPServer2",
    "x-xss-protection": "0",
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "x-reelog-emulator": VERSION,
}
INTEGER_ENUMS = "enum-encoding=int"
DERIVED = {"Storyboard", "AudioPlan"}
"""Documents that are made from an analysis."""


@dataclass(frozen=True)
class _Struck:
    """The fault that strikes a request, if any, and the film that it belongs to, if it is known."""

    fault: Fault | None
    film: FilmFaults | None


class Emulator:
    """The state behind the routes: the log, the scripted faults, and what was written before."""

    def __init__(
        self,
        *,
        latency: tuple[float, float],
        faults: tuple[Fault, ...],
        seed: int,
        pool: ThreadPoolExecutor,
        like_google: LikeGoogle | None = None,
    ) -> None:
        self.log = RequestLog()
        self.script = FaultScript(faults)
        self._memory = FilmMemory()
        self._latency = latency
        self.seed = seed
        self._random = random.Random(seed)
        self._pool = pool
        self._temper = Temper(like_google, seed) if like_google else None
        self._limits = FaultScript(self._temper.limits() if self._temper else ())
        self._began = time.monotonic()

    async def generate(self, request: Request, version: str, name: str) -> Response:
        """``:generateContent``."""
        entry = self.log.begin("POST", request.url.path, name)
        started = time.monotonic()
        try:
            response = await self._generate(request, version, name, entry)
        except Refused as refused:
            response = self._send(refused.error.body, refused.error.http, started)
        except ClientDisconnect:
            entry.status = 0
            raise
        entry.status = response.status_code
        return response

    async def _generate(self, request: Request, version: str, name: str, entry: Entry) -> Response:
        started = time.monotonic()
        key = check_key(request)
        body = await read_body(request)
        entry.body = without_bulk(body)
        model = find_model(name, version, "generateContent")
        ask = GenerateRequest(model, proto_json.read("GenerateContentRequest", body))
        check(ask)
        struck = self._fault_for(ask)
        behaviour = self._behaviour(ask, struck)
        fault = behaviour.failure
        entry.fault = fault.fault if fault else None
        await asyncio.sleep(self._random.uniform(*self._latency))
        if fault:
            if fault.fault in {"hang", "delay"}:
                await asyncio.sleep(fault.lasts())
            if fault.fault in {"disconnect", "hang"}:
                return Cut(request, entry, before_headers=True)
            if fault.fault == "disconnect_after_headers":
                return Cut(request, entry, before_headers=False)
            if error := http_faults.answer(fault, model, version, key):
                await asyncio.sleep(self._temper.refusal_seconds() if self._temper else 0)
                return self._send(error.body, error.http, started)
            if fault.fault == "empty_body":
                return Response(b"", 200, headers=HEADERS)
            if fault.fault == "not_json":
                return Response(
                    "<!DOCTYPE html><html><body>502. That’s an error.</body></html>",
                    200,
                    headers=HEADERS | {"content-type": "text/html; charset=UTF-8"},
                )
        loop = asyncio.get_running_loop()
        response_id = new_response_id(self._random)
        faults = (*behaviour.flaws, fault) if fault else behaviour.flaws
        making = partial(make, ask, faults, self.seed, response_id, like_google=self._temper is not None)
        made = await loop.run_in_executor(self._pool, making)
        self._learn(made, struck.film)
        if self._temper:
            usage = made.body["usageMetadata"]
            output = usage["totalTokenCount"] - usage["promptTokenCount"]
            takes = self._temper.answer_seconds(model, output, behaviour.luck)
            await asyncio.sleep(max(0.0, takes - (time.monotonic() - started)))
        answer = (
            proto_json.with_integer_enums(made.body)
            if INTEGER_ENUMS in unquote(request.url.query)
            else made.body
        )
        return self._send(answer, 200, started)

    async def count_tokens(self, request: Request, version: str, name: str) -> Response:
        """``:countTokens``."""
        entry = self.log.begin("POST", request.url.path, name)
        started = time.monotonic()
        try:
            check_key(request)
            body = await read_body(request)
            entry.body = without_bulk(body)
            model = find_model(name, version, "countTokens")
            read = proto_json.read("CountTokensRequest", body)
            ask = GenerateRequest(model, read.get("generateContentRequest") or read)
            total = sum(each["tokenCount"] for each in prompt_tokens(ask))
            response = self._send({"totalTokens": total}, 200, started)
        except Refused as refused:
            response = self._send(refused.error.body, refused.error.http, started)
        entry.status = response.status_code
        return response

    def send_error(self, error: GoogleError) -> Response:
        return self._send(error.body, error.http, time.monotonic())

    def send(self, body: Any) -> Response:
        return self._send(body, 200, time.monotonic())

    @property
    def pace(self) -> float:
        """How fast the clock of Google's ways goes; 0 where they are not asked for."""
        return self._temper.settings.pace if self._temper else 0.0

    def answer_seconds(self, model: Model, luck: float) -> float:
        """How long an interaction takes."""
        waits = self._random.uniform(*self._latency)
        return waits + (self._temper.answer_seconds(model, 0, luck) if self._temper else 0.0)

    def met_by(self, model: Model, text: str, directions: list[str], body: Any) -> Behaviour:
        """What an interaction meets: a film's own directions, then the server's, then the model's ways."""
        known = self._memory.scene(text, prompt_parser.without_directions(text).strip())
        film = known[0] if known else None
        if film is None and directions:
            film = self._directed(text, directions, opening=False)
        asked = Asked(kind=model.kind, model=model.name, text=text, scene=known[1] if known else None)
        fault = (film.script.strike(asked) if film else None) or self.script.strike(asked)
        return self._meets(model, fault, body)

    def _fault_for(self, ask: GenerateRequest) -> _Struck:
        """Whether a fault strikes: one of the film's own directions first, then the server's."""
        analysis = prompt_parser.read(ask.raw_text).analysis if ask.document in DERIVED else None
        opening = (analysis or {}).get("scenes", [])[:1]
        spoken = [words for scene in opening for words in prompt_parser.words_of_scene(scene)]
        known = None if ask.document == "ScriptAnalysis" else self._memory.scene(*spoken, ask.text.strip())
        asked = Asked(
            kind=ask.model.kind,
            model=ask.model.name,
            text=ask.raw_text,
            document=ask.document,
            scene=known[1] if known and not analysis else None,
        )
        film = known[0] if known else None
        if film is None and (ask.directions or ask.document == "ScriptAnalysis" or ask.document in DERIVED):
            film = self._film(ask)
        if film is not None:
            film.under_way = film.under_way or ask.document != "ScriptAnalysis"
            if struck := film.script.strike(asked):
                return _Struck(struck, film)
        return _Struck(self.script.strike(asked), film)

    def _behaviour(self, ask: GenerateRequest, struck: _Struck) -> Behaviour:
        """What meets this request: what was scripted before what the model does by itself."""
        return self._meets(ask.model, struck.fault, ask.body)

    def _meets(self, model: Model, fault: Fault | None, body: Any) -> Behaviour:
        if self._temper is None:
            return Behaviour(fault, (), 0.0)
        limit = self._limits.strike(Asked(kind=model.kind, model=model.name, text=""))
        if fault or limit:
            return Behaviour(fault or limit, (), 0.0)
        if self._temper.overloaded(model, time.monotonic() - self._began):
            return Behaviour(Fault(fault="503_spell"), (), 0.0)
        return self._temper.behave(model, json.dumps(body, sort_keys=True))

    def _film(self, ask: GenerateRequest) -> FilmFaults:
        opening = ask.document == "ScriptAnalysis"
        return self._directed(ask.raw_text, ask.directions, opening=opening)

    def _directed(self, text: str, directions: list[str], *, opening: bool) -> FilmFaults:
        try:
            faults = tuple(from_direction(words) for words in directions)
        except BadFault as problem:
            raise Refused(errors.invalid(str(problem))) from problem
        return self._memory.film(text, faults, opening=opening)

    def _learn(self, made: Made, film: FilmFaults | None) -> None:
        if made.document is None or film is None:
            return
        scenes = made.document.get("scenes") or made.document.get("frames") or []
        for field in ("narration", "prompt", "shown", *MOTION_FIELDS):
            told = [(s.get("scene", n), s[field]) for n, s in enumerate(scenes, start=1) if s.get(field)]
            self._memory.learn(film, told)

    def _send(self, body: Any, status: int, started: float) -> Response:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        spent = round((time.monotonic() - started) * 1000)
        headers = HEADERS | {"server-timing": f"gfet4t7; dur={spent}"}
        if status in {200, 429}:
            headers["x-gemini-service-tier"] = "standard"
        return Response(content, status, headers=headers)


def check_key(request: Request) -> str:
    """The caller's key; raises Refused without one, or with the word ``invalid`` for one."""
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key")
    if not key:
        raise Refused(errors.key_missing())
    if key == "invalid":
        raise Refused(errors.key_invalid())
    return key


async def read_body(request: Request) -> Any:
    """The JSON body; raises Refused when it is too large or no JSON object."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Refused(errors.invalid(f"Request payload size exceeds the limit: {LARGEST_BODY} bytes."))
        chunks.append(chunk)
    try:
        body = json.loads(b"".join(chunks) or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise Refused(errors.invalid(f"Invalid JSON payload received. {problem}")) from problem
    if not isinstance(body, dict):
        raise Refused(errors.invalid("Invalid JSON payload received. Root must be an object."))
    return body


class Cut(Response):
    """Cuts the connection: before anything was sent, or in the middle of the body."""

    def __init__(self, request: Request, entry: Entry, *, before_headers: bool) -> None:
        super().__init__(status_code=200)
        self._transport = request.scope.get("state", {}).get("transport")
        self._entry = entry
        self._before_headers = before_headers
        if self._transport is None:
            raise HTTPException(500, "only the emulator's own server can cut a connection")

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        if not self._before_headers:
            headers = [(b"content-type", b"application/json; charset=UTF-8"), (b"content-length", b"100000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b'{"candidates": [', "more_body": True})
        self._entry.status = 0
        self._transport.close() if not self._before_headers else self._transport.abort()
        # The protocol learns of the cut in the loop's next turns; only then may this return.
        await asyncio.sleep(0.01)
