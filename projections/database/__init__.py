"""Where the read models are kept: a SQLite file of their own beside the event store, or the same PostgreSQL.

Connections are those of the event store's kind (``domain/store``), with the same checks and retries.
"""

from pathlib import Path

from projections.database.interface import (
    Database,
    ReadModelsUnavailableError,
    RefusedValueError,
    Row,
    Transaction,
)
from projections.database.sqlite import SqliteDatabase
from projections.tables import READ_MODELS, Tables

__all__ = [
    "Database",
    "ReadModelsUnavailableError",
    "RefusedValueError",
    "Row",
    "Transaction",
    "open_database",
]


def open_database(store_url: str, tables: Tables = READ_MODELS) -> Database:
    """The read models, or other tables, of the event store at this URL; made when missing."""
    if store_url.startswith("sqlite:///"):
        path = Path(store_url.removeprefix("sqlite:///"))
        return SqliteDatabase(path.with_name(f"{path.name}{tables.suffix}"), tables)
    if store_url.startswith(("postgresql://", "postgres://")):
        # Loading psycopg takes time and memory; only those pay that use it.
        from projections.database.postgresql import PostgresqlDatabase  # noqa: PLC0415

        return PostgresqlDatabase(store_url, tables)
    raise ReadModelsUnavailableError(f"read models cannot be kept beside {store_url}")
