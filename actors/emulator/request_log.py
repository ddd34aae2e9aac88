"""What the emulator was asked, so that tests and people can count calls and look at them.

Pictures and sound sent along are kept as digests (``sha256:…``): a load test would fill the memory otherwise.
"""

import base64
import binascii
import hashlib
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

KEPT = 20_000
BODIES = 2_000
LONGEST_INLINE = 2_000


@dataclass
class Entry:
    """One request; ``status`` is None while it is being answered, 0 when the connection was cut."""

    n: int
    method: str
    path: str
    model: str | None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: int | None = None
    body: Any = None
    fault: str | None = None

    def public(self) -> dict[str, Any]:
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "n": self.n,
            "at": at,
            "method": self.method,
            "path": self.path,
            "model": self.model,
            "status": self.status,
        }


class RequestLog:
    """The last requests in order, counted from 1."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def begin(self, method: str, path: str, model: str | None) -> Entry:
        with self._lock:
            self._count += 1
            entry = Entry(self._count, method, path, model)
            self._entries.append(entry)
            if len(self._entries) > BODIES:
                self._entries[-BODIES - 1].body = None
            return entry

    def public(self) -> list[dict[str, Any]]:
        with self._lock:
            return [entry.public() for entry in self._entries]

    def find(self, n: int) -> Entry | None:
        with self._lock:
            return next((entry for entry in self._entries if entry.n == n), None)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._count = 0


def without_bulk(value: Any) -> Any:
    """The body with long base64 data replaced by ``sha256:<digest of the bytes>``."""
    if isinstance(value, list):
        return [without_bulk(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _digest(inner) if key == "data" else without_bulk(inner) for key, inner in value.items()}


def _digest(data: Any) -> Any:
    if not isinstance(data, str) or len(data) < LONGEST_INLINE:
        return data
    try:
        raw = base64.b64decode(data, altchars=b"-_" if "-" in data or "_" in data else None)
    except binascii.Error:
        return data[:LONGEST_INLINE]
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
