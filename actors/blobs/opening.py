"""Opens the blob store that a URL names. Each kind of store is one module beside this one.

What a store must do is ``domain.ports.BlobStore``; what it may raise is in ``errors.py``.
"""

from pathlib import Path

from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs
from domain.ports import BlobStore


def open_blobs(url: str) -> BlobStore:
    """``file:///absolute/folder``; the folder is made when missing. Raises BlobStoreUnavailableError."""
    scheme, _, rest = url.partition("://")
    if scheme == "file" and rest.startswith("/"):
        return LocalBlobs(Path(rest))
    raise BlobStoreUnavailableError(
        f"{url} is not a blob store that this version knows", "write file:///absolute/folder"
    )
