"""Up to where spans have been exported: one row, beside the events, and no part of the read models."""

from collections.abc import Callable
from uuid import UUID

from projections.database import Database
from projections.tables import Tables

TABLES = Tables(
    "-traces",
    ("trace_follower",),
    (
        """
        CREATE TABLE IF NOT EXISTS trace_follower (
            id INTEGER PRIMARY KEY,
            store TEXT NOT NULL,
            position BIGINT NOT NULL
        )
        """,
    ),
)
_FOLLOWED = "SELECT store, position FROM trace_follower WHERE id = 1"
_EMPTY = "DELETE FROM trace_follower"
_BEGIN = "INSERT INTO trace_follower (id, store, position) VALUES (1, ?, ?)"
_ADVANCE = "UPDATE trace_follower SET position = ? WHERE id = 1 AND position = ?"


class OvertakenError(RuntimeError):
    """Another process has followed the log further: this one exports no more."""


class Place:
    """How far the log was followed, as all servers on it know."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, store: UUID, head: Callable[[], int]) -> int:
        """Where to follow from: for the first time, or in another log than before, from its head on."""
        with self._database.write() as transaction:
            followed = transaction.one(_FOLLOWED)
            now = head()
            if followed is not None and followed[0] == str(store) and followed[1] <= now:
                return int(followed[1])
            transaction.run(_EMPTY)
            transaction.run(_BEGIN, str(store), now)
        return now

    def advance(self, before: int, after: int) -> None:
        with self._database.write() as transaction:
            if not transaction.run(_ADVANCE, after, before):
                raise OvertakenError

    def position(self) -> int | None:
        """None where nothing was ever followed."""
        with self._database.read() as transaction:
            followed = transaction.one(_FOLLOWED)
        return int(followed[1]) if followed else None

    def close(self) -> None:
        self._database.close()
