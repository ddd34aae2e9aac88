"""Bytes in a bucket go only while nobody is about to use them: no lock, but each says what it does first."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.blobs.bucket import Bucket
from actors.blobs.errors import BlobMissingError, BlobStoreUnavailableError
from actors.blobs.folder import key_of
from actors.blobs.removal import ACTS_WITHIN_S, GRACE, Removal
from tests.object_store import S3, Held, Proxy, Unanswered, proxy_before

OLD = timedelta(days=30)
NAME = "ab" * 32
DIGEST = f"sha256:{NAME}"
WAIT_S = 20


class House:
    """A bucket with an old film in it; whoever removes comes by the proxy, whoever uses it directly."""

    def __init__(self, proxy: Proxy, far: S3, near: S3, folder: Path) -> None:
        self.proxy = proxy
        self.url = near.bucket()
        self.near = near
        self.remover = far.open(self.url, folder / "remover")
        self.user = near.open(self.url, folder / "user")
        self.film = self.user.put(b"a film")
        self.age()
        self.removed: list[int | None] = []

    def age(self) -> None:
        self.near.make_older(self.url, key_of(self.film), OLD)

    def remove(self) -> int | None:
        return self.remover.remove(self.film, put_before=datetime.now(UTC))

    def keys(self, folder: str) -> list[str]:
        return [key for key in self.near.keys(self.url) if key.startswith(f"{folder}/")]


@pytest.fixture
def house(s3: S3, tmp_path: Path) -> Iterator[House]:
    with proxy_before(s3) as (proxy, far):
        yield House(proxy, far, s3, tmp_path)


def run(call: Any) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(call()), daemon=True)
    thread.start()
    return thread, answers


def test_what_is_old_goes_and_no_word_of_it_stays(house: House) -> None:
    assert house.user.keep(house.film)
    house.near.make_older(house.url, house.keys("kept")[0], OLD)
    assert house.remove() == 6
    assert house.near.keys(house.url) == []


@pytest.mark.parametrize("age", [timedelta(0), GRACE / 2, GRACE - timedelta(minutes=1)])
def test_what_is_within_the_grace_period_stays_whatever_is_asked(
    s3: S3, tmp_path: Path, age: timedelta
) -> None:
    url = s3.bucket()
    blobs = s3.open(url, tmp_path)
    digest = blobs.put(b"a film")
    s3.make_older(url, key_of(digest), age)
    assert blobs.remove(digest, put_before=datetime.now(UTC) + OLD) is None
    assert blobs.verify(digest) == 6
    assert s3.keys(url) == [key_of(digest)], "no word of it stays"


@pytest.mark.parametrize("use", ["put", "keep"])
def test_what_was_used_within_the_grace_period_stays(house: House, use: str) -> None:
    house.user.put(b"a film") if use == "put" else house.user.keep(house.film)
    assert house.remove() is None
    assert house.user.verify(house.film) == 6
    assert house.keys("removing") == []


@pytest.mark.parametrize("use", ["put", "keep"])
def test_who_uses_it_before_the_look_is_seen_by_who_removes(house: House, use: str) -> None:
    house.proxy.once(held := Held(), "/kept/")
    removing, removed = run(house.remove)
    assert held.here.wait(WAIT_S)
    using, used = run(lambda: house.user.put(b"a film") if use == "put" else house.user.keep(house.film))
    while not house.keys("kept"):
        assert using.is_alive(), "it waits for who removes"
    held.go.set()
    removing.join(WAIT_S)
    using.join(WAIT_S)
    assert removed == [None]
    assert used == [house.film if use == "put" else True]
    assert house.user.verify(house.film) == 6


def test_who_keeps_it_after_the_look_waits_and_hears_that_it_is_gone(house: House) -> None:
    house.proxy.once(held := Held(), "DELETE")
    removing, removed = run(house.remove)
    assert held.here.wait(WAIT_S)
    keeping, kept = run(lambda: house.user.keep(house.film))
    while not house.keys("kept"):
        assert keeping.is_alive()
    assert kept == []
    held.go.set()
    removing.join(WAIT_S)
    keeping.join(WAIT_S)
    assert (removed, kept) == ([6], [False])
    assert house.near.keys(house.url) == []


def test_who_puts_it_after_the_look_waits_and_puts_it_anew(house: House) -> None:
    house.proxy.once(held := Held(), "DELETE")
    removing, removed = run(house.remove)
    assert held.here.wait(WAIT_S)
    putting, put = run(lambda: house.user.put(b"a film"))
    while not house.keys("kept"):
        assert putting.is_alive()
    held.go.set()
    removing.join(WAIT_S)
    putting.join(WAIT_S)
    assert (removed, put) == ([6], [house.film])
    assert house.user.verify(house.film) == 6


def test_two_who_remove_the_same_take_turns(house: House) -> None:
    house.proxy.once(held := Held(), "DELETE")
    first, removed = run(house.remove)
    assert held.here.wait(WAIT_S)
    second, also = run(lambda: house.user.remove(house.film, put_before=datetime.now(UTC)))
    assert second.is_alive()
    held.go.set()
    first.join(WAIT_S)
    second.join(WAIT_S)
    assert (removed, also) == ([6], [0])
    assert house.near.keys(house.url) == []


def test_a_deed_without_an_answer_is_told_and_its_word_stays_for_who_comes_next(house: House) -> None:
    house.proxy.once(Unanswered(), "DELETE")
    with pytest.raises(BlobStoreUnavailableError):
        house.remove()
    assert len(house.keys("removing")) == 1
    with pytest.raises(BlobMissingError):
        house.user.verify(house.film)


# ---- who died, and who is slow ------------------------------------------------------------------------


class Time:
    """A clock that goes on only where somebody waits or is made to."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds * 100


