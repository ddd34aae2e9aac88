"""Both event stores, each empty, and other processes that work on them."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.store import EventStore, open_event_store

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60


class Helper:
    """Another process on the store: ``store_process.py``, told and heard by lines."""

    def __init__(self, url: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("store_process.py")), url, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def hear(self) -> str:
        return self._lines.get(timeout=DEADLINE_S)

    def tell(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def close(self) -> None:
        self.kill()
        # A forked child may hold the pipe open: what it would say is of no interest.
        assert self.process.stdin
        self.process.stdin.close()
        self._reader.join(1)
        if not self._reader.is_alive():
            assert self.process.stdout
            self.process.stdout.close()


@pytest.fixture
def store(store_url: str) -> Iterator[EventStore]:
    store = open_event_store(store_url)
    yield store
    store.close()


@pytest.fixture
def helper(store_url: str) -> Iterator[Callable[..., Helper]]:
    """Starts processes on the store; all are ended with the test."""
    started: list[Helper] = []

    def start(*arguments: str) -> Helper:
        started.append(Helper(store_url, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()
