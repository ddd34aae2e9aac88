"""How long it takes until something happens: a film's first provider call, and the server's first answer.

The provider is the emulator in a process of its own, which notes when it was called; nothing has run before,
so every process that is needed starts in the time that is measured. Beside it, in turn, what Ray itself takes
on the same machine to start one actor that answers (`bare_ray.py`).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from tests.bench.report import Bench, Row, median_of
from tests.processes import REPOSITORY, SHORT, Process

ROUNDS, QUICK_ROUNDS = 5, 1
SHARE_S = 1.5
"""What Reelog may take besides Ray's own start; and the server until it answers."""
DEADLINE_S = 120.0
LOOK_S = 0.02


@contextmanager
def bare_ray() -> Iterator[tuple[float, list[psutil.Process]]]:
    """How long Ray took to start, and its processes, which end with the block."""
    command = [sys.executable, "-m", "tests.bench.bare_ray"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=REPOSITORY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            started: dict[str, Any] = json.loads(process.stdout.readline())
            own = psutil.Process(process.pid)
            yield started["start_s"], [own, *own.children(recursive=True)]
        finally:
            process.stdin.close()
            process.wait(DEADLINE_S)


@contextmanager
def running(folder: Path, *command: str, **environment: str) -> Iterator[Process]:
    """One of our commands, until the block ends."""
    process = Process(*command, folder=folder, environment=environment)
    try:
        yield process
    finally:
        process.stop()


def first_call(emulator: str) -> float:
    """When the emulator was asked for something for the first time, as soon as it is."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        asked = httpx.get(f"{emulator}/emulator/requests", trust_env=False).json()["data"]
        for call in asked:
            if call["path"].endswith(":generateContent"):
                return datetime.fromisoformat(call["at"]).timestamp()
        time.sleep(LOOK_S)
    raise TimeoutError("the emulator was not called")


def _film_s(folder: Path, emulator: str) -> tuple[float, float]:
    """Seconds from the command, and from its submission, to the first provider call."""
    httpx.delete(f"{emulator}/emulator/requests", trust_env=False).raise_for_status()
    (folder / "story.txt").write_text(SHORT, encoding="utf-8")
    begun = time.time()
    settings = {"REELOG_GEMINI_BASE_URL": emulator, "REELOG_DATA_DIR": str(folder / "data")}
    with running(folder, "make", "story.txt", "--json", "--quality", "low", **settings) as making:
        called = first_call(emulator)
    submitted = _submitted_at(making.told(), folder, settings)
    return called - begun, called - submitted


def _submitted_at(told: str, folder: Path, settings: dict[str, str]) -> float:
    """From the record, as it is told to anybody."""
    with_data = {**settings, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "api", "events", "latest", "--json"]
    events = subprocess.run(
        command, cwd=folder, env=with_data, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    ).stdout.splitlines()
    assert events, told
    return datetime.fromisoformat(json.loads(events[0])["occurred_at"]).timestamp()


def _server_s(folder: Path, emulator: str) -> float:
    """Seconds from the command to the first answer of the server that it starts, actors included."""
    begun = time.monotonic()
    settings = {"REELOG_GEMINI_BASE_URL": emulator, "REELOG_DATA_DIR": str(folder / "served")}
    with running(folder, "serve", "--port", "0", "--json", **settings) as serving:
        url = serving.first_line()["url"]
        httpx.get(f"{url}/healthz", trust_env=False).raise_for_status()
        return time.monotonic() - begun


def measure(quick: bool) -> Sequence[Row]:
    ray: list[float] = []
    film: list[float] = []
    command: list[float] = []
    server: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root,
        running(Path(root), "emulate", "--port", "0", "--json") as emulating,
    ):
        emulator = emulating.first_line()["url"]
        for n in range(QUICK_ROUNDS if quick else ROUNDS):
            folder = Path(root) / str(n)
            folder.mkdir()
            with bare_ray() as (took_s, _):
                ray.append(took_s)
            whole_s, since_submitted_s = _film_s(folder, emulator)
            command.append(whole_s)
            film.append(since_submitted_s)
            server.append(_server_s(folder, emulator))
    allowed = median(ray) + SHARE_S
    note = f"Ray's own start: {median(ray):.2f} s, {median_of(ray)}; {median_of(film)}"
    return [
        Row("submit to first provider call, cold", median(film), allowed, "s", note, at_most=1),
        Row("`reelog make` to first provider call", median(command), median(ray), "s", median_of(command)),
        Row("`reelog serve` to its first answer", median(server), SHARE_S, "s", median_of(server), at_most=1),
    ]


BENCH = Bench("start", "from nothing to the first thing that happens", ("Reelog", "beside"), measure)
