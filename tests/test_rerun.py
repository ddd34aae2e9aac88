"""A test that fails is run once more: who fails again fails the run, and nobody is passed over in silence."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each starts pytest once or twice

ROOT = Path(__file__).parents[1]
WELL, ONCE, TWICE = "well", "once", "twice"
TESTS = """
from pathlib import Path

def test_well() -> None:
    pass

def test_once() -> None:
    seen = Path("seen")
    again = seen.exists()
    seen.touch()
    assert again

def test_twice() -> None:
    assert not "this"
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [sys.executable, "-m", "tests.rerun", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_three.py").write_text(TESTS)
    return tmp_path


def test_who_fails_only_once_is_named_and_fails_nothing(folder: Path) -> None:
    done = run(folder, "-k", f"{WELL} or {ONCE}")
    assert done.returncode == 0, done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert done.stdout.endswith(
        "  UNSTABLE: test_three.py::test_once failed, and passed when it was run again\n"
    )


def test_who_fails_twice_fails_the_run(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout.partition("run once more")[2]
    assert "UNSTABLE: test_three.py::test_once" in done.stdout
    assert "UNSTABLE: test_three.py::test_twice" not in done.stdout


def test_many_that_fail_are_not_run_again(folder: Path) -> None:
    (folder / "test_many.py").write_text(
        "".join(f"def test_{n}() -> None: assert {n} < 0\n" for n in range(6))
    )
    done = run(folder, "test_many.py")
    assert done.returncode == 1
    assert "once more" not in done.stdout


def test_what_cannot_be_collected_is_not_run_again(folder: Path) -> None:
    (folder / "test_broken.py").write_text("import nothing_of_this_name\n")
    done = run(folder)
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "once more" not in done.stdout
