"""Say a JSON schema in the older, smaller language of ``responseSchema``, for an SDK without the other.

References are written out, "or null" becomes ``nullable``, and bounds that the small language has no words
for go into the description, where a model reads them as well: the reader validates the answer against the
full schema either way. What changes the meaning (alternatives, recursion) is refused.
"""

from typing import Any

from actors.gemini.gateway import Json

_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "minLength": "length at least",
    "maxLength": "length at most",
    "pattern": "matching",
}
_SAME = frozenset({"description", "format", "required", "minItems", "maxItems"})
_CONVERTED = frozenset({"type", "properties", "items", "enum", "const"})
_OTHERS = _CONVERTED | {"title", "default", "examples", "additionalProperties", "$defs", "$schema"}


def to_subset(schema: Json) -> Json:
    """Return ``schema`` as a ``responseSchema``; raises ValueError naming what it cannot say."""
    return _convert(schema, schema.get("$defs", {}), ())


def _convert(schema: Json, definitions: Json, within: tuple[str, ...]) -> Json:
    schema, within = _resolved(schema, definitions, within)
    schema, nullable = _without_null(schema)
    schema, within = _resolved(schema, definitions, within)
    said: Json = {word: schema[word] for word in _SAME if word in schema}
    if "properties" in schema:
        said["properties"] = {k: _convert(v, definitions, within) for k, v in schema["properties"].items()}
    if "items" in schema:
        said["items"] = _convert(schema["items"], definitions, within)
    if "enum" in schema or "const" in schema:
        said |= {"type": "STRING", "format": "enum", "enum": _names(schema.get("enum") or [schema["const"]])}
    else:
        said["type"] = _type(schema.get("type"))
    bounds = [f"{words} {schema[bound]}" for bound, words in _BOUNDS.items() if bound in schema]
    if bounds:
        said["description"] = f"{said.get('description', '')} ({', '.join(bounds)})".strip()
    strange = schema.keys() - _SAME - _BOUNDS.keys() - _OTHERS
    if strange:
        raise ValueError(f"a schema with {', '.join(sorted(strange))}")
    return said | ({"nullable": True} if nullable else {})


def _resolved(schema: Json, definitions: Json, within: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
    while "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        if name in within:
            raise ValueError(f"a schema that contains itself ({name})")
        if name not in definitions:
            raise ValueError(f"a reference to {schema['$ref']!r}")
        rest = {word: value for word, value in schema.items() if word != "$ref"}
        schema, within = definitions[name] | rest, (*within, name)
    return schema, within


def _without_null(schema: Json) -> tuple[Json, bool]:
    """Return the schema without its null alternative, and whether it had one."""
    options = schema.get("anyOf", schema.get("oneOf"))
    rest = {word: value for word, value in schema.items() if word not in {"anyOf", "oneOf"}}
    if isinstance(options, list):
        real = [option for option in options if option.get("type") != "null"]
        if len(real) != 1:
            raise ValueError("a schema with alternatives")
        return real[0] | rest, len(real) < len(options)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        real = [kind for kind in kinds if kind != "null"]
        if len(real) != 1:
            raise ValueError("a schema with alternatives")
        return rest | {"type": real[0]}, len(real) < len(kinds)
    return schema, False


def _type(value: Any) -> str:
    name = str(value).upper()
    if name not in {"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"}:
        raise ValueError(f"a schema of type {value!r}")
    return name


def _names(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("an enumeration of other things than names")
    return values
