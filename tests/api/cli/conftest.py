"""Commands as a person types them, in a folder of the test's own and with none of this machine's settings."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from api.cli.main import main
from api.composition import System, open_system
from api.settings import load_settings
from tests.projections.filming import Filming

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("REELOG_", "GEMINI_", "GOOGLE_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Commands decide where log lines go, for a process of their own."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers[:], root.level = before


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="reelog")

    return invoke


@dataclass
class Floor:
    """The store in the current folder's ``reelog-data``; ``filming`` does what the actors would."""

    system: System
    filming: Filming

    def settle(self) -> None:
        assert self.system.readers.wait_for(self.system.log.head(), 10)


@pytest.fixture
def floor() -> Iterator[Floor]:
    system = open_system(load_settings(), provider="emulator")
    system.projector.start()
    yield Floor(system, Filming(system.store, system.blobs))
    system.close()


# ---- a server whose every answer a test writes -------------------------------------------------------


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    location: str = ""
    truncated: bool = False
    """It ends before all that it promised was sent."""


@dataclass
class Scripted:
    """Gives the answers of each path in turn, the last one for ever; remembers what it was asked."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    def answer(self, path: str, body: Any = None, status: int = 200, **more: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.setdefault(path, []).append(Answer(status, data, **more))

    def stream(self, path: str, *frames: str) -> None:
        self.answer(path, "".join(frames).encode(), content_type="text/event-stream")

    def take(self, path: str) -> Answer:
        waiting = self.answers.get(path.partition("?")[0], [Answer(404, b"no such thing")])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = self.rfile.read(length)
            body = json.loads(sent) if "json" in self.headers.get("Content-Type", "") else None
            script.asked.append((self.command, self.path, dict(self.headers), body))
            answer = script.take(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            if answer.location:
                self.send_header("Location", answer.location)
            if answer.truncated:
                self.send_header("Content-Length", str(len(answer.body) + 1))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def event(position: int, type_: str = "job.stage_started", **changes: Any) -> dict[str, Any]:
    return {
        "position": position, "type": type_, "job_id": "x", "run": 1, "stage": None, "asset": None,
        "occurred_at": "2026-11-22T10:00:02.500Z", "causation": None, "message": f"Event {position}",
        "progress": 0.5, "eta_s": None, "data": {},
    } | changes  # fmt: skip


def frame(told: dict[str, Any]) -> str:
    return f"id: {told['position']}\nevent: {told['type']}\ndata: {json.dumps(told)}\n\n"


PREVIEW = {
    "dry_run": True, "reused": ["analysis"], "redone": ["image:1", "video"],
    "cost": {"usd": 0.1, "at_most_usd": 0.2, "unpriced": 0},
}  # fmt: skip
"""What a server tells of a run before it begins it."""

END = 'event: end\ndata: {"ended":true}\n\n'


def plain(result: Result) -> str:
    return click.unstyle(result.stderr)
