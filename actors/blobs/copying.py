"""Blobs on their way from one store to another, each proved by its digest where it has arrived."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actors.blobs.errors import BlobCorruptError, BlobMissingError
from domain.ports import BlobStore

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Copied:
    digest: str
    size: int
    was_there: bool
    """Whether the other store had it, whole, before."""


def copy_blobs(digests: Iterable[str], source: BlobStore, target: BlobStore) -> Iterator[Copied]:
    """Copy those that ``target`` has not, and read each back from it; may be stopped and begun again.

    Raises the errors of the blobs: BlobMissingError and BlobCorruptError are of ``source``, or say that what
    arrived is not what was sent.
    """
    for digest in dict.fromkeys(digests):
        if target.keep(digest):
            size = _size_if_whole(digest, target)
            if size is not None:
                yield Copied(digest, size, was_there=True)
                continue
        _send(digest, source, target)
        yield Copied(digest, target.verify(digest), was_there=False)


def _size_if_whole(digest: str, store: BlobStore) -> int | None:
    try:
        return store.verify(digest)
    except (BlobMissingError, BlobCorruptError):
        return None


def _send(digest: str, source: BlobStore, target: BlobStore) -> None:
    new = target.new_file()
    try:
        with source.open(digest) as bytes_there, new.open("wb") as file:
            while chunk := bytes_there.read(_CHUNK):
                file.write(chunk)
        found, _ = target.put_file(new)
    finally:
        target.discard(new)
    if found != digest:
        raise BlobCorruptError(digest, found)
