"""The bench of many calls at once measures calls that were answered and recorded."""

import pytest

from tests.bench import gateway, one_actor


@pytest.mark.slow
@pytest.mark.parametrize("bench", [one_actor.BENCH, gateway.BENCH], ids=lambda bench: str(bench.name))
def test_it_measures_calls_that_are_answered(bench: one_actor.Bench) -> None:
    assert all(row.ours > 0 and row.other > 0 for row in bench.measure(quick=True))
