"""What real text models get wrong in a document although it obeys its schema.

Google forms the answer so that it fits: types, ``required``, enums, minItems and maxItems hold. So each fault
here changes only what the schema leaves open, and leaves the document alone where it leaves nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from actors.emulator.writing.json_schema import Schema, branches, resolve, type_of

_REFERENCES = "characters"
_COUNTED = ("frames", "deliveries", "scenes", "beats")
_SPELLINGS = (
    (re.compile(r"m7b5"), "ø7"),
    (re.compile(r"^([A-G])b"), r"\1♭"),
    (re.compile(r"^([A-G])#"), r"\1♯"),
    (re.compile(r"maj7"), "Δ7"),
    (re.compile(r"dim"), "°"),
    (re.compile(r"sus(\d)"), r"(sus\1)"),
    (re.compile(r"^([A-G][♭♯]?)m(?=\d|$)"), r"\1min"),
)


@dataclass(frozen=True)
class _Place:
    """One value of the document: what holds it, under which name or index, and its schema."""

    holder: Any
    key: Any
    schema: Schema

    @property
    def value(self) -> Any:
        return self.holder[self.key]


def spoil_document(document: dict[str, Any], schema: Schema, fault: str) -> None:
    """Works the named fault into the document, in place."""
    _FAULTS[fault](document, schema)


def _places(value: Any, schema: Schema, root: Schema) -> Iterator[tuple[str, _Place]]:
    """Every named value with the schema that it obeys, outer ones first."""
    schema = _of(schema, root)
    if isinstance(value, dict):
        for name in list(value):
            inner = _of((schema.get("properties") or {}).get(name, {}), root)
            if name in value:
                yield name, _Place(value, name, inner)
                yield from _places(value.get(name), inner, root)
    elif isinstance(value, list):
        for item in value:
            yield from _places(item, schema.get("items", {}), root)


def _of(schema: Schema, root: Schema) -> Schema:
    schema = resolve(schema, root)
    solid = [
        each for each in (resolve(branch, root) for branch in branches(schema)) if type_of(each) != "null"
    ]
    return solid[0] if solid else schema


def _without_optional(document: dict[str, Any], schema: Schema) -> None:
    """Drops every field that the schema does not require."""

    def drop(value: Any, schema: Schema, root: Schema) -> None:
        schema = _of(schema, root)
        if isinstance(value, dict):
            required = set(schema.get("required", ()))
            properties = schema.get("properties") or {}
            for name in [name for name in value if name in properties and name not in required]:
                del value[name]
            for name, inner in value.items():
                drop(inner, properties.get(name, {}), root)
        elif isinstance(value, list):
            for item in value:
                drop(item, schema.get("items", {}), root)

    drop(document, schema, schema)


def _free_references(document: dict[str, Any], schema: Schema) -> Iterator[tuple[_Place, Schema]]:
    """The lists of characters inside scenes and their pictures, with the schema of what they hold."""
    for name, place in _places(document, schema, schema):
        if name == _REFERENCES and place.holder is not document and isinstance(place.value, list):
            yield place, _of(place.schema.get("items", {}), schema)


def _with_dropped_names(document: dict[str, Any], schema: Schema) -> None:
    """Every second scene that names characters forgets its last one."""
    named = [place for place, _ in _free_references(document, schema) if place.value]
    for place in named[::2]:
        if len(place.value) > int(place.schema.get("minItems", 0)):
            place.value.pop()


def _with_misspelt_names(document: dict[str, Any], schema: Schema) -> None:
    """Characters as "the keeper" for "Keeper", by a number that is none, and the voice in small letters."""
    known = len(document.get(_REFERENCES) or [])
    for place, item in _free_references(document, schema):
        if "enum" in item:
            continue
        place.holder[place.key] = [_misspelt(each, item, known) for each in place.value]
    for name, place in _places(document, schema, schema):
        if name == "voice" and isinstance(place.value, str) and "enum" not in place.schema:
            place.holder[name] = place.value.lower()


def _misspelt(reference: Any, schema: Schema, known: int) -> Any:
    if isinstance(reference, int):
        return reference if "maximum" in schema or not known else known + 1
    return f"the {str(reference).removeprefix('The ').lower()}"


def _counted(document: dict[str, Any], schema: Schema) -> Iterator[_Place]:
    for name, place in _places(document, schema, schema):
        if name in _COUNTED and isinstance(place.value, list) and place.value:
            yield place


def _one_too_few(document: dict[str, Any], schema: Schema) -> None:
    for place in _counted(document, schema):
        if len(place.value) > max(1, int(place.schema.get("minItems", 1))):
            place.value.pop()


def _one_too_many(document: dict[str, Any], schema: Schema) -> None:
    for place in _counted(document, schema):
        if len(place.value) < int(place.schema.get("maxItems", 1_000_000)):
            last = place.value[-1]
            more = {**last, "scene": last["scene"] + 1} if isinstance(last.get("scene"), int) else {**last}
            place.value.append(more)


def _in_other_spellings(document: dict[str, Any], schema: Schema) -> None:
    """Chords and keys as other musicians write them: ``B♭``, ``F♯min``, ``Am`` for A minor, ``C/E``."""
    for name, place in _places(document, schema, schema):
        if name == "chords" and isinstance(place.value, list):
            item = _of(place.schema.get("items", {}), schema)
            if not {"enum", "pattern"} & set(item):
                place.holder[name] = [other_chord(str(chord)) for chord in place.value]
        elif name == "key" and isinstance(place.value, str) and not {"enum", "pattern"} & set(place.schema):
            place.holder[name] = place.value.replace(" minor", "m").replace(" major", "")


def other_chord(chord: str) -> str:
    """The same chord in another spelling; C stands on its third, which needs reading too."""
    for pattern, spelling in _SPELLINGS:
        chord = pattern.sub(spelling, chord)
    return "C/E" if chord == "C" else chord


_FAULTS: dict[str, Callable[[dict[str, Any], Schema], None]] = {
    "missing_optional": _without_optional,
    "dropped_name": _with_dropped_names,
    "misspelt_name": _with_misspelt_names,
    "one_too_few": _one_too_few,
    "one_too_many": _one_too_many,
    "other_chords": _in_other_spellings,
}
DOCUMENT_FAULTS = tuple(_FAULTS)
