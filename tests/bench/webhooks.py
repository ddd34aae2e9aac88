"""Webhooks to 50 endpoints, one of which hangs, beside the same with none that hangs.

A server of ours in a thread and the endpoints as one plain server in another process, told apart by path, so
that both sides share its costs; the rounds alternate. Measured is from the end of a film to its receipt at
each endpoint that answers.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from actors.gemini.catalogue import Catalogue
from api.cases.webhooks import EndpointRequest, change_endpoint, create_endpoint
from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.bench.report import Bench, Row
from tests.projections.filming import Filming

ENDPOINTS = 50
FILMS = 20
ROUNDS = 3
EVENT = "job.completed"
NO_FILE = Path("/nonexistent.env")


def serve() -> None:
    """The endpoints: each receipt is a line (film, path, clock); ``/hang`` never answers."""
    import asyncio  # noqa: PLC0415 - of the other process

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines() if ": " in line)
        body = await reader.readexactly(int(fields["content-length"]))
        path = head.split(" ", 2)[1]
        if path == "/hang":
            await reader.read()  # until whoever waits gives up
        else:
            say(f"{json.loads(body)['data']['id']} {path} {time.monotonic_ns()}")
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        say(str(server.sockets[0].getsockname()[1]))
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def system(folder: Path) -> Iterator[System]:
    environ = {"REELOG_WEBHOOK_NETWORKS": "127.0.0.1"}
    settings = load_settings(environ, NO_FILE, DATA_DIR=folder)
    catalogue = partial(Catalogue, None, date(2026, 11, 22))
    opened = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    opened.projector.start()
    opened.webhooks.start()
    try:
        yield opened
    finally:
        opened.webhooks.close()
        opened.projector.close()
        opened.studio.close()
        opened.database.close()
        opened.store.close()


def _round(opened: System, receipts: "_Receipts", films: int) -> list[float]:
    """From the end of each film to each receipt, in milliseconds; one film after the other."""
    filming, late = Filming(opened.store, opened.blobs), list[float]()
    for _ in range(films):
        job_id = filming.submit()
        filming.finish(job_id)
        ended = time.monotonic_ns()
        late += [max(0.0, (at - ended) / 1e6) for at in receipts.of(str(job_id), ENDPOINTS - 1)]
    return late


def _at(late: Sequence[float], share: float) -> float:
    return late[min(len(late) - 1, int(len(late) * share))]


def measure(quick: bool) -> Sequence[Row]:
    films, rounds = (5, 1) if quick else (FILMS, ROUNDS)
    command = [sys.executable, "-c", "from tests.bench.webhooks import serve; serve()"]
    found: dict[bool, list[float]] = {True: [], False: []}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoints,
        tempfile.TemporaryDirectory() as folder,
        system(Path(folder)) as opened,
    ):
        assert endpoints.stdout is not None
        receipts = _Receipts(endpoints.stdout)
        at = f"http://127.0.0.1:{endpoints.stdout.readline().strip()}"

        def add(path: str) -> UUID:
            return create_endpoint(opened, {"url": f"{at}/{path}", "events": [EVENT]})[0]

        for number in range(ENDPOINTS - 1):
            add(str(number))
        last: dict[bool, UUID] = {False: add("last"), True: add("hang")}
        try:
            for hanging in [False, True] * rounds:
                for kind, endpoint in last.items():
                    change_endpoint(opened, EndpointRequest(endpoint), {"enabled": kind is hanging})
                # Of the fiftieth that answers nothing is counted, so that both sides count as many.
                found[hanging] += _round(opened, receipts, films)
        finally:
            endpoints.terminate()
    note = f"{ENDPOINTS - 1} endpoints that answer, {films * rounds} films"
    ours, other = sorted(found[True]), sorted(found[False])
    return [
        Row("to an endpoint that answers, p50", _at(ours, 0.5), _at(other, 0.5), "ms", note, at_most=1.25),
        Row("to an endpoint that answers, p99", _at(ours, 0.99), _at(other, 0.99), "ms", note, at_most=1.25),
    ]


class _Receipts:
    """Those of the endpoints that answer on both sides."""

    def __init__(self, lines: Any) -> None:
        self._lines = lines

    def of(self, job: str, count: int) -> Iterator[int]:
        while count:
            line = self._lines.readline()
            if not line:
                raise RuntimeError("the endpoints have ended")
            told, path, at = line.split()
            if told == job and path != "/last":
                count -= 1
                yield int(at)


BENCH = Bench(
    "webhooks",
    f"from the end of a film to its receipt, by webhooks to {ENDPOINTS} endpoints",
    ("one of them hangs", "all of them answer"),
    measure,
)
