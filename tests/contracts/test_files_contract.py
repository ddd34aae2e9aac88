"""The files that people brought, on both stores: found, listed past a long log, and removed when unused."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from actors.blobs.opening import open_blobs
from domain.file import File, FileKind
from domain.job import Job
from domain.store import EventLog, EventStore, Files, Studio
from domain.store.uses import Uses
from domain.submission import Options

NOW = datetime.now(UTC)
LATER = timedelta(hours=25)


class Used:
    """Read models that know of these digests."""

    def __init__(self, *digests: str) -> None:
        self._digests = digests

    def is_used(self, digest: str, *, besides: Collection[object]) -> bool:
        assert not besides
        return digest in self._digests

    def wait_for(self, position: int, timeout_s: float) -> bool:
        return position > 0 < timeout_s


def used(*digests: str) -> Uses:
    return cast("Uses", Used(*digests))


@pytest.fixture
def studio(store: EventStore) -> Studio:
    return Studio(store)


def added(files: Files, digest: str, caller: str = "local") -> bool:
    about = {"media_type": "image/png", "size": 3, "facts": {}, "notes": []}
    file = File.add(caller, digest, FileKind.IMAGE, now=NOW, **about)  # type: ignore[arg-type]
    return files.add(file, NOW)[1]


def submit(studio: Studio) -> None:
    options = Options().model_dump(mode="json")
    weights = {"seconds": {}, "scenes": 1, "measured": False}
    job = Job.submit(
        uuid4(),
        now=NOW,
        script="A boat.",
        models={},
        options=options,
        provider="emulator",
        weights=weights,  # type: ignore[arg-type]
    )
    studio.submit(job)


def test_files_are_found_by_caller_and_digest_and_only_what_is_unused_goes(
    studio: Studio, tmp_path: Path
) -> None:
    blobs = open_blobs(f"file://{tmp_path}/blobs")
    first, second = blobs.put(b"one"), blobs.put(b"two")
    files = Files(studio, EventLog(studio))
    assert added(files, first)
    submit(studio)
    assert not added(files, first)
    assert added(files, first, "somebody")
    assert added(files, second)
    assert files.find("local", second) is not None
    assert files.find("somebody", second) is None
    assert {(file.caller, file.digest) for file in files.all()} == {
        ("local", first),
        ("somebody", first),
        ("local", second),
    }

    assert files.remove_unused(used(), blobs, lambda: NOW) == []
    gone = files.remove_unused(used(second), blobs, lambda: datetime.now(UTC) + LATER)
    assert {(file.caller, file.digest) for file in gone} == {("local", first), ("somebody", first)}
    assert (blobs.exists(first), blobs.exists(second)) == (False, True)
    assert files.find("local", first) is None
    # Another process, which has seen nothing yet.
    assert [file.digest for file in Files(studio, EventLog(studio)).all()] == [second]

    blobs.put(b"one")
    assert added(files, first)
    assert files.find("local", first) is not None
