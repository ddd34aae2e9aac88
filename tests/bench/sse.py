"""From the append of an event to its receipt by every client, beside a bare broadcast of the same bytes.

Ours: another process appends to the event store, as actors do; the projector folds it, the server streams it.
The floor: an sse-starlette server that sends the same number of bytes to every client from its own loop,
without a store or a projection. Clients are plain sockets in this process, so both sides share its costs.
``CLOCK_MONOTONIC`` is one clock for all processes of a machine, so stamps can be compared.
"""

import asyncio
import contextlib
import functools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from actors.gemini.catalogue import Catalogue
from api.app import build_app
from api.composition import open_system
from api.models import ModelDirectory
from api.server import Server
from api.settings import load_settings
from domain.event_store import open_event_store
from domain.job import Job
from domain.studio import Studio
from domain.submission import Models, Options
from tests.bench.report import Bench, Row

REPOSITORY = Path(__file__).parent.parent.parent
RATE = 20
WARM_UP_S = 1.0
PATIENCE_S = 30.0
PATHS = {"ours": "/v1/events?stream=1", "floor": "/"}


# ---- the two servers, and the writer: processes of their own -------------------------------------------


def _serve_ours(folder: str) -> None:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=functools.partial(print, flush=True)).run()


def _serve_floor() -> None:
    """``GO n bytes`` on stdin broadcasts n events of that size; the stamps of all come back on one line."""
    queues: set[asyncio.Queue[bytes]] = set()

    async def stream(_: Request) -> EventSourceResponse:
        queue: asyncio.Queue[bytes] = asyncio.Queue()

        async def frames() -> AsyncIterator[bytes]:
            queues.add(queue)
            try:
                yield b"retry: 2000\n\n"
                while True:
                    yield await queue.get()
            finally:
                queues.discard(queue)

        return EventSourceResponse(frames(), sep="\n", send_timeout=20)

    async def publish() -> None:
        while line := await asyncio.to_thread(sys.stdin.readline):
            _, count, size = line.split()
            stamps: dict[int, int] = {}
            for number in range(1, int(count) + 1):
                head = f"id: {number}\nevent: job.submitted\ndata: ".encode()
                frame = head.ljust(int(size) - 2, b"x") + b"\n\n"
                stamps[number] = time.monotonic_ns()
                for queue in queues:
                    queue.put_nowait(frame)
                await asyncio.sleep(1 / RATE)
            print(json.dumps(stamps), flush=True)  # noqa: T201 - this process speaks through its output

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:  # noqa: ARG002 - the library's signature
            await super().startup()
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"http://127.0.0.1:{port}", flush=True)  # noqa: T201 - as above
            self.publisher = asyncio.create_task(publish())

    app = Starlette(routes=[Route("/", stream)])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, backlog=2048)
    Announcing(config).run()


def _write(folder: str) -> None:
    """As the floor's publisher, into the event store."""
    store = open_event_store(f"sqlite:///{folder}/events.sqlite3")
    studio = Studio(store)
    print("ready", flush=True)  # noqa: T201 - this process speaks through its output
    while line := sys.stdin.readline():
        stamps: dict[int, int] = {}
        for _ in range(int(line.split()[1])):
            job = _job()
            begun = time.monotonic_ns()
            _, saved = studio.submit(job)
            assert saved.position is not None
            stamps[saved.position] = begun
            time.sleep(1 / RATE)
        print(json.dumps(stamps), flush=True)  # noqa: T201 - as above


def _job() -> Job:
    return Job.submit(
        uuid4(),
        now=datetime.now(UTC),
        script="A boat sets out.",
        models=Models().model_dump(),
        options=Options().model_dump(mode="json"),
        provider="emulator",
        weights={"seconds": {}, "scenes": 1, "measured": False},
    )


# ---- the clients ---------------------------------------------------------------------------------------


