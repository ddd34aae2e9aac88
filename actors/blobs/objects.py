"""Content-addressed bytes in a bucket, whole or not at all, with a cache of them on this machine.

Keys are those of a folder of blobs (``folder.py``), so that any tool that copies files moves one into the
other. Bytes are created on the condition that nothing has their key; what has it is read, and written again
only where it is damaged. It is never changed otherwise.

Whatever is read is checked against its digest, save parts of something large (``remote``): those are passed
on as the store gives them, because a digest is of the whole. ``keep`` does not read: what is used again may
be large, and whoever then uses it reads it.
"""

import contextlib
import mimetypes
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from actors.blobs.bucket import Bucket
from actors.blobs.cache import BlobCache
from actors.blobs.errors import (
    BlobCorruptError,
    BlobError,
    BlobMissingError,
    BlobStoreUnavailableError,
)
from actors.blobs.folder import digest_of, disk_errors, key_of
from actors.blobs.removal import GRACE, Removal
from domain.checkpoints import reached

LARGE: Final = 8 << 20
"""Bytes from which something is not fetched as a whole to give out a part of it."""
_READS: Final = 2
"""What differs from its digest may have been changed on its way here: it is read again."""


class ObjectBlobs:
    """A bucket, or a prefix of one, for any number of processes and threads at once."""

    def __init__(self, bucket: Bucket, cache: BlobCache, *, grace: timedelta = GRACE) -> None:
        self._bucket = bucket
        self._cache = cache
        self._removal = Removal(bucket, grace=grace)

    # ---- storing ------------------------------------------------------------------------------------

    def put(self, data: bytes) -> str:
        digest = f"sha256:{sha256(data).hexdigest()}"
        self._store(digest, data)
        with contextlib.suppress(BlobError):  # it is stored; where it cannot be kept here it is fetched later
            self._cache.files.put(data)
            self._cache.added(len(data))
        return digest

    def new_file(self, suffix: str = "") -> Path:
        return self._cache.files.new_file(suffix)

    def discard(self, path: Path) -> None:
        self._cache.files.discard(path)

    def put_file(self, path: Path) -> tuple[str, int]:
        with disk_errors(path):
            digest, size = digest_of(path)
        self._store(digest, path, mimetypes.guess_type(path.name)[0])
        try:
            found, _ = self._cache.files.put_file(path)
        except BlobStoreUnavailableError:  # as above
            self.discard(path)
            return digest, size
        if found != digest:
            # It was written to meanwhile: what has the name must not keep it.
            self._bucket.delete(key_of(digest))
            raise BlobCorruptError(digest, found)
        self._cache.added(size)
        return digest, size

    def _store(self, digest: str, data: bytes | Path, media_type: str | None = None) -> None:
        reached("before:blob_write", digest)
        if not self._bucket.create(key_of(digest), data, media_type):
            self._removal.keep(_name(digest))
            if not self._is_whole(digest):
                self._bucket.overwrite(key_of(digest), data, media_type)
        reached("after:blob_write", digest)

    def _is_whole(self, digest: str) -> bool:
        try:
            self.verify(digest)
        except (BlobMissingError, BlobCorruptError):
            return False
        return True

    def keep(self, digest: str) -> bool:
        self._removal.keep(_name(digest))
        if self._bucket.find_in_bucket(key_of(digest)):
            return True
        self._removal.forget(_name(digest))
        return False

    def remove(self, digest: str, *, put_before: datetime) -> int | None:
        removed = self._removal.remove(_name(digest), key_of(digest), put_before)
        if removed is not None:
            self._cache.drop(digest)
        return removed

    # ---- reading ------------------------------------------------------------------------------------

    def get(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def open(self, digest: str) -> BinaryIO:
        return self.path(digest).open("rb")

    def path(self, digest: str) -> Path:
        key_of(digest)
        return self._cache.find(digest) or self._fetch(digest)

    def remote(self, digest: str) -> "RemoteObject | None":
        if self._cache.files.exists(digest):
            return None
        size = self.size(digest)
        return RemoteObject(self._bucket, digest, size) if size is not None and size >= LARGE else None

    @property
    def signed_origin(self) -> str:
        address = urlsplit(self._bucket.signed_address("any", timedelta(minutes=1)))
        return f"{address.scheme}://{address.netloc}"

    def exists(self, digest: str) -> bool:
        return self.size(digest) is not None

    def size(self, digest: str) -> int | None:
        found = self._bucket.find(key_of(digest))
        return None if found is None else int(found["size"])

    def _fetch(self, digest: str) -> Path:
        for _ in range(_READS):
            found, size = self._cache.files.put_chunks(_chunks(self._bucket, digest))
            self._cache.added(size)
            if found == digest:
                return self._cache.files.path(digest)
        raise BlobCorruptError(digest, found)

    # ---- looking after it ---------------------------------------------------------------------------

    def verify(self, digest: str) -> int:
        for _ in range(_READS):
            hasher, size = sha256(), 0
            for chunk in _chunks(self._bucket, digest):
                hasher.update(chunk)
                size += len(chunk)
            found = f"sha256:{hasher.hexdigest()}"
            if found == digest:
                return size
        raise BlobCorruptError(digest, found)

    def check(self) -> None:
        self._bucket.check()

    def probe(self) -> None:
        self._bucket.hurried().probe()


class RemoteObject:
    """Something large that is given out from where it lies."""

    def __init__(self, bucket: Bucket, digest: str, size: int) -> None:
        self.size = size
        self._bucket = bucket
        self._digest = digest

    def chunks(self, start: int, end: int) -> Iterator[bytes]:
        if (start, end) != (0, self.size):
            yield from _chunks(self._bucket, self._digest, start, end)
            return
        # The last of the whole is held back until all is known to be right.
        hasher, held = sha256(), b""
        for chunk in _chunks(self._bucket, self._digest):
            if held:
                yield held
            hasher.update(chunk)
            held = chunk
        found = f"sha256:{hasher.hexdigest()}"
        if found != self._digest:
            raise BlobCorruptError(self._digest, found)
        yield held

    def signed_address(self, good_for: timedelta) -> str:
        return self._bucket.signed_address(key_of(self._digest), good_for)


def _chunks(bucket: Bucket, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    try:
        yield from bucket.read(key_of(digest), start, end)
    except KeyError:
        raise BlobMissingError(digest) from None


def _name(digest: str) -> str:
    return key_of(digest).rpartition("/")[2]
