"""Processes that make rows for a rebuild end with whoever asked, also when that one is killed."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from domain.store import open_event_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 60_000
BUILDER = """
import sys
from projections.bulk import Processes
if __name__ == "__main__":
    processes = Processes(sys.argv[1], 1)
    [end, made] = next(processes.ranges(0, 1))
    [child] = processes._each[0]._processes
    print(child, flush=True)
    sys.stdin.read()
    processes.close()
"""


@pytest.fixture
def builder(tmp_path: Path) -> "subprocess.Popen[str]":
    url = f"sqlite:///{tmp_path}/events.sqlite3"
    open_event_store(url).close()
    script = tmp_path / "builder.py"
    script.write_text(BUILDER)
    return subprocess.Popen(
        [sys.executable, str(script), url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", ["killed", "closed"])
def test_they_end_with_whoever_asked(builder: "subprocess.Popen[str]", how: str) -> None:
    assert builder.stdin is not None
    assert builder.stdout is not None
    child = os.pidfd_open(int(builder.stdout.readline()))
    try:
        if how == "killed":
            builder.kill()
        else:
            builder.stdin.close()
        builder.wait(60)
        ended = select.poll()
        ended.register(child, select.POLLIN)
        assert ended.poll(PATIENCE_MS), "the process that made rows is still there"
    finally:
        os.close(child)
        builder.kill()
        builder.stdout.close()
        if not builder.stdin.closed:
            builder.stdin.close()
