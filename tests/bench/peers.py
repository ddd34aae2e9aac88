"""Other programs that run steps durably, each in an environment of its own, as its users install it.

``python -m tests.bench.peers`` (``make bench-peers``) makes the environments in ``build/peers``. A bench that
compares with one of them calls `run`; where it is not installed, the bench is skipped and says so.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.report import REPOSITORY, SkippedError

INSTALLED = REPOSITORY / "build" / "peers"
PROGRAMS = Path(__file__).parent / "peer_programs"
PEERS = {"dbos": "dbos", "huey": "huey"}
"""What is installed for each; its program is ``peer_programs/NAME_steps.py``."""
RUN_S = 600.0


def python_of(peer: str, folder: Path = INSTALLED) -> Path:
    """The interpreter that has it. SkippedError where there is none."""
    python = folder / peer / "bin" / "python"
    if not python.exists():
        raise SkippedError(f"{peer} is not installed; `make bench-peers` installs it")
    return python


def run(peer: str, *arguments: str, folder: Path = INSTALLED, programs: Path = PROGRAMS) -> dict[str, Any]:
    """The figures that its program prints, and the version that gave them."""
    python = python_of(peer, folder)
    version = f"import importlib.metadata as m; print(m.version({PEERS[peer]!r}))"
    told = _output(python, "-c", version)
    figures: dict[str, Any] = json.loads(
        _output(python, str(programs / f"{peer}_steps.py"), *arguments).splitlines()[-1]
    )
    return {**figures, "version": told.strip()}


def _output(python: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [str(python), *arguments], capture_output=True, text=True, timeout=RUN_S, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    return ran.stdout


def install(names: Sequence[str] = (*PEERS,), folder: Path = INSTALLED) -> None:
    for name in names:
        place = folder / name
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [
            str(place / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        subprocess.run([*pip, PEERS[name]], check=True)
        sys.stdout.write(f"{name} is in {place.relative_to(REPOSITORY)}\n")


if __name__ == "__main__":
    install()
