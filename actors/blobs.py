"""Content-addressed bytes in a local folder: what a digest names never changes, and is checked when read.

A file is written beside its place, forced to the disk, and renamed into it, so that whatever has a name is
whole, also after a power cut. Files lie in 65,536 folders by the first four digits of the digest.

Reading everything to check it again would cost more than making some assets: ``get`` checks the bytes it
gives out, ``path`` and ``open`` check a file once in each process and again when its size or time changed.

What is put again is marked by its time, under a lock shared by all who put; ``remove`` looks at the time
under the same lock, held alone. So bytes that somebody was told are there, and that no event names yet, stay.

Rejected: hard links and reflinks for ``put_file`` (the caller may go on writing into the same inode).
"""

import contextlib
import errno
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from domain.checkpoints import reached
from domain.ports import BlobStore

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHUNK = 1 << 20
_HINTS = {
    errno.ENOSPC: ("the disk is full", "make room on the disk, then retry the job: what is made is kept"),
    errno.EDQUOT: ("the disk quota is used up", "make room, then retry the job: what is made is kept"),
    errno.EROFS: ("the file system is read-only", "name a writable folder in REELOG_BLOBS"),
    errno.EACCES: ("the folder may not be written", "give this user the right to write there"),
    errno.EPERM: ("the folder may not be written", "give this user the right to write there"),
    errno.EIO: ("the disk cannot be read or written", "look at the disk and the system's log"),
}


class BlobError(Exception):
    """Bytes could not be stored or had; ``hint`` says what a person can do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"{reason} ({hint})")
        self.reason = reason
        self.hint = hint


class BlobStoreUnavailableError(BlobError):
    """The store cannot be opened, written or read: disk full, read-only, not allowed, broken."""


class BlobMissingError(BlobError):
    """Nothing is stored under the digest."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"no bytes are stored under {digest}", "restore the blob folder from a backup")
        self.digest = digest


class BlobCorruptError(BlobError):
    """What is stored under the digest is not what was put there."""

    def __init__(self, digest: str, found: str) -> None:
        super().__init__(
            f"the bytes under {digest} are damaged: they are {found}",
            "restore this file from a backup, or make the asset again",
        )
        self.digest = digest
        self.found = found


def open_blobs(url: str) -> BlobStore:
    """``file:///absolute/folder``; the folder is made when missing. Raises BlobStoreUnavailableError."""
    scheme, _, rest = url.partition("://")
    if scheme == "file" and rest.startswith("/"):
        return LocalBlobs(Path(rest))
    raise BlobStoreUnavailableError(
        f"{url} is not a blob store that this version knows", "write file:///absolute/folder"
    )


class LocalBlobs:
    """One folder, for any number of processes and threads at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._unfinished = root / "unfinished"
        self._checked: dict[str, tuple[int, int, int]] = {}
        with _told(root):
            self._unfinished.mkdir(parents=True, exist_ok=True)

    # ---- storing ------------------------------------------------------------------------------------

    def put(self, data: bytes) -> str:
        digest = f"sha256:{sha256(data).hexdigest()}"
        if not self._is_kept(digest):
            self._store(digest, lambda file: file.write(data))
        return digest

    def put_file(self, path: Path) -> tuple[str, int]:
        digest, size = _digest_of(path)
        if not self._is_kept(digest):
            with path.open("rb") as source:
                self._store(digest, lambda file: shutil.copyfileobj(source, file, _CHUNK))
            # The file may have been written to meanwhile; then what has the name must not keep it.
            self._check(digest)
        return digest, size

    def _store(self, digest: str, write: Callable[[BinaryIO], object]) -> None:
        place = self._place(digest)
        reached("before:blob_write", digest)
        with _told(self.root):
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._unfinished)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    write(file)
                    reached("during:blob_write", digest)  # what the buffer holds is not in the file yet
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(0o444)
                Path(name).replace(place)
                reached("after:blob_write", digest)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
            # The names, too, must be on the disk before an event speaks of them.
            for folder in (place.parent, place.parent.parent, self.root):
                _sync(folder)

    def keep(self, digest: str) -> bool:
        return self._is_kept(digest)

    def _is_kept(self, digest: str) -> bool:
        """Whether it is there and whole, and from now on safe from ``remove``."""
        with _told(self.root), self._not_removing(fcntl.LOCK_SH):
            if not self._is_sound(digest):
                return False
            place = self._place(digest)
            os.utime(place)
            # The time is all that has changed: it need not be read again.
            self._checked[digest] = _state_of(place.stat())
            return True

    # ---- removing -----------------------------------------------------------------------------------

    def remove(self, digest: str, *, put_before: datetime) -> int | None:
        place = self._place(digest)
        with _told(self.root), self._not_removing(fcntl.LOCK_EX):
            try:
                stat = place.stat()
            except FileNotFoundError:
                return 0
            if stat.st_mtime >= put_before.timestamp():
                return None
            reached("before:blob_remove", digest)
            place.unlink()
            reached("after:blob_remove", digest)
            # A name must not come back after a power cut, when an event says that it is gone.
            _sync(place.parent)
        self._checked.pop(digest, None)
        return stat.st_size

    @contextlib.contextmanager
    def _not_removing(self, kind: int) -> Iterator[None]:
        descriptor = os.open(self._unfinished, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    # ---- reading ------------------------------------------------------------------------------------

    def get(self, digest: str) -> bytes:
        with self._found(digest):
            data = self._place(digest).read_bytes()
        found = f"sha256:{sha256(data).hexdigest()}"
        if found != digest:
            raise BlobCorruptError(digest, found)
        return data

    def open(self, digest: str) -> BinaryIO:
        path = self.path(digest)
        with self._found(digest):
            return path.open("rb")

    def path(self, digest: str) -> Path:
        self._check(digest)
        return self._place(digest)

    def exists(self, digest: str) -> bool:
        with _told(self.root):
            return self._place(digest).is_file()

    def size(self, digest: str) -> int | None:
        with _told(self.root):
            try:
                return self._place(digest).stat().st_size
            except FileNotFoundError:
                return None

    # ---- places and checks --------------------------------------------------------------------------

    def _place(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            # No text from outside ever becomes a path.
            raise BlobMissingError(digest)
        name = digest.removeprefix("sha256:")
        return self.root / name[:2] / name[2:4] / name

    def _check(self, digest: str) -> None:
        place = self._place(digest)
        with self._found(digest):
            state = _state_of(place.stat())
            if self._checked.get(digest) == state:
                return
            found, _ = _digest_of(place)
        if found != digest:
            raise BlobCorruptError(digest, found)
        self._checked[digest] = state

    def _is_sound(self, digest: str) -> bool:
        """Whether it is there and whole; what is damaged is stored anew by whoever has the bytes."""
        try:
            self._check(digest)
        except (BlobMissingError, BlobCorruptError):
            return False
        return True

    @contextlib.contextmanager
    def _found(self, digest: str) -> Iterator[None]:
        try:
            with _told(self.root):
                yield
        except FileNotFoundError:
            raise BlobMissingError(digest) from None


def _state_of(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _digest_of(path: Path) -> tuple[str, int]:
    hasher, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
            size += len(chunk)
    return f"sha256:{hasher.hexdigest()}", size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _told(root: Path) -> Iterator[None]:
    """Turn what the system says of a disk into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _HINTS:
            raise
        reason, hint = _HINTS[error.errno]
        raise BlobStoreUnavailableError(f"blobs in {root}: {reason}", hint) from error
