"""How a store fails: nothing raw of a database comes out.

What can pass descends from the event sourcing library's ``OperationalError``, so that code which knows only
the library handles it too::

    PersistenceError
    ├── OperationalError
    │   └── StoreUnavailableError     the store cannot be used; says why and what a person can do
    │       └── AppendFailedError     an append was not acknowledged; decide again when the cause is gone
    └── StoreClosedError              this process has closed the store: nothing will bring it back

A conflict between two writers is no failure of the store: it is the library's ``IntegrityError``.
"""

from eventsourcing.persistence import OperationalError, PersistenceError


class StoreUnavailableError(OperationalError):
    """The event store cannot be used; ``hint`` says what a person can do about it."""

    def __init__(self, url: str, reason: str, hint: str) -> None:
        super().__init__(f"event store {url}: {reason} ({hint})")
        self.url = url
        self.reason = reason
        self.hint = hint


class AppendFailedError(StoreUnavailableError):
    """An append was not acknowledged; load anew and decide again when the cause is gone.

    On SQLite none of its events is recorded. On PostgreSQL a connection that is lost at the wrong moment
    leaves that open; what is loaded anew tells.
    """


class StoreClosedError(PersistenceError):
    """The store, or its application, was used after this process had closed it; waiting does not help."""

    def __init__(self, url: str) -> None:
        super().__init__(f"event store {url}: it was closed in this process, which is ending")
        self.url = url
