"""Nothing of the folder one stands in is ever imported: not by the command, not by any process of Ray."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.processes import FILM_S, SHORT

REELOG = Path(sys.executable).with_name("reelog")
MODULES = (
    *("actors", "api", "domain", "projections"),
    *("numpy", "av", "cv2", "PIL", "scipy", "click", "pydantic", "dotenv", "eventsourcing"),
    *("ray", "grpc", "google", "psutil"),
    *("random", "secrets", "json", "typing", "asyncio", "email", "logging"),
    *("sitecustomize", "usercustomize"),
)
PACKAGES = ["actors", "projections", "google", "ray"]
TRAP = "open({marker!r} + __name__, 'w').close()\nraise SystemExit('this is somebody else')\n"

pytestmark = pytest.mark.skipif(not REELOG.exists(), reason="the command is not installed")


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A folder full of modules with everyday names; each leaves a file when it is run."""
    folder = tmp_path / "downloads ü"
    folder.mkdir()
    for name in MODULES:
        path = folder / f"{name}.py"
        if name in PACKAGES:
            (folder / name).mkdir()
            path = folder / name / "__init__.py"
        path.write_text(TRAP.format(marker=str(tmp_path / "run-")))
    (folder / "story.txt").write_text(SHORT, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = ("REELOG_", "GEMINI_", "GOOGLE_", "PYTHON")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return subprocess.run(
        arguments,
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=FILM_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def run_modules(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.glob("run-*"))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_film_is_made_in_a_folder_full_of_everyday_modules(traps: Path, tmp_path: Path) -> None:
    """Ray puts the driver's folder before all else on the path of its workers, unless it is kept from it."""
    asked = ["make", "story.txt", "--out", "film", "--emulate", "--quality", "low", "--fps", "24"]
    home = tmp_path / "home"
    own = {"TMPDIR": str(traps), "HOME": str(home), "PYTHONOPTIMIZE": "2"}
    done = run(traps, str(REELOG), *asked, "--no-music", "--max-scenes", "1", **own)

    assert run_modules(tmp_path) == []
    assert done.returncode == 0, done.stderr
    assert (traps / "film" / "video.mp4").read_bytes()[4:8] == b"ftyp"
    assert [path.name for path in traps.iterdir() if path.name.startswith("reelog-ray")] == []
    assert not home.exists(), "nothing of Ray's is written into somebody's home"


@pytest.mark.slow
@pytest.mark.parametrize("path", [":", ".", "./:/nonexistent"])
def test_an_empty_entry_of_the_path_is_not_heeded(traps: Path, tmp_path: Path, path: str) -> None:
    """What Python itself imports before any of us can be asked is taken away: nobody can guard that."""
    for name in ("sitecustomize", "usercustomize", "typing"):
        (traps / f"{name}.py").unlink()
    (traps / "api.py").unlink()
    listed = run(traps, str(REELOG), "ls", PYTHONPATH=path)
    assert run_modules(tmp_path) == []
    assert listed.returncode == 0, listed.stderr


def test_standing_among_the_libraries_is_no_hindrance() -> None:
    for module in (click, json):
        assert module.__file__ is not None
        helped = run(Path(module.__file__).parents[1], str(REELOG), "--version", PYTHONPATH=":")
        assert helped.returncode == 0, helped.stderr


def test_as_a_module_only_python_itself_looks_into_the_current_folder(traps: Path, tmp_path: Path) -> None:
    for name in ("api", "typing"):
        (traps / f"{name}.py").unlink()
    helped = run(traps, sys.executable, "-m", "api", "--help")
    assert run_modules(tmp_path) == []
    assert helped.returncode == 0, helped.stderr
