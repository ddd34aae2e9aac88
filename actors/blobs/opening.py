"""Opens the blob store that a URL names. Each kind of store is one module beside this one.

What a store must do is ``domain.ports.BlobStore``; what it may raise is in ``errors.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs
from domain.ports import BlobStore

BUCKETS: Final = ("s3", "gs", "az")
_FORMS: Final = "file:///absolute/folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"


@dataclass(frozen=True)
class BucketAccess:
    """What a bucket is opened with, on every machine alike. Picklable, values masked in print.

    ``cache`` is the folder in which a machine keeps at most ``cache_bytes`` of what it reads and writes;
    ``variables`` are the cloud's own, by their names. What they leave out, each machine's environment and
    role say.
    """

    cache: Path
    cache_bytes: int = 10_000_000_000
    variables: Mapping[str, SecretStr] = field(default_factory=dict)


def open_blobs(url: str, access: BucketAccess | None = None) -> BlobStore:
    """The folder, made when missing, or the bucket. Raises BlobStoreUnavailableError."""
    scheme, _, rest = url.partition("://")
    if scheme == "file" and rest.startswith("/"):
        return LocalBlobs(Path(rest))
    if scheme in BUCKETS and rest.partition("/")[0] and access is not None:
        return _open_bucket(url, access)
    raise BlobStoreUnavailableError(f"{url} is not a blob store that this version knows", f"write {_FORMS}")


def _open_bucket(url: str, access: BucketAccess) -> BlobStore:
    # Who has a folder need not load the library.
    from actors.blobs.bucket import Bucket  # noqa: PLC0415
    from actors.blobs.cache import BlobCache  # noqa: PLC0415
    from actors.blobs.objects import ObjectBlobs  # noqa: PLC0415

    bucket = Bucket(url, {name: value.get_secret_value() for name, value in access.variables.items()})
    bucket.check()
    return ObjectBlobs(bucket, BlobCache(access.cache, access.cache_bytes))
