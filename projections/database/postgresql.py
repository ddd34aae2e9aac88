"""The read models in the PostgreSQL that holds the events, in tables of their own.

Readers see one state through REPEATABLE READ. Writers order themselves by the row of the generation, which
every writing transaction updates first. A transaction begins with a statement in any case, so that a lost
connection is noticed, and replaced, while nothing has been done on it.
"""

import contextlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

import psycopg

from domain.store import StoreClosedError
from domain.store.postgresql_pool import CONNECT_TIMEOUT_S, Pool, Server, ask_again, failure_of
from projections.database.interface import ReadModelsUnavailableError, RefusedValueError, Row, Transaction
from projections.tables import READ_MODELS, Tables

MOST_CONNECTIONS = 8
_MIGRATION_LOCK = zlib.crc32(b"reelog.read_models")
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITE = "SELECT 1"


class PostgresqlDatabase:
    blob = "BYTEA"
    text = 'TEXT COLLATE "C"'
    position = "BIGINT"

    def __init__(self, url: str, tables: Tables = READ_MODELS) -> None:
        self._tables = tables
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
            found = [transaction.one("SELECT to_regclass(?)", name) for name in self._tables.names]
        if (None,) not in found:
            return
        with self.write() as transaction:
            # Several processes that create a table at once fail, even with IF NOT EXISTS.
            transaction.run("SELECT pg_advisory_xact_lock(?)", _MIGRATION_LOCK)
            for statement in self._tables.statements:
                transaction.run(statement)

    def read(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction(_READ)

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        return self._transaction(_WRITE)

    @contextlib.contextmanager
    def _transaction(self, begin: LiteralString) -> Iterator[Transaction]:
        with _unavailable():
            connection = ask_again(lambda: self._begun(begin))
        try:
            with connection.cursor() as cursor:
                yield PostgresqlTransaction(cursor)
            with _unavailable():
                connection.commit()
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                connection.rollback()
            raise
        finally:
            self._pool.putconn(connection)

    def _begun(self, begin: LiteralString) -> psycopg.Connection[Any]:
        connection = self._pool.getconn()
        try:
            connection.execute(begin)
        except BaseException:
            connection.close()
            self._pool.putconn(connection)  # which replaces it
            raise
        return connection

    def settle(self) -> None:
        """Autovacuum sees to the old versions of rows."""

    def close(self) -> None:
        self._pool.close()


def _beside_the_events(connection: psycopg.Connection[Any]) -> None:
    """In the schema of the events, whatever the user's search_path is: all processes must find the same."""
    connection.execute("SET search_path TO public")
    connection.autocommit = False


class PostgresqlTransaction:
    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def run(self, sql: str, *values: Any) -> int:
        with _values_refused():
            return self._cursor.execute(_marked(sql), values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with _values_refused():
            self._cursor.executemany(_marked(sql), rows)

    def all(self, sql: str, *values: Any) -> list[Row]:
        with _values_refused():
            return self._cursor.execute(_marked(sql), values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        with _values_refused():
            row: Row | None = self._cursor.execute(_marked(sql), values).fetchone()
            return row


@contextlib.contextmanager
def _values_refused() -> Iterator[None]:
    """Tell a value that PostgreSQL will not take from a server that cannot be used."""
    try:
        with _unavailable():
            yield
    except (OverflowError, UnicodeError, psycopg.DataError, psycopg.IntegrityError) as error:
        raise RefusedValueError(str(error)) from error


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    """Whatever the server, or a connection to it, says becomes ReadModelsUnavailableError."""
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError):
        raise
    except StoreClosedError as error:
        raise ReadModelsUnavailableError("read models: closed in this process") from error
    except psycopg.Error as error:
        reason, hint = failure_of(error)
        raise ReadModelsUnavailableError(f"read models: {reason} ({hint})") from error


def _marked(sql: str) -> str:
    # All SQL is in tables.py and holds neither a literal question mark nor a per cent sign.
    return sql.replace("?", "%s")
