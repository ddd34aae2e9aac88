"""Files under way: named, locked by whoever writes them, and gone with them.

The system lets go of a file's lock when the process that holds it ends, however it ends. So a temporary file
that nobody holds was left by a process that was killed, and whoever comes next may remove it at once.

Rejected: removing by age (a slow disk looks like a dead process), and files without a name, which no network
file system has.
"""

import contextlib
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

_LOCK: Final = ".lock"
"""How the file is called, beside a folder under way, that is locked in its place."""


def create(folder: Path, *, prefix: str = "", suffix: str = "") -> tuple[int, Path]:
    """A new, empty file in ``folder``: its open descriptor, which holds the lock, and its path.

    Its mode is as the umask wants it. Whoever closes the descriptor before the file is renamed or removed
    gives it up.
    """
    while True:
        path = folder / f"{prefix}{uuid4().hex}{suffix}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with contextlib.suppress(OSError):  # where there are no locks nothing is swept either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # swept in the instant before it was locked


@contextlib.contextmanager
def workspace(inside: Path, *, prefix: str) -> Iterator[Path]:
    """A folder of one's own that goes with the block, or with the process: the next one sweeps it away."""
    sweep(inside, prefix=prefix)
    descriptor, lock = create(inside, prefix=prefix, suffix=_LOCK)
    folder = lock.with_suffix("")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink()
        os.close(descriptor)


def sweep(folder: Path, *, prefix: str = "") -> None:
    """Remove the temporary files of processes that are no more; those under way stay."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.startswith(prefix):
                with contextlib.suppress(OSError):
                    _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    if not stat.S_ISREG(path.lstat().st_mode):
        return
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, os.O_RDWR | flags)  # network file systems lock what is open for writing
    except PermissionError:
        descriptor = os.open(path, os.O_RDONLY | flags)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
        if path.suffix == _LOCK:
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    finally:
        os.close(descriptor)
