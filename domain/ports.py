"""What the domain and the actors need of the world, as Protocols of a few methods each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID


class RemoteBlob(Protocol):
    """Bytes that are given out from where they lie, because they are many and somewhere else."""

    size: int

    def chunks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` to before ``end``; a damaged whole ends in BlobCorruptError."""
        ...

    def signed_address(self, good_for: timedelta) -> str:
        """An address at which anybody can have the bytes until then."""
        ...


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

    def remote(self, digest: str) -> RemoteBlob | None:
        """The bytes where they lie; None where ``path`` gives them as fast, or nothing is there."""
        ...

    @property
    def signed_origin(self) -> str | None:
        """The scheme and host of signed addresses; None where there are none."""
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

    def verify(self, digest: str) -> int:
        """Read what is stored, not what a cache holds of it; gives its size. Raises as ``get``."""
        ...

    def check(self) -> None:
        """BlobStoreUnavailableError where nothing can be stored or had now. Costs little."""
        ...

    def probe(self) -> None:
        """Try in small all that is asked of the store; leaves nothing behind. Raises as ``check``."""
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
    latest: Mapping[UUID, int] = field(default_factory=dict)
    """The position of what happened last to each: it causes what is done about the job next."""


class ActiveJobs(Protocol):
    """What the Director starts from, so that it need not fold the whole log."""

    def unfinished(self) -> Unfinished: ...
