"""A log that is copied into PostgreSQL: one transaction, in the writers' queue."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import Notification

from domain.store.postgresql_recorder import TABLE
from domain.store.postgresql_server import Server, lock_key


@contextlib.contextmanager
def incoming_log(server: Server) -> Iterator["PostgresqlIncomingLog"]:
    """Nothing of it stays unless the block ends well; StoreUnavailableError when the server goes away."""
    with server.reporting(), server.connect() as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key("append"),))
        yield PostgresqlIncomingLog(connection)
        connection.execute("SELECT pg_notify(%s, '')", (TABLE,))


class PostgresqlIncomingLog:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def head(self) -> int:
        row = self._connection.execute("SELECT max(notification_id) FROM public.stored_events").fetchone()
        return (row and row[0]) or 0

    def write(self, events: Sequence[Notification]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO public.stored_events "
                "(notification_id, originator_id, originator_version, topic, state) "
                "VALUES (%s, %s, %s, %s, %s)",
                [(e.id, e.originator_id, e.originator_version, e.topic, e.state) for e in events],
            )

    def read(self, after: int, limit: int) -> list[Notification]:
        rows = self._connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state "
            "FROM public.stored_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            (after, limit),
        ).fetchall()
        return [
            Notification(
                originator_id=row[1], originator_version=row[2], topic=row[3], state=row[4], id=row[0]
            )
            for row in rows
        ]

    def finish(self, store_id: UUID) -> None:
        self._connection.execute(
            "SELECT setval(pg_get_serial_sequence('public.stored_events', 'notification_id'), %s)",
            (max(1, self.head()),),
        )
        self._connection.execute("UPDATE public.store_identity SET id = %s", (store_id,))
