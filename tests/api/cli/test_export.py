"""`reelog export` writes a film's edit or archive, from a store or a server alike, whole or not at all."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from api.composition import open_system
from api.settings import load_settings
from tests.api.cli.conftest import Floor, Run, Scripted, plain
from tests.api.exportable import ExportableFilming
from tests.api.serving import serving


def finished(floor: Floor) -> str:
    filming = ExportableFilming(floor.system)
    job_id = filming.submit(provider="gemini")
    assert filming.finish(job_id) == "completed"
    floor.settle()
    return str(job_id)


def test_an_archive_is_written_from_the_store_and_told(run: Run, floor: Floor) -> None:
    job_id = finished(floor)
    done = run("export", "latest", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    path = Path(told["file"])
    assert path.name == f"{job_id}.zip"
    assert told["bytes"] == path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert "The-Boat/film.otio" in archive.namelist()


def test_an_edit_goes_where_it_is_wanted(run: Run, floor: Floor) -> None:
    finished(floor)
    done = run("export", "latest", "--as", "otio", "--out", "cut/film.otio")
    assert done.exit_code == 0, done.stderr
    assert re.search(r"Written: .*film\.otio \([1-9][0-9.]* kB\)\.", done.stderr), done.stderr
    assert json.loads(Path("cut/film.otio").read_text("utf-8"))["OTIO_SCHEMA"] == "Timeline.1"
    assert sorted(path.name for path in Path("cut").iterdir()) == ["film.otio"]


def test_what_cannot_be_exported_is_said_and_nothing_is_left(run: Run, floor: Floor) -> None:
    floor.filming.submit(provider="gemini")
    floor.settle()
    refused = run("export", "latest", "--out", "cut/film.zip")
    assert refused.exit_code == 2
    assert "there is no finished film" in plain(refused)
    assert list(Path("cut").iterdir()) == []
    finished(floor)
    folder = run("export", "latest", "--out", "cut")
    assert folder.exit_code == 2
    assert "--out: 'cut' is a folder" in plain(folder)


def test_a_server_whose_answer_breaks_off_leaves_nothing(run: Run, scripted: Scripted) -> None:
    job_id = "00000000-0000-4000-8000-000000000001"
    scripted.answer(f"/v1/jobs/{job_id}/export", b"half a film", truncated=True)
    broken = run("export", job_id, "--url", scripted.url, "--out", "film.zip")
    assert broken.exit_code == 4
    assert not list(Path().glob("*film*"))


@pytest.mark.slow
def test_a_server_gives_the_same_bytes_as_the_store(run: Run, floor: Floor) -> None:
    job_id = finished(floor)
    assert run("export", job_id, "--out", "here.zip").exit_code == 0
    with serving(open_system(load_settings(PORT=0), provider="emulator")) as url:
        done = run("export", job_id, "--url", url, "--out", "there.zip")
        assert done.exit_code == 0, done.stderr
    assert Path("there.zip").read_bytes() == Path("here.zip").read_bytes()
