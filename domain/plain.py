"""What an event may hold: JSON that every store, every reader and every later version can take.

JSON's grammar, and what Python makes of it, allow more than can be kept: numbers without end (``1e999``),
half characters, NUL (PostgreSQL refuses it), integers of a thousand digits, ten thousand brackets, objects
that look like the event library's own notes. One such value in an event would be in the log for ever, and
whoever reads it would stumble there. So values pass here on their way into an event: what a *provider or a
stage* says is kept as text, since a paid answer is worth more than the form of a number beside it; what a
*person* submits is refused with its place, since only they know what was meant.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Self, cast
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import get_topic

MOST_DIGITS = 30
LONGEST_NAME = 80
"""Of an integer: more than any that is meant as one, and few enough for every reader of JSON."""
DEEPEST = 64
"""How many brackets may stand around a value."""
MOST_COUNTED = 1_000_000_000
"""More tokens than any call has: a count beyond it is none."""
_LARGEST = 10**MOST_DIGITS
_EXCERPT = 2000
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_NOTE = frozenset({"_type_", "_data_"})
"""The library writes ids and times as objects of these two names, and reads any such object as one."""
_TOO_DEEP = "[nested too deeply to be kept]"


def plain(value: Any) -> Any:
    """The same value, with text in place of whatever could not be kept."""
    return _plain(value, 0)


_KEPT_AS_THEY_ARE = frozenset({type(None), bool, UUID, datetime})


def _plain(value: Any, depth: int) -> Any:  # noqa: C901, PLR0911 - one for each kind of JSON value
    # By type first: nearly all are of these, and an event has dozens. A text that prints holds none of what
    # is no text.
    kind = type(value)
    if kind in _KEPT_AS_THEY_ARE or (kind is str and value.isprintable()):
        return value
    if kind is dict and depth < DEEPEST:
        return _as_text(value) if value.keys() == _NOTE else _plain_items(value, depth + 1)
    if kind is int and -_LARGEST < value < _LARGEST:
        return value
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, int):
        # Digits of a number beyond all bounds cannot even be written out in decimals.
        return value if -_LARGEST < value < _LARGEST else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if isinstance(value, dict | list | tuple) and depth >= DEEPEST:
        return _as_text(value)
    if isinstance(value, dict):
        return _as_text(value) if value.keys() == _NOTE else _plain_items(value, depth + 1)
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, UUID | datetime):
        return value
    return _NO_TEXT.sub("\ufffd", str(value))


def _plain_items(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    items = {
        name: item
        if (kind := type(item)) in _KEPT_AS_THEY_ARE or (kind is str and item.isprintable())
        else _plain(item, depth)
        for name, item in value.items()
    }
    try:
        # All names at once: nearly always, none is to be changed.
        if "".join(items).isprintable():
            return items
    except TypeError:  # a name that is no text
        pass
    return {_plain(_name(name), depth): item for name, item in items.items()}


def _name(name: Any) -> str:
    return name if isinstance(name, str) else str(name)


def _as_text(value: Any) -> str:
    try:
        return _NO_TEXT.sub("\ufffd", json.dumps(value, default=str))[:_EXCERPT]
    except (ValueError, TypeError, RecursionError):
        return _TOO_DEEP


def of_event(values: dict[str, Any]) -> dict[str, Any]:
    """An event's own fields; a number of its own that is without end is one that is not known."""
    return {
        name: value
        if (kind := type(value)) in _KEPT_AS_THEY_ARE or (kind is str and value.isprintable())
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else _plain(value, 0)
        for name, value in values.items()
    }


