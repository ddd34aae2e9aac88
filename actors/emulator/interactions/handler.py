"""Accepts interactions, makes what they ask for, and answers for them until they are forgotten.

Work begins when a request is accepted and takes as long as the emulator's latency, or as the making where
that is longer. Creating (in the background), asking and cancelling answer at once; slow ones are faults.
"""

import asyncio
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from actors.emulator import http_faults
from actors.emulator.errors import GoogleError, Refused
from actors.emulator.faults import INTERACTION_FAULTS, SHOT_FAULTS, Fault
from actors.emulator.handler import HEADERS, Cut, Emulator, check_key, read_body
from actors.emulator.interactions import errors
from actors.emulator.interactions.files import FileHandler
from actors.emulator.interactions.interaction import OPEN, Interaction, InteractionStore, now
from actors.emulator.interactions.outcome import Outcome, make_outcome, usage
from actors.emulator.interactions.request import InteractionRequest, read
from actors.emulator.request_log import Entry, without_bulk

ENDS = {
    "interaction_failed": ("failed", "internal_error", "An internal error has occurred. Please retry."),
    "interaction_incomplete": ("incomplete", "max_tokens", "The output was cut off."),
    "budget_exceeded": ("budget_exceeded", "budget_exceeded", "The budget of the interaction is spent."),
    "blocked": ("failed", "prohibited_content", "The prompt was blocked by the content policy."),
    "interaction_cancelled": ("cancelled", "cancelled", "The interaction was cancelled."),
}
LATER = frozenset(
    {
        *INTERACTION_FAULTS,
        *SHOT_FAULTS,
        "text_only",
        "silent_audio",
        "short_audio",
        "blocked",
        "other_audio_type",
    }
)
"""Faults that show after the request was accepted."""
FILE_WAIT_S = 30.0
"""How long a file is PROCESSING at most where Google's ways are asked for."""
GARBAGE = "<!DOCTYPE html><html><body>502. That’s an error.</body></html>"


