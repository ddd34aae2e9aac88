"""What the tests of the SQLite store share: a look behind its recorder, and disks that give way."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.store.sqlite_connections import Connections
from domain.store.sqlite_recorder import Datastore, Recorder

ROOT = Path(__file__).parents[3]
GARBAGE = b"this is no database\n" * 500


def stored(stream: UUID | None = None, version: int = 1) -> StoredEvent:
    return StoredEvent(stream or uuid4(), version, "topic", b"{}")


def connections_of(recorder: Recorder) -> Connections:
    assert isinstance(recorder.datastore, Datastore)
    return recorder.datastore.connections


def on_the_pooled_connection(recorder: Recorder, statement: str) -> None:
    with connections_of(recorder).lend() as connection:
        connection.execute(statement)
    # One connection in all: the next append gets it.
    assert len(connections_of(recorder)._idle) == 1


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


def reads(recorder: Recorder) -> list[Callable[[], object]]:
    return [
        lambda: recorder.select_events(uuid4()),
        lambda: recorder.select_notifications(None, 10),
        lambda: recorder.select_notifications_at([1]),
        recorder.max_notification_id,
    ]


def in_a_namespace(folder: Path, options: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run with a tmpfs mounted on the folder, which ends with the command; skip where that is not allowed."""
    unshare = ["unshare", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs a mount namespace")
    mount = 'mount -t tmpfs -o "$2" none "$1" && shift 2 && exec "$@"'
    return subprocess.run(
        [*unshare, "sh", "-c", mount, "sh", str(folder), options, *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
