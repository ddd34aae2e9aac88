"""Content-addressed bytes in a local folder: what a digest names never changes, and is checked when read.

A file is written in the folder ``unfinished``, forced to the disk, and renamed into its place, so that
whatever has a name is whole, also after a power cut. What a killed process left there is removed by the next
one that opens the store. Files lie in 65,536 folders by the first four digits of the digest; nobody may write
them, and who may read them the umask says.

Reading everything to check it again would cost more than making some assets: ``get`` checks the bytes it
gives out, ``path`` and ``open`` check a file once in each process and again when its size or time changed.

What is put again is marked by its time, under a lock shared by all who put; ``remove`` looks at the time
under the same lock, held alone. So bytes that somebody was told are there, and that no event names yet, stay.

Large things (films) are written into a ``new_file`` of the store and moved from there, never copied.
Rejected: hard links and reflinks of files elsewhere (whoever has them may go on writing into the same inode).
"""

import contextlib
import errno
import fcntl
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from actors.blobs.errors import BlobCorruptError, BlobMissingError, BlobStoreUnavailableError
from actors.blobs.shared_syncs import SharedSyncs, sync_folder
from actors.work import temporary_files
from domain.checkpoints import reached

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHUNK = 1 << 20
MARKED_S = 60.0
"""For so long what was put again need not be marked once more; retention spares an hour."""
_REMEMBERED = 20_000
"""Digests; some megabytes in a process that lives for months."""
_HINTS = {
    errno.ENOSPC: ("the disk is full", "make room on the disk, then retry the job: what is made is kept"),
    errno.EDQUOT: ("the disk quota is used up", "make room, then retry the job: what is made is kept"),
    errno.EROFS: ("the file system is read-only", "name a writable folder in REELOG_BLOBS"),
    errno.EACCES: ("the folder may not be written", "give this user the right to write there"),
    errno.EPERM: ("the folder may not be written", "give this user the right to write there"),
    errno.ENOENT: ("the folder is gone", "mount it again, or restore it from a backup"),
    errno.EIO: ("the disk cannot be read or written", "look at the disk and the system's log"),
    errno.ESTALE: ("the shared folder has been mounted anew", "look at the file server; mount it again"),
    errno.ETIMEDOUT: ("the file server does not answer", "look at the file server and the network"),
    errno.EMFILE: ("too many files are open", "raise this process's limit of open files (ulimit -n)"),
    errno.ENFILE: ("too many files are open on this machine", "raise the system's limit of open files"),
    errno.ENOMEM: ("there is no memory left", "give this machine more memory, or fewer jobs at once"),
}


