"""What crews say of themselves, for those that have none: kept while they go on saying it."""

from datetime import UTC, datetime, timedelta

import pytest

from projections.crews import FRESH_S, CrewReport, Crews
from projections.database import Database

pytestmark = pytest.mark.parametrize(
    "store_kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
)


def test_the_last_that_each_said_is_there_until_it_ends_or_has_said_nothing_for_long(
    database: Database,
) -> None:
    at = [datetime(2026, 11, 22, tzinfo=UTC)]
    crews = Crews(database, lambda: at[0])
    assert crews.all() == []
    crews.report("one:1", {"state": "starting"})
    crews.report("two:2", {"state": "standing by"})
    crews.report("one:1", {"state": "ready", "crew": {"artists": {"places": []}}})
    both = [
        CrewReport("one:1", {"state": "ready", "crew": {"artists": {"places": []}}}),
        CrewReport("two:2", {"state": "standing by"}),
    ]
    assert crews.all() == both
    crews.forget("two:2")
    assert crews.all() == both[:1]
    at[0] += timedelta(seconds=FRESH_S + 1)
    assert crews.all() == [], "it was killed, or cut off"
    crews.report("three:3", {"state": "ready"})
    crews.forget("none:0")
    at[0] -= timedelta(seconds=FRESH_S + 1)
    assert [report.process for report in crews.all()] == ["three:3"], "what is old is removed on the way"
