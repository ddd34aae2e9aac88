"""How a server ends: streams at once, actors in their time, and reading goes on meanwhile."""

import functools
import signal
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings

pytestmark = pytest.mark.slow

PATIENCE_S = 20


class Crew:
    """Actors that have a call in flight until the test lets it end."""

    def __init__(self) -> None:
        self.asked_to_stop = threading.Event()
        self.call_ended = threading.Event()

    def start(self) -> None:
        """They are there already."""

    def stop(self) -> None:
        self.asked_to_stop.set()
        assert self.call_ended.wait(PATIENCE_S)

    def status(self) -> dict[str, Any]:
        return {"state": "ready"}


class InThread(Server):
    """Signals belong to the main thread, and so to pytest; tests give them by hand."""

    def install_signal_handlers(self) -> None:
        return


class Running:
    def __init__(self, folder: Path, crew: Crew | None) -> None:
        settings = load_settings({}, folder / "none.env", DATA_DIR=folder / "data", PORT=0)
        catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
        system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
        system.actors = crew
        self.crew = crew
        ready = threading.Event()
        self.server = InThread(build_app(system), settings, on_ready=lambda _: ready.set())
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert ready.wait(PATIENCE_S)
        self.http = httpx.Client(base_url=self.server.address(), trust_env=False, timeout=PATIENCE_S)

    def signal(self) -> None:
        self.server.handle_exit(signal.SIGTERM, None)

    def has_ended(self) -> bool:
        self.thread.join(PATIENCE_S)
        return not self.thread.is_alive()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path, Crew())
    yield running
    assert running.crew is not None
    running.crew.call_ended.set()
    running.server.should_exit = True
    running.http.close()
    assert running.has_ended()


def test_while_calls_end_the_server_takes_no_job_says_so_and_can_be_read(running: Running) -> None:
    job = running.http.post("/v1/jobs", json={"script": "Before."}).json()
    running.signal()
    assert running.crew is not None
    assert running.crew.asked_to_stop.wait(PATIENCE_S)
    told = running.http.get("/readyz")
    assert told.status_code == 503
    assert told.json()["reasons"] == ["the server is ending"]
    refused = running.http.post("/v1/jobs", json={"script": "Too late."})
    assert (refused.status_code, refused.json()["code"]) == (503, "draining")
    assert int(refused.headers["retry-after"]) > 0
    assert running.http.get(f"/v1/jobs/{job['id']}").status_code == 200
    assert running.http.get("/healthz").status_code == 200
    running.crew.call_ended.set()
    assert running.has_ended()


def test_streams_do_not_wait_for_the_actors(running: Running) -> None:
    job = running.http.post("/v1/jobs", json={"script": "Watched."}).json()
    with running.http.stream("GET", f"{job['links']['events']}?stream=1") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        running.signal()
        assert list(lines)[-2:] == ["retry: 1000", ""]
    assert running.crew is not None
    assert not running.crew.call_ended.is_set()


def test_a_second_signal_does_not_wait(running: Running) -> None:
    running.signal()
    assert running.crew is not None
    assert running.crew.asked_to_stop.wait(PATIENCE_S)
    running.signal()
    assert running.server.should_exit


def test_without_actors_the_first_signal_ends_it(tmp_path: Path) -> None:
    running = Running(tmp_path, None)
    running.signal()
    assert running.has_ended()
    running.http.close()
