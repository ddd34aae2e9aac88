"""What PostgreSQL says when it cannot be used, in our words: the reason, and what a person can do about it.

A server that answers a statement gives a code. When it turns a connection away libpq keeps the sentence
alone, so those are told by their words; a server that speaks another language gets the general hint.
"""

import re

import psycopg

_TURNED_AWAY = (
    (r'database ".*" does not exist', "3D000"),
    (r"no password supplied|password authentication failed|empty password", "28P01"),
    (r'role ".*" does not exist|(Peer|Ident) authentication failed|not permitted to log in', "28000"),
    (r"no pg_hba\.conf entry .*no encryption", "needs TLS"),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "not let in"),
    (r"server does not support SSL", "has no TLS"),
    (r"certificate verify failed|root certificate file|server certificate for", "certificate"),
    (r"permission denied for database|does not have CONNECT privilege", "42501"),
    (r"too many (clients|connections)|connection slots are reserved", "53300"),
    (r"the database system is (starting up|shutting down|in recovery|not yet accepting)", "57P03"),
    (r"could not translate host name|Name or service not known|failed to resolve host", "unknown host"),
    (r"Connection refused|No such file or directory", "nobody listens"),
    (r"couldn't get a connection", "busy"),
    (r"timeout expired|[Tt]imed out|No route to host|[Nn]etwork is unreachable", "unreachable"),
)
_TLS = "write ?sslmode=require at the end of the URL"
_RIGHTS = (
    "grant this user SELECT, INSERT and UPDATE on the tables and USAGE on their sequence, and CREATE on the "
    "schema public to make them; or connect as their owner"
)

# Where the reason is None, what the server said is the reason.
_FAILURES: dict[str, tuple[str | None, str]] = {
    "53100": ("the disk is full", "make room on the database server; nothing else needs to be done"),
    "25006": ("the database is read-only", "connect to the primary server"),
    "55P03": ("the database is locked", "find the session that keeps a table or a row locked"),
    "42501": (None, _RIGHTS),
    "42P01": (None, "the tables are missing or of another schema; start again, which makes what is missing"),
    "3D000": (None, "create it with `createdb NAME`, or name another database in the URL"),
    "28P01": (None, "see the password and the user in the URL, or write the password into ~/.pgpass"),
    "28000": (None, "name another user in the URL, or create this one with `createuser NAME`"),
    "needs TLS": (None, f"the server takes encrypted connections only, it seems: {_TLS}"),
    "has no TLS": (None, "turn on TLS at the server, or write ?sslmode=prefer at the end of the URL"),
    "certificate": (None, "name the authority's certificate with sslrootcert=FILE in the URL"),
    "not let in": (None, "have the server's pg_hba.conf let this user and machine in"),
    "53300": (None, "raise max_connections at the server, or end sessions that nobody needs"),
    "57P03": (None, "wait a moment: the server starts or stops"),
    "unknown host": (None, "see the name of the host in the URL"),
    "nobody listens": (None, "see that the server runs, and listens on the host and port in the URL"),
    "busy": (None, "all connections of this process are in use: try again in a moment"),
    "unreachable": (None, "see the host in the URL, and that network and firewalls let this machine through"),
}
_ANY_HINT = "see that the server runs, and host, port, user and database in the URL"


def failure_of(error: BaseException) -> tuple[str, str]:
    """Reason and hint, from what psycopg said first."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    text = " ".join(str(error).split())
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    if state not in _FAILURES:
        state = next((state for words, state in _TURNED_AWAY if re.search(words, text)), "")
    reason, hint = _FAILURES.get(state, (None, _ANY_HINT))
    return reason or text, hint
