"""What readers notice of what goes on beside them: a rebuild, a provider that hangs, submissions that wait.

Two servers on copies of one store answer in turn: one at which it happens, and one that is left alone. Both
share the machine, so what a rebuild takes of its cores is not in the ratio; what it takes of its server is.
"""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import httpx

from actors.gemini.catalogue import Catalogue
from api import model_directory
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.bench.archive import build
from tests.bench.report import Bench, Row, spread

EVENTS, QUICK = 100_000, 10_000
ROUNDS = 200
SUBMISSIONS = 45
PORTION = 20
MILLISECONDS = 1e3


@contextlib.contextmanager
def _serving(folder: Path, *, hanging: bool = False) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder), *(["hanging"] if hanging else [])],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, "the server has not started"
        yield url
    finally:
        process.kill()  # whoever waits for the provider would wait on
        process.wait(30)
        process.stdout.close()


def _outdated(folder: Path) -> None:
    """As after an update of the folds: the server builds its read models anew."""
    [views] = folder.glob("*-views")
    with contextlib.closing(sqlite3.connect(views)) as connection, connection:
        connection.execute("UPDATE read_models SET fold = 'of before' WHERE live = 1")


def _is_rebuilding(folder: Path) -> bool:
    [views] = folder.glob("*-views")
    with contextlib.closing(sqlite3.connect(views)) as connection:
        return connection.execute(
            "SELECT 1 FROM read_models WHERE live = 1 AND fold = 'of before'"
        ).fetchone() == (1,)


def _reads(jobs: Sequence[UUID], there: str, alone: str, rounds: int) -> tuple[list[float], list[float]]:
    took: tuple[list[float], list[float]] = [], []
    with httpx.Client(timeout=60) as client:
        for number in range(-3, rounds):
            for times, url in zip(took, (there, alone), strict=True):
                begun = time.perf_counter()
                client.get(f"{url}/v1/jobs/{jobs[number % len(jobs)]}").raise_for_status()
                if number >= 0:
                    times.append(MILLISECONDS * (time.perf_counter() - begun))
    return took


def _rows(name: str, took: tuple[list[float], list[float]]) -> list[Row]:
    there, alone = took
    note = f"median of {len(there)}, {spread(there)} and {spread(alone)}"
    slowest = [quantiles(times, n=PORTION)[-1] for times in took]
    return [
        Row(f"a job while {name}", median(there), median(alone), "ms", note),
        Row(f"the slowest of {PORTION}", slowest[0], slowest[1], "ms"),
    ]


def _submit(url: str) -> None:
    with contextlib.suppress(httpx.HTTPError):  # the server is killed when all is measured
        httpx.post(f"{url}/v1/jobs", json={"script": "A boat sets out."}, timeout=600)


def measure(quick: bool) -> list[Row]:
    rounds = 20 if quick else ROUNDS
    with (
        tempfile.TemporaryDirectory(prefix="reelog-bench-") as place,
        ThreadPoolExecutor(SUBMISSIONS) as people,
    ):
        alone, rebuilding, hanging = (Path(place, name) for name in ("alone", "rebuilding", "hanging"))
        jobs = build(alone, QUICK if quick else EVENTS)
        shutil.copytree(alone, rebuilding)
        shutil.copytree(alone, hanging)
        _outdated(rebuilding)
        rows: list[Row] = []
        with _serving(alone) as quiet:
            with _serving(rebuilding) as there:
                took = _reads(jobs, there, quiet, rounds)
                assert _is_rebuilding(rebuilding), "it was over before all was measured: take more events"
            rows += _rows("a rebuild runs", took)
            with _serving(hanging, hanging=True) as there:
                people.submit(_submit, there)
                rows += _rows("the provider hangs", _reads(jobs, there, quiet, rounds))
                for _ in range(SUBMISSIONS - 1):
                    people.submit(_submit, there)
                rows += _rows(f"{SUBMISSIONS} submissions wait", _reads(jobs, there, quiet, rounds))
        return rows


BENCH = Bench(
    "reads",
    f"a job is read over HTTP, of {EVENTS:,} events (--quick: {QUICK:,}), beside a server left alone",
    ("meanwhile", "alone"),
    measure,
)


# ---- the servers ----------------------------------------------------------------------------------------


def _hang() -> Catalogue:
    threading.Event().wait()
    raise AssertionError


def main() -> None:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=sys.argv[1], PORT=0)
    model_directory.PATIENCE_S = 600.0
    catalogue = _hang if "hanging" in sys.argv else partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=partial(print, flush=True)).run()


if __name__ == "__main__":
    main()
