"""Which server, with which key: what is passed, else ``REELOG_URL`` and ``REELOG_API_KEY`` or its file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reelog_client.errors import ConfigurationError

DEFAULT_URL = "http://127.0.0.1:8080"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Patience:
    """For how long a server that is away, overloaded or restarting is waited for.

    A request that is refused for good is never repeated, and one that may have been done only where that is
    safe: it reads, or it has an idempotency key.
    """

    for_s: float = 60.0
    """Counted anew with every sign of life."""
    pause_s: float = 0.5
    """Before the first repetition; each next one twice as long, with chance in it."""
    longest_pause_s: float = 10.0
    unreached: bool = True
    """Whether also a server that was never reached is waited for."""


@dataclass(frozen=True)
class Server:
    url: str
    api_key: str | None

    @property
    def is_local(self) -> bool:
        """On this machine, which no proxy of the environment can reach."""
        return urlsplit(self.url).hostname in LOOPBACK


def server_of(
    url: str | None = None, api_key: str | None = None, environment: Mapping[str, str] | None = None
) -> Server:
    """The server that is meant; ConfigurationError names what cannot be used."""
    settings = os.environ if environment is None else environment
    address = (url or settings.get("REELOG_URL", "").strip() or DEFAULT_URL).rstrip("/")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"{address!r} is no address of a server; write one such as {DEFAULT_URL} (url=, REELOG_URL)"
        )
    return Server(address, api_key or _key(settings))


def _key(settings: Mapping[str, str]) -> str | None:
    key, path = settings.get("REELOG_API_KEY", "").strip(), settings.get("REELOG_API_KEY_FILE", "").strip()
    if key and path:
        raise ConfigurationError("REELOG_API_KEY and REELOG_API_KEY_FILE are both set; set one of them")
    if not path:
        return key or None
    try:
        key = Path(path).expanduser().read_text("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"REELOG_API_KEY_FILE: {path!r} cannot be read: {said}") from None
    if not key or len(key.splitlines()) > 1:
        raise ConfigurationError(f"REELOG_API_KEY_FILE: {path!r} must hold the key alone, on one line")
    return key
