"""How sessions on a PostgreSQL server are made: its URL, its connection parameters, and what it must be.

Presence, signals and the pool of connections (``postgresql_pool.py``) all stand on this.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from domain.store.errors import StoreUnavailableError
from domain.store.postgresql_failures import failure_of

CLIENT_SIDE = {
    "connect_timeout": 5,
    "application_name": "reelog",
    # A dead network is noticed after 3 + 3 seconds on this side; the server's is in postgresql_presence.py.
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,
}


def lock_key(name: str) -> int:
    """The advisory lock of a name: a signed 64-bit hash, the same in every process."""
    digest = hashlib.blake2b(f"reelog:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@dataclass(frozen=True)
class Server:
    """How to reach the database; ``url`` holds the password, ``shown_url`` does not."""

    url: str

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Connection parameters of libpq; what the URL says overrules the defaults here."""
        return {**CLIENT_SIDE, **conninfo_to_dict(self.url)}

    @cached_property
    def shown_url(self) -> str:
        parts = {name: str(value) for name, value in conninfo_to_dict(self.url).items() if value}
        user = f"{parts['user']}@" if "user" in parts else ""
        port = f":{parts['port']}" if "port" in parts else ""
        return f"postgresql://{user}{parts.get('host', '')}{port}/{parts.get('dbname', '')}"

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect("", autocommit=True, **self.parameters)

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Turns errors of the connection into StoreUnavailableError."""
        try:
            yield
        except psycopg.Error as error:
            raise StoreUnavailableError(self.shown_url, *failure_of(error)) from error

    def require_sessions(self) -> None:
        """StoreUnavailableError when a proxy hands one session of the server to several of its clients.

        Presence, LISTEN and prepared statements belong to a session: behind a proxy in transaction mode a
        lock would stay with a session that serves somebody else, and a worker pass for dead or for alive.
        Such a proxy gives a session back after each transaction, so the next client gets it and ours another.
        """
        with self.reporting(), self.connect() as mine, self.connect() as other:
            for _ in range(_POOLER_LOOKS):
                before = _session_of(mine)
                with other.transaction():
                    if _session_of(other) == before or _session_of(mine) != before:
                        raise StoreUnavailableError(
                            self.shown_url,
                            "a proxy in transaction mode stands before the server and shares its sessions",
                            "connect to PostgreSQL itself, or set the proxy to session mode "
                            "(PgBouncer: pool_mode = session)",
                        )


_POOLER_LOOKS = 3
"""Another client may come between at one look."""


def _session_of(connection: psycopg.Connection[tuple[Any, ...]]) -> object:
    return connection.execute("SELECT pg_backend_pid()").fetchone()
