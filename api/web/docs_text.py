"""Words, types and code of the API's pages as HTML: all that is shown is escaped here."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_STRINGS = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`|(?:^|(?<= ))(?:#|//) .*)""", re.MULTILINE
)


def text(words: str) -> str:
    return html.escape(words)


def code(words: str) -> str:
    return f"<code>{text(words)}</code>"


def prose(words: str) -> str:
    """Escaped words, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text(words))


def method(name: str) -> str:
    return f'<code class="method" data-method="{name}">{name}</code>'


def path(template: str) -> str:
    """A path that is broken before its slashes, where it must be."""
    return code(template).replace("/", "<wbr>/").replace("<<wbr>/", "</")


def table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f'<tr><th scope="row">{a}</th><td>{b}</td><td>{c}</td></tr>' for a, b, c in rows]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def list_of(rows: Iterable[tuple[str, str, str]]) -> str:
    """As a table of two columns: what it is stands above what is said of it."""
    lines = [f'<tr><th scope="row">{a}</th><td>{_above(b)}<p>{c}</p></td></tr>' for a, b, c in rows]
    return f'<table class="list"><tbody>{"".join(lines)}</tbody></table>'


def _above(words: str) -> str:
    return f'<p class="soft">{words}</p>' if words else ""


def program(source: str, fills: Mapping[str, str], label: str) -> str:
    """Code, its strings and comments marked; ``fills`` says of what a value is an example."""
    parts = _STRINGS.split(source)
    shown = "".join(_marked(part) if n % 2 else text(part) for n, part in enumerate(parts))
    for value, what in fills.items():
        shown = shown.replace(text(value), f'<span data-fill="{what}">{text(value)}</span>')
    return f'<pre tabindex="0" aria-label="{text(label)}"><code>{shown}</code></pre>'


def _marked(part: str) -> str:
    return f'<span class="{"note" if part[0] in "#/" else "string"}">{text(part)}</span>'


def document(value: Any, label: str) -> str:
    """An example of an answer."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return f'<pre tabindex="0" aria-label="{text(label)}"><code>{text(shown)}</code></pre>'


def type_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, with links to those that have a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{text(name)}">{text(name)}</a>'
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(code(str(value)) for value in values) + _default(schema)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(map(type_of, schema[several])) + _default(schema)
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    kind = schema.get("format") or schema.get("type", "any")
    return text(str(kind)) + _bounds(schema) + _default(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    if high is None:
        return f" from {low}"
    return f" up to {high}" if low is None else f" from {low} to {high}"


def _default(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    plain = isinstance(default, str | int | float)
    return f", {code(json.dumps(default))} unless given" if plain and default != "" else ""
