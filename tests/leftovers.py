"""What a run of tests has started ends with it, however the run ends.

A fixture ends what it starts, also when its test fails. A run that is ended by a signal has no time for that,
nor has a process of it that dies. So a process of its own waits at a pipe, which is closed by whatever ends
pytest, and ends all that bears a mark in its environment: also what has left its parent, as servers do.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from secrets import token_hex
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import pytest

MARK = "STARTED_BY_TESTS"
IN_ORDER_S = 5
ROUNDS = 10
"""What is ended may have started something meanwhile."""


def watch(config: "pytest.Config") -> None:
    """From now on; for ``pytest_configure``."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        return  # it runs no tests: its workers do, each of which is watched
    environment = dict(os.environ)
    os.environ[MARK] = mark = token_hex(8)
    watcher = subprocess.Popen(
        [sys.executable, "-P", __file__, mark],
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is not for it
    )
    config.add_cleanup(lambda: _end(watcher))


def _end(watcher: "subprocess.Popen[bytes]") -> None:
    watcher.communicate(b"\n")  # what was forked and left may hold the pipe open, too


def _end_all(mark: str) -> None:
    ended = _each(_marked(mark), psutil.Process.terminate)
    psutil.wait_procs(ended, timeout=IN_ORDER_S)
    for _ in range(ROUNDS):
        if not (left := _marked(mark)):
            return
        ended = _each({one for each in left for one in _tree(each)}, psutil.Process.kill)
        psutil.wait_procs(ended, timeout=IN_ORDER_S)


def _marked(mark: str) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.add(process)
    return found


def _tree(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def _each(processes: set[psutil.Process], do: Callable[[psutil.Process], None]) -> set[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            do(process)
    return processes


if __name__ == "__main__":
    sys.stdin.readline()
    _end_all(sys.argv[1])
