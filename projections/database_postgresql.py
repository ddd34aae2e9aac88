"""The read models in the PostgreSQL that holds the events, in tables of their own.

Readers see one state through REPEATABLE READ. Writers order themselves by the row of the generation, which
every writing transaction updates first.
"""

import contextlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

import psycopg
from eventsourcing.persistence import PersistenceError

from domain.store.postgresql_failures import failure_of
from domain.store.postgresql_session import Pool, Server
from projections.database import ReadModelsUnavailableError, RefusedValueError, Row, Transaction
from projections.tables import REGISTERED, REGISTRY

MOST_CONNECTIONS = 8
CONNECT_TIMEOUT_S = 5.0
_MIGRATION_LOCK = zlib.crc32(b"reelog.read_models")
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class PostgresqlDatabase:
    blob = "BYTEA"

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = Pool(
            Server(url),
            timeout_s=CONNECT_TIMEOUT_S,
            min_size=1,
            max_size=MOST_CONNECTIONS,
            configure=_beside_the_events,
            name="read-models",
        )
        self._pool.open()
        try:
            self._see_to_the_registry()
        except BaseException:
            self._pool.close()
            raise

    def _see_to_the_registry(self) -> None:
        with self.read() as transaction:
            found = [transaction.one("SELECT to_regclass(?)", name) for name in REGISTERED]
        if (None,) not in found:
            return
        with self.write() as transaction:
            # Several processes that create a table at once fail, even with IF NOT EXISTS.
            transaction.run("SELECT pg_advisory_xact_lock(?)", _MIGRATION_LOCK)
            for statement in REGISTRY:
                transaction.run(statement)

    def read(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction(_READ)

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction(None)

    @contextlib.contextmanager
    def _transaction(self, begin: LiteralString | None) -> Iterator[Transaction]:
        try:
            with self._pool.connection() as connection, connection.cursor() as cursor:
                if begin is not None:
                    cursor.execute(begin)
                yield PostgresqlTransaction(cursor)
        except PersistenceError as error:
            raise ReadModelsUnavailableError(f"read models: {error}") from error
        except psycopg.Error as error:
            reason, hint = failure_of(error)
            raise ReadModelsUnavailableError(f"read models: {reason} ({hint})") from error

    def settle(self) -> None:
        """Autovacuum sees to the old versions of rows."""

    def close(self) -> None:
        self._pool.close()


def _beside_the_events(connection: psycopg.Connection[Any]) -> None:
    """In the schema of the events, whatever the user's search_path is: all processes must find the same."""
    connection.execute("SET search_path TO public")
    connection.commit()


class PostgresqlTransaction:
    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def run(self, sql: str, *values: Any) -> int:
        with _told():
            return self._cursor.execute(_marked(sql), values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with _told():
            self._cursor.executemany(_marked(sql), rows)

    def all(self, sql: str, *values: Any) -> list[Row]:
        with _told():
            return self._cursor.execute(_marked(sql), values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        with _told():
            row: Row | None = self._cursor.execute(_marked(sql), values).fetchone()
            return row


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell a value that PostgreSQL will not take from a server that cannot be used."""
    try:
        yield
    except (OverflowError, UnicodeError, psycopg.DataError, psycopg.IntegrityError) as error:
        raise RefusedValueError(str(error)) from error
    except psycopg.Error as error:
        raise ReadModelsUnavailableError(f"read models: {error}") from error


def _marked(sql: str) -> str:
    # All SQL is in tables.py and holds neither a literal question mark nor a per cent sign.
    return sql.replace("?", "%s")
