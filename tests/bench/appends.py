"""How fast jobs are submitted by several threads of one process, each append durable when it returns."""

import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.actors.conftest import Crew
from tests.bench.report import Bench, Row, spread

THREADS = 8
APPENDS = 4000
ROUNDS = 5
AT_MOST, SLOWEST_MS = 1 / 3, 25.0


@dataclass(frozen=True)
class Run:
    wall_s: float
    appends: int
    slowest_s: float

    @property
    def us_per_append(self) -> float:
        return 1e6 * self.wall_s / self.appends


def submissions(threads: int, appends: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        crew = Crew(Path(folder))
        took: list[float] = []

        def submit() -> None:
            mine = []
            for _ in range(appends // threads):
                began = time.perf_counter()
                crew.submit()
                mine.append(time.perf_counter() - began)
            took.extend(mine)

        try:
            workers = [threading.Thread(target=submit) for _ in range(threads)]
            began = time.perf_counter()
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            return Run(time.perf_counter() - began, len(took), max(took))
        finally:
            crew.close()


def measure(quick: bool) -> Sequence[Row]:
    rounds, appends = (1, 800) if quick else (ROUNDS, APPENDS)
    pairs = [(submissions(THREADS, appends), submissions(1, appends)) for _ in range(rounds)]
    many, one = [p[0].us_per_append for p in pairs], [p[1].us_per_append for p in pairs]
    slow, slow_alone = [1000 * p[0].slowest_s for p in pairs], [1000 * p[1].slowest_s for p in pairs]
    return [
        Row(
            "one append",
            median(many),
            median(one),
            "µs",
            f"median of {rounds}, {spread(many)} and {spread(one)}",
            at_most=AT_MOST,
        ),
        Row(
            f"the slowest of {appends:,}, beside {SLOWEST_MS:.0f} ms",
            median(slow),
            SLOWEST_MS,
            "ms",
            f"median of {rounds}; of one thread {median(slow_alone):.2g} ms",
            at_most=1,
        ),
    ]


BENCH = Bench(
    "appends",
    "submissions by one process, durable in SQLite",
    (f"{THREADS} threads", "one"),
    measure,
)
