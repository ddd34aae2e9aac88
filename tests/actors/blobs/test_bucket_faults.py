"""A bucket on a bad day: refusals, broken connections, answers that never come.

Each passes, or is told with a way out, and none leaves half of anything.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from actors.blobs import bucket as bucket_module
from actors.blobs.errors import BlobCorruptError, BlobStoreUnavailableError
from actors.blobs.folder import key_of
from actors.blobs.opening import BucketAccess, open_blobs
from domain.ports import BlobStore
from tests.object_store import KEY, S3, SECRET, Cut, Held, Proxy, Refused, Unanswered, proxy_before

pytestmark = pytest.mark.slow

BIG = bytes(range(256)) * 4096 * 9
"""Nine megabytes."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, only that nobody waits for long."""
    retries = {
        "max_retries": 2,
        "retry_timeout": timedelta(seconds=5),
        "backoff": {"init_backoff": timedelta(milliseconds=10), "max_backoff": timedelta(milliseconds=20)},
    }
    monkeypatch.setattr(bucket_module, "_READS", retries)
    monkeypatch.setattr(bucket_module, "_WRITES", retries)


@pytest.fixture
def behind(s3: S3) -> Iterator[tuple[Proxy, S3]]:
    with proxy_before(s3) as found:
        yield found


@pytest.fixture
def proxy(behind: tuple[Proxy, S3]) -> Proxy:
    return behind[0]


@pytest.fixture
def far(behind: tuple[Proxy, S3]) -> S3:
    return behind[1]


@pytest.fixture
def url(far: S3) -> str:
    return far.bucket()


@pytest.fixture
def blobs(far: S3, url: str, tmp_path: Path) -> BlobStore:
    return far.open(url, tmp_path / "cache")


def elsewhere(far: S3, url: str, tmp_path: Path) -> BlobStore:
    """The same store on a machine that has nothing of it."""
    return far.open(url, tmp_path / "another-cache")


def test_what_passes_by_itself_is_not_noticed(
    proxy: Proxy, far: S3, url: str, blobs: BlobStore, tmp_path: Path
) -> None:
    busy = Refused(503, "SlowDown")
    proxy.once(busy, "PUT", times=2)
    digest = blobs.put(b"a picture")
    other = elsewhere(far, url, tmp_path)
    proxy.once(busy, "GET", times=2)
    proxy.once(Refused(500, "InternalError"), "HEAD")
    assert other.get(digest) == b"a picture"
    assert other.size(digest) == 9


@pytest.mark.parametrize("after", [0, 1, 1 << 20, len(BIG) - 1])
def test_a_body_that_breaks_off_is_gone_on_with(
    proxy: Proxy, far: S3, url: str, blobs: BlobStore, tmp_path: Path, after: int
) -> None:
    digest = blobs.put(BIG)
    other, third = elsewhere(far, url, tmp_path), elsewhere(far, url, tmp_path / "a third")
    proxy.once(Cut(after), "GET")
    assert other.get(digest) == BIG
    proxy.once(Cut(after), "GET", times=2)
    remote = third.remote(digest)
    assert remote is not None
    assert b"".join(remote.chunks(0, len(BIG))) == BIG


def test_a_body_that_always_breaks_off_is_never_given_out_as_whole(
    proxy: Proxy, far: S3, url: str, blobs: BlobStore, tmp_path: Path
) -> None:
    digest = blobs.put(b"a picture")
    other = elsewhere(far, url, tmp_path)
    proxy.always(Cut(0), key_of(digest))
    with pytest.raises(BlobStoreUnavailableError, match="broke off"):
        other.get(digest)
    proxy.mend()
    assert other.get(digest) == b"a picture"
    assert [path.name for path in (tmp_path / "another-cache" / "unfinished").iterdir()] == []


def test_a_write_whose_answer_is_lost_is_written_once(
    proxy: Proxy, blobs: BlobStore, far: S3, url: str
) -> None:
    proxy.once(Unanswered(), "PUT")
    digest = blobs.put(b"a picture")
    assert blobs.verify(digest) == 9
    assert key_of(digest) in far.keys(url)


def test_a_file_that_could_not_be_stored_stays_and_can_be_stored_later(
    proxy: Proxy, far: S3, url: str, blobs: BlobStore, tmp_path: Path
) -> None:
    new = blobs.new_file(".mp4")
    new.write_bytes(BIG)
    proxy.always(Refused(503, "SlowDown"), "PUT")
    with pytest.raises(BlobStoreUnavailableError, match="overloaded"):
        blobs.put_file(new)
    assert new.read_bytes() == BIG
    proxy.mend()
    digest, _ = blobs.put_file(new)
    assert elsewhere(far, url, tmp_path).verify(digest) == len(BIG)


