"""``reelog get``: a film's files from a server, and what it ends with where there is none."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.client import Client
from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.cli.conftest import Floor, Run, Scripted
from tests.api.conftest import SHIPPED
from tests.api.serving import serving
from tests.projections.filming import Filming

pytestmark = pytest.mark.slow

FILES = ["captions.srt", "captions.vtt", "manifest.json", "poster.jpg", "video.mp4"]
JOB = "3fa1b2c3-0000-4000-8000-000000000001"


@pytest.fixture
def server() -> Iterator[tuple[str, Floor]]:
    system = open_system(load_settings(), provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as address:
        yield address, Floor(system, Filming(system.store, system.blobs))


def test_the_files_of_a_film_are_brought_once(run: Run, server: tuple[str, Floor]) -> None:
    url, floor = server
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "completed"
    floor.settle()

    done = run("get", "latest", "--out", "film", "--url", url)

    assert done.exit_code == 0, done.stderr
    assert sorted(Path(line).name for line in done.stdout.splitlines()) == FILES
    assert sorted(path.name for path in Path("film").iterdir()) == FILES
    (video,) = [
        asset for asset in Client(url).get(f"/v1/jobs/{job_id}/assets")["data"] if asset["kind"] == "video"
    ]
    assert f"sha256:{hashlib.sha256(Path('film/video.mp4').read_bytes()).hexdigest()}" == video["digest"]
    assert "Brought 5 files" in done.stderr

    again = run("get", str(job_id)[:8], "-q", "--json", "--url", url)
    assert again.exit_code == 0
    told = [json.loads(line) for line in again.stdout.splitlines()]
    assert {Path(one["path"]).parent.name for one in told} == {str(job_id)}
    assert again.stderr == ""


def page(**changes: Any) -> dict[str, Any]:
    return {
        "id": JOB, "status": "completed", "pruned_at": None, "set_aside": None, "failure": None,
        "links": {"video": None},
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("running", 2, f"reelog watch {JOB} --url"),
        ("failed", 1, "has no film: it is failed"),
        ("cancelled", 3, "has no film: it is cancelled"),
        ("awaiting_review", 6, "has no film: it is awaiting review"),
    ],
)
def test_a_job_without_a_film_ends_with_the_code_of_its_state(
    run: Run, scripted: Scripted, status: str, code: int, said: str
) -> None:
    scripted.answer(f"/v1/jobs/{JOB}", page(status=status))

    told = run("get", JOB, "--url", scripted.url)

    assert (told.exit_code, told.stdout) == (code, "")
    assert said in told.stderr


def test_a_pruned_film_is_gone(run: Run, scripted: Scripted) -> None:
    scripted.answer(f"/v1/jobs/{JOB}", page(pruned_at="2026-11-28T10:00:00Z"))

    gone = run("get", JOB, "--url", scripted.url)

    assert gone.exit_code == 2
    assert "its files are gone" in gone.stderr
    assert "None" not in gone.stderr


def test_what_arrives_damaged_is_told_and_not_kept(run: Run, scripted: Scripted) -> None:
    asset = {"kind": "video", "id": "v", "name": "video", "revision": 1, "digest": "sha256:00", "bytes": 4}
    scripted.answer(f"/v1/jobs/{JOB}", page())
    scripted.answer(f"/v1/jobs/{JOB}/assets", {"data": [asset], "has_more": False, "next": None})
    scripted.answer("/v1/assets/v/content", b"film")

    damaged = run("get", JOB, "--out", "film", "--url", scripted.url)

    assert damaged.exit_code == 4
    assert "another digest" in damaged.stderr
    assert not list(Path("film").iterdir())


def test_a_server_that_is_not_there_is_told_at_once(run: Run) -> None:
    assert run("get", JOB, "--url", "http://127.0.0.1:9").exit_code == 4
