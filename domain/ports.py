"""What the domain and the actors need of the world, as Protocols of a few methods each."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID


class BlobStore(Protocol):
    """Content-addressed bytes. A digest is ``sha256:<64 hex>``; what is stored under it never changes."""

    def put(self, data: bytes) -> str:
        """Store durably and give the digest; storing the same bytes again changes nothing."""
        ...

    def put_file(self, path: Path) -> tuple[str, int]:
        """Move a file into the store; gives digest and size. A ``new_file`` is not copied."""
        ...

    def new_file(self, suffix: str = "") -> Path:
        """A new, empty file to be written, then ``put_file`` or ``discard``; it goes with this process."""
        ...

    def discard(self, path: Path) -> None:
        """Remove a file that is not to be stored after all; nothing where it was stored or is gone."""
        ...

    def get(self, digest: str) -> bytes:
        """BlobMissingError when it is not there, BlobCorruptError when the bytes do not match."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """A seekable stream of the bytes."""
        ...

    def path(self, digest: str) -> Path:
        """A local, readable file with exactly these bytes (fetched first where the store is remote)."""
        ...

    def exists(self, digest: str) -> bool: ...

    def size(self, digest: str) -> int | None:
        """How many bytes are stored under it; None when there are none."""
        ...

    def keep(self, digest: str) -> bool:
        """Say that the bytes are about to be used, as ``put`` of the same would; False when they are gone.

        What is used again must be kept before an event says so: ``remove`` leaves it alone from then on.
        """
        ...

    def remove(self, digest: str, *, put_before: datetime) -> int | None:
        """Remove the bytes, unless somebody has put or kept them since; gives how many, None when they stay.

        0 when they are gone already. Whoever calls has seen that no event uses them any more.
        """
        ...


class Presence(Protocol):
    """An exclusive named lock that ends with its holder's process."""

    name: str

    def acquire(self, timeout_s: float = 0) -> bool: ...

    def release(self) -> None: ...

    @property
    def held(self) -> bool: ...


@dataclass(frozen=True)
class Unfinished:
    """The jobs that had not ended at ``position`` of the log."""

    job_ids: tuple[UUID, ...]
    position: int


class ActiveJobs(Protocol):
    """What the Director starts from, so that it need not fold the whole log."""

    def unfinished(self) -> Unfinished: ...
