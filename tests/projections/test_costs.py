"""What an event costs to project does not grow with its film.

Counted, not timed. Seen to fail with the page of a job that holds all of its scenes (44 kB an event at a
hundred scenes, 8 kB at eight).
"""

from pathlib import Path
from statistics import mean, median

import pytest

from projections.database import open_database
from tests.projections.costs import Costs, costs_of_life

SHORT, LONG = 8, 100


def life(folder: Path, scenes: int) -> list[Costs]:
    database = open_database(f"sqlite:///{folder}/{scenes}.sqlite3")
    try:
        return costs_of_life(database, scenes)
    finally:
        database.close()


@pytest.mark.slow
def test_an_event_of_a_long_film_writes_no_more_than_one_of_a_short_film(tmp_path: Path) -> None:
    short, long = life(tmp_path, SHORT), life(tmp_path, LONG)
    assert len(long) > 9 * len(short) > 900
    assert max(costs.transactions for costs in long) == 1
    # The dearest gives the film its title: it changes what lists are searched by, too.
    assert max(costs.statements for costs in long) <= max(costs.statements for costs in short) <= 13
    assert median(costs.statements for costs in long) <= median(costs.statements for costs in short) <= 9
    assert median(costs.rows for costs in long) == median(costs.rows for costs in short) <= 6
    assert mean(costs.rows for costs in long) <= 1.2 * mean(costs.rows for costs in short)
    # A few assets are made from every scene, and what they name stands in their pages: hence a little more.
    assert median(costs.bytes for costs in long) <= 1.1 * median(costs.bytes for costs in short)
    assert mean(costs.bytes for costs in long) <= 1.2 * mean(costs.bytes for costs in short) <= 8_000
