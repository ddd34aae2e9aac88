"""Counts what this process gives its databases to do: statements, and sessions that it opens.

Counts say what a change costs on any machine, where a clock does not. Connections of SQLite are counted from
their opening on, so what is to be counted has to be opened within the block.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

_FRAMES = ("BEGIN", "COMMIT", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Statements:
    """In order, each on one line; a row of ``executemany`` is a statement of its own on SQLite."""

    all: list[str] = field(default_factory=list)
    sessions: int = 0
    """How many were opened on a PostgreSQL server."""

    def note(self, sql: object) -> None:
        text = sql.decode() if isinstance(sql, bytes) else sql if isinstance(sql, str) else str(sql)
        self.all.append(" ".join(text.split()))

    @property
    def asked(self) -> list[str]:
        """Without those that only frame transactions or set up a connection."""
        return [sql for sql in self.all if not sql.startswith((*_FRAMES, "SET "))]

    def forget(self) -> None:
        self.all.clear()
        self.sessions = 0


@contextmanager
def counted() -> Iterator[Statements]:
    """Whatever is asked of a database within the block, by any thread of this process."""
    statements = Statements()
    connect_sqlite, connect_postgresql = sqlite3.connect, psycopg.Connection.connect.__func__
    execute, executemany = psycopg.Cursor.execute, psycopg.Cursor.executemany

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect_sqlite(*args, **kwargs)
        connection.set_trace_callback(statements.note)
        return connection

    def connected(cls: Any, *args: Any, **kwargs: Any) -> Any:
        statements.sessions += 1
        return connect_postgresql(cls, *args, **kwargs)

    def executed(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statements.note(query if isinstance(query, str | bytes) else query.as_string(cursor.connection))
        return execute(cursor, query, *args, **kwargs)

    def executed_many(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        statements.note(query)
        return executemany(cursor, query, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", traced)
        patch.setattr(psycopg.Connection, "connect", classmethod(connected))
        patch.setattr(psycopg.Cursor, "execute", executed)
        patch.setattr(psycopg.Cursor, "executemany", executed_many)
        yield statements
