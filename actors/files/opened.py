"""What came of opening a file, as it is handed from the process that opened it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Opened:
    """The file that was written beside: what it is, and what was changed on the way."""

    kind: str
    """``image``, ``video`` or ``audio``."""
    media_type: str
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where in a film a file is to be used: the kind of asset, and what that asks for."""

    kind: str
    width: int = 0
    height: int = 0
    """Of the film, in pixels."""
    text: str = ""
    """What a voice-over says."""
