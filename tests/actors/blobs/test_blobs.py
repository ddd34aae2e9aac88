"""The contract of every blob store, and what the local folder promises besides."""

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from actors.blobs.errors import BlobCorruptError, BlobMissingError, BlobStoreUnavailableError
from actors.blobs.folder import MARKED_S, LocalBlobs
from actors.blobs.opening import open_blobs
from domain.ports import BlobStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> BlobStore:
    return open_blobs(f"file://{folder}")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_are_given_back_under_their_digest(blobs: BlobStore) -> None:
    digest = blobs.put(b"a picture")
    assert digest == f"sha256:{sha256(b'a picture').hexdigest()}"
    assert blobs.get(digest) == b"a picture"
    assert blobs.exists(digest)
    with blobs.open(digest) as stream:
        stream.seek(2)
        assert stream.read() == b"picture"
    assert blobs.path(digest).read_bytes() == b"a picture"


def test_the_same_bytes_again_change_nothing(blobs: BlobStore, folder: Path) -> None:
    first = blobs.put(b"twice")
    state = blobs.path(first).stat()
    assert blobs.put(b"twice") == first
    assert len(files(folder)) == 1
    assert blobs.path(first).stat().st_ino == state.st_ino


def test_what_is_put_again_is_marked_unless_it_was_a_moment_ago(folder: Path) -> None:
    blobs = LocalBlobs(folder)
    path = blobs.path(blobs.put(b"twice"))
    marked = path.stat().st_mtime_ns
    blobs.put(b"twice")
    assert path.stat().st_mtime_ns == marked
    long_ago = marked - int((MARKED_S + 1) * 1e9)
    os.utime(path, ns=(long_ago, long_ago))
    blobs.put(b"twice")
    assert path.stat().st_mtime_ns >= marked
    path.chmod(0o644)
    path.write_bytes(b"spoilt")
    assert blobs.get(blobs.put(b"twice")) == b"twice"
    path.unlink()
    assert blobs.get(blobs.put(b"twice")) == b"twice"


def test_a_file_from_elsewhere_is_moved_into_the_store(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"frames" * 1000)
    digest, size = blobs.put_file(source)
    assert not source.exists()
    assert size == 6000
    assert blobs.get(digest) == b"frames" * 1000


def test_a_new_file_is_moved_to_its_place_and_never_copied(blobs: BlobStore, folder: Path) -> None:
    inodes = []
    for _ in range(2):  # the second one finds its bytes there
        new = blobs.new_file(".mp4")
        assert new.suffix == ".mp4"
        new.write_bytes(b"frames" * 1000)
        inodes.append(new.stat().st_ino)
        digest, size = blobs.put_file(new)
        blobs.discard(new)
        assert files(folder) == [blobs.path(digest)]
        assert (blobs.path(digest).stat().st_ino, size) == (inodes[0], 6000)


def test_a_new_file_that_cannot_be_stored_stays_until_it_is_discarded(
    blobs: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = blobs.new_file()
    new.write_bytes(b"frames")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BlobStoreUnavailableError, match="the disk is full"):
        blobs.put_file(new)
    monkeypatch.undo()
    assert files(folder) == [new]
    blobs.discard(new)
    blobs.discard(new)
    assert files(folder) == []


def test_a_file_and_the_names_of_its_folders_are_on_the_disk_before_its_digest_is_told(
    blobs: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    for put in (lambda _: blobs.put(b"bytes"), lambda new: blobs.put_file(new)[0]):
        new = blobs.new_file()
        new.write_bytes(b"of a film")
        synced.clear()
        place = blobs.path(put(new))
        assert synced[0].parent == folder / "unfinished", "the file, before it has its name"
        assert synced[1:] == [place.parent, place.parent.parent, folder], "then the names"
        blobs.discard(new)


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_is_under_way_stays(
    blobs: BlobStore, folder: Path
) -> None:
    killed = (
        "import os, sys; from pathlib import Path; from actors.blobs.folder import LocalBlobs\n"
        "blobs = LocalBlobs(Path(sys.argv[1])); new = blobs.new_file('.mp4'); new.write_bytes(b'half')\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    [left] = files(folder)
    mine = blobs.new_file()
    another = open_blobs(f"file://{folder}")
    assert files(folder) == [mine]
    assert left != mine
    mine.write_bytes(b"whole")
    assert another.get(blobs.put_file(mine)[0]) == b"whole"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o444), (0o077, 0o400), (0o027, 0o440), (0o002, 0o444)])
