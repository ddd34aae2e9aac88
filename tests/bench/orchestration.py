"""How fast films are directed: the log, the Director and a worker, with stages that make a line of text.

All is on record as always, in SQLite with full synchronisation; Director and worker are in one process,
without Ray. A step is one asset: asked for, attempted and made. The bench sets it beside other programs that
run steps durably (``peers``), beside one film alone, many that wait, and a long one.
``python -m tests.bench.orchestration --jobs 20`` makes films of one length and gives its figures as JSON.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from domain.checkpoints import watch as watch_checkpoints
from domain.job import Job
from tests.actors.conftest import DEADLINE_S, Crew
from tests.bench.report import Bench, Row, spread

SHORT, LONG = 8, 100
"""Scenes."""
AT_ONCE = 40
"""Films under way."""
WAITING, QUICK_WAITING = 1000, 60
ROUNDS = 3
PEERS = Path(__file__).parents[2] / ".venv-peers"
"""Made by ``make bench-peers``."""
PEERS_NAMED = {"dbos": "DBOS on SQLite", "huey": "Huey on SQLite, at most once"}
AT_MOST = {"dbos": 1 / 5, "huey": 1 / 1.5}
"""What a step may take of one of theirs."""
WAITING_AT_MOST, LONG_AT_MOST = 1.1, 1 / 0.8
ENDS = {f"after:{event.TOPIC}" for event in (Job.Completed, Job.Failed, Job.Cancelled)}


@dataclass(frozen=True)
class Run:
    jobs: int
    scenes: int
    active: int
    steps: int
    events: int
    submit_s: float
    wall_s: float

    @property
    def ms_per_step(self) -> float:
        return 1000 * self.wall_s / self.steps


def films(jobs: int, scenes: int, active: int = 4, store: str | None = None, ended: int | None = None) -> Run:
    """Submit so many jobs, then direct until all, or so many, have ended; timed from the first start."""
    return asyncio.run(_films(jobs, scenes, active, store, jobs if ended is None else ended))


async def _films(jobs: int, scenes: int, active: int, store: str | None, wanted: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        crew = Crew(Path(folder), store)
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        begun: list[float] = []
        left, completed = wanted, 0

        def watch(point: str, _: str) -> None:
            """In the thread that appended: a reader of the log would take part in what is measured."""
            nonlocal left, completed
            if point == f"after:{Job.StageStarted.TOPIC}" and not begun:
                begun.append(time.perf_counter())
            left -= point in ENDS
            completed += point == f"after:{Job.Completed.TOPIC}"
            if not left:
                loop.call_soon_threadsafe(over.set)

        try:
            crew.stage.scenes = scenes
            began = time.perf_counter()
            for _ in range(jobs):
                crew.submit(options={"max_scenes": scenes})
            submit_s = time.perf_counter() - began
            end_watch = watch_checkpoints(watch)
            try:
                async with crew.directing(max_active_jobs=active), asyncio.timeout(DEADLINE_S):
                    await over.wait()
                    wall_s = time.perf_counter() - begun[0]
                    steps = len(crew.stage.calls)
            finally:
                end_watch()
            assert completed >= wanted, f"{wanted - completed} of {wanted} jobs failed"
            return Run(jobs, scenes, active, steps, crew.log.head(), submit_s, wall_s)
        finally:
            crew.close()


def peer(name: str, jobs: int) -> float | None:
    """The milliseconds that another program takes for a step; None where it is not installed."""
    python = PEERS / "bin" / "python"
    installed = (
        python.exists() and subprocess.run([python, "-c", f"import {name}"], check=False).returncode == 0
    )
    if not installed:
        return None
    program = Path(__file__).parent / "peers" / f"{name}_steps.py"
    done = subprocess.run(
        [python, program, str(jobs), str(AT_ONCE)], check=True, stdout=subprocess.PIPE, text=True
    )
    return 1000 * float(done.stdout)


def measure(quick: bool) -> Sequence[Row]:
    rounds, jobs = (1, 10) if quick else (ROUNDS, AT_ONCE)
    waiting = QUICK_WAITING if quick else WAITING
    took: dict[str, list[float]] = {name: [] for name in ("ours", "alone", "waiting", "long", *PEERS_NAMED)}
    for _ in range(rounds):
        took["ours"].append(films(jobs, SHORT, AT_ONCE).ms_per_step)
        took["alone"].append(films(1, SHORT, 1).ms_per_step)
        took["waiting"].append(films(waiting, SHORT, AT_ONCE, ended=jobs).ms_per_step)
        took["long"].append(films(1, LONG, 1).ms_per_step)
        for name in PEERS_NAMED:
            theirs = peer(name, jobs)
            took[name] += [] if theirs is None else [theirs]
    for name in AT_MOST:
        if not took[name]:
            sys.stderr.write(f"{PEERS_NAMED[name]} is left out: `make bench-peers` installs it\n")

    def row(what: str, ours: str, other: str, at_most: float | None) -> Row:
        note = f"median of {rounds}, {spread(took[ours])} and {spread(took[other])}"
        return Row(what, median(took[ours]), median(took[other]), "ms", note, at_most=at_most)

    return [
        *(row(f"beside {PEERS_NAMED[name]}", "ours", name, AT_MOST[name]) for name in AT_MOST if took[name]),
        row("beside one film alone", "ours", "alone", None),
        row(f"with {waiting:,} films waiting, beside {jobs} in all", "waiting", "ours", WAITING_AT_MOST),
        row(f"of one film of {LONG} scenes, beside one of {SHORT}", "long", "alone", LONG_AT_MOST),
    ]


BENCH = Bench(
    "orchestration",
    f"a step that does nothing, of {AT_ONCE} films of {SHORT} scenes at once; durable in SQLite",
    ("a step", "the other"),
    measure,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.orchestration")
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--scenes", type=int, default=SHORT)
    parser.add_argument("--active", type=int, default=4, help="how many jobs are under way at a time")
    parser.add_argument("--store", help="URL of an empty store; SQLite in a folder of its own if none")
    asked = parser.parse_args()
    run = films(asked.jobs, asked.scenes, asked.active, asked.store)
    figures = {
        "bench": "reelog",
        **{name: round(value, 3) for name, value in asdict(run).items()},
        "jobs_s": round(run.jobs / run.wall_s, 2),
        "steps_s": round(run.steps / run.wall_s, 1),
        "us_per_step": round(1000 * run.ms_per_step),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
