"""Building the read models anew: in bulk, and with other processes, beside the way of live projection.

Both sides build all of one log, in turn. What live projection takes is what a rebuild took before rows were
made in bulk, but for what both gained since.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from domain.store import EventLog, EventStore, Studio, open_event_store
from projections.bulk import processes_here
from projections.database import Database, open_database
from projections.rebuild import BATCH, create_generation, drop_generation, rebuild
from tests.bench.archive import build, settings_of
from tests.bench.report import Bench, Row

EVENTS, QUICK = 100_000, 25_000
ROUNDS = 3
MICROSECONDS = 1e6


def _event_by_event(database: Database, _store: EventStore, log: EventLog) -> None:
    projection = create_generation(database, log)
    while batch := log.read(projection.position, BATCH):
        projection.project(batch, live=False)
    with database.write() as transaction:
        drop_generation(transaction, projection.generation)


def measure(quick: bool) -> list[Row]:
    events = QUICK if quick else EVENTS
    processes = processes_here()
    sides: dict[str, Callable[[Database, EventStore, EventLog], object]] = {
        "in one thread": rebuild,
        "one other process, as a server": lambda *all_: rebuild(*all_, processes=1),
        f"{processes} other processes, as `reelog rebuild`": lambda *all_: rebuild(
            *all_, processes=processes
        ),
        "event by event": _event_by_event,
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    worked: dict[str, list[float]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as place:
        folder = Path(place, "store")
        build(folder, events)
        store = open_event_store(settings_of(folder).store)
        studio = Studio(store)
        log, database = EventLog(studio), open_database(store.url)
        try:
            for _ in range(1 if quick else ROUNDS):
                for name, side in sides.items():
                    begun, cpu = time.perf_counter(), _cpu_s()
                    side(database, store, log)
                    taken[name].append(MICROSECONDS * (time.perf_counter() - begun) / log.head())
                    worked[name].append(MICROSECONDS * (_cpu_s() - cpu) / log.head())
        finally:
            database.close()
            studio.close()
            store.close()
    *names, last = sides
    return [
        Row(name, median(taken[name]), median(taken[last]), "µs", _note(taken, worked, name, last))
        for name in names
    ]


def _note(taken: dict[str, list[float]], worked: dict[str, list[float]], name: str, last: str) -> str:
    """CPU is told too: on a machine that has other things to do the clock says less."""
    rates = [f"{MICROSECONDS / median(taken[side]):,.0f}" for side in (name, last)]
    cpu = [f"{median(worked[side]):.0f}" for side in (name, last)]
    return f"an event; {' and '.join(rates)} a second; CPU {' and '.join(cpu)} µs"


def _cpu_s() -> float:
    """Of this process, and of those that it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


BENCH = Bench(
    "rebuild",
    f"all read models of {EVENTS:,} events (--quick: {QUICK:,}), beside live projection's way",
    ("in bulk", "event by event"),
    measure,
)
