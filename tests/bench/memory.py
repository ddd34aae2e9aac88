"""What all processes of Reelog hold, beside Ray with one async actor that does nothing (`bare_ray.py`).

Memory is PSS: what processes share counts once, so nothing else with Ray may run meanwhile. ``idle`` is a
server with its actors ready and nothing to do; ``asking`` while all calls of its films hang in the provider;
a waiting job is what each further one in the queue adds to what processes have for themselves. What encodes
starts with the first clip and is measured where films are rendered.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.bench.report import Bench, Row
from tests.bench.start import DEADLINE_S, bare_ray, first_call, running
from tests.processes import Server

MB, KB = 1024 * 1024, 1024
WAITING, QUICK_WAITING = 400, 50
WARM_UP = 20
"""Jobs that wait before it is measured what one more adds: the first ones fill caches and pools."""
HANG_S = 600
SETTLE_S, SETTLED_BYTES = 1.0, MB
IDLE_AT_MOST = 1.6
JOB_AT_MOST_KB = 200.0
SCRIPT = "\n\n".join(
    f"In scene {n} the keeper of the light climbs the stairs once more, looks out over the grey water and "
    "writes down, as every evening, which ships have passed and which of them did not answer."
    for n in range(1, 9)
)


def held(processes: Iterable[psutil.Process], kind: str = "pss") -> int:
    """Bytes that these processes hold in all (``uss``: for themselves); one that has just ended has none."""
    total = 0
    for process in processes:
        try:
            total += getattr(process.memory_full_info(), kind)
        except psutil.NoSuchProcess:
            continue
    return total


def settled(measure: Callable[[], int]) -> int:
    """What is held when it no longer changes by a megabyte a second."""
    deadline = time.monotonic() + DEADLINE_S
    before = measure()
    while time.monotonic() < deadline:
        time.sleep(SETTLE_S)
        now = measure()
        if abs(now - before) < SETTLED_BYTES:
            return now
        before = now
    return before


def _until_ready(server: Server) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while server.http.get("/readyz").json()["actors"] != "ready":
        assert time.monotonic() < deadline, "the actors did not become ready"
        time.sleep(SETTLE_S / 10)


def _submit(server: Server, jobs: int) -> None:
    for _ in range(jobs):
        server.submit(script=SCRIPT, options={"quality": "low", "max_scenes": 8})


def measure(quick: bool) -> Sequence[Row]:
    jobs = QUICK_WAITING if quick else WAITING
    with bare_ray() as (_, processes):
        floor = settled(lambda: held(processes))
    with tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root:
        folder = Path(root)
        hanging = ("emulate", "--port", "0", "--json", "--latency", str(HANG_S))
        with running(folder, *hanging) as emulating:
            emulator = emulating.first_line()["url"]
            settings: dict[str, Any] = {"REELOG_GEMINI_BASE_URL": emulator, "REELOG_GRACE": "0"}
            limits = {"REELOG_QUEUE_LIMIT": "10000"}
            with running(folder, "serve", "--port", "0", "--json", **settings, **limits) as serving:
                server = Server(serving, serving.first_line()["url"])
                try:
                    _until_ready(server)
                    idle = settled(lambda: held(serving.tree()))
                    _submit(server, WARM_UP)
                    first_call(emulator)
                    asking = settled(lambda: held(serving.tree()))
                    before = held(serving.tree(), "uss")
                    _submit(server, jobs)
                    waiting = settled(lambda: held(serving.tree(), "uss"))
                finally:
                    server.close()
    return [
        Row("idle", idle / MB, floor / MB, "MB", at_most=IDLE_AT_MOST),
        Row("asking a provider", asking / MB, floor / MB, "MB", at_most=IDLE_AT_MOST),
        Row("a waiting job", (waiting - before) / jobs / KB, JOB_AT_MOST_KB, "kB", f"of {jobs}", at_most=1),
    ]


BENCH = Bench("memory", "all processes, beside Ray with one actor", ("Reelog", "beside"), measure)
