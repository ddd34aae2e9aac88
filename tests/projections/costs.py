"""What it costs to project an event: statements, rows and bytes that are written, on whichever database.

Films are made in memory, where a life of a hundred scenes takes a moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from domain.store import EventLog, Recorded
from projections.database import Database, Transaction
from projections.rebuild import create_generation
from tests.domain.simulation import World

WORKERS = 6
WORDS = "The boat goes out at dawn, and nobody on the quay can say for certain whether it will come home."


class Story(World):
    """Its scenes have words, as a real analysis; a few workers, and every attempt makes what it should."""

    def __init__(self, scenes: int) -> None:
        super().__init__(options={}, scenes=scenes, choose=_choose, accidents=False)

    def found(self) -> list[dict[str, Any]]:
        return [
            {"scene": n, "text": WORDS, "mood": "calm", "references": [1] if n % 3 == 0 else []}
            for n in range(1, self.scenes + 1)
        ]


def _choose(question: str, answers: list[Any]) -> Any:
    """Orders begin as long as a worker is free; then the oldest attempt ends."""
    ends = [answer for answer in answers if question == "event" and answer[0] == "end"]
    return ends[0] if len(ends) >= WORKERS else answers[0]


@dataclass
class Costs:
    """``transactions`` that write, their statements, the rows that these change, the bytes they bring."""

    transactions: int = 0
    statements: int = 0
    rows: int = 0
    bytes: int = 0


@dataclass
class Counting:
    """A database that counts what is written."""

    database: Database
    costs: Costs = field(default_factory=Costs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self.costs.transactions += 1
        with self.database.write() as transaction:
            yield cast("Transaction", CountingTransaction(transaction, self.costs))


@dataclass
class CountingTransaction:
    transaction: Transaction
    costs: Costs

    def run(self, sql: str, *values: Any) -> int:
        self.costs.statements += 1
        changed = self.transaction.run(sql, *values)
        self.costs.rows += max(0, changed)
        self._add_bytes(values)
        return changed

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        listed = list(rows)
        self.costs.statements += 1
        self.costs.rows += len(listed)
        for row in listed:
            self._add_bytes(row)
        self.transaction.many(sql, listed)

    def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        self.costs.statements += 1
        return self.transaction.all(sql, *values)

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        self.costs.statements += 1
        return self.transaction.one(sql, *values)

    def _add_bytes(self, values: Sequence[Any]) -> None:
        self.costs.bytes += sum(len(value) for value in values if isinstance(value, bytes | str))


def costs_of_life(database: Database, scenes: int) -> list[Costs]:
    """What each event of a film's life costs, projected one by one as they come."""
    counting = Counting(database)
    log = cast("EventLog", None)  # of no use to a job that is in memory
    projection = create_generation(cast("Database", counting), log, live=True)
    story, found = Story(scenes), []
    story.run()
    for position, event in enumerate(story.log, 1):
        counting.costs = Costs()
        projection.project([Recorded(position, event)])
        found.append(counting.costs)
    return found
