"""Our commands in real processes, as their users start them: a server with Ray, and any that runs to its end.

Every process that a test starts it ends, by its own id and those of its children, also when it fails.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.emulating import Emulator

REPOSITORY = Path(__file__).parents[1]
REELOG = [sys.executable, "-m", "api"]
START_S = 120
FILM_S = 240

SHORT = "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk."
"""Two scenes. Every word takes half a second to speak, and so to draw and to encode."""
SMALL = {"quality": "low", "fps": 24, "max_scenes": 2}
UNTIL_KILLED = "[[fault: delay image_generation seconds=60]]"
"""In a script: the first call for a picture is in flight for as long as it takes to kill who made it, however
slow the machine is. Nobody waits for its end: a direction strikes once, so when the call is made again it is
answered at once. Whoever kills waits until the emulator draws, or it would strike then.
"""


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to each that is still there."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


_HOOK = """
import importlib.util, sys

class Hook:
    def find_spec(self, name, path, target=None):
        if name != "{MODULE}":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            exec(compile({CHANGE}, "{MODULE}, changed", "exec"), vars(module))

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Hook())
"""


def changed_module(folder: Path, module: str, change: str) -> dict[str, str]:
    """The environment in which a module of ours is loaded with this change, in every process of a crew."""
    folder.mkdir()
    hook = _HOOK.replace("{MODULE}", module).replace("{CHANGE}", repr(change))
    (folder / "sitecustomize.py").write_text(hook, encoding="utf-8")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{REPOSITORY}"}


class Process:
    """A command of ours that is running; its first line of output says where it serves."""

    def __init__(self, *arguments: str, folder: Path, environment: dict[str, str] | None = None) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("REELOG_", "GEMINI_", "GOOGLE_"))}
        self.errors = folder / f"{arguments[0]}.{time.monotonic_ns()}.log"
        with self.errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*REELOG, *arguments],
                cwd=folder,
                env={**clean, "PYTHONPATH": str(REPOSITORY), **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def first_line(self) -> dict[str, Any]:
        """What the command says when it is ready (``--json``); the next line where it is called again."""
        lines: list[bytes] = []
        assert self._process.stdout is not None
        reader = threading.Thread(target=lambda: lines.append(self._process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
        reader.start()
        reader.join(START_S)
        assert lines, f"nothing was said within {START_S} s: {self.told()}"
        assert lines[0], f"it ended: {self.told()}"
        said: dict[str, Any] = json.loads(lines[0])
        return said

    def told(self) -> str:
        return self.errors.read_text(errors="replace")[-3000:]

    def tree(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.pid)
        except psutil.NoSuchProcess:
            return []
        return [parent, *parent.children(recursive=True)]

    def kill_tree(self) -> None:
        """SIGKILL to the command and everything that it started, all at once."""
        tree = self.tree()
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        kill_all(tree)
        psutil.wait_procs(tree, timeout=30)
        self._process.wait(30)

    def stop(self) -> int:
        """SIGTERM, as an operator would; gives the exit code. What is left after a minute is killed."""
        tree = self.tree()
        if self.running():
            self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(60)
        finally:
            _, left = psutil.wait_procs(tree, timeout=5)
            kill_all(left)
            if self._process.stdout is not None:
                self._process.stdout.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(*arguments: str, **environment: str) -> Process:
        process = Process(*arguments, folder=tmp_path, environment=environment)
        started.append(process)
        return process

    yield begin
    for process in reversed(started):
        process.stop()


class Server:
    def __init__(self, process: Process, url: str) -> None:
        self.process = process
        self.http = httpx.Client(base_url=url, timeout=30)

    def submit(self, **changes: Any) -> dict[str, Any]:
        body = {"script": SHORT, "options": SMALL} | changes
        answer = self.http.post("/v1/jobs", json=body)
        assert answer.status_code == 201, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def job(self, job_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get(f"/v1/jobs/{job_id}").json()
        return answer

    def close(self) -> None:
        self.http.close()

    def follow(
        self, job_id: str, after: int | None = None, stop: Callable[[dict[str, Any]], bool] | None = None
    ) -> list[dict[str, Any]]:
        """Read the job's stream until its end, or until ``stop`` is true of an event."""
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        events: list[dict[str, Any]] = []
        timeout = httpx.Timeout(30, read=FILM_S)
        with self.http.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers, timeout=timeout) as stream:
            if stream.status_code == httpx.codes.NO_CONTENT:
                return events
            assert stream.status_code == httpx.codes.OK
            kind = ""
            for line in stream.iter_lines():
                if line.startswith("event:"):
                    kind = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    if kind == "end":
                        return events
                    if kind == "log":
                        continue
                    events.append(json.loads(line.removeprefix("data:")))
                    if stop is not None and stop(events[-1]):
                        return events
        return events


@pytest.fixture
def serve(start: Callable[..., Process]) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(emulator: Emulator, *options: str, **environment: str) -> Server:
        process = start(
            "serve",
            "--port",
            "0",
            "--json",
            *options,
            REELOG_GEMINI_BASE_URL=emulator.url,
            **environment,
        )
        servers.append(Server(process, process.first_line()["url"]))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of our commands to its end."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REELOG_", "GEMINI_", "GOOGLE_"))}
    return subprocess.run(
        [*REELOG, *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        timeout=FILM_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
