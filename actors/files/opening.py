"""Opening what people bring, in a process of its own: what crashes, hangs or swells there hurts nobody else.

The process knows no key and no store: it is given one file to read and one to write. It may take so much
time and memory and no more, and what becomes of it is a clear refusal.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from actors.files.opened import Opened, Place
from actors.files.refusals import FileRefusedError, unfit

ROOT = Path(__file__).parents[2]
TIME_S = 300.0
MEMORY_BYTES = 5 * 1024**3 // 2
"""Of addresses, of which libraries reserve a part that they never use."""
MOST_WRITTEN = 2 * 1024**3
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_ENVIRONMENT = {
    **_ONE_THREAD,
    "MALLOC_ARENA_MAX": "2",
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True)
class Opening:
    """``time_s`` and ``memory_bytes`` are all that one file may take."""

    time_s: float = TIME_S
    memory_bytes: int = MEMORY_BYTES

    def clean(self, source: Path, target: Path) -> Opened:
        """Check what is in ``source``, and write it to ``target`` as it is to be kept. Blocks."""
        return self._run({"do": "clean", "source": str(source), "target": str(target)})

    def fit(self, source: Path, target: Path, place: Place) -> Opened:
        """Fit a file that was cleaned to a place in a film. Nothing is written where it fits as it is."""
        asked = {"do": "fit", "source": str(source), "target": str(target), "place": asdict(place)}
        return self._run(asked)

    def _run(self, asked: Mapping[str, Any]) -> Opened:
        limits = {
            "memory_bytes": self.memory_bytes,
            "cpu_s": int(2 * self.time_s) + 1,
            "written": MOST_WRITTEN,
        }
        with tempfile.TemporaryDirectory(prefix="reelog-opening-") as folder:
            process = subprocess.Popen(
                [sys.executable, "-m", "actors.files"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=_ENVIRONMENT | {"TMPDIR": folder},
                start_new_session=True,
            )
            try:
                said, trouble = process.communicate(json.dumps({**asked, **limits}).encode(), self.time_s)
            except subprocess.TimeoutExpired:
                raise unfit(f"Opening it took longer than {self.time_s:g} s") from None
            finally:
                if process.poll() is None:
                    process.kill()
                    process.communicate()
        return _outcome(process.returncode, said, trouble)


def _outcome(code: int, said: bytes, trouble: bytes) -> Opened:
    try:
        told: dict[str, Any] = json.loads(said)
    except ValueError:
        told = {}
    if code == 0 and "opened" in told:
        return Opened(**told["opened"])
    if code == 0 and "refused" in told:
        raise FileRefusedError(**told["refused"])
    if code == -signal.SIGXCPU:
        raise unfit("Opening it took too much computing time")
    if told.get("memory") or b"MemoryError" in trouble or b"bad_alloc" in trouble:
        raise unfit("Opening it would take too much memory")
    if code < 0:
        raise unfit(f"The program that opens files broke off over it ({signal.Signals(-code).name})")
    lines = trouble.decode("utf-8", "replace").strip().splitlines()
    raise OpeningFailedError(lines[-1] if lines else f"exit code {code}")


class OpeningFailedError(RuntimeError):
    """Nothing is known to be wrong with the file: the process that opens it does not work."""
