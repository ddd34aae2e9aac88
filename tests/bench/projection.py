"""What an event costs to project in a film of a hundred scenes, beside one of eight: counts, and no clock."""

import tempfile
from dataclasses import fields
from pathlib import Path
from statistics import mean

from projections.database import open_database
from tests.bench.report import Bench, Row
from tests.projections.costs import Costs, costs_of_life

LONG, SHORT = 100, 8


def _life(folder: Path, scenes: int) -> list[Costs]:
    database = open_database(f"sqlite:///{folder}/{scenes}.sqlite3")
    try:
        return costs_of_life(database, scenes)
    finally:
        database.close()


def measure(_quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as place:
        long, short = _life(Path(place), LONG), _life(Path(place), SHORT)
    return [
        Row(f"{name} an event", *(mean(getattr(costs, name) for costs in life) for life in (long, short)), "")
        for name in (field.name for field in fields(Costs))
    ]


BENCH = Bench(
    "projection",
    f"what an event of a film of {LONG} scenes writes, beside one of {SHORT}",
    (f"{LONG} scenes", f"{SHORT} scenes"),
    measure,
)