class InteractionHandler:
    """Create, look, cancel, delete."""

    def __init__(self, emulator: Emulator, pool: ThreadPoolExecutor) -> None:
        self._emulator = emulator
        self._pool = pool
        self._tasks: set[asyncio.Task[None]] = set()
        self.store = InteractionStore()
        self.files = FileHandler(emulator, self.store)

    async def create(self, request: Request) -> Response:
        entry = self._emulator.log.begin("POST", request.url.path, None)
        try:
            response = await self._create(request, entry)
        except Refused as refused:
            response = self._emulator.send_error(refused.error)
        except ClientDisconnect:
            entry.status = 0
            raise
        entry.status = response.status_code
        return response

    async def _create(self, request: Request, entry: Entry) -> Response:
        version = request.path_params["version"]
        key = check_key(request)
        body = await read_body(request)
        entry.body = without_bulk(body)
        entry.model = str(body.get("model") or "").removeprefix("models/") or None
        ask = read(body, version)
        met = self._emulator.met_by(ask.model, ask.raw_text, ask.directions, body)
        fault = met.failure
        entry.fault = fault.fault if fault else None
        later = fault if fault and fault.fault in LATER else None
        if fault and later is None:
            if fault.fault in {"hang", "delay"}:
                await asyncio.sleep(fault.lasts())
            if fault.fault in {"hang", "disconnect", "disconnect_after_headers"}:
                return Cut(request, entry, before_headers=fault.fault != "disconnect_after_headers")
            if fault.fault in {"empty_body", "not_json"}:
                return _raw(b"" if fault.fault == "empty_body" else GARBAGE.encode(), 200)
            if error := http_faults.answer(fault, ask.model, version, key):
                return self._emulator.send_error(_in_form(error, fault))
        interaction = self._accept(ask, later, [flaw.fault for flaw in met.flaws], met.luck, _base(request))
        if interaction.meets("accepted_lost"):
            return Cut(request, entry, before_headers=True)
        if not ask.background:
            # One that is being made goes on when its caller has left, and costs.
            await asyncio.shield(_until_ended(interaction))
        answer = interaction.public()
        if interaction.meets("accepted_without_id"):
            del answer["id"]
        return self._emulator.send(answer)

    def _accept(
        self, ask: InteractionRequest, fault: Fault | None, flaws: list[str], luck: float, base: str
    ) -> Interaction:
        # By chance alone: an emulator that is started again must not know the ids of the one before.
        name = secrets.token_urlsafe(48)
        interaction = Interaction(f"v1_{name}", ask, fault)
        self.store.add(interaction)
        interaction.work = asyncio.create_task(self._work(interaction, flaws, luck, base))
        self._tasks.add(interaction.work)
        interaction.work.add_done_callback(self._tasks.discard)
        return interaction

    async def _work(self, interaction: Interaction, flaws: list[str], luck: float, base: str) -> None:
        try:
            await self._make(interaction, flaws, luck, base)
        finally:
            self.store.settle(interaction)

    async def _make(self, interaction: Interaction, flaws: list[str], luck: float, base: str) -> None:
        ask, fault, began = interaction.ask, interaction.fault, time.monotonic()
        emulator = self._emulator
        takes = emulator.answer_seconds(ask.model, luck)
        if fault and fault.fault in ENDS:
            await asyncio.sleep(takes)
            status, code, message = ENDS[fault.fault]
            if status != "cancelled":
                interaction.errors = [{"code": code, "message": message}]
            interaction.usage = usage(ask, Outcome([], []))
            interaction.end(status)
            return
        if fault and fault.fault == "stays_in_progress":
            return
        faults = [*flaws, *([fault.fault] if fault else [])]
        try:
            outcome = await asyncio.get_running_loop().run_in_executor(
                self._pool, partial(make_outcome, ask, emulator.seed, faults)
            )
        except Exception as problem:  # noqa: BLE001 - whoever waits for the answer must learn of it
            interaction.errors = [
                {"code": "internal_error", "message": f"{type(problem).__name__}: {problem}"}
            ]
            interaction.end("failed")
            return
        await asyncio.sleep(max(0.0, takes - (time.monotonic() - began)))
        uri = self._stored(interaction, outcome, base, luck)
        interaction.steps, interaction.usage = outcome.steps(uri), usage(ask, outcome)
        interaction.end("completed")

    def _stored(self, interaction: Interaction, outcome: Outcome, base: str, luck: float) -> str | None:
        if outcome.file is None or interaction.status not in OPEN:
            return None
        waits = timedelta(seconds=luck * FILE_WAIT_S * self._emulator.pace)
        file = self.store.add_file(
            outcome.file, outcome.mime, outcome.seconds, now() + waits, interaction.fault
        )
        return f"{base}/v1beta/files/{file.id}:download?alt=media"

    async def get(self, request: Request) -> Response:
        return await self._at(request, self._look)

    async def cancel(self, request: Request) -> Response:
        return await self._at(request, self._cancel)

    async def delete(self, request: Request) -> Response:
        return await self._at(request, self._delete)

    async def _at(self, request: Request, act: Any) -> Response:
        entry = self._emulator.log.begin(request.method, request.url.path, None)
        name = request.path_params["id"]
        try:
            check_key(request)
            if request.path_params["version"] != "v1beta":
                raise errors.missing(f"Interaction '{name}'")
            interaction = self.store.find(name)
            if interaction is None:
                raise errors.missing(f"Interaction '{name}'")
            entry.model = interaction.ask.model.name
            response: Response = await act(request, entry, interaction)
        except Refused as refused:
            response = self._emulator.send_error(refused.error)
        entry.status = response.status_code
        return response

    async def _look(self, request: Request, entry: Entry, interaction: Interaction) -> Response:
        fault = interaction.fault
        if fault and fault.fault.startswith("poll_") and interaction.struck_at_look():
            entry.fault = fault.fault
            if fault.fault == "poll_slow":
                await asyncio.sleep(fault.lasts())
            elif fault.fault == "poll_cut":
                return Cut(request, entry, before_headers=True)
            elif fault.fault == "poll_garbage":
                return _raw(GARBAGE.encode(), 200)
            elif fault.fault == "poll_empty":
                return _raw(b"", 200)
            else:
                http = replace(fault, fault=fault.fault.removeprefix("poll_"))
                error = http_faults.answer(http, interaction.ask.model, "v1beta", "")
                if error is not None:
                    return self._emulator.send_error(_in_form(error, fault))
        with_input = request.query_params.get("include_input") == "true"
        return self._emulator.send(interaction.public(with_input=with_input))

    async def _cancel(self, _request: Request, _entry: Entry, interaction: Interaction) -> Response:
        if interaction.status in OPEN:
            interaction.cancel()
        return self._emulator.send(interaction.public())

    async def _delete(self, _request: Request, _entry: Entry, interaction: Interaction) -> Response:
        self.store.remove(interaction.id)
        return self._emulator.send({})


async def _until_ended(interaction: Interaction) -> None:
    if interaction.meets("stays_in_progress"):
        await asyncio.sleep(interaction.fault.lasts() if interaction.fault else 0)
    if interaction.work is not None:
        await asyncio.wait([interaction.work])


def _in_form(error: GoogleError, fault: Fault) -> GoogleError:
    return error if fault.rpc else errors.in_words(error)


def _raw(content: bytes, status: int) -> Response:
    return Response(content, status, headers=HEADERS | {"content-type": "text/html; charset=UTF-8"})


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
