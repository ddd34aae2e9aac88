"""What stands in an event where a text was pruned: that it is gone, and how long it was.

Events keep their position, topic, version, digests, costs and times, so the log replays and every read model
folds as before; only texts that people or models wrote give way to a marker such as
``[pruned: 812 words, 4871 bytes]``. The sizes stay because folds count by them (what a call takes for a text
of some length), and a fold must not change its mind when a text goes.

What is unknown is taken for text: in open-ended values (facts, parameters, a failure's details) every string
goes but digests and the few listed here, so that a stage that learns to say more does not leave it behind. So
does every name of an object that is no field of ours, such as a character's: numbers stand in their places.

Pure functions of the stored JSON. Rejected: going through the event classes, which would also rewrite old
events in the form of the newest version.
"""

import json
import re
from itertools import count
from typing import Any

_MARKER = re.compile(r"\[pruned: (\d{1,9}) words, (\d{1,9}) bytes\]")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DIGEST_BYTES = re.compile(_DIGEST.pattern.encode())
_PLAIN = frozenset(
    {
        "aspect_ratio",
        "captions",
        "codec",
        "format",
        "image_size",
        "language",
        "media_type",
        "motion",
        "quality",
        "translated_from",
        "voice",
    }
)
"""Names under which a string is a setting or a technical term, never somebody's words."""
_NAMES = frozenset({"references", "voices"})
"""Lists of names: of assets, of voices."""
_BY_WORDS = frozenset({"cast", "names"})
"""Objects whose own names are people's words, whatever these look like: who speaks, who is called how."""
_FIELD = re.compile(r"[a-z][a-z0-9_]*(:[0-9]+(\.[0-9]+)?)?")
"""How fields are named here, and parts of documents. What is named otherwise is named in somebody's words."""


def tombstone(text: str) -> str:
    """The marker for a text; a marker stays as it is."""
    if is_tombstone(text):
        return text
    return f"[pruned: {len(text.split())} words, {len(text.encode())} bytes]"


def is_tombstone(text: str) -> bool:
    return _MARKER.fullmatch(text) is not None


def words_in(text: str) -> int:
    """How many words the text has, or had."""
    marker = _MARKER.fullmatch(text)
    return int(marker[1]) if marker else len(text.split())


def bytes_in(text: str) -> int:
    """How many bytes the text takes, or took."""
    marker = _MARKER.fullmatch(text)
    return int(marker[2]) if marker else len(text.encode())


def without_texts(state: bytes) -> bytes:
    """A stored event with markers in place of its texts; the very same bytes when it holds none."""
    event: dict[str, Any] = json.loads(state)
    before = json.dumps(event)
    if isinstance(event.get("script"), str):
        event["script"] = tombstone(event["script"])
    if event.get("title"):
        event["title"] = tombstone(event["title"])  # as a person named the film
    if "metadata" in event:
        event["metadata"] = {}  # its keys are words, too
    for notice in event.get("notices") or ():
        notice["message"] = tombstone(notice["message"])  # it quotes the script
    options = event.get("options")
    if options and options.get("style"):
        options["style"] = tombstone(options["style"])
    for name in ("facts", "parameters", "given"):
        if event.get(name):
            event[name] = _blank(event[name])
    failure = event.get("failure")
    if failure:
        failure["message"] = tombstone(failure["message"])
        failure["details"] = _blank(failure.get("details") or {})
    if json.dumps(event) == before:
        return state
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def _blank(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return _unnamed(value, by_words=name in _BY_WORDS)
    if isinstance(value, list):
        return value if name in _NAMES else [_blank(item) for item in value]
    if isinstance(value, str) and name not in _PLAIN and not _DIGEST.fullmatch(value):
        return tombstone(value)
    return value


def _unnamed(value: dict[str, Any], *, by_words: bool) -> dict[str, Any]:
    """The object with numbers in place of names that are words: how many there are stays."""
    left: dict[str, Any] = {}
    numbers = count(1)
    for key, item in value.items():
        if by_words or not _FIELD.fullmatch(key):
            left[str(next(numbers))] = _blank(item)  # a word is no setting's name, whatever it is
        else:
            left[key] = _blank(item, key)
    return left


def digests_in(state: bytes) -> list[str]:
    """Every digest that a stored event names, wherever it stands."""
    return [match.decode() for match in _DIGEST_BYTES.findall(state)]
