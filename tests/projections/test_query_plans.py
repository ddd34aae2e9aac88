"""No question of the API or the Director is answered by reading a whole table, however long the log is.

Asked of the databases themselves, for every statement that is run more often than once in a process's life.
Seen to fail without the index ``jobs_by_status`` and without ``timeline_by_job``.
"""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from domain.store import EventStore
from projections import tables
from projections.database import Database
from projections.job_filter import JobFilter
from projections.rebuild import create_generation
from tests.projections.filming import Filming

WHOLE = {"TOTALS", "EMPTY"}
"""A row for each series of the metrics, however many jobs there are: read whole. And what a build drops."""
EVENTS = {
    "a stream": "SELECT * FROM stored_events WHERE originator_id = ? ORDER BY originator_version ASC",
    "the streams of a job": "SELECT * FROM stored_events WHERE originator_id IN (?, ?) "
    "ORDER BY originator_id, originator_version",
    "events by position": "SELECT {id}, * FROM stored_events WHERE {id} > ? ORDER BY {id} LIMIT ?",
    "the head": "SELECT MAX({id}) FROM stored_events",
    "a tombstone": "UPDATE stored_events SET state = ? WHERE originator_id = ? AND originator_version = ?",
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LISTS = {
    "every": JobFilter(),
    "status": JobFilter(status="failed"),
    "id": JobFilter(beginning="3f"),
    "caller": JobFilter(caller="web", status="failed"),
    "metadata": JobFilter(metadata=(("project", "autumn"), ("user", "7")), caller="web", cost_min=1.0),
    "model": JobFilter(model="m", provider="gemini"),
    "created": JobFilter(created_from=NOW, created_to=NOW),
    "cost": JobFilter(cost_min=0.1, cost_max=2.0, caller="web"),
    "search": JobFilter(search="autumn leaves"),
}
"""Every table that may lead a list of jobs, and every condition that may be added."""
STATEMENTS = (
    {
        name: sql
        for name, sql in vars(tables).items()
        if name.isupper()
        and isinstance(sql, str)
        and re.match(r"\s*(SELECT|UPDATE|DELETE).*_\{g\}", sql, re.DOTALL)
    }
    | EVENTS
    | {f"LIST {name}": wanted.statement(1, 1)[0] for name, wanted in LISTS.items()}
)

Plan = Callable[[str], list[str]]


def test_all_statements_with_a_condition_are_looked_at() -> None:
    assert {
        "UNFINISHED",
        "ENTRIES_OF_JOB",
        "POSITIONS_OF_JOB",
        "USERS",
        "DUE",
    } < set(STATEMENTS)


@pytest.fixture
def generation(database: Database, filming: Filming) -> int:
    return create_generation(database, filming.log, live=True).generation


def filled(sql: str, generation: int, position: str) -> str:
    return sql.format(g=generation, id=position, table="jobs", jobs="?, ?", a=generation, b=generation)


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - WHOLE))
def test_sqlite_finds_what_is_asked_by_an_index(
    name: str, store: EventStore, database: Database, generation: int
) -> None:
    url = store.url if name in EVENTS else database.url
    sql = filled(STATEMENTS[name], generation, "rowid")
    connection = sqlite3.connect(Path(urlsplit(url).path))
    try:
        plan = connection.execute("EXPLAIN QUERY PLAN " + sql, ["1"] * sql.count("?")).fetchall()
    finally:
        connection.close()
    steps = [row[3] for row in plan]
    assert steps
    assert [step for step in steps if step.startswith("SCAN")] == []


@pytest.mark.parametrize("store_kind", ["postgresql"])
def test_postgresql_can_find_all_that_is_asked_by_an_index(store: EventStore, generation: int) -> None:
    scans = {}
    with psycopg.connect(store.url) as connection:
        # Small tables are read whole, rightly; what is asked here is whether there is another way.
        connection.execute("SET enable_seqscan = off")
        for name in sorted(set(STATEMENTS) - WHOLE):
            sql = filled(STATEMENTS[name], generation, "notification_id").replace("?", "%s")
            rows = connection.execute("EXPLAIN (GENERIC_PLAN) " + re.sub(r"%s", _numbered(), sql)).fetchall()
            found = [row[0] for row in rows if "Seq Scan" in row[0]]
            if found:
                scans[name] = found
    assert scans == {}


def _numbered() -> Callable[[re.Match[str]], str]:
    numbers = iter(range(1, 100))
    return lambda _: f"${next(numbers)}"
