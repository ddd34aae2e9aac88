"""Steps a second, all on record and flushed, beside programs that do the same: DBOS and Huey, on SQLite.

Ours are films of eight scenes, forty at once, with stages that do nothing (`orchestration.py`); theirs have
nineteen steps a job, of which seventeen run side by side. DBOS records what each step gave; Huey runs each
task at most once, and keeps its queue. Each peer is in an environment of its own (`peers.py`).
"""

from collections.abc import Sequence
from statistics import median

from tests.bench import peers
from tests.bench.orchestration import films
from tests.bench.report import Bench, Row, SkippedError, spread

JOBS, QUICK_JOBS = 40, 5
SCENES = 8
ROUNDS = 3
AT_LEAST = {"dbos": 5.0, "huey": 1.5}


def measure(quick: bool) -> Sequence[Row]:
    jobs = QUICK_JOBS if quick else JOBS
    absent: list[str] = []
    there = []
    for peer in AT_LEAST:
        try:
            peers.python_of(peer)
            there.append(peer)
        except SkippedError as error:
            absent.append(str(error))
    if not there:
        raise SkippedError("; ".join(absent))
    ours: list[float] = []
    theirs: dict[str, list[float]] = {peer: [] for peer in there}
    versions: dict[str, str] = {}
    for _ in range(1 if quick else ROUNDS):
        made = films(jobs, SCENES, active=jobs)
        ours.append(made.steps / made.wall_s)
        for peer in there:
            figures = peers.run(peer, "--jobs", str(jobs))
            theirs[peer].append(figures["steps_s"])
            versions[peer] = figures["version"]
    return [
        Row(
            f"beside {peer} {versions[peer]}",
            median(ours),
            median(theirs[peer]),
            "steps/s",
            f"median of {len(ours)}, {spread(ours)} and {spread(theirs[peer])}",
            at_least=AT_LEAST[peer],
        )
        for peer in there
    ]


BENCH = Bench(
    "durable_steps", f"{JOBS} jobs at once, of steps that do nothing, durable", ("Reelog", "peer"), measure
)
