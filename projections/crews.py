"""What each crew says of itself, for the API processes that have none: the one table that no event fills.

It stands with the read models because it may be lost with them: a crew that lives says it again within
seconds, and one that says nothing any more is gone, or cut off, after ``FRESH_S``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from projections import tables
from projections.database import Database
from projections.wire import iso

FRESH_S: Final = 30.0
"""An older report is of a crew that is gone. Clocks of machines may differ by less than this."""


@dataclass(frozen=True)
class CrewReport:
    process: str
    status: dict[str, Any]


class Crews:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def report(self, process: str, status: dict[str, Any]) -> None:
        with self._database.write() as transaction:
            transaction.run(tables.REPORT_CREW, process, iso(self._clock()), json.dumps(status, default=str))

    def forget(self, process: str) -> None:
        """It has ended; those that have said nothing for long are forgotten with it."""
        with self._database.write() as transaction:
            transaction.run(tables.FORGET_CREW, process, self._oldest())

    def all(self) -> list[CrewReport]:
        """Those that have said something lately."""
        with self._database.read() as transaction:
            rows = transaction.all(tables.CREWS, self._oldest())
        return [CrewReport(process, json.loads(status)) for process, status in rows]

    def _oldest(self) -> str | None:
        return iso(self._clock() - timedelta(seconds=FRESH_S))
