"""Presence through lock files."""

import shutil
from pathlib import Path

from domain.store import (
    EventStore,
    open_event_store,
)


def test_a_presence_whose_lock_file_was_deleted_is_no_longer_held(path: Path, store: EventStore) -> None:
    """Another process could take the name now; fails when only the descriptor is asked."""
    presence = store.presence("director")
    assert presence.acquire()
    shutil.rmtree(f"{path}-presence")
    assert not presence.held
    assert presence.acquire()
    assert presence.held


def test_released_and_dead_presences_leave_no_files(path: Path, store: EventStore) -> None:
    folder = Path(f"{path}-presence")
    presence, live = store.presence("worker:1"), store.presence("worker:live")
    assert presence.acquire()
    assert live.acquire()
    presence.release()
    (folder / "worker%3Adead.lock").touch()
    assert store.sweep_presence() == ["worker:dead"]
    (folder / "worker%3Akilled.lock").touch()
    open_event_store(store.url)  # whoever opens the store sweeps
    assert sorted(file.name for file in folder.iterdir()) == ["door", "worker%3Alive.lock"]
    assert live.held
