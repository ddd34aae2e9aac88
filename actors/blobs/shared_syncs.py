"""Names made durable: what several threads have renamed at one time shares the flushes of its folders.

The first thread flushes; those that come meanwhile wait, and one of them then flushes for all. A folder that
was made with the name in it needs its own name flushed too, once: it never goes away.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Round:
    def __init__(self) -> None:
        self.folders: set[Path] = set()
        self.ended = False
        self.error: OSError | None = None


class SharedSyncs:
    """For the threads of one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next = _Round()
        self._under_way = False

    def sync(self, folders: Iterable[Path]) -> None:
        """Returns when the names that stand in these folders now are on the disk."""
        with self._changed:
            mine = self._next
            mine.folders.update(folders)
            self._changed.wait_for(lambda: mine.ended or not self._under_way)
            flushes = not mine.ended
            if flushes:
                self._under_way, self._next = True, _Round()
        if flushes:
            self._flush(mine)
        if mine.error is not None:
            raise mine.error

    def _flush(self, mine: _Round) -> None:
        mine.error = OSError("the thread that flushed was interrupted")
        try:
            for folder in sorted(mine.folders, key=lambda folder: -len(folder.parts)):
                sync_folder(folder)
            mine.error = None
        except OSError as error:
            mine.error = error
        finally:
            with self._changed:
                mine.ended, self._under_way = True, False
                self._changed.notify_all()
