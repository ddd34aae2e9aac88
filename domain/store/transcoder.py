"""Reads stored events several times as fast as the library does, and writes them just as it does.

The library's decoder asks Python about every object of an event's JSON whether it stands for an id or a
time. Here the JSON is read without asking, and only an event's own fields are looked at: what lies deeper is
as a rule neither. Should there be one all the same, or anything else that is not as usual, the library's
decoder reads the event.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder
from pydantic import TypeAdapter

_READ = TypeAdapter[Any](Any).validator.validate_json
_NOTE = b'"_type_"'
_NAMES = frozenset({"_type_", "_data_"})
KEPT_IDS = 4096
"""An event names ids that its neighbours name too."""

_VALUES: Mapping[str, Callable[[str], Any]] = {
    "uuid_hex": lru_cache(KEPT_IDS)(UUID),
    "datetime_iso": datetime.fromisoformat,
}


class Transcoder(JSONTranscoder):
    """What ``TRANSCODER_TOPIC`` names."""

    def decode(self, data: bytes) -> Any:
        try:
            event = _READ(data)
            return event if _with_values(event) == data.count(_NOTE) else super().decode(data)
        except (ValueError, TypeError, KeyError, AttributeError):
            return super().decode(data)


def _with_values(event: dict[str, Any]) -> int:
    """Put ids and times in the place of the notes that stand for them; gives how many there were."""
    found = 0
    for name, value in event.items():
        if type(value) is dict and value.keys() == _NAMES:
            event[name] = _VALUES[value["_type_"]](value["_data_"])
            found += 1
    return found
