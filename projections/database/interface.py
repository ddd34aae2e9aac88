"""What every database of the read models offers: transactions of plain SQL, and how they fail."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class ReadModelsUnavailableError(RuntimeError):
    """The read models cannot be opened, read or written; the message says why."""


class RefusedValueError(ValueError):
    """The database is well and will not take this value: its owner is in the way, not the disk."""


class Transaction(Protocol):
    """One transaction: every statement in it sees the same state.

    RefusedValueError where a value is not taken, ReadModelsUnavailableError for everything else.
    """

    def run(self, sql: str, *values: Any) -> int:
        """Execute; gives the number of rows that changed."""
        ...

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    def all(self, sql: str, *values: Any) -> list[Row]: ...

    def one(self, sql: str, *values: Any) -> Row | None: ...


class Database(Protocol):
    url: str
    blob: str  # what the store calls a column of bytes
    text: str  # one of texts that are compared by their code points
    position: str  # and one of positions; on SQLite it is then the row's own number, and needs no index

    def read(self) -> contextlib.AbstractContextManager[Transaction]: ...

    def write(self) -> contextlib.AbstractContextManager[Transaction]: ...

    def settle(self) -> None:
        """After texts were removed: drop the copies that the database itself keeps, as far as it can."""
        ...

    def close(self) -> None: ...