@pytest.fixture
def bucket(s3: S3) -> Bucket:
    return Bucket(s3.bucket(), s3.variables)


def test_the_word_of_a_dead_one_is_taken_back_in_time(bucket: Bucket) -> None:
    time = Time()
    removal = Removal(bucket, grace=timedelta(0), clock=time.clock, pause=time.pause)
    bucket.create(f"removing/{NAME}", b"")
    bucket.create(key_of(DIGEST), b"a film")
    removal.keep(NAME)
    assert time.now > ACTS_WITHIN_S
    assert bucket.find(f"removing/{NAME}") is None
    bucket.create(f"removing/{NAME}", b"")
    bucket.delete(f"kept/{NAME}")
    assert removal.remove(NAME, key_of(DIGEST), datetime.now(UTC) + OLD) == 6, "who removes waits as well"


def test_who_is_stopped_between_word_and_deed_does_nothing(bucket: Bucket) -> None:
    time = Time()
    removal = Removal(bucket, grace=timedelta(0), clock=time.clock, pause=time.pause)
    bucket.create(key_of(DIGEST), b"a film")
    find = bucket.find_in_bucket

    def slowly(key: str) -> Any:
        time.now += ACTS_WITHIN_S
        return find(key)

    bucket.find_in_bucket = slowly  # type: ignore[method-assign]
    assert removal.remove(NAME, key_of(DIGEST), datetime.now(UTC) + OLD) is None
    assert find(key_of(DIGEST)) is not None
    assert find(f"removing/{NAME}") is None


def test_who_was_given_up_does_nothing(bucket: Bucket) -> None:
    removal = Removal(bucket, grace=timedelta(0))
    bucket.create(key_of(DIGEST), b"a film")
    create = bucket.create

    def given_up(key: str, data: bytes) -> bool:
        created = create(key, data)
        bucket.delete(key)
        return created

    bucket.create = given_up  # type: ignore[method-assign]
    assert removal.remove(NAME, key_of(DIGEST), datetime.now(UTC) + OLD) is None
    assert bucket.find(key_of(DIGEST)) is not None
