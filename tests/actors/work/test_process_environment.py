"""Where Ray's processes live: an own folder with a short path, and nothing that is relative to another."""

import os
import stat
from pathlib import Path

import pytest

from actors.work import process_environment as module
from actors.work.process_environment import PREFIX, NoPlaceError, ProcessEnvironment, environment


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own; its path is longer than a socket's may be elsewhere."""
    folder = tmp_path_factory.mktemp("t")
    monkeypatch.setattr(module, "LONGEST_PATH", len(str(folder)) + 1 + len(PREFIX) + 8)
    monkeypatch.setattr(module, "_USUAL", ())
    monkeypatch.setattr(module, "_REMOVAL_PAUSE_S", 0.0)
    return folder


def test_the_folder_is_ours_alone_and_goes_with_all_that_is_in_it(place: Path) -> None:
    surroundings = ProcessEnvironment({"TMPDIR": str(place)})
    folder = surroundings.folder
    assert folder.parent == place
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "session").mkdir()
    surroundings.close()
    assert list(place.iterdir()) == []
    surroundings.close()


def test_what_a_dying_process_makes_anew_is_removed_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    surroundings = ProcessEnvironment({"TMPDIR": str(place)})
    late = surroundings.folder / "session" / "logs"
    pauses = iter([lambda: late.mkdir(parents=True)])
    monkeypatch.setattr(module.time, "sleep", lambda _: next(pauses, lambda: None)())
    surroundings.close()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("name", ["RAY_TMPDIR", "TMPDIR", "TEMP"])
@pytest.mark.parametrize("wrong", ["/rü", "tmp", ".", "/nonexistent/tmp", "/" + "long" * 20])
def test_a_named_folder_that_cannot_be_used_is_told_and_another_is_taken(
    place: Path, name: str, wrong: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_USUAL", (str(place),))
    surroundings = ProcessEnvironment({name: wrong})
    assert surroundings.folder.parent == place
    surroundings.close()
    assert f"{name}={wrong!r}" in caplog.text


@pytest.mark.usefixtures("place")
def test_where_there_is_no_place_at_all_the_variable_to_set_is_named() -> None:
    with pytest.raises(NoPlaceError, match=r"TMPDIR='/nonexistent'.*RAY_TMPDIR"):
        _ = ProcessEnvironment({"TMPDIR": "/nonexistent"}).folder


def test_what_a_killed_process_left_is_removed_and_what_lives_is_not(place: Path) -> None:
    environ = {"TMPDIR": str(place)}
    living, dead = ProcessEnvironment(environ), ProcessEnvironment(environ)
    left = dead.folder
    assert living.folder.exists()
    assert dead._alive is not None
    os.close(dead._alive)  # as the end of its process does
    strange = place / f"{PREFIX}halfmade"
    strange.mkdir()

    third = ProcessEnvironment(environ)
    assert third.folder.exists()
    assert living.folder.exists()
    assert not left.exists()
    assert strange.exists(), "it may just be being made"
    living.close()
    third.close()


def test_ray_stands_in_an_empty_folder_and_everything_is_as_before_afterwards(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"TMPDIR": str(place), "PYTHONOPTIMIZE": "2", "PYTHONPATH": ":.:lib:/opt/lib", "HOME": "/"}
    before = dict(environ)
    surroundings = ProcessEnvironment(environ)
    with surroundings.entered():
        assert list(Path().iterdir()) == []
        assert "PYTHONOPTIMIZE" not in environ
        assert environ["PYTHONPATH"].split(":")[0] == "/opt/lib"
        assert environ["PYTHONSAFEPATH"] == "1"
        environ["MADE"] = "meanwhile"
    assert Path.cwd() == tmp_path
    assert environ == before | {"MADE": "meanwhile"}
    surroundings.close()


def test_standing_in_a_folder_that_is_gone_is_no_hindrance(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    surroundings = ProcessEnvironment({"TMPDIR": str(place)})
    with surroundings.entered():
        assert Path.cwd() == surroundings.folder / "empty"
    surroundings.close()


@pytest.mark.parametrize("path", ["", ".", ":", "lib", "./x:..:"])
def test_no_relative_entry_reaches_rays_processes(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_must_be_told_of", lambda _: False)
    wanted = environment({"PYTHONPATH": path, "PYTHONUSERBASE": "."}, Path("/x"))
    assert "PYTHONPATH" not in wanted
    assert "PYTHONUSERBASE" not in wanted


def test_only_code_is_shipped_and_no_key(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".env", "reelog.env", "reelog-data/events.sqlite3", "film/video.mp4", "actors/.env"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("GEMINI_API_KEY=secret")
    for name in module.PACKAGES:
        (tmp_path / name / "part").mkdir(parents=True)
        (tmp_path / name / "part" / "code.py").write_text("x = 1")
        (tmp_path / name / "part" / "prompt.md").write_text("Draw.")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    surroundings = ProcessEnvironment({"TMPDIR": str(place)})
    shipped = {str(p.relative_to(surroundings.code())) for p in surroundings.code().rglob("*") if p.is_file()}
    assert shipped == {f"{name}/part/{file}" for name in module.PACKAGES for file in ("code.py", "prompt.md")}
    surroundings.close()
