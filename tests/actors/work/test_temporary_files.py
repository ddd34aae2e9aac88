"""What is under way is nobody else's, and is gone when whoever writes it is."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from actors.work import temporary_files

KILLED = """
import os, sys
from pathlib import Path
from actors.work import temporary_files
temporary_files.create(Path(sys.argv[1]), prefix="a-", suffix=".mp4")
with temporary_files.workspace(Path(sys.argv[1]), prefix="b-") as folder:
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_text("half")
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A folder in which a process was killed."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 3
    return tmp_path


def test_what_a_killed_process_left_is_swept_by_its_kind(left: Path) -> None:
    (left / "a-link").symlink_to("nowhere")
    (left / "a-folder").mkdir()
    temporary_files.sweep(left, prefix="a-")
    assert sorted(path.name[:2] for path in left.iterdir()) == ["a-", "a-", "b-", "b-"]
    with temporary_files.workspace(left, prefix="b-") as folder:
        assert folder.is_dir()
        assert len([path for path in left.iterdir() if path.name.startswith("b-")]) == 2, "ours, and its lock"
        temporary_files.sweep(left)
        assert folder.is_dir()
    assert sorted(path.name for path in left.iterdir()) == ["a-folder", "a-link"]


def test_a_folder_that_is_not_there_is_nothing_to_sweep(tmp_path: Path) -> None:
    temporary_files.sweep(tmp_path / "nowhere")


def test_a_workspace_goes_with_its_block_however_that_ends(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "file").write_text("half")
        raise ValueError("broken")

    with (
        pytest.raises(ValueError, match="broken"),
        temporary_files.workspace(tmp_path, prefix="b-") as folder,
    ):
        fail(folder)
    assert list(tmp_path.iterdir()) == []
