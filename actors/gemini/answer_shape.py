"""The shape of an answer: which fields it has, of which types, with which names for reasons and kinds.

It holds nothing that anybody wrote or could be known by: texts, ids and bytes are told by their type alone,
and a value is named only where the API's own vocabulary is expected and the value is spelt like a word of it.
So a shape may be shown to strangers, whatever a provider puts where.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from domain import plain

Shape = dict[str, frozenset[str]]
"""What stands at each path; items of a list share one, ``candidates[].finishReason``."""
Kind = Literal["missing", "more", "other", "range"]

_CONSTANT = re.compile(r"[A-Z][A-Z_]{1,39}")
_VOCABULARY = {
    "role": re.compile(r"[a-z]{1,12}"),
    "finishReason": _CONSTANT,
    "blockReason": _CONSTANT,
    "modality": _CONSTANT,
    "status": _CONSTANT,
    "mimeType": re.compile(
        r"(image|audio|video|text|application)/[A-Za-z0-9.+-]{1,24}(; ?[a-z]{1,12}=[A-Za-z0-9]{1,8}){0,3}"
    ),
    "modelVersion": re.compile(r"(models/)?gemini(-[a-z0-9.]{1,16}){1,6}"),
}
"""Fields whose text is one of few words, and how such a word is spelt."""
_FIELD = re.compile(r"@?[A-Za-z]{1,32}|[a-z]{1,16}(_[a-z]{1,16}){1,5}")
UNNAMED = "(a field with another name)"


@dataclass(frozen=True)
class Difference:
    """``missing``: expected, and not there. ``more``: there, and not expected."""

    path: str
    kind: Kind
    expected: str
    found: str


def shape_of(body: bytes) -> Shape:
    """Return the shape of an answer's body."""
    try:
        return shape_of_json(plain.read(body))
    except ValueError:
        return {"": frozenset({"not JSON"})}


def shape_of_json(value: Any) -> Shape:
    """Return the shape of an answer's JSON."""
    shape: dict[str, set[str]] = {}
    for path, what in _walk(value, "", ""):
        shape.setdefault(path, set()).add(what)
    return {path: frozenset(found) for path, found in shape.items()}


def differences(expected: Shape, found: Shape) -> list[Difference]:
    """Return what differs, by path; of a missing or unexpected field its inner ones are not told as well."""
    told: list[Difference] = []
    for path in dict.fromkeys((*expected, *found)):
        want, got = expected.get(path), found.get(path)
        if want == got or (path and _outer(path) not in expected.keys() & found.keys()):
            continue
        if got is None:
            told.append(Difference(path, "missing", _words(want), ""))
        elif want is None:
            told.append(Difference(path, "more", "", _words(got)))
        else:
            told.append(Difference(path, "other", _words(want), _words(got)))
    return told


def _outer(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def _words(found: frozenset[str] | None) -> str:
    return " or ".join(sorted(found or ()))


def _walk(value: Any, path: str, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield path, "object"
        for key, item in value.items():
            shown = key if _FIELD.fullmatch(key) else UNNAMED
            yield from _walk(item, f"{path}.{shown}" if path else shown, shown)
    elif isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from _walk(item, f"{path}[]", name)
    else:
        yield path, _leaf(value, name)


def _leaf(value: Any, name: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "number"
    vocabulary = _VOCABULARY.get(name)
    if vocabulary is not None:
        return str(value) if vocabulary.fullmatch(value) else "a word that the API does not have"
    if name == "text":
        return "JSON" if _holds_json(value) else "text"
    return "text" if value else "empty text"


def _holds_json(text: str) -> bool:
    try:
        return isinstance(plain.read(text), dict | list)
    except ValueError:
        return False
