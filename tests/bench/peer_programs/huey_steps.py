"""Huey on SQLite, at most once: nineteen tasks a job (one, seventeen side by side, one) that do nothing.

Huey has no join of its own that survives its consumer, so the last part to end enqueues the last task; the
count stands in a SQLite file beside. Runs in an environment that has Huey and nothing of Reelog; prints its
figures as a line of JSON. The consumer is this file too: it is imported by ``huey_consumer``.
"""

import argparse
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from huey import SqliteHuey

PARTS = 17
STEPS = PARTS + 2
WARM_UP = 5
WORKERS = 2
FOLDER = os.environ.setdefault("HUEY_DIR", tempfile.mkdtemp(prefix="bench-huey-"))
LOOK_S = 0.02

huey = SqliteHuey("bench", filename=f"{FOLDER}/huey.db", fsync=True)


@contextlib.contextmanager
def join() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{FOLDER}/join.db", timeout=30, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS jobs (job INTEGER PRIMARY KEY, parts INTEGER, done INTEGER)"
        )
        yield connection
    finally:
        connection.close()


@huey.task()
def first(job: int) -> str:
    for number in range(PARTS):
        part(job, number)
    return "x" * 100


@huey.task()
def part(job: int, number: int) -> str:  # noqa: ARG001 - names it in the queue
    with join() as jobs:
        left = jobs.execute(
            "UPDATE jobs SET parts = parts - 1 WHERE job = ? RETURNING parts", (job,)
        ).fetchone()[0]
    if left == 0:
        last(job)
    return "x" * 100


@huey.task()
def last(job: int) -> str:
    with join() as jobs:
        jobs.execute("UPDATE jobs SET done = 1 WHERE job = ?", (job,))
    return "x" * 100


def make(numbers: range) -> float:
    """Seconds until all these jobs are done."""
    with join() as jobs:
        jobs.execute("BEGIN")
        jobs.executemany("INSERT INTO jobs VALUES (?, ?, 0)", [(number, PARTS) for number in numbers])
        jobs.execute("COMMIT")
        begun = time.perf_counter()
        for number in numbers:
            first(number)
        left = "SELECT count(*) FROM jobs WHERE done = 0"
        while jobs.execute(left).fetchone()[0]:
            time.sleep(LOOK_S)
        return time.perf_counter() - begun


def main(jobs: int) -> None:
    consumer = Path(sys.executable).with_name("huey_consumer")
    options = ["-w", str(WORKERS), "-k", "thread", "-d", "0.01", "-m", "0.05", "-q", "-n"]
    command = [sys.executable, str(consumer), "huey_steps.huey", *options]
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.DEVNULL) as consuming:
        try:
            make(range(WARM_UP))
            wall_s = make(range(1000, 1000 + jobs))
        finally:
            consuming.terminate()
    sys.stdout.write(json.dumps({"steps_s": jobs * STEPS / wall_s, "wall_s": wall_s}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=40)
    sys.path.insert(0, str(Path(__file__).parent))
    import huey_steps  # the tasks bear this module's name in the consumer, too

    huey_steps.main(parser.parse_args().jobs)
