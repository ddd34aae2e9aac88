"""Who is alive, among the processes of one machine: named locks that end with their holder.

``flock`` on a file for each name. The kernel frees it when the process ends, however it ends, so there is no
heartbeat to miss and no timeout to guess: a process that is merely slow is never taken for dead.
Rejected: process ids in files (they are reused) and ``fcntl.lockf`` (two objects of one process would not
exclude each other, and closing *any* descriptor of the file would free the lock).

To look whether a name is held is to try its lock for an instant, which would make a rightful ``acquire`` fail
if both came together. So every operation stands behind one more lock, the *door*, held for microseconds;
behind it, taking, probing, and unlinking a lock file cannot meet.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

POLL_S = 0.02
_SUFFIX = ".lock"


class Held(Protocol):
    def forget_after_fork(self) -> None: ...


_held: set[Held] = set()
"""What this process holds; it also keeps a lock from ending with the object that took it."""


def keep(presence: Held, *, held: bool = True) -> None:
    """Remember that this process holds it, so that a forked child does not, nor keeps it alive."""
    if held:
        _held.add(presence)
    else:
        _held.discard(presence)


def forget_in_child() -> None:
    for presence in _held:
        presence.forget_after_fork()
    _held.clear()


os.register_at_fork(after_in_child=forget_in_child)


@contextlib.contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Hold an exclusive ``flock`` on the file, waiting as long as it takes; makes the file when missing.

    The file is opened anew each time, so threads exclude each other as processes do. Reading is enough for
    a lock: a file on a disk that has become read-only still locks.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _try_lock(path: Path, *, create: bool) -> int | None:
    """A descriptor that holds the lock, or None when another has it; FileNotFoundError without ``create``."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


class PresenceFolder:
    """The lock files of one store; a name may hold any characters."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, name: str) -> Path:
        return self._folder / (quote(name, safe="") + _SUFFIX)

    @contextlib.contextmanager
    def door(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with locked_file(self._folder / "door"):
            yield

    def is_held(self, name: str) -> bool:
        with self.door():
            try:
                fd = _try_lock(self.file(name), create=False)
            except FileNotFoundError:
                return False
            if fd is not None:
                os.close(fd)
            return fd is None

    def sweep(self) -> list[str]:
        """Unlink the lock files that nobody holds; gives their names."""
        swept: list[str] = []
        if not self._folder.exists():
            return swept
        with self.door():
            for path in sorted(self._folder.glob("*" + _SUFFIX)):
                fd = _try_lock(path, create=False)
                if fd is not None:
                    path.unlink()
                    os.close(fd)
                    swept.append(unquote(path.name.removesuffix(_SUFFIX)))
        return swept


class FilePresence:
    """One name's lock. Held until ``release`` or the end of the process; a forked child does not hold it."""

    def __init__(self, folder: PresenceFolder, name: str) -> None:
        self.name = name
        self._folder = folder
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """False also when somebody deleted the lock file, as then another process could take the name."""
        return self._fd is not None and os.fstat(self._fd).st_nlink > 0

    def acquire(self, timeout_s: float = 0) -> bool:
        """Try for ``timeout_s`` seconds, at least once; True when this object holds the lock."""
        deadline = time.monotonic() + timeout_s
        while not self.held:
            self.release()
            with self._folder.door():
                self._fd = _try_lock(self._folder.file(self.name), create=True)
            if self._fd is None:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                time.sleep(min(POLL_S, remaining))
        keep(self)
        return True

    def release(self) -> None:
        """Give the lock back and remove its file; nothing when it is not held."""
        fd, self._fd = self._fd, None
        keep(self, held=False)
        if fd is None:
            return
        with self._folder.door():
            if os.fstat(fd).st_nlink > 0:
                self._folder.file(self.name).unlink()
            os.close(fd)

    close = release

    def forget_after_fork(self) -> None:
        # Closing the child's copy frees nothing: the lock belongs to the parent's open file.
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
