"""How values look when they leave: one JSON encoding for stored read models, REST, SSE and the command line.

What is encoded here is stored as bytes and handed out as those bytes, so an event reads the same wherever
it is met, and is encoded once however many read it.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


def iso(at: datetime | None) -> str | None:
    """``2026-11-22T10:00:00.123Z``; milliseconds, always UTC."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(value: Any) -> bytes:
    """One line of UTF-8 JSON, keys in the order in which they were put."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    ).encode()


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an event")