class LocalBlobs:
    """One folder, for any number of processes and threads at once.

    ``durable`` False: what is stored need not outlive a power cut, so nobody waits for the disk.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self._root = os.fspath(root)
        self._durable = durable
        self._unfinished = root / "unfinished"
        self._checked: dict[str, tuple[int, int, int]] = {}
        self._new_files: dict[Path, int] = {}
        self._syncs = SharedSyncs()
        self._flushed: set[str] = set()
        """Folders whose own names were flushed; there are 65,792 at the most."""
        with disk_errors(root):
            self._unfinished.mkdir(parents=True, exist_ok=True)
        temporary_files.sweep(self._unfinished)

    # ---- storing ------------------------------------------------------------------------------------

    def put(self, data: bytes) -> str:
        digest = f"sha256:{sha256(data).hexdigest()}"
        if not self._is_kept(digest):
            self._write(digest, lambda file: file.write(data))
        return digest

    def new_file(self, suffix: str = "") -> Path:
        with disk_errors(self.root):
            descriptor, path = temporary_files.create(self._unfinished, suffix=suffix)
        self._new_files[path] = descriptor
        return path

    def discard(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
        descriptor = self._new_files.pop(path, None)
        if descriptor is not None:
            os.close(descriptor)

    def put_chunks(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store what comes piece by piece; gives digest and size. What the iterator raises is raised."""
        new = self.new_file()
        try:
            with disk_errors(self.root), new.open("wb") as file:
                file.writelines(chunks)
            return self.put_file(new)
        except BaseException:
            self.discard(new)
            raise

    def put_file(self, path: Path) -> tuple[str, int]:
        with disk_errors(self.root):
            digest, size = digest_of(path)
        if not self._is_kept(digest):
            if path in self._new_files:
                reached("before:blob_write", digest)
                with disk_errors(self.root):
                    self._place_file(self._new_files[path], path, digest)
            else:
                with path.open("rb") as source:
                    self._write(digest, lambda file: shutil.copyfileobj(source, file, _CHUNK))
            # The file may have been written to meanwhile; then what has the name must not keep it.
            self._check(digest)
        self.discard(path)
        return digest, size

    def _write(self, digest: str, write: Callable[[BinaryIO], object]) -> None:
        reached("before:blob_write", digest)
        with disk_errors(self.root):
            descriptor, path = temporary_files.create(self._unfinished)
            with os.fdopen(descriptor, "wb") as file:
                try:
                    write(file)
                    reached("during:blob_write", digest)  # what the buffer holds is not in the file yet
                    file.flush()
                    self._place_file(descriptor, path, digest)
                except BaseException:
                    with contextlib.suppress(OSError):
                        path.unlink()
                    raise

    def _place_file(self, descriptor: int, path: Path, digest: str) -> None:
        """Give an unfinished file that is whole its place, on the disk before anybody hears of it."""
        place = self._place(digest)
        for folder in (place.parent.parent, place.parent):
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                self._flushed.discard(str(folder))
        if self._durable:
            os.fsync(descriptor)
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o444)
        path.replace(place)
        reached("after:blob_write", digest)
        # The names, too, must be on the disk before an event speaks of them.
        if self._durable:
            unflushed = [f for f in (place.parent, place.parent.parent) if str(f) not in self._flushed]
            self._syncs.sync([place.parent, *(folder.parent for folder in unflushed)])
            self._flushed.update(map(str, unflushed))

    def keep(self, digest: str) -> bool:
        return self._is_kept(digest)

    def _is_kept(self, digest: str) -> bool:
        """Whether it is there and whole, and from now on safe from ``remove``."""
        if self._was_marked(digest):
            return True
        with disk_errors(self.root), self._not_removing(fcntl.LOCK_SH):
            if not self._is_sound(digest):
                return False
            place = self._place(digest)
            os.utime(place)
            # The time is all that has changed: it need not be read again.
            self._remember(digest, _state_of(place.stat()))
            return True

    def _was_marked(self, digest: str) -> bool:
        """Whether it was put a moment ago, and is still as it was: only what is old is removed."""
        known = self._checked.get(digest)
        if known is None:
            return False
        try:
            found = os.stat(f"{self._root}/{key_of(digest)}")  # noqa: PTH116 - a path takes longer to make
        except OSError:
            return False  # what is wrong is told by whoever looks again
        return _state_of(found) == known and abs(time.time() - found.st_mtime) < MARKED_S

    # ---- removing -----------------------------------------------------------------------------------

    def remove(self, digest: str, *, put_before: datetime) -> int | None:
        place = self._place(digest)
        with disk_errors(self.root), self._not_removing(fcntl.LOCK_EX):
            try:
                found = place.stat()
            except FileNotFoundError:
                return 0
            if found.st_mtime >= put_before.timestamp():
                return None
            reached("before:blob_remove", digest)
            place.unlink()
            reached("after:blob_remove", digest)
            # A name must not come back after a power cut, when an event says that it is gone.
            self._sync(place.parent)
        self._checked.pop(digest, None)
        return found.st_size

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
        with disk_errors(self.root):
            return self._place(digest).is_file()

    def size(self, digest: str) -> int | None:
        with disk_errors(self.root):
            try:
                return self._place(digest).stat().st_size
            except FileNotFoundError:
                return None

    def remote(self, digest: str) -> None:  # noqa: ARG002 - the port's form; a folder has all of it here
        return None

    @property
    def signed_origin(self) -> None:
        return None

    # ---- looking after it ---------------------------------------------------------------------------

    def verify(self, digest: str) -> int:
        with self._found(digest):
            found, size = digest_of(self._place(digest))
        if found != digest:
            raise BlobCorruptError(digest, found)
        return size

    def check(self) -> None:
        with disk_errors(self.root):
            self._unfinished.stat()
            if not os.access(self._unfinished, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            if (disk := os.statvfs(self._unfinished)).f_blocks and not disk.f_bavail:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def probe(self) -> None:
        self.discard(self.new_file())

    # ---- places and checks --------------------------------------------------------------------------

    def _place(self, digest: str) -> Path:
        return self.root / key_of(digest)

    def _sync(self, folder: Path) -> None:
        if self._durable:
            sync_folder(folder)

    def _check(self, digest: str) -> None:
        place = self._place(digest)
        with self._found(digest):
            state = _state_of(place.stat())
            if self._checked.get(digest) == state:
                return
            found, _ = digest_of(place)
        if found != digest:
            raise BlobCorruptError(digest, found)
        self._remember(digest, state)

    def _remember(self, digest: str, state: tuple[int, int, int]) -> None:
        """As long as there is room; what was checked longest ago is read again when it is asked for."""
        self._checked.pop(digest, None)
        self._checked[digest] = state
        if len(self._checked) > _REMEMBERED:
            with contextlib.suppress(StopIteration, RuntimeError, KeyError):  # another thread was here
                del self._checked[next(iter(self._checked))]

    def _is_sound(self, digest: str) -> bool:
        """Whether it is there and whole; what is damaged is stored anew by whoever has the bytes."""
        try:
            self._check(digest)
        except (BlobMissingError, BlobCorruptError):
            return False
        return True

    @contextlib.contextmanager
    def _found(self, digest: str) -> Iterator[None]:
        with disk_errors(self.root):
            try:
                yield
            except FileNotFoundError:
                if not self._unfinished.is_dir():
                    raise  # not one file is gone, but all of the store
                raise BlobMissingError(digest) from None


def key_of(digest: str) -> str:
    """Where bytes with this digest are, below a folder or in a bucket."""
    if not DIGEST.fullmatch(digest):
        # No text from outside ever becomes a path.
        raise BlobMissingError(digest)
    name = digest.removeprefix("sha256:")
    return f"{name[:2]}/{name[2:4]}/{name}"


def _state_of(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def digest_of(path: Path) -> tuple[str, int]:
    hasher, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
            size += len(chunk)
    return f"sha256:{hasher.hexdigest()}", size


@contextlib.contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn what the system says of a disk into an error that says what to do; no other comes out."""
    try:
        yield
    except OSError as error:
        said = error.strerror or type(error).__name__
        untold = (said, f"look at what holds {root}, and at the system's log")
        reason, hint = _HINTS.get(error.errno or 0, untold)
        raise BlobStoreUnavailableError(f"blobs in {root}: {reason}", hint) from error
