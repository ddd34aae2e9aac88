"""A run that is ended, or a process of it that dies, leaves nothing running that it started."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.processes import kill_all

pytestmark = pytest.mark.slow  # xdist gives whoever runs a test seconds to end

ROOT = Path(__file__).parents[1]
ENDED_S = 120
CONFIGURED = """
from tests.leftovers import watch

def pytest_configure(config):
    watch(config)
"""
STARTED = """
import os, signal, sys
if os.fork():
    os._exit(0)
os.setsid()
with open("alive", "w") as alive:
    print(os.getpid(), sys.argv[1], file=alive, flush=True)
    signal.pause()
"""
"""As servers do, it leaves who started it. Whoever reads ``alive`` is told of its end."""
TEST = f'''
import os, signal, subprocess, sys

def test_that_is_at_work():
    subprocess.run([sys.executable, "-c", """{STARTED}""", str(os.getpid())], check=True)
    signal.pause()
'''


def heard(alive: int) -> bytes:
    """What was written there next; nothing once nobody is left who could."""
    assert select.select([alive], [], [], ENDED_S)[0], f"nothing was heard for {ENDED_S} s"
    return os.read(alive, 1000)


@pytest.mark.parametrize(
    ("command", "whom", "number"),
    [
        (("pytest",), "the run", signal.SIGTERM),
        (("pytest",), "the run", signal.SIGKILL),
        (("pytest", "-n", "1"), "the run", signal.SIGTERM),
        (("pytest", "-n", "1"), "who runs the test", signal.SIGKILL),
        (("tests.rerun",), "the run", signal.SIGTERM),
    ],
)
def test_what_was_started_ends_with_who_started_it(
    tmp_path: Path, command: Sequence[str], whom: str, number: signal.Signals
) -> None:
    for name, text in (("pytest.ini", "[pytest]\n"), ("conftest.py", CONFIGURED), ("test_one.py", TEST)):
        (tmp_path / name).write_text(text)
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with (tmp_path / "told").open("wb") as told:
        run = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=tmp_path, env=environment, stdout=told, stderr=told
        )
    started: list[psutil.Process] = []
    try:
        process, tester = (int(pid) for pid in heard(alive).split())
        started += [psutil.Process(process), psutil.Process(tester)]
        os.kill(run.pid if whom == "the run" else tester, number)
        assert heard(alive) == b"", "it has not ended"
        run.wait(ENDED_S)
    finally:
        os.close(alive)
        kill_all([*started, psutil.Process(run.pid)] if run.poll() is None else started)
        run.wait(ENDED_S)
