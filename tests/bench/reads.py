"""Whether reading is as fast as ever while the server's provider hangs, submissions wait, or a rebuild runs.

Two servers on stores of the same history answer in turn: one has nothing else to do, the other has forty-five
submissions that wait for a provider that never answers, then a rebuild of its read models by another process,
which begins anew until all has been measured.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import httpx

from api import model_directory
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import Catalogue, ModelDirectory
from tests.bench.archive import build, settings_of
from tests.bench.report import REPOSITORY, Bench, Row

EVENTS, QUICK_EVENTS = 20_000, 2_000
READS, QUICK_READS = 400, 40
SUBMISSIONS = 45
SLOWEST_SHARE = 0.95
AT_MOST = 1.25
"""The same within what two servers of the same kind differ by."""
START_S = 60.0
WAIT_S = 3600.0


class Site:
    """A server in a process of its own, and the reads of it."""

    def __init__(self, url: str, jobs: Sequence[UUID]) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._paths = [f"/v1/jobs/{job_id}" for job_id in jobs[:20]] + ["/v1/jobs?limit=10"] * 5
        self._asked = 0

    def read_ms(self) -> float:
        path = self._paths[self._asked % len(self._paths)]
        self._asked += 1
        begun = time.perf_counter()
        self._http.get(path).raise_for_status()
        return 1000 * (time.perf_counter() - begun)

    def submit(self) -> None:
        """Waits until the server ends."""
        with contextlib.suppress(httpx.HTTPError):
            self._http.post("/v1/jobs", json={"script": "A boat sets out at dawn."}, timeout=None)

    def close(self) -> None:
        self._http.close()


@contextlib.contextmanager
def _site(folder: Path, jobs: Sequence[UUID]) -> Iterator[Site]:
    command = [sys.executable, "-m", "tests.bench.reads", str(folder)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        site = Site(process.stdout.readline().strip(), jobs)
        try:
            yield site
        finally:
            process.kill()  # the submissions would keep it for as long as they wait
            site.close()


@contextlib.contextmanager
def _submissions(site: Site) -> Iterator[None]:
    people = [threading.Thread(target=site.submit, daemon=True) for _ in range(SUBMISSIONS)]
    for one in people:
        one.start()
    yield
    assert all(one.is_alive() for one in people), "a submission did not wait"


@contextlib.contextmanager
def _rebuilding(folder: Path) -> Iterator[None]:
    """One rebuild after another, until the block ends."""
    ending = threading.Event()
    began = threading.Event()
    environment = {**os.environ, "REELOG_DATA_DIR": str(folder), "PYTHONPATH": str(REPOSITORY)}

    def rebuild() -> None:
        while not ending.is_set():
            with subprocess.Popen(
                [sys.executable, "-m", "api", "rebuild"],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as process:
                began.set()
                process.wait()
            assert process.returncode == 0, process.returncode

    thread = threading.Thread(target=rebuild)
    thread.start()
    try:
        assert began.wait(START_S)
        yield
    finally:
        ending.set()
        thread.join()


def _rows(what: str, busy: Site, quiet: Site, reads: int) -> list[Row]:
    pairs = [(busy.read_ms(), quiet.read_ms()) for _ in range(reads)]
    ours, beside = sorted(pair[0] for pair in pairs), sorted(pair[1] for pair in pairs)
    middle, late = reads // 2, int(reads * SLOWEST_SHARE)
    return [
        Row(f"{what}, median", ours[middle], beside[middle], "ms", f"of {reads} reads", at_most=AT_MOST),
        Row(f"{what}, p95", ours[late], beside[late], "ms"),
    ]


def measure(quick: bool) -> Sequence[Row]:
    reads = QUICK_READS if quick else READS
    with tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root:
        folders = Path(root, "busy"), Path(root, "quiet")
        jobs = [build(folder, QUICK_EVENTS if quick else EVENTS) for folder in folders]
        with _site(folders[0], jobs[0]) as busy, _site(folders[1], jobs[1]) as quiet:
            for site in (busy, quiet):
                for _ in range(reads // 10):
                    site.read_ms()
            rows = _rows("nothing else", busy, quiet, reads)
            with _rebuilding(folders[0]):
                rows += _rows("while a rebuild runs", busy, quiet, reads)
            with _submissions(busy):
                rows += _rows(f"{SUBMISSIONS} submissions wait", busy, quiet, reads)
    return rows


def main() -> None:
    """A server whose provider never tells its models, and whose submissions wait for that while it lives."""
    model_directory.PATIENCE_S = WAIT_S
    settings = settings_of(Path(sys.argv[1]))
    system = open_system(settings, provider="emulator", models=ModelDirectory(_never))
    Server(build_app(system), settings, on_ready=_say).run()


def _say(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _never() -> Catalogue:
    threading.Event().wait()
    raise AssertionError("an event that nobody sets")


BENCH = Bench("reads", "reads of a busy server beside those of one that is not", ("busy", "quiet"), measure)

if __name__ == "__main__":
    main()