class Client:
    """One stream, read as bytes; remembers when it received which id."""

    def __init__(self) -> None:
        self.received: dict[int, int] = {}
        self.frame_bytes = 0

    async def open(self, url: str, path: str) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        await self._reader.readuntil(b"retry: ")
        self._task = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await self._task
        self._writer.close()

    async def _read(self) -> None:
        held = b""
        while chunk := await self._reader.read(65536):
            now = time.monotonic_ns()
            *frames, held = (held + chunk).split(b"\n\n")
            for frame in frames:
                _, found, rest = frame.partition(b"id: ")
                if found:
                    self.received[int(rest.partition(b"\n")[0])] = now
                    self.frame_bytes = len(found) + len(rest) + 2


class Process:
    """One of the roles of this module, which answers in lines."""

    def __init__(self, *role: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.sse", *role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        self.first_line = self.line()

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, text: str) -> dict[int, int]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return {int(key): stamp for key, stamp in json.loads(self.line()).items()}

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def _process(*role: str) -> Iterator[Process]:
    process = Process(*role)
    try:
        yield process
    finally:
        process.end()


async def _round(url: str, path: str, source: Process, clients: int, seconds: float) -> "Measured":
    """Open so many streams, have events sent, and wait until every client has every one."""
    readers = [Client() for _ in range(clients)]
    for at in range(0, clients, 100):
        await asyncio.gather(*(reader.open(url, path) for reader in readers[at : at + 100]))
    try:
        await asyncio.to_thread(source.ask, f"GO {int(WARM_UP_S * RATE)} {Measured.frame_bytes}")
        stamps = await asyncio.to_thread(source.ask, f"GO {int(seconds * RATE)} {Measured.frame_bytes}")
        last = max(stamps)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while any(last not in reader.received for reader in readers):  # noqa: ASYNC110 - many clients
                    await asyncio.sleep(0.05)
    finally:
        await asyncio.gather(*(reader.close() for reader in readers))
    late = sorted(
        (reader.received[key] - stamp) / 1e6
        for reader in readers
        for key, stamp in stamps.items()
        if key in reader.received
    )
    return Measured(late, expected=clients * len(stamps), size=readers[0].frame_bytes)


class Measured:
    """Milliseconds from append to receipt, in order, of one round."""

    frame_bytes = 1000
    """What the floor sends; set to what ours sends as soon as that is known."""

    def __init__(self, late_ms: list[float], expected: int, size: int) -> None:
        self.late_ms = late_ms
        self.delivered = len(late_ms) / expected
        self.size = size

    def at(self, share: float) -> float:
        return self.late_ms[min(len(self.late_ms) - 1, int(len(self.late_ms) * share))]


def measure(quick: bool) -> Sequence[Row]:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    rows = []
    for clients in (1, 100) if quick else (1, 100, 500, 1000):
        # Fresh processes for each size: nobody starts with what another round left behind.
        with (
            tempfile.TemporaryDirectory() as folder,
            _process("ours", folder) as server,
            _process("writer", folder) as writer,
            _process("floor") as floor,
        ):
            seconds = 2.0 if quick else 10.0
            ours = asyncio.run(_round(server.first_line, PATHS["ours"], writer, clients, seconds))
            Measured.frame_bytes = ours.size
            other = asyncio.run(_round(floor.first_line, PATHS["floor"], floor, clients, seconds))
        note = f"received {ours.delivered:.1%} of ours, {other.delivered:.1%} of theirs; {ours.size} bytes"
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            rows.append(Row(f"{clients} clients, {name}", ours.at(share), other.at(share), "ms", note))
    return rows


BENCH = Bench(
    "sse",
    f"from the append of an event to its receipt by every client, {RATE} events a second",
    ("Reelog", "bare broadcast"),
    measure,
)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ours", folder]:
            _serve_ours(folder)
        case ["writer", folder]:
            _write(folder)
        case ["floor"]:
            _serve_floor()
