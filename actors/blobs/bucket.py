"""A bucket of S3, Google Cloud Storage or Azure, through ``obstore``: the few requests that are made of it.

All it raises is ``BlobStoreUnavailableError``, with a reason and a way out. What fails by itself (a 5xx, a
connection) is repeated for a while, save where a repetition could undo what somebody else did in between.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import AzureStore, GCSStore, S3Store

from actors.blobs.bucket_errors import is_bucket_gone, typed_errors
from actors.blobs.errors import BlobStoreUnavailableError

REQUEST_S: Final = 60
"""How long a store may be silent in one request."""
_LONGEST_REQUEST: Final = timedelta(minutes=15)
_SLOWER: Final = {"base": 3, "max_backoff": timedelta(seconds=10)}
_READS: Final = {
    "max_retries": 7,
    "retry_timeout": timedelta(seconds=30),
    "backoff": {**_SLOWER, "init_backoff": timedelta(milliseconds=100)},
}
"""For some seconds: whoever reads can come again, and somebody may be waiting."""
_WRITES: Final = {
    "max_retries": 12,
    "retry_timeout": timedelta(minutes=1),
    "backoff": {**_SLOWER, "init_backoff": timedelta(milliseconds=300)},
}
"""For a minute: what is written may have been paid for."""
_ONCE: Final = {"max_retries": 0}
HURRIED_S: Final = 4
"""How long each request of a diagnosis may take: somebody waits for it, and nothing is lost with it."""
_IN_ONE_REQUEST: Final = 16 << 20
"""Larger things are sent in parts, which cannot be made conditional."""
_PARTS_AT_ONCE: Final = 4
_CHUNK: Final = 1 << 20

_STORES: Final[Mapping[str, Any]] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
_OURS: Final[Mapping[str, Mapping[str, Any]]] = {"s3": {"aws_disable_bulk_delete": True}, "gs": {}, "az": {}}


class Bucket:
    """``url`` as ``s3://BUCKET/PREFIX``; ``variables`` are the cloud's usual ones, by their names.

    What they leave out, the library takes from this process's environment and from the machine's role. With
    ``hurried`` nothing is repeated, and no request takes long.
    """

    def __init__(self, url: str, variables: Mapping[str, str], *, hurried: bool = False) -> None:
        self.url = url
        self._variables = variables
        scheme = url.partition(":")[0]
        options = {
            "timeout": timedelta(seconds=HURRIED_S) if hurried else _LONGEST_REQUEST,
            "read_timeout": timedelta(seconds=HURRIED_S if hurried else REQUEST_S),
            # An address that somebody wrote as http:// is meant to be.
            "allow_http": any(value.startswith("http://") for value in variables.values()),
        }
        config = {**_OURS[scheme], **_config(variables)}

        def opened(retries: Mapping[str, Any]) -> Any:
            return _STORES[scheme].from_url(
                url,
                config=config,
                client_options=options,
                retry_config=retries,
            )

        with typed_errors(url):
            self._store = opened(_ONCE if hurried else _READS)
            self._writing = opened(_ONCE if hurried else _WRITES)
            self._once = opened(_ONCE)

    # ---- asking ---------------------------------------------------------------------------------------

    def find(self, key: str) -> Mapping[str, Any] | None:
        """``size``, ``last_modified`` and ``e_tag`` of what has this key; None where there is nothing."""
        if found := self.find_in_bucket(key):
            return found
        with typed_errors(self.url):
            # Without a body nobody can tell a missing key from a missing bucket.
            try:
                return obstore.get(self._store, key).meta
            except FileNotFoundError as error:
                if is_bucket_gone(error):
                    raise
                return None

    def find_in_bucket(self, key: str) -> Mapping[str, Any] | None:
        """As ``find``, by one request less where nothing is there and the bucket is known to be."""
        with typed_errors(self.url):
            try:
                return obstore.head(self._store, key)
            except FileNotFoundError:
                return None

    def check(self) -> None:
        """One request without repetitions: whether the bucket is there and may be listed."""
        with typed_errors(self.url):
            next(iter(self._once.list(chunk_size=1)), None)

    def hurried(self) -> "Bucket":
        return Bucket(self.url, self._variables, hurried=True)

    def probe(self) -> None:
        """Write, write again on condition, read and delete something, as bytes are."""
        key, data = f"probe/{uuid4().hex}", b"reelog doctor"
        self.create(key, data)
        try:
            if self.create(key, b"another"):
                raise BlobStoreUnavailableError(
                    f"{self.url}: what is there was overwritten by a conditional write",
                    "use a store that knows them (If-None-Match), or a newer version of it",
                )
            if b"".join(self.read(key)) != data:
                raise BlobStoreUnavailableError(
                    f"{self.url}: what was written is not what is read",
                    "look at the store and at what is before it",
                )
        finally:
            self.delete(key)

    def signed_address(self, key: str, good_for: timedelta) -> str:
        with typed_errors(self.url):
            return obstore.sign(self._store, "GET", key, good_for)

    # ---- writing --------------------------------------------------------------------------------------

    def create(self, key: str, data: bytes | Path, media_type: str | None = None) -> bool:
        """Write all or nothing; False where something has this key. A large file does not ask."""
        size = data.stat().st_size if isinstance(data, Path) else len(data)
        if size > _IN_ONE_REQUEST:
            if self.find(key):
                return False
            self.overwrite(key, data, media_type)
            return True
        with typed_errors(self.url):
            try:
                obstore.put(self._writing, key, data, mode="create", attributes=_attributes(media_type))
            except AlreadyExistsError:
                return False
        return True

    def overwrite(self, key: str, data: bytes | Path, media_type: str | None = None) -> None:
        with typed_errors(self.url):
            obstore.put(
                self._writing,
                key,
                data,
                mode="overwrite",
                attributes=_attributes(media_type),
                max_concurrency=_PARTS_AT_ONCE,
            )

    def delete(self, key: str) -> None:
        """Once: a repetition might meet what somebody has written since."""
        with typed_errors(self.url), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._once, key)

    # ---- reading --------------------------------------------------------------------------------------

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes, or those from ``start`` to before ``end``. Raises KeyError where there is nothing.

        Where the connection breaks off the library goes on from there.
        """
        with typed_errors(self.url):
            try:
                found = obstore.get(self._store, key, options=_range(start, end))
            except FileNotFoundError as error:
                if is_bucket_gone(error):
                    raise
                raise KeyError(key) from None
            for chunk in found.stream(min_chunk_size=_CHUNK):
                yield bytes(chunk)


def _config(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables as the library takes them."""
    config = {name.lower(): value for name, value in variables.items()}
    # It reads this one in the environment alone.
    special = config.pop("aws_endpoint_url_s3", None)
    return config if special is None else {**config, "aws_endpoint_url": special}


def _range(start: int, end: int | None) -> Any:
    if end is not None:
        return {"range": (start, end)}
    return {"range": {"offset": start}} if start else None


def _attributes(media_type: str | None) -> Any:
    return {"Content-Type": media_type} if media_type else None
