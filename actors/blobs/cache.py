"""Bytes of an object store that are kept on this machine, as many as there is room for.

A cache is a folder of blobs like any other (``folder.py``), only that nothing in it must outlive a power cut.
Whoever reads from it marks the file by its time, so the file with the oldest time is the one that was longest
not used, and goes first. What was used within the half hour stays even where there is no room: somebody who
was given its path may not have opened it yet. What nobody has used for a day goes in any case, so that bytes
which were pruned on another machine do not stay here.

All processes of a machine share one such folder. Each looks at all of it (which takes a while) at its first
addition, and again when it has added a sixteenth of the limit.

Rejected: locks on files that were handed out (nobody says when he is done with a path).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs

SPARED: Final = timedelta(minutes=30)
FORGOTTEN: Final = timedelta(days=1)
_LOOKS_PER_LIMIT: Final = 16


class _File(NamedTuple):
    used_at: float
    size: int
    digest: str


class BlobCache:
    def __init__(self, folder: Path, limit_bytes: int) -> None:
        try:
            self.files = LocalBlobs(folder, durable=False)
        except BlobStoreUnavailableError as error:
            hint = "name a folder in REELOG_BLOBS_CACHE that can be written on each machine"
            raise BlobStoreUnavailableError(error.reason, hint) from error
        self._limit = limit_bytes
        self._unseen: int | None = None
        """Bytes that were added since all files were looked at; None before the first look."""

    def find(self, digest: str) -> Path | None:
        """The file with these bytes, marked as used; None where it is not here, or damaged."""
        return self.files.path(digest) if self.files.keep(digest) else None

    def drop(self, digest: str) -> None:
        self.files.remove(digest, put_before=datetime.max.replace(tzinfo=UTC))

    def added(self, size: int) -> None:
        """Say that so many bytes were put into ``files``; makes room where it has to be made."""
        if self._unseen is not None:
            self._unseen += size
        if self._unseen is None or self._unseen * _LOOKS_PER_LIMIT >= self._limit:
            self._unseen = 0
            self.trim()

    def trim(self) -> None:
        """Remove what was longest not used until all fits, and what was not used for a day."""
        now = datetime.now(UTC)
        files = sorted(self._look())
        total = sum(file.size for file in files)
        for file in files:
            if total <= self._limit and file.used_at >= (now - FORGOTTEN).timestamp():
                return
            if self.files.remove(file.digest, put_before=now - SPARED) is None:
                return  # this one was used a moment ago, and all that follow later still
            total -= file.size

    def _look(self) -> Iterator[_File]:
        for path in self.files.root.glob("??/??/*"):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue  # another process was here
            yield _File(found.st_mtime, found.st_size, f"sha256:{path.name}")
