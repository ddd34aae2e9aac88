"""What a machine keeps of a bucket: as much as it may, and never anything that is not what it should be."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actors.blobs import cache as cache_module
from actors.blobs.cache import FORGOTTEN, SPARED, BlobCache
from actors.blobs.errors import BlobMissingError, BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs, key_of
from domain.ports import BlobStore
from tests.object_store import S3, proxy_before

HOUR = 3600.0


class Kept:
    """A cache with room for a thousand bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = BlobCache(folder, 1000)

    def add(self, data: bytes, *, hours_ago: float = 1) -> str:
        digest = self.cache.files.put(data)
        self.used(digest, hours_ago)
        self.cache.added(len(data))
        return digest

    def used(self, digest: str, hours_ago: float) -> None:
        at = time.time() - hours_ago * HOUR
        os.utime(self.folder / key_of(digest), (at, at))

    def has(self, *digests: str) -> list[bool]:
        return [self.cache.files.exists(digest) for digest in digests]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "cache")


def test_what_was_longest_not_used_goes_first_until_all_fits(kept: Kept) -> None:
    first, second, third = (kept.add(bytes([n]) * 400, hours_ago=9 - n) for n in range(3))
    assert kept.has(first, second, third) == [False, True, True]
    assert kept.cache.find(second) is not None, "which is a use"
    fourth = kept.add(b"4" * 400, hours_ago=2)
    assert kept.has(second, third, fourth) == [True, False, True]


def test_what_was_used_a_moment_ago_stays_even_where_there_is_no_room(kept: Kept) -> None:
    minutes = SPARED / timedelta(hours=1) / 2
    digests = [kept.add(bytes([n]) * 900, hours_ago=minutes) for n in range(4)]
    assert kept.has(*digests) == [True] * 4
    kept.used(digests[2], 1)
    kept.cache.trim()
    assert kept.has(*digests) == [True, True, False, True]


def test_what_nobody_used_for_a_day_goes_though_there_is_room(kept: Kept) -> None:
    young = kept.add(b"young")
    old = kept.add(b"old")
    kept.used(old, FORGOTTEN / timedelta(hours=1) + 1)
    kept.cache.trim()
    assert kept.has(young, old) == [True, False]


def test_the_folder_is_looked_at_again_only_when_much_was_added(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look = BlobCache._look
    monkeypatch.setattr(BlobCache, "_look", lambda self: looks.append(1) or look(self))
    for n in range(10):
        kept.add(bytes([n]) * 20)
    assert len(looks) == 3, "at first, and then for each sixteenth of the limit"


def test_what_another_process_added_counts(kept: Kept) -> None:
    old = kept.add(b"1" * 600, hours_ago=5)
    another = Kept(kept.folder)
    new = another.add(b"2" * 600)
    assert kept.has(old, new) == [False, True]


def test_what_is_damaged_is_not_found_and_a_new_one_takes_its_place(kept: Kept) -> None:
    digest = kept.add(b"original")
    place = kept.folder / key_of(digest)
    place.chmod(0o644)
    place.write_bytes(b"tampered")
    assert kept.cache.find(digest) is None
    assert kept.add(b"original") == digest
    assert kept.cache.find(digest) == place


def test_nobody_waits_for_the_disk(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("a cache need not outlive a power cut"))
    kept.cache.drop(kept.add(b"a picture"))


def test_a_folder_that_cannot_be_made_is_told_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BlobStoreUnavailableError) as refusal:
        BlobCache(tmp_path / "file" / "cache", 1000)
    assert "REELOG_BLOBS_CACHE" in refusal.value.hint


# ---- before a bucket ------------------------------------------------------------------------------------


def test_what_a_machine_wrote_or_read_it_does_not_ask_for_again(s3: S3, tmp_path: Path) -> None:
    with proxy_before(s3) as (proxy, far):
        url = far.bucket()
        writer = far.open(url, tmp_path / "writer")
        picture = writer.put(b"a picture")
        film = writer.new_file(".mp4")
        film.write_bytes(b"frames")
        inode = film.stat().st_ino
        video, _ = writer.put_file(film)
        assert writer.path(video).stat().st_ino == inode, "moved, never copied"
        reader = far.open(url, tmp_path / "reader")
        asked(reader, picture, video)
        proxy.seen.clear()
        for store in (writer, reader, far.open(url, tmp_path / "reader")):
            asked(store, picture, video)
        assert [line for line in proxy.seen if "list-type" not in line] == []


def asked(store: BlobStore, picture: str, video: str) -> None:
    assert store.get(picture) == b"a picture"
    assert store.path(video).read_bytes() == b"frames"
    assert store.remote(video) is None


def test_what_has_been_let_go_is_had_again(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "SPARED", timedelta(0))
    url, folder = s3.bucket(), tmp_path / "cache"
    blobs = s3.open(url, folder, cache_bytes=1000)
    digests = [blobs.put(bytes([n]) * 400) for n in range(6)]
    assert sum(path.stat().st_size for path in folder.glob("??/??/*")) <= 1000
    assert [blobs.get(digest) for digest in digests] == [bytes([n]) * 400 for n in range(6)]
    assert sum(path.stat().st_size for path in folder.glob("??/??/*")) <= 1000


def test_what_is_removed_is_not_given_out_from_the_cache(s3: S3, tmp_path: Path) -> None:
    url = s3.bucket()
    blobs = s3.open(url, tmp_path / "cache")
    digest = blobs.put(b"a film")
    s3.make_older(url, key_of(digest), timedelta(days=1))
    assert blobs.remove(digest, put_before=datetime.now(UTC)) == 6
    with pytest.raises(BlobMissingError):
        blobs.get(digest)


def test_a_folder_of_blobs_and_a_bucket_hold_the_same_names(s3: S3, tmp_path: Path) -> None:
    url, folder = s3.bucket(), LocalBlobs(tmp_path / "blobs")
    digest = folder.put(b"a film")
    assert s3.open(url, tmp_path / "cache").put(b"a film") == digest
    assert s3.keys(url) == [str(folder.path(digest).relative_to(folder.root))]
