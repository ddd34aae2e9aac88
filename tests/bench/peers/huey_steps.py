"""Huey on SQLite, flushed at each write, with two threads; what it runs when it is killed is lost.

It has no join, so the last of the steps side by side begins the last one, by a counter in SQLite.
``python huey_steps.py JOBS AT_ONCE`` prints the seconds for each step; it takes all jobs at once.
"""

import importlib
import logging
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SIDE_BY_SIDE = 17
RESULT = "x" * 100
THREADS = 2


def main(jobs: int) -> None:
    logging.getLogger("huey").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="huey-bench-") as folder:
        huey: Any = importlib.import_module("huey").SqliteHuey("bench", filename=f"{folder}/h.db", fsync=True)
        joins = str(Path(folder) / "joins.db")
        done = threading.Semaphore(0)

        def change(statement: str, *values: int) -> Any:
            connection = sqlite3.connect(joins, timeout=30, isolation_level=None)
            try:
                return connection.execute(statement, values).fetchone()
            finally:
                connection.close()

        change("PRAGMA journal_mode = wal")
        change("CREATE TABLE joins (job INTEGER PRIMARY KEY, missing INTEGER)")

        def run_last(job: int) -> str:
            change("DELETE FROM joins WHERE job = ?", job)
            done.release()
            return RESULT

        last = huey.task()(run_last)

        def run_part(job: int, number: int) -> str:  # noqa: ARG001 - what is recorded with the step
            (missing,) = change("UPDATE joins SET missing = missing - 1 WHERE job = ? RETURNING missing", job)
            if missing == 0:
                last(job)
            return RESULT

        part = huey.task()(run_part)

        def run_first(job: int) -> str:
            for number in range(SIDE_BY_SIDE):
                part(job, number)
            return RESULT

        first = huey.task()(run_first)
        consumer = huey.create_consumer(workers=THREADS, periodic=False, initial_delay=0.01, max_delay=0.05)
        consumer.start()

        def run(begin: int, count: int) -> None:
            for job in range(begin, begin + count):
                change("INSERT INTO joins VALUES (?, ?)", job, SIDE_BY_SIDE)
                first(job)
            for _ in range(count):
                done.acquire()

        run(0, 1)
        began = time.perf_counter()
        run(1, jobs)
        wall_s = time.perf_counter() - began
        consumer.stop()
    sys.stdout.write(f"{wall_s / jobs / (SIDE_BY_SIDE + 2)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
