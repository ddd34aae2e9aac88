"""The sides of the bench of streams, in processes of their own: ``python -m tests.bench.sse_servers ROLE``.

A source answers ``GO n bytes`` on stdin with the stamps of n events, by number: when each began to be sent.
"""

import asyncio
import contextlib
import functools
import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psutil
import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.job import Job
from domain.store import Studio, open_event_store
from domain.submission import Models, Options

REPOSITORY = Path(__file__).parent.parent.parent
RATE = 20
NGINX = """
load_module {modules}/ngx_nchan_module.so;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location = /publish {{ nchan_publisher; nchan_channel_id bench; }}
    location = /events {{
      nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest;
    }}
  }}
}}
"""


# ---- ours: a server, and a writer that appends as actors do --------------------------------------------


def serve_ours(folder: str) -> None:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=functools.partial(print, flush=True)).run()


def write(folder: str) -> None:
    studio = Studio(open_event_store(f"sqlite:///{folder}/events.sqlite3"))

    def append(_: int, __: int) -> int:
        _, saved = studio.submit(_job())
        assert saved.position is not None
        return saved.position

    _send_when_asked("ready", append)


def _job() -> Job:
    return Job.submit(
        uuid4(),
        now=datetime.now(UTC),
        script="A boat sets out.",
        models=Models().model_dump(exclude_none=True),
        options=Options().model_dump(mode="json"),
        provider="emulator",
        weights={"seconds": {}, "scenes": 1, "measured": False},
    )


def _send_when_asked(first_line: str, send: Callable[[int, int], int]) -> None:
    """``send(number, bytes)`` sends one event and gives its number."""
    print(first_line, flush=True)  # noqa: T201 - this process speaks through its output
    number = 0
    while line := sys.stdin.readline():
        _, count, size = line.split()
        stamps: dict[int, int] = {}
        for _ in range(int(count)):
            number += 1
            begun = time.monotonic_ns()
            stamps[send(number, int(size))] = begun
            time.sleep(1 / RATE)
        print(json.dumps(stamps), flush=True)  # noqa: T201 - as above


# ---- the floor: a broadcast of the same bytes from its own loop ------------------------------------------


def serve_floor() -> None:
    """Server and source in one; without a store, a projection, or any other process."""
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
        number = 0
        while line := await asyncio.to_thread(sys.stdin.readline):
            _, count, size = line.split()
            stamps: dict[int, int] = {}
            for _ in range(int(count)):
                number += 1
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

    app = Starlette(routes=[Route("/events", stream)])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, backlog=2048)
    Announcing(config).run()


# ---- the reference: nginx with nchan, and a publisher ----------------------------------------------------


def nchan_modules() -> str | None:
    """The folder of nginx's modules, where nginx and nchan are installed."""
    nginx = shutil.which("nginx")
    if nginx is None:
        return None
    said = subprocess.run([nginx, "-V"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"--modules-path=(\S+)", said)
    return found[1] if found and (Path(found[1]) / "ngx_nchan_module.so").is_file() else None


def publish_to_nchan(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))

    def post(number: int, size: int) -> int:
        # What the subscriber gets besides: the id that nchan gives, and two field names.
        body = f"{number} ".encode().ljust(max(1, size - 32), b"x")
        connection.request("POST", "/publish", body)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (201, 202), answer.status
        return number

    _send_when_asked("ready", post)


@contextlib.contextmanager
def nginx(folder: str, modules: str) -> Iterator["Process"]:
    """An nginx of our own on a free loopback port, ended in any case."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = Path(folder) / "nginx.conf"
    config.write_text(NGINX.format(modules=modules, folder=folder, port=port), encoding="utf-8")
    command = ["nginx", "-p", folder, "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait_until_open(port, process)
            yield Process(process, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_open(port: int, process: "subprocess.Popen[str]") -> None:
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read())
        time.sleep(0.02)


# ---- running them ----------------------------------------------------------------------------------------


class Process:
    """One of the processes of a side; ``first_line`` is what it said when it was ready."""

    def __init__(self, process: "subprocess.Popen[str]", first_line: str) -> None:
        self.first_line = first_line
        self._process = process
        self._measured = psutil.Process(process.pid)

    def cpu_s(self) -> float:
        times = self._measured.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        return float(self._measured.memory_info().rss / 1e6)

    def ask(self, text: str) -> dict[int, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return {int(key): stamp for key, stamp in json.loads(self._process.stdout.readline()).items()}


@contextlib.contextmanager
def role(*arguments: str) -> Iterator[Process]:
    """One of the roles of this module, which answers in lines."""
    command = [sys.executable, "-m", "tests.bench.sse_servers", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=REPOSITORY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Process(process, process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ours", folder]:
            serve_ours(folder)
        case ["writer", folder]:
            write(folder)
        case ["floor"]:
            serve_floor()
        case ["publisher", url]:
            publish_to_nchan(url)
