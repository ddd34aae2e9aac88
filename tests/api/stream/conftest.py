"""A server in a process of its own, films made beside it, and a way to read its streams."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from domain.store import open_event_store
from tests.projections.filming import Filming

ROOT = Path(__file__).parents[3]


@dataclass
class Running:
    url: str
    process: "subprocess.Popen[str]"
    folder: Path

    def stop(self) -> str:
        """End it as a supervisor would; gives what it printed."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20)
        return out


def serve(folder: Path, *more: str) -> Running:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.serving", str(folder), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://"), url + process.stdout.read()
    return Running(url, process, folder)


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A parameter says how many seconds it waits for a reader that takes nothing."""
    running = serve(tmp_path, *([str(request.param)] if hasattr(request, "param") else []))
    yield running
    running.process.kill()
    running.process.communicate()


@pytest.fixture
def filming(server: Running) -> Iterator[Filming]:
    """Writes into the server's store from this process, as actors do."""
    store = open_event_store(f"sqlite:///{server.folder}/events.sqlite3")
    filming = Filming(store)
    yield filming
    filming.studio.close()
    store.close()


@contextmanager
def made_meanwhile(filming: Filming, job_id: UUID) -> Iterator[None]:
    """Make the film in a thread that ends before the block does: what it writes to is closed after that."""
    maker = Thread(target=filming.finish, args=(job_id,))
    maker.start()
    try:
        yield
    finally:
        maker.join()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, trust_env=False) as client:
        yield client


def read(
    http: httpx.Client, url: str, *, most: int | None = None, last: str | None = None
) -> list[ServerSentEvent]:
    """The events of a stream until it ends, or ``most`` of them."""
    headers = {"Last-Event-ID": last} if last else {}
    found: list[ServerSentEvent] = []
    with connect_sse(http, "GET", url, headers=headers) as source:
        for event in source.iter_sse():
            if event.event == "log" or (event.event == "message" and not event.data):
                continue
            found.append(event)
            if most is not None and len(found) >= most:
                break
    return found


def positions(events: list[ServerSentEvent]) -> list[int]:
    return [int(event.id) for event in events if event.event != "end"]


def events_url(server: Running, job_id: UUID) -> str:
    """Where the job's events are, once the server has heard of the job from the log."""
    job = f"{server.url}/v1/jobs/{job_id}"
    for _ in range(500):
        if httpx.get(job, trust_env=False).status_code == 200:
            return f"{job}/events"
    raise AssertionError(f"{job} never appears")


def page(http: httpx.Client, url: str) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = http.get(f"{url}?limit=1000").json()["data"]
    return data
