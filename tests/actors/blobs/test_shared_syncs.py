"""Flushes of folders that several threads need at one time."""

import threading
from pathlib import Path

import pytest

from actors.blobs import shared_syncs
from actors.blobs.folder import LocalBlobs
from actors.blobs.shared_syncs import SharedSyncs


class Disk:
    """Counts flushes; the first one waits until it may end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.synced: list[Path] = []
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.error: OSError | None = None
        monkeypatch.setattr(shared_syncs, "sync_folder", self.sync)

    def sync(self, folder: Path) -> None:
        self.synced.append(folder)
        if not self.begun.is_set():
            self.begun.set()
            assert self.may_end.wait(30)
        elif self.error is not None:
            raise self.error


@pytest.mark.parametrize("error", [None, OSError(5, "broken")])
def test_those_that_come_while_one_flushes_share_the_next_flush_and_its_error(
    monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    disk, syncs = Disk(monkeypatch), SharedSyncs()
    disk.error = error
    failed: list[OSError] = []

    def sync(*folders: str) -> None:
        try:
            syncs.sync(map(Path, folders))
        except OSError as raised:
            failed.append(raised)
        with syncs._changed:
            syncs._changed.notify_all()

    threads = [threading.Thread(target=sync, args=("/blobs/a", "/blobs"))]
    threads[0].start()
    assert disk.begun.wait(30)
    for name in ("b", "c", "d"):
        threads.append(threading.Thread(target=sync, args=(f"/blobs/{name}", "/blobs")))
        threads[-1].start()
    with syncs._changed:
        while len(syncs._next.folders) < 4:
            syncs._changed.wait(0.01)
    assert disk.synced == [Path("/blobs/a")], "who waits does not flush"
    disk.may_end.set()
    for thread in threads:
        thread.join(30)
    assert disk.synced[:2] == [Path("/blobs/a"), Path("/blobs")]
    if error is None:
        assert sorted(disk.synced[2:]) == sorted(map(Path, ("/blobs/b", "/blobs/c", "/blobs/d", "/blobs")))
        assert failed == []
    else:
        assert failed == [error] * 4


def test_a_folder_that_was_there_before_is_not_flushed_again_into_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    digest = blobs.put(b"first")
    place = blobs.path(digest)
    place.unlink()
    synced: list[Path] = []
    monkeypatch.setattr(shared_syncs, "sync_folder", synced.append)
    assert blobs.put(b"first") == digest
    assert synced == [place.parent], "its folders' own names are on the disk"
    place.unlink()
    place.parent.rmdir()
    synced.clear()
    assert blobs.put(b"first") == digest
    assert synced == [place.parent, place.parent.parent], "a folder made anew is a new name"
    assert [*place.parent.iterdir()] == [place]