def test_who_may_read_is_what_the_umask_says_and_nobody_may_write(
    blobs: BlobStore, folder: Path, tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        new, foreign = blobs.new_file(), tmp_path / "film.mp4"
        assert new.stat().st_mode & 0o777 == 0o666 & ~umask
        new.write_bytes(b"new")
        foreign.write_bytes(b"foreign")
        digests = [blobs.put(b"bytes"), blobs.put_file(new)[0], blobs.put_file(foreign)[0]]
    finally:
        os.umask(before)
    assert {blobs.path(digest).stat().st_mode & 0o777 for digest in digests} == {mode}
    if umask == 0o077:
        inside = [path for path in folder.rglob("*") if path.is_dir() and path.name != "unfinished"]
        assert not any(path.stat().st_mode & 0o077 for path in inside)


def test_what_was_checked_is_remembered_within_bounds(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.blobs.folder._REMEMBERED", 3)
    digests = [blobs.put(bytes([n])) for n in range(9)]
    for digest in digests:
        assert blobs.path(digest).exists()
    assert list(blobs._checked) == digests[-3:]
    blobs.path(digests[-3])
    assert blobs.get(digests[0]) == b"\0"


def test_empty_bytes_are_bytes(blobs: BlobStore) -> None:
    assert blobs.get(blobs.put(b"")) == b""


def test_another_store_on_the_same_folder_sees_them(blobs: BlobStore, folder: Path) -> None:
    digest = blobs.put(b"shared")
    assert open_blobs(f"file://{folder}").get(digest) == b"shared"


@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "sha256:../../etc/passwd", "md5:abc", ""])
def test_what_was_never_put_is_missing_by_name(blobs: BlobStore, digest: str) -> None:
    for ask in (blobs.get, blobs.open, blobs.path):
        with pytest.raises(BlobMissingError) as refusal:
            ask(digest)
        assert refusal.value.digest == digest


def test_damaged_bytes_are_never_given_out(blobs: BlobStore) -> None:
    digest = blobs.put(b"original")
    path = blobs.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"tampered")
    for ask in (blobs.get, blobs.open, blobs.path):
        with pytest.raises(BlobCorruptError) as refusal:
            ask(digest)
        assert refusal.value.found == f"sha256:{sha256(b'tampered').hexdigest()}"


def test_damaged_bytes_are_healed_by_whoever_has_them(blobs: BlobStore) -> None:
    digest = blobs.put(b"original")
    path = blobs.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"orig")
    assert blobs.put(b"original") == digest
    assert blobs.get(digest) == b"original"


def test_a_full_disk_leaves_nothing_behind_and_says_what_to_do(
    blobs: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BlobStoreUnavailableError, match="the disk is full") as refusal:
        blobs.put(b"too much")
    assert "make room" in refusal.value.hint
    monkeypatch.undo()
    assert files(folder) == []
    assert not blobs.exists(f"sha256:{sha256(b'too much').hexdigest()}")


def test_a_full_disk_is_seen_before_anything_is_to_be_stored(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What readiness asks; a file system that counts no blocks is not full."""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_blocks=0, f_bavail=0))
    blobs.check()
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_blocks=100, f_bavail=0))
    with pytest.raises(BlobStoreUnavailableError, match="the disk is full"):
        blobs.check()


def test_a_read_only_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(BlobStoreUnavailableError, match="read-only") as refusal:
        LocalBlobs(tmp_path / "blobs")
    assert str(tmp_path) in refusal.value.reason


@pytest.mark.parametrize("url", ["file://relative/folder", "ftp://host/x", "/plain/path"])
def test_an_unknown_url_is_refused_with_what_would_do(url: str) -> None:
    with pytest.raises(BlobStoreUnavailableError, match="file:///"):
        open_blobs(url)


@pytest.mark.parametrize(
    "number",
    [errno.ESTALE, errno.EMFILE, errno.ENOMEM, errno.ETIMEDOUT, errno.ENOENT, errno.EHOSTDOWN, errno.EBUSY],
)
def test_whatever_the_system_says_of_the_disk_is_told_as_the_store_being_away(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    digest = blobs.put(b"made before")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    for place in (
        "actors.work.temporary_files.create",
        "actors.blobs.folder.os.fsync",
        "actors.blobs.folder.fcntl.flock",
    ):
        with monkeypatch.context() as patched:
            patched.setattr(place, refuse)
            with pytest.raises(BlobStoreUnavailableError):
                blobs.put(b"new bytes")
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(BlobMissingError if number == errno.ENOENT else BlobStoreUnavailableError):
        blobs.get(digest)


def test_a_store_that_is_unmounted_is_away_and_none_of_its_bytes_are_called_missing(
    blobs: BlobStore, folder: Path
) -> None:
    digest = blobs.put(b"a picture")
    folder.rename(folder.with_name("elsewhere"))
    for use in (lambda: blobs.get(digest), lambda: blobs.put(b"more"), lambda: blobs.path(digest)):
        with pytest.raises(BlobStoreUnavailableError, match="the folder is gone"):
            use()


def test_a_name_is_forced_to_the_disk_in_every_folder_that_leads_to_it(
    blobs: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut the event that names the bytes is there: so must be their name."""
    synced: list[str] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr("actors.blobs.folder.os.fsync", record)
    place = blobs.path(blobs.put(b"a picture"))
    file, *folders = synced
    assert Path(file).parent == folder / "unfinished", "the bytes come before their name"
    assert folders == [str(place.parent), str(place.parent.parent), str(folder)]

    synced.clear()
    blobs.remove(blobs.put(b"a picture"), put_before=datetime.now(UTC) + timedelta(hours=1))
    assert synced == [str(place.parent)]
