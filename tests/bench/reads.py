"""Reads over HTTP while something else is slow: the provider hangs, a rebuild runs, 45 submissions wait.

A job's page and a page of the list, asked for in turn over one connection, of a server with a log of some
length; beside the same reads of the same server with nothing else to do, a moment before. A rebuild is
``reelog rebuild`` in a process of its own, again and again; submissions wait as another has the store's lock.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from domain.store.presence import locked_file
from tests.bench.archive import build
from tests.bench.report import Bench, Row, spread
from tests.bench.start import first_call, running
from tests.processes import SHORT, SMALL, Server, run

EVENTS, QUICK_EVENTS = 25_000, 5_000
READS, QUICK_READS = 400, 60
SUBMISSIONS = 45
FILMS = 4
HANG_S = 600
SETTLE_S = 2.0
AT_MOST = 1.25
"""As fast as without, but for what two measurements of one thing differ in."""


def _reads(url: str, job_id: str, goes_on: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each read."""
    took: list[float] = []
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while goes_on(len(took)):
            for path in (f"/v1/jobs/{job_id}", "/v1/jobs?limit=20"):
                begun = time.perf_counter()
                client.get(path).raise_for_status()
                took.append(1000 * (time.perf_counter() - begun))
    return took


@contextmanager
def _rebuilding(folder: Path, **environment: str) -> Iterator[None]:
    """One rebuild after the other, until the block ends."""
    over = threading.Event()
    codes: list[int] = []

    def rebuild() -> None:
        while not over.is_set():
            codes.append(run(folder, "rebuild", **environment).returncode)

    thread = threading.Thread(target=rebuild)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert set(codes) == {0}, codes


@contextmanager
def _submissions_waiting(url: str, folder: Path) -> Iterator[None]:
    """All of them wait for the store, which another process is writing, until the block ends."""

    def submit(_: int) -> None:
        body = {"script": SHORT, "options": SMALL}
        httpx.post(f"{url}/v1/jobs", json=body, timeout=120, trust_env=False).raise_for_status()

    with ThreadPoolExecutor(SUBMISSIONS) as threads:
        with locked_file(folder / "data" / "events.sqlite3-lock"):
            waiting = [threads.submit(submit, n) for n in range(SUBMISSIONS)]
            time.sleep(SETTLE_S)
            yield
            assert not any(one.done() for one in waiting)
        for one in waiting:
            one.result()


def measure(quick: bool) -> Sequence[Row]:
    events, reads = (QUICK_EVENTS, QUICK_READS) if quick else (EVENTS, READS)

    def enough(done: int) -> bool:
        return done < reads

    with tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root:
        folder = Path(root)
        job_id = str(build(folder / "data", events)[0])
        hanging = ("emulate", "--port", "0", "--json", "--latency", str(HANG_S))
        with running(folder, *hanging) as emulating:
            emulator = emulating.first_line()["url"]
            data = {"REELOG_DATA_DIR": str(folder / "data")}
            settings = {
                "REELOG_GEMINI_BASE_URL": emulator,
                "REELOG_GRACE": "0",
                "REELOG_QUEUE_LIMIT": "10000",
            }
            with running(folder, "serve", "--port", "0", "--json", **settings, **data) as serving:
                url = serving.first_line()["url"]
                server = Server(serving, url)
                try:
                    _reads(url, job_id, enough)  # what is loaded once
                    alone = _reads(url, job_id, enough)
                    for _ in range(FILMS):
                        server.submit()
                    first_call(emulator)
                    sides = {"while the provider hangs": _reads(url, job_id, enough)}
                    with _rebuilding(folder, **data):
                        sides["while a rebuild runs"] = _reads(url, job_id, enough)
                    with _submissions_waiting(url, folder):
                        sides[f"while {SUBMISSIONS} submissions wait"] = _reads(url, job_id, enough)
                finally:
                    server.close()
    return [
        Row(what, median(took), median(alone), "ms", f"of {len(took)} reads, {spread(took)}", at_most=AT_MOST)
        for what, took in sides.items()
    ]


BENCH = Bench(
    "reads",
    f"a read over HTTP, of a log of {EVENTS:,} events (--quick: {QUICK_EVENTS:,})",
    ("meanwhile", "alone"),
    measure,
)
