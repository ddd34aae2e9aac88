"""A film's files in a folder: whole, readable by whom the umask says, and nothing else beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from actors.blobs.folder import LocalBlobs
from api.cli.output import FILES, UNFINISHED, export
from projections.readers import ReadModels

VTT = b"WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.000\nHello\n"


class Listed:
    """A job's assets, each with some bytes."""

    def __init__(self, blobs: LocalBlobs) -> None:
        self._digests = {
            kind: blobs.put(VTT if kind == "captions" else kind.encode()) for kind in FILES.values()
        }

    def assets(self, _: Any) -> list[str]:
        return [json.dumps({"kind": kind, "digest": digest}) for kind, digest in self._digests.items()]


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "film"
    folder.mkdir()
    return folder


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def exported(blobs: LocalBlobs, folder: Path) -> dict[str, Path]:
    return export(cast("ReadModels", Listed(blobs)), blobs, uuid4(), folder)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002], indirect=True)
def test_who_may_read_the_files_is_what_the_umask_says(blobs: LocalBlobs, folder: Path, umask: int) -> None:
    written = exported(blobs, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES) == sorted(written)
    assert {path.stat().st_mode & 0o777 for path in written.values()} == {0o666 & ~umask}


def test_files_that_cannot_all_be_written_leave_those_of_before(
    blobs: LocalBlobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "video.mp4").write_text("the one before")
    listed, calls = Listed(blobs), iter(range(3))

    def full(_: int) -> None:
        if next(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        export(cast("ReadModels", listed), blobs, uuid4(), folder)
    assert [path.read_text() for path in folder.iterdir()] == ["the one before"]


def test_what_a_killed_command_left_is_removed_by_the_next(blobs: LocalBlobs, folder: Path) -> None:
    killed = (
        "import os, sys; from pathlib import Path; from actors.work import temporary_files\n"
        "temporary_files.create(Path(sys.argv[1]), prefix=sys.argv[2]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(folder), UNFINISHED], check=False)
    own = folder / ".video.mp4.swp"
    own.write_text("somebody's own")
    assert len(list(folder.iterdir())) == 2
    exported(blobs, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, own.name])