def test_a_cache_that_cannot_be_written_costs_a_download_and_loses_nothing(
    blobs: BlobStore, far: S3, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = blobs.new_file(".mp4")
    new.write_bytes(b"frames")
    with monkeypatch.context() as patched:

        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr("actors.work.temporary_files.create", full)
        patched.setattr("pathlib.Path.replace", full)
        picture = blobs.put(b"a picture")
        film, _ = blobs.put_file(new)
        with pytest.raises(BlobStoreUnavailableError, match="the disk is full"):
            blobs.path(picture)
    assert not new.exists()
    assert blobs.get(picture) == b"a picture"
    assert elsewhere(far, url, tmp_path).get(film) == b"frames"


@pytest.mark.parametrize(
    ("status", "code", "reason", "way_out"),
    [
        (403, "InvalidAccessKeyId", "does not know the key", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "secret", "AWS_SECRET_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", "clock is wrong", "NTP"),
        (403, "AccessDenied", "not allowed", "rights to list the bucket"),
        (400, "ExpiredToken", "session has expired", "AWS_SESSION_TOKEN"),
        (404, "NoSuchBucket", "no such bucket", "REELOG_BLOBS"),
        (301, "PermanentRedirect", "another region", "AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "another region", "AWS_REGION"),
        (501, "NotImplemented", "conditional writes", "If-None-Match"),
        (503, "SlowDown", "overloaded", "tried again"),
    ],
)
def test_each_refusal_names_the_setting_and_the_way_out(
    proxy: Proxy,
    blobs: BlobStore,
    far: S3,
    url: str,
    tmp_path: Path,
    status: int,
    code: str,
    reason: str,
    way_out: str,
) -> None:
    digest = blobs.put(b"made before")
    other = elsewhere(far, url, tmp_path)
    proxy.always(Refused(status, code))
    for use in (
        lambda: other.get(digest),
        lambda: other.put(b"more"),
        other.check,
        lambda: elsewhere(far, url, tmp_path / "at start"),
    ):
        with pytest.raises(BlobStoreUnavailableError, match=reason) as refusal:
            use()
        assert way_out in refusal.value.hint
        assert url in refusal.value.reason
        assert SECRET not in str(refusal.value)
        assert SECRET not in str(refusal.value.__cause__)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [(404, "NoSuchBucket", "no such bucket"), (403, "AccessDenied", "not allowed")],
)
def test_a_store_that_is_away_is_not_taken_for_one_without_these_bytes(
    proxy: Proxy, blobs: BlobStore, status: int, code: str, reason: str
) -> None:
    digest = blobs.put(b"a picture")
    proxy.always(Refused(status, code))
    for ask in (blobs.exists, blobs.size, blobs.keep, blobs.remote, blobs.verify):
        if ask == blobs.remote:
            continue  # it is in the cache
        with pytest.raises(BlobStoreUnavailableError, match=reason):
            ask(digest)


def test_where_nobody_answers_the_address_is_named(s3: S3, tmp_path: Path) -> None:
    with pytest.raises(BlobStoreUnavailableError, match="cannot be reached") as refusal:
        s3.open(s3.bucket(), tmp_path / "cache", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "AWS_ENDPOINT_URL" in refusal.value.hint


def test_a_store_that_is_silent_is_not_waited_for_without_end(
    proxy: Proxy, far: S3, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "REQUEST_S", 0.2)
    held = Held()
    proxy.always(held)
    try:
        with pytest.raises(BlobStoreUnavailableError, match="does not answer in time"):
            far.open(url, tmp_path / "cache")
    finally:
        held.go.set()


def test_without_a_key_and_without_a_role_both_are_named(tmp_path: Path) -> None:
    # Nothing answers where a machine of the cloud has its roles from.
    given = {"AWS_METADATA_ENDPOINT": "http://127.0.0.1:9"}
    access = BucketAccess(tmp_path / "cache", 1, {name: SecretStr(value) for name, value in given.items()})
    with pytest.raises(BlobStoreUnavailableError) as refusal:
        open_blobs("s3://somewhere/films", access)
    assert "AWS_ACCESS_KEY_ID" in refusal.value.hint
    assert "role" in refusal.value.hint


def test_bytes_that_are_changed_on_their_way_are_read_again(
    blobs: BlobStore, far: S3, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = blobs.put(b"a picture")
    read, reads = bucket_module.Bucket.read, iter([True, False])

    def changed(
        self: bucket_module.Bucket, key: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        for chunk in read(self, key, start, end):
            yield b"another" if next(reads) else chunk

    monkeypatch.setattr(bucket_module.Bucket, "read", changed)
    assert elsewhere(far, url, tmp_path).get(digest) == b"a picture"


def test_the_whole_of_something_damaged_breaks_off_before_its_end(
    far: S3, url: str, blobs: BlobStore, tmp_path: Path
) -> None:
    digest = blobs.put(BIG)
    far.replace(url, key_of(digest), BIG[:-1] + b"\0")
    remote = elsewhere(far, url, tmp_path).remote(digest)
    assert remote is not None
    came: list[bytes] = []
    with pytest.raises(BlobCorruptError):
        came.extend(remote.chunks(0, len(BIG)))
    assert len(b"".join(came)) < len(BIG)


def test_two_who_write_the_same_bytes_at_once_both_have_them(
    proxy: Proxy, far: S3, url: str, blobs: BlobStore, tmp_path: Path
) -> None:
    held = Held()
    proxy.once(held, "PUT")
    digests: list[str] = []
    first = threading.Thread(target=lambda: digests.append(blobs.put(b"a picture")))
    first.start()
    assert held.here.wait(10)
    digests.append(elsewhere(far, url, tmp_path).put(b"a picture"))
    held.go.set()
    first.join(10)
    assert len(set(digests)) == 1
    assert len(digests) == 2
    assert blobs.verify(digests[0]) == 9
    writes = [line for line in proxy.seen if line.startswith("PUT") and line.endswith(key_of(digests[0]))]
    assert len(writes) == 2, "each tried once, and the second changed nothing"


def test_keys_are_masked_wherever_they_are_printed() -> None:
    access = BucketAccess(
        Path("/cache"), 1, {"AWS_ACCESS_KEY_ID": SecretStr(KEY), "AWS_SECRET_ACCESS_KEY": SecretStr(SECRET)}
    )
    assert SECRET not in repr(access)
    assert KEY not in repr(access)
