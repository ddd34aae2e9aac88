"""What SQLite says when it cannot be used, in our words: the reason, and what a person can do about it."""

import sqlite3

from domain.store.errors import StoreUnavailableError

_PRIMARY_CODE = 0xFF
FAILURES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on the disk; nothing else needs to be done"),
    sqlite3.SQLITE_READONLY: ("the database is read-only", "make the file and its folder writable"),
    sqlite3.SQLITE_IOERR: ("the disk cannot be read or written", "look at the disk and the system's log"),
    sqlite3.SQLITE_BUSY: ("the database is locked", "find the program that keeps the database locked"),
    sqlite3.SQLITE_CANTOPEN: ("the file cannot be opened", "see that file and folder exist and are writable"),
    sqlite3.SQLITE_NOTADB: ("the file is not a SQLite database", "put back the right file, or name another"),
    # The only statements are our own: they fail where the table is missing or another.
    sqlite3.SQLITE_ERROR: ("the file holds no events of Reelog", "put back the right file, or name another"),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged",
        "restore it from a backup; .recover may save the rest",
    ),
}


def result_code(error: BaseException) -> int:
    """SQLite's primary result code of an error, wrapped by others or not; 0 when it is another kind."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE


def failure_of(error: BaseException) -> tuple[str, str]:
    """Reason and hint, from what SQLite or the system said."""
    if isinstance(error, StoreUnavailableError):
        return error.reason, error.hint
    return FAILURES.get(result_code(error), (str(error), "see that the folder exists and is writable"))
