"""Connections to a SQLite file: what closing them does to those that are in use."""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from domain.store import (
    EventStore,
    StoreClosedError,
    sqlite_connections,
)
from domain.store.sqlite_recorder import Recorder
from tests.domain.store.on_sqlite import ROOT, connections_of, is_open, reads, stored


def test_closing_waits_for_what_is_under_way(recorder: Recorder) -> None:
    """Fails with the library's pool, which closes the connection under its user."""
    closing = threading.Thread(target=recorder.datastore.close)
    with connections_of(recorder).lend() as connection:
        closing.start()
        closing.join(0.3)
        assert closing.is_alive()
        assert is_open(connection)
    closing.join(30)
    assert not closing.is_alive()
    assert not is_open(connection)


def test_what_stays_in_use_is_closed_by_who_gives_it_back(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_connections, "CLOSE_PATIENCE_S", 0)
    with connections_of(recorder).lend() as connection:
        recorder.datastore.close()
        assert is_open(connection)
    assert not is_open(connection)


def test_what_was_closed_says_so(recorder: Recorder) -> None:
    recorder.insert_events([stored()])
    recorder.datastore.close()
    for use in [*reads(recorder), lambda: recorder.insert_events([stored()])]:
        with pytest.raises(StoreClosedError, match="closed in this process"):
            use()


@pytest.mark.slow
@pytest.mark.crash
def test_a_studio_closed_while_other_threads_use_it_does_not_bring_the_process_down(tmp_path: Path) -> None:
    """Several processes, several stores each: what closes a connection under its user crashes one in many."""
    program = str(Path(__file__).with_name("closed_in_use.py"))
    running = [
        subprocess.Popen(
            [sys.executable, program, str(tmp_path / str(number))],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    ends = [(each.communicate(timeout=120)[0].split(), each.returncode) for each in running]
    assert ends == [(["StoreClosedError"], 0)] * 3


@pytest.mark.slow
def test_looks_that_are_dropped_are_not_kept(store: EventStore) -> None:
    held = store.presence("worker:live")
    assert held.acquire()
    for _ in range(50):
        assert not store.presence("worker:live").acquire(0)
        store.follower().close()
    gc.collect()
    assert list(store._presences) == [held]
    assert store._opened == set()
