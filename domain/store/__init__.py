"""The store: the log of all events, who is woken by it, who is alive on it, and the one door for changes.

``open_event_store`` gives a store by its URL and ``Studio`` saves through it; ``EventLog`` and ``Follower``
read; ``Retention`` removes what is old; ``copy_log`` moves a whole log. This page is all that other rooms
import; what SQLite and PostgreSQL do differently stands behind it. The read models' databases alone reach for
two more modules, the connections of each kind (``sqlite_connections``, ``postgresql_pool``), so that both
users have the same checks.
"""

from domain.store.copying import CopiedChunk, CopyRefusedError, copy_log
from domain.store.errors import AppendFailedError, StoreClosedError, StoreUnavailableError
from domain.store.event_store import LOG_SIGNAL, EventStore
from domain.store.files import Files
from domain.store.keys import Keys
from domain.store.log import (
    EventLog,
    Follower,
    PositionNotFoundError,
    Recorded,
    Unreadable,
    UnreadableEventError,
)
from domain.store.owners import Owners
from domain.store.presets import Presets
from domain.store.retention import Pruning, Retention
from domain.store.sessions import Sessions
from domain.store.signals import Changes, Signal
from domain.store.sqlite import open_sqlite
from domain.store.studio import AssetChange, ConflictError, JobNotFoundError, Saveable, Saved, Studio
from domain.store.uses import Due, NotProjectedError
from domain.store.webhooks import Endpoints

__all__ = [
    "LOG_SIGNAL",
    "AppendFailedError",
    "AssetChange",
    "Changes",
    "ConflictError",
    "CopiedChunk",
    "CopyRefusedError",
    "Due",
    "Endpoints",
    "EventLog",
    "EventStore",
    "Files",
    "Follower",
    "JobNotFoundError",
    "Keys",
    "NotProjectedError",
    "Owners",
    "PositionNotFoundError",
    "Presets",
    "Pruning",
    "Recorded",
    "Retention",
    "Saveable",
    "Saved",
    "Sessions",
    "Signal",
    "StoreClosedError",
    "StoreUnavailableError",
    "Studio",
    "Unreadable",
    "UnreadableEventError",
    "copy_log",
    "open_event_store",
    "shown_url",
]


def open_event_store(url: str) -> EventStore:
    """Open the store, making its folder and tables when they are missing; several processes may at once.

    ``sqlite:///reelog.db`` is a path in the current folder, ``sqlite:////var/reelog.db`` an absolute one;
    ``postgresql://user@host/db`` is any PostgreSQL connection URL. In-memory databases are refused: several
    processes share the log, and a log that ends with its process is not a record.

    What killed processes left of their presence goes. Raises StoreUnavailableError when it cannot be opened.
    """
    store = _open(url)
    try:
        store.sweep_presence()
    except OSError as error:
        raise StoreUnavailableError(store.url, str(error), "see that the folder is writable") from error
    return store


def shown_url(url: str) -> str:
    """The URL of a PostgreSQL store without its password, for people."""
    from domain.store.postgresql_server import Server  # noqa: PLC0415 - as below

    return Server(url).shown_url


def _open(url: str) -> EventStore:
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        return open_sqlite(rest)
    if separator and scheme in {"postgresql", "postgres"}:
        # Loading psycopg takes time and memory in every process; only those pay that use it.
        from domain.store.postgresql import open_postgresql  # noqa: PLC0415

        return open_postgresql(url)
    raise StoreUnavailableError(
        url, f"unknown scheme {scheme!r}", "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
    )