def count(value: Any) -> int:
    """A count that somebody else told: 0 where it is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MOST_COUNTED else 0


def faults(value: Any) -> Iterator[tuple[str, str]]:
    """What of a submitted value cannot be kept: JSON pointers, and what is wrong there."""
    # Not recursive: what is looked for includes nesting without end.
    left: list[tuple[Any, str, int]] = [(value, "", 0)]
    while left:
        item, pointer, depth = left.pop()
        fault = _fault(item, depth)
        if fault is not None:
            yield pointer, fault
        elif isinstance(item, dict):
            for name in item:
                if _NO_TEXT.search(name):
                    yield pointer, _HALF
            left += [(item[n], f"{pointer}/{escaped(n)}", depth + 1) for n in reversed(item)]
        elif isinstance(item, list):
            left += [(i, f"{pointer}/{n}", depth + 1) for n, i in reversed([*enumerate(item)])]


_HALF = "the text holds characters that are not text (NUL or lone surrogates); remove them"


def _fault(value: Any, depth: int) -> str | None:
    if isinstance(value, str) and _NO_TEXT.search(value):
        return _HALF
    if isinstance(value, float) and not math.isfinite(value):
        return "the number is too large"
    if isinstance(value, int) and not -_LARGEST < value < _LARGEST:
        return f"the number has more than {MOST_DIGITS} digits"
    if isinstance(value, dict | list) and depth >= DEEPEST:
        return f"it is nested too deeply; {DEEPEST} levels are kept"
    if isinstance(value, dict) and value.keys() == _NOTE:
        return "an object of the two names _type_ and _data_ cannot be kept; rename one or add another"
    return None


def shortened(name: str) -> str:
    """A name of a field, as far as it says anything: it may be as long as a body."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def escaped(name: str) -> str:
    """A name, shortened, as a part of a JSON pointer."""
    return shortened(name).replace("~", "~0").replace("/", "~1")


class PlainEvents:
    """For an aggregate, before ``Aggregate``: whatever goes into one of its events is plain.

    Events are made and applied as the library does it, which would ask besides for a time, an id and a topic
    that every decision here gives.
    """

    @classmethod
    def _create(cls, event_class: Any, **values: Any) -> Self:
        values = of_event(values)
        values |= {
            "originator_topic": get_topic(cls),
            "originator_id": values.pop("id"),
            "originator_version": cls.INITIAL_VERSION,  # type: ignore[attr-defined]
        }
        event = _event(event_class, values)
        aggregate = event.mutate(None)
        aggregate.pending_events.append(event)
        return cast("Self", aggregate)

    def trigger_event(self, event_class: Any, **values: Any) -> None:
        aggregate = cast("Aggregate", self)
        values = of_event(values)
        values |= {"originator_id": aggregate.id, "originator_version": aggregate.version + 1}
        event = _event(event_class, values)
        event.mutate(aggregate)
        aggregate.pending_events.append(event)


def _event(event_class: Any, values: dict[str, Any]) -> Any:
    """As ``event_class(**values)``, which asks for each field whether it may be set."""
    names = _names_of(event_class)
    if values.keys() != names.keys():  # some have their defaults, or are wrong
        return event_class(**values)
    event = object.__new__(event_class)
    # In the order of the class, which is the order in which they are stored.
    object.__setattr__(event, "__dict__", {name: values[name] for name in names})
    return event


@cache
def _names_of(event_class: Any) -> dict[str, None]:
    return dict.fromkeys(field.name for field in fields(event_class))


# ---- a provider's JSON ------------------------------------------------------------------------------


def read(text: str | bytes) -> Any:
    """JSON of somebody else's: numbers that cannot be kept are their own text, and so is what is too deep.

    ValueError where it is no JSON.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        value = _loads(text)
        if _depth(value) <= DEEPEST:
            return value
    except RecursionError:
        pass
    try:
        return _loads(shallow(text))
    except RecursionError:
        raise ValueError("brackets are opened without end") from None


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=str)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _number(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [i for item in level for i in (item.values() if isinstance(item, dict) else item)]
    return depth


_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def shallow(text: str) -> str:
    """The same JSON with the text of what is nested too deeply in its place."""
    pieces: list[str] = []
    depth = done = start = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            if depth == DEEPEST:
                start = token.start()
        elif sign in "]}":
            if depth == DEEPEST:
                pieces += [text[done:start], json.dumps(text[start : min(token.end(), start + _EXCERPT)])]
                done = token.end()
            depth -= 1
    return "".join([*pieces, text[done:]])
