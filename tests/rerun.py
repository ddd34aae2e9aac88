"""pytest, and then once more each of the few tests that failed, one by one with nothing beside them.

``python -m tests.rerun`` takes pytest's own arguments. Thousands of tests share two cores with browsers,
databases and Ray, and now and then one of them is kept from the processor for longer than it waits. A test
that fails twice fails the run. One that fails only once is told at the very end: it has a fault all the same,
or the product has a race that it found, and whoever reads that looks for it.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

FEW = 5
"""More than so many have failed for a reason of their own."""
FAILED = Path(".pytest_cache/v/cache/lastfailed")
"""Where pytest notes them, by their names."""


def main(arguments: Sequence[str]) -> int:
    # Whoever is asked to end does not leave pytest behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    FAILED.unlink(missing_ok=True)
    status = _pytest(arguments)
    failed = _failed()
    if status != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= FEW:
        return status
    sys.stdout.write(f"\n{len(failed)} failed, and run once more with nothing beside them\n")
    sys.stdout.flush()
    status = _pytest(failed)
    if unstable := [test for test in failed if test not in _failed()]:
        lines = (f"  UNSTABLE: {test} failed, and passed when it was run again\n" for test in unstable)
        sys.stdout.write("".join(lines))
    return status


def _pytest(arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def _failed() -> list[str]:
    return list(json.loads(FAILED.read_text())) if FAILED.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
