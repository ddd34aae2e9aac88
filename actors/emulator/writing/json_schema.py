"""Makes any value obey a JSON schema, and invents a valid value where there is none.

Both dialects of the API are read: JSON schema (``$defs``, ``$ref``, ``anyOf``, lower-case types) and the
OpenAPI subset (upper-case types, ``nullable``). It is a best effort for the keywords that Gemini supports;
others are ignored, as there.
"""

from typing import Any

Schema = dict[str, Any]
DEEPEST = 4
"""Levels to which optional properties and items are invented."""


def resolve(schema: Schema, root: Schema) -> Schema:
    """The schema that a ``$ref`` within the document points to, with what stands beside the reference."""
    while "$ref" in schema:
        target: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def type_of(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kind).lower()


def branches(schema: Schema) -> list[Schema]:
    return [branch for key in ("anyOf", "oneOf", "allOf") for branch in schema.get(key, [])]


def conform(  # noqa: PLR0911 - one return for each kind of value
    value: Any, schema: Schema, root: Schema | None = None, depth: int = 0
) -> Any:
    """``value`` made to obey ``schema``: what does not fit is dropped, what lacks is invented."""
    root = schema if root is None else root
    schema = resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return value if value in schema["enum"] else schema["enum"][0]
    if options := branches(schema):
        fitting = [option for option in options if _fits(value, resolve(option, root))]
        solid = [option for option in options if type_of(resolve(option, root)) != "null"]
        return conform(value, (fitting or solid or options)[0], root, depth)
    kind = type_of(schema)
    if kind == "object":
        return _object(value if isinstance(value, dict) else {}, schema, root, depth)
    if kind == "array":
        return _array(value if isinstance(value, list) else None, schema, root, depth)
    if kind in {"integer", "number"}:
        return _number(value, schema, whole=kind == "integer")
    if kind == "boolean":
        return value if isinstance(value, bool) else True
    if kind == "null":
        return None
    return _string(value, schema)


def _fits(value: Any, schema: Schema) -> bool:
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "null": type(None),
    }
    return isinstance(value, kinds.get(type_of(schema), (int, float)))


def _object(value: dict[str, Any], schema: Schema, root: Schema, depth: int) -> dict[str, Any]:
    properties: dict[str, Schema] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    out = {}
    for name in schema.get("propertyOrdering", properties):
        # A schema that holds itself is followed a few levels and no further.
        wanted = name in value or name in required or depth < DEEPEST
        if name in properties and wanted:
            out[name] = conform(value.get(name, _named(name)), properties[name], root, depth + 1)
    return out


def _array(value: list[Any] | None, schema: Schema, root: Schema, depth: int) -> list[Any]:
    least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 1_000_000))
    items = schema.get("items", {})
    if value is None and depth < DEEPEST:
        least = max(least, min(1, most))
    out = [conform(item, items, root, depth + 1) for item in (value or [])[:most]]
    while len(out) < least:
        out.append(conform(None, items, root, depth + 1))
    return out


def _number(value: Any, schema: Schema, *, whole: bool) -> float | int:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 1
    if "exclusiveMinimum" in schema:
        number = max(number, schema["exclusiveMinimum"] + (1 if whole else 1e-3))
    number = max(number, schema.get("minimum", number))
    number = min(number, schema.get("maximum", number))
    if "exclusiveMaximum" in schema:
        number = min(number, schema["exclusiveMaximum"] - (1 if whole else 1e-3))
    return int(number) if whole else float(number)


def _string(value: Any, schema: Schema) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    formats = {"date": "2026-11-22", "date-time": "2026-11-22T10:00:00Z", "time": "10:00:00Z"}
    text = text or formats.get(str(schema.get("format")), "something")
    text = text[: int(schema.get("maxLength", len(text)))]
    return text.ljust(int(schema.get("minLength", 0)), ".")


def _named(name: str) -> str:
    """Something to say for a property that the material does not speak of: its own name."""
    return name.replace("_", " ")
