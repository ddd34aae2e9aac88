"""What every blob store promises: the folder, and a bucket behind its cache."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from actors.blobs.bucket import Bucket
from actors.blobs.cache import BlobCache
from actors.blobs.copying import Copied, copy_blobs
from actors.blobs.errors import BlobCorruptError, BlobMissingError
from actors.blobs.folder import LocalBlobs, key_of
from actors.blobs.objects import ObjectBlobs
from domain.ports import BlobStore
from tests.object_store import AZURITE, S3, azure_bucket, from_google, google_variables, proxy_before

LATER = timedelta(hours=2)


class Stores:
    """Any number of openings of one store, as other processes or machines would open it."""

    def __init__(self, open_one: Callable[[], BlobStore], damage: Callable[[str, bytes], None]) -> None:
        self.open = open_one
        self.damage = damage


@pytest.fixture(params=["folder", "s3", pytest.param("google", marks=pytest.mark.slow), "azure"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "folder":
        folder = tmp_path / "blobs"

        def damage(digest: str, data: bytes) -> None:
            place = folder / key_of(digest)
            place.chmod(0o644)
            place.write_bytes(data)

        yield Stores(lambda: LocalBlobs(folder), damage)
        return
    with opened(request.param, request) as (url, variables):
        caches = iter(range(1000))

        def open_one() -> BlobStore:
            # Without the grace period: how long it is has tests of its own.
            cache = BlobCache(tmp_path / f"cache-{next(caches)}", 1 << 30)
            return ObjectBlobs(Bucket(url, variables), cache, grace=timedelta(0))

        bucket = Bucket(url, variables)
        yield Stores(open_one, lambda digest, data: bucket.overwrite(key_of(digest), data))


@contextmanager
def opened(cloud: str, request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """A new bucket, and the variables that open it."""
    if cloud == "azure":
        if AZURITE not in os.environ:
            pytest.skip(f"no Azurite ({AZURITE})")
        yield azure_bucket(os.environ[AZURITE])
        return
    s3: S3 = request.getfixturevalue("s3")
    if cloud == "s3":
        yield s3.bucket(), s3.variables
        return
    with proxy_before(s3, from_google) as (proxy, _):
        yield s3.bucket().replace("s3://", "gs://"), google_variables(proxy.url)


@pytest.fixture
def blobs(stores: Stores) -> BlobStore:
    return stores.open()


def digest_of(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def test_bytes_are_given_back_under_their_digest_here_and_elsewhere(blobs: BlobStore, stores: Stores) -> None:
    digest = blobs.put(b"a picture")
    assert digest == digest_of(b"a picture")
    for store in (blobs, stores.open()):
        assert store.get(digest) == b"a picture"
        assert store.exists(digest)
        assert store.size(digest) == store.verify(digest) == 9
        with store.open(digest) as stream:
            stream.seek(2)
            assert stream.read() == b"picture"
        assert store.path(digest).read_bytes() == b"a picture"
        assert store.remote(digest) is None


def test_empty_bytes_are_bytes(blobs: BlobStore, stores: Stores) -> None:
    digest = blobs.put(b"")
    assert stores.open().get(digest) == b""
    assert blobs.size(digest) == 0


def test_the_same_bytes_again_change_nothing(blobs: BlobStore, stores: Stores) -> None:
    first = blobs.put(b"twice")
    assert blobs.put(b"twice") == stores.open().put(b"twice") == first
    assert blobs.get(first) == b"twice"


def test_a_file_from_elsewhere_is_moved_into_the_store(
    blobs: BlobStore, stores: Stores, tmp_path: Path
) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"frames" * 1000)
    digest, size = blobs.put_file(source)
    assert not source.exists()
    assert size == 6000
    assert stores.open().get(digest) == b"frames" * 1000


def test_a_new_file_is_stored_or_discarded(blobs: BlobStore, stores: Stores) -> None:
    for _ in range(2):  # the second one finds its bytes there
        new = blobs.new_file(".mp4")
        assert (new.suffix, new.read_bytes()) == (".mp4", b"")
        new.write_bytes(b"frames")
        assert blobs.put_file(new) == (digest_of(b"frames"), 6)
        blobs.discard(new)
        assert not new.exists()
        assert stores.open().get(digest_of(b"frames")) == b"frames"
    unused = blobs.new_file()
    blobs.discard(unused)
    blobs.discard(unused)
    assert not unused.exists()


@pytest.mark.slow
def test_a_large_file_is_as_whole_as_a_small_one(blobs: BlobStore, stores: Stores) -> None:
    data = bytes(range(256)) * 4 * 17_000
    for _ in range(2):
        new = blobs.new_file(".mp4")
        new.write_bytes(data)
        digest, size = blobs.put_file(new)
        assert (digest, size) == (digest_of(data), len(data))
    other = stores.open()
    assert other.verify(digest) == len(data)
    remote = other.remote(digest)
    if remote is not None:
        assert remote.size == len(data)
        assert b"".join(remote.chunks(0, len(data))) == data
        assert b"".join(remote.chunks(100, 200)) == data[100:200]
        assert b"".join(remote.chunks(len(data) - 7, len(data))) == data[-7:]
    assert other.path(digest).read_bytes() == data
    assert other.remote(digest) is None


@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "sha256:../../etc/passwd", "md5:abc", ""])
def test_what_was_never_put_is_missing_by_name(blobs: BlobStore, digest: str) -> None:
    for ask in (blobs.get, blobs.open, blobs.path, blobs.verify):
        with pytest.raises(BlobMissingError) as refusal:
            ask(digest)
        assert refusal.value.digest == digest


def test_what_is_not_there_cannot_be_kept_and_has_no_size(blobs: BlobStore) -> None:
    digest = digest_of(b"never put")
    assert not blobs.exists(digest)
    assert blobs.size(digest) is None
    assert blobs.remote(digest) is None
    assert not blobs.keep(digest)
    assert blobs.remove(digest, put_before=datetime.now(UTC) + LATER) == 0


def test_damaged_bytes_are_never_given_out(blobs: BlobStore, stores: Stores) -> None:
    digest = blobs.put(b"original")
    stores.damage(digest, b"tampered")
    other = stores.open()
    for ask in (other.get, other.open, other.path, other.verify, blobs.verify):
        with pytest.raises(BlobCorruptError) as refusal:
            ask(digest)
        assert refusal.value.found == digest_of(b"tampered")


@pytest.mark.parametrize("damaged", [b"orig", b"tampered"])
def test_damaged_bytes_are_healed_by_whoever_has_them(
    blobs: BlobStore, stores: Stores, damaged: bytes
) -> None:
    digest = blobs.put(b"original")
    stores.damage(digest, damaged)
    assert stores.open().put(b"original") == digest
    assert stores.open().get(digest) == b"original"


def test_what_nobody_uses_any_more_is_removed_and_can_be_put_again(blobs: BlobStore, stores: Stores) -> None:
    digest = blobs.put(b"a film")
    assert blobs.remove(digest, put_before=datetime.now(UTC) + LATER) == 6
    assert blobs.remove(digest, put_before=datetime.now(UTC) + LATER) == 0
    assert not blobs.exists(digest)
    for store in (blobs, stores.open()):
        with pytest.raises(BlobMissingError):
            store.get(digest)
    assert stores.open().put(b"a film") == digest
    assert blobs.get(digest) == b"a film"


@pytest.mark.parametrize("use", ["put", "put again", "keep"])
def test_what_was_put_or_kept_since_stays(blobs: BlobStore, stores: Stores, use: str) -> None:
    digest = blobs.put(b"a film")
    if use == "put again":
        stores.open().put(b"a film")
    elif use == "keep":
        assert stores.open().keep(digest)
    assert blobs.remove(digest, put_before=datetime.now(UTC) - LATER) is None
    assert stores.open().get(digest) == b"a film"


def test_a_store_that_is_well_says_so_and_a_trial_leaves_nothing_behind(blobs: BlobStore) -> None:
    blobs.check()
    blobs.probe()
    blobs.check()


def test_blobs_are_copied_and_proved_and_nothing_is_copied_twice(
    blobs: BlobStore, stores: Stores, tmp_path: Path
) -> None:
    source = LocalBlobs(tmp_path / "source")
    digests = [source.put(data) for data in (b"one", b"two", b"three")]
    blobs.put(b"two")
    assert list(copy_blobs([*digests, digests[0]], source, blobs)) == [
        Copied(digests[0], 3, was_there=False),
        Copied(digests[1], 3, was_there=True),
        Copied(digests[2], 5, was_there=False),
    ]
    assert all(copied.was_there for copied in copy_blobs(digests, source, stores.open()))
    back = LocalBlobs(tmp_path / "back")
    assert [copied.size for copied in copy_blobs(digests, stores.open(), back)] == [3, 3, 5]
    assert source.get(digests[0]) == back.get(digests[0]), "what was copied is still where it came from"


def test_what_is_damaged_is_not_copied_and_what_is_damaged_there_is_written_again(
    blobs: BlobStore, stores: Stores, tmp_path: Path
) -> None:
    source = LocalBlobs(tmp_path / "source")
    digest = source.put(b"original")
    blobs.put(b"original")
    stores.damage(digest, b"tampered")
    assert [copied.was_there for copied in copy_blobs([digest], source, stores.open())] == [False]
    assert stores.open().get(digest) == b"original"
    stores.damage(digest, b"tampered")
    with pytest.raises(BlobCorruptError):
        list(copy_blobs([digest], stores.open(), LocalBlobs(tmp_path / "another")))
    with pytest.raises(BlobMissingError):
        list(copy_blobs([digest_of(b"nowhere")], source, blobs))
