"""Emptying SQLite's write-ahead log, which keeps old texts, without standing in anybody's way.

``wal_checkpoint(TRUNCATE)`` alone holds the lock of the writers while it copies everything, and while it
waits for readers to end, for as long as the busy timeout. So what can be copied is copied first, which waits
for nobody and for which nobody waits, and the rest is tried for an instant at a time.
"""

import contextlib
import sqlite3
import time
from pathlib import Path

PATIENCE_S = 15.0
PAUSE_S = 0.05


def empty_wal(path: Path) -> bool:
    """False when others have used the log all the while: what it holds is then overwritten in time."""
    deadline = time.monotonic() + PATIENCE_S
    uri = path.absolute().as_uri() + "?mode=rw"
    with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)) as connection:
        while not _emptied(connection):
            if time.monotonic() >= deadline:
                return False
            time.sleep(PAUSE_S)
    return True


def _emptied(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return bool(row[0] == 0)
