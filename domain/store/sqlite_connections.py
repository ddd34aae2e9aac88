"""Connections to one SQLite file, for events and read models alike: how they are made, lent, kept and closed.

1. **The file is looked at before each use.** A connection to one that was replaced or deleted would go on
   writing into a file that nobody can open again; those are given up for connections to what has the name
   now. What is done when that is another file (refuse it, make it anew) is the user's to say.
2. **One thread at a time has a connection**, and only one that is open and in no transaction is lent again:
   what its user left unfinished is rolled back by closing it.
3. **Closing waits for what is in use**, for a while: SQLite does not survive that a connection is closed
   under its user. What stays in use is closed by who gives it back.
4. **A bounded retry on "database is locked"** (``outlast_locks``): a foreign program may hold the file for
   longer than the busy timeout. Nothing was written when SQLite says so, hence nothing can be written twice.
5. **Who cannot be given a connection is told why**: StoreUnavailableError, or StoreClosedError.

Every user overwrites texts that were pruned (``secure_delete``), and has chosen how much a power cut may cost
(``synchronous``). There is no upper bound of connections: they are cheap, and threads are bounded elsewhere.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

from domain.store.errors import StoreClosedError, StoreUnavailableError
from domain.store.presence import locked_file
from domain.store.sqlite_failures import FAILURES, failure_of, result_code
from domain.store.sqlite_wal import empty_wal

# Some of it comes from neighbours: users outside the store have all that concerns a file from here.
__all__ = [
    "Connections",
    "check_header",
    "connect",
    "empty_wal",
    "failure_of",
    "identity_of",
    "locked_file",
    "outlast_locks",
    "result_code",
    "sidecar",
]

BUSY_TIMEOUT_S = 15
LOCKED_DEADLINE_S = 60.0
"""How long a writer goes on trying while a foreign program holds the database."""
CLOSE_PATIENCE_S = 10.0
"""How long closing waits for statements that are under way in other threads."""
KEPT_CONNECTIONS = 8

Synchronous = Literal["FULL", "NORMAL"]
T = TypeVar("T")


def sidecar(path: Path, suffix: str) -> Path:
    """A file beside the database, named as SQLite names its own (``events.db-wal``)."""
    return path.with_name(path.name + suffix)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def identity_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file that has this name now; None when there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


_MAGIC = b"SQLite format 3\0"
_descriptors: dict[tuple[int, int], int] = {}


def check_header(path: Path) -> None:
    """StoreUnavailableError when the file begins as no SQLite database does; an empty one may become one.

    Opening a file of garbage, or an empty one, SQLite deletes the -wal file that stands beside it, and the
    acknowledged events in that would be gone when the database is put back. A new database is never empty
    once it has such a file.

    The descriptor stays open for the life of the process, one for each database file: were it closed,
    the kernel would drop the locks that SQLite holds on the same file in this process.
    """
    identity = identity_of(path)
    if identity is None:
        return
    if identity not in _descriptors:
        _descriptors[identity] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    head = os.pread(_descriptors[identity], len(_MAGIC), 0)
    if head != _MAGIC and (head or _has_wal(path)):
        raise StoreUnavailableError(url_of(path), *FAILURES[sqlite3.SQLITE_NOTADB])


def _has_wal(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return sidecar(path, "-wal").stat().st_size > 0
    return False


def connect(
    path: Path,
    *,
    create: bool = False,
    synchronous: Synchronous = "FULL",
    busy_timeout_s: float | None = None,
) -> sqlite3.Connection:
    """A connection that any one thread may use; without ``create`` a file that has vanished is an error."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_S if busy_timeout_s is None else busy_timeout_s,
    )
    try:
        connection.execute(f"PRAGMA synchronous={synchronous}")
        # Pages that a text has left are zeroed: retention removes what is on the disk, too.
        connection.execute("PRAGMA secure_delete=ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def outlast_locks(write: Callable[[], T]) -> T:
    """Do it again while the database is locked, for LOCKED_DEADLINE_S; each attempt has the busy timeout."""
    deadline = time.monotonic() + LOCKED_DEADLINE_S
    while True:
        try:
            return write()
        except Exception as error:
            if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise


class Connections:
    """Lends connections to the file at ``path``.

    ``check`` is asked before a connection is opened; ``prepare`` is called before the first use, and whenever
    another file has the name than before. Both may raise, and then nothing is lent.
    """

    def __init__(
        self,
        path: Path,
        *,
        synchronous: Synchronous,
        busy_timeout_s: float | None = None,
        check: Callable[[Path], None] | None = None,
        prepare: Callable[[], None] | None = None,
        row_factory: type[sqlite3.Row] | None = None,
    ) -> None:
        self.path = path
        self._synchronous = synchronous
        self._busy_timeout_s = busy_timeout_s
        self._check = check
        self._prepare = prepare
        self._row_factory = row_factory
        self._turn = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._in_use = 0
        self._file: tuple[int, int] | None = None
        self._closed = False

    @contextlib.contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """A connection to the file that has the name now; StoreUnavailableError or StoreClosedError."""
        try:
            connection, file = self._take()
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailableError(url_of(self.path), *failure_of(error)) from error
        try:
            yield connection
        finally:
            self._give_back(connection, file)

    def _take(self) -> tuple[sqlite3.Connection, tuple[int, int] | None]:
        with self._turn:
            self._see_to_the_file()
            file = self._file
            self._in_use += 1
            while self._idle:
                connection = self._idle.pop()
                if _is_at_rest(connection):
                    return connection, file
        try:
            return self._open(), file
        except BaseException:
            self._give_back(None, file)
            raise

    def _see_to_the_file(self) -> None:
        if self._closed:
            raise StoreClosedError(url_of(self.path))
        if self._file is None or identity_of(self.path) != self._file:
            self._close_idle()
            self._file = None
            if self._prepare is not None:
                self._prepare()
            self._file = identity_of(self.path)

    def _open(self) -> sqlite3.Connection:
        if self._check is not None:
            self._check(self.path)
        connection = connect(self.path, synchronous=self._synchronous, busy_timeout_s=self._busy_timeout_s)
        connection.row_factory = self._row_factory
        return connection

    def _give_back(self, connection: sqlite3.Connection | None, file: tuple[int, int] | None) -> None:
        with self._turn:
            self._in_use -= 1
            self._turn.notify_all()
            if connection is None:
                return
            wanted = not self._closed and file == self._file and len(self._idle) < KEPT_CONNECTIONS
            if wanted and _is_at_rest(connection):
                self._idle.append(connection)
            else:
                connection.close()

    def check_file(self) -> None:
        """Prepare the file if it is another than before, as for a loan; raises the same."""
        with self.lend():
            pass

    def close(self, patience_s: float | None = None) -> None:
        """No loans any more; waits for those that are under way, at most CLOSE_PATIENCE_S."""
        with self._turn:
            self._closed = True
            self._close_idle()
            patience_s = CLOSE_PATIENCE_S if patience_s is None else patience_s
            self._turn.wait_for(lambda: not self._in_use, patience_s)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _is_at_rest(connection: sqlite3.Connection) -> bool:
    """Whether it is open, and its last user has ended every transaction."""
    try:
        return not connection.in_transaction
    except sqlite3.ProgrammingError:
        return False
