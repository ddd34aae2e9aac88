"""The API's documents as types of the Python client: ``python -m api.http.openapi.client_types > FILE``.

FILE is ``api/client/reelog_client/documents.py``; a test holds that it is what this prints. A document is a
TypedDict: what the server sends, as it came, so a field that a newer server adds harms no older client.
"""

import keyword
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from api.http.app import ENDPOINTS
from api.http.openapi.document import document

Schema = Mapping[str, Any]

HEAD = '''"""The documents of the API, as they come and go as JSON.

Written by ``python -m api.http.openapi.client_types``; edit nothing here.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union
'''
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def client_types(schemas: Mapping[str, Schema]) -> Iterator[str]:
    """The module, statement by statement: names first, then documents, then either-ors of documents."""
    yield HEAD
    names = sorted(schemas)
    for name in names:
        if "enum" in schemas[name]:
            yield f"\n{name} = {type_of(schemas[name])}\n" + _quoted(schemas[name])
    for name in names:
        if "properties" in schemas[name]:
            yield from _document(name, schemas[name])
    for name in names:
        if "enum" not in schemas[name] and "properties" not in schemas[name]:
            yield f"\n{name} = {type_of(schemas[name])}\n" + _quoted(schemas[name])


def type_of(schema: Schema) -> str:
    """A schema as a type, in the words of Python 3.10."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema or "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema.get('enum') or [schema['const']]))}]"
    if several := schema.get("anyOf") or schema.get("oneOf"):
        kinds = list(dict.fromkeys(type_of(one) for one in several))
        return kinds[0] if len(kinds) == 1 else f"Union[{', '.join(kinds)}]"
    match schema.get("type"):
        case "array":
            return f"list[{type_of(schema.get('items', {}))}]"
        case "object":
            return f"dict[str, {type_of(_values(schema))}]"
        case kind:
            return _SCALARS.get(str(kind), "Any")


def _values(schema: Schema) -> Schema:
    """What an object of free names holds."""
    patterns = list((schema.get("patternProperties") or {}).values())
    more = patterns[0] if patterns else schema.get("additionalProperties")
    return more if isinstance(more, Mapping) else {}


def _document(name: str, schema: Schema) -> Iterator[str]:
    fields, required = schema["properties"], set(schema.get("required", ()))
    if strange := [field for field in fields if not field.isidentifier() or keyword.iskeyword(field)]:
        raise ValueError(f"{name} has fields that are no names in Python: {', '.join(strange)}")
    some = 0 < len(required) < len(fields)
    if some:
        only = {field: told for field, told in fields.items() if field in required}
        yield _class(f"_{name}", "TypedDict", only, {})
        fields = {field: told for field, told in fields.items() if field not in required}
    base = f"_{name}" if some else "TypedDict"
    yield _class(name, base if required and not some else f"{base}, total=False", fields, schema)


def _class(name: str, base: str, fields: Mapping[str, Schema], schema: Schema) -> str:
    lines = [f"\n\nclass {name}({base}):\n"]
    if schema.get("description"):
        lines.append(_quoted(schema, "    ") + "\n")
    for field, told in fields.items():
        lines.append(f"    {field}: {type_of(told)}\n")
        if told.get("description"):
            lines.append(_quoted(told, "    "))
    return "".join(lines) if fields else "".join([*lines, "    pass\n"])


def _quoted(schema: Schema, indent: str = "") -> str:
    said = str(schema.get("description") or "").replace("\\", "\\\\").replace('"""', "'''")
    return f'{indent}"""{said}"""\n' if said else ""


def main() -> None:
    sys.stdout.write("".join(client_types(document(ENDPOINTS)["components"]["schemas"])))


if __name__ == "__main__":
    main()
