"""How values look when they leave: one JSON encoding for stored read models, REST, SSE and the command line.

What is encoded here is stored as bytes and handed out as those bytes, so an event reads the same wherever
it is met, and is encoded once however many read it.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter

from domain.plain import plain

_JSON = TypeAdapter[Any](Any, config=ConfigDict(ser_json_inf_nan="strings")).serializer


@lru_cache(256)
def iso(at: datetime | None) -> str | None:
    """``2026-11-22T10:00:00.123Z``; milliseconds, always UTC."""
    # An event's time stands in its line, its asset's page and its job's: it is written once.
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


text_of: Callable[[UUID], str] = lru_cache(4096)(str)
"""An id as text. A film's events name the same few hundred by the thousand, and Python writes one slowly."""


def encode(value: Any) -> bytes:
    """One line of UTF-8 JSON, keys in the order in which they were put; times are to be given as ``iso``."""
    try:
        line = _JSON.to_json(value)
    except (ValueError, RecursionError):
        return canonical(value)
    if len(line) > _MOST_DIGITS and _NO_NUMBER.search(line):
        return canonical(value)
    return _one_line(line)


def canonical(value: Any) -> bytes:
    """As ``encode``, in the bytes that every version makes: for what is compared with a digest in the log."""
    try:
        line = _dumps(value).encode()
    except (ValueError, RecursionError):
        # Of a log that was written when such values were not yet kept out of events.
        line = _dumps(plain(value)).encode()
    return _one_line(line)


_MOST_DIGITS = 4300
"""Python reads no longer number."""
_NO_NUMBER = re.compile(rb"[0-9]{%d}" % (_MOST_DIGITS + 1))


def _one_line(line: bytes) -> bytes:
    if not line.isascii() and (b"\xe2\x80" in line or b"\xc2\x85" in line):
        for raw, escape in _ENDS_OF_LINES:
            line = line.replace(raw, escape)
    return line


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


_ENDS_OF_LINES = [(end.encode(), f"\\u{ord(end):04x}".encode()) for end in "\u0085\u2028\u2029"]
"""What JSON may hold raw and many readers of lines take for the end of one."""


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an event")
