"""The API's description for people: plain pages made from the same document that programs read.

No script and no bundle of somebody else's: an index, each operation with what it reads and answers, each
schema as a table, and a page with every error code and what to do about it.
"""

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.problems import ADVICE, TITLES
from api.web.frame import html_page
from domain.causes import CAUSES

LINKS = (("/docs", "API"), ("/docs/problems", "Errors"), ("/openapi.json", "OpenAPI"))
_ABOUT_PROBLEMS = (
    "Every error is `application/problem+json` with one of these codes. A request that was refused changed "
    "nothing."
)
_ABOUT_FAILURES = "Why an asset could not be made: `failure.code` of events, attempts and jobs."


async def index(request: Request) -> Response:
    """GET /docs."""
    return _page("Reelog’s API", _description(json.loads(request.app.state.openapi)))


async def problems(_: Request) -> Response:
    """GET /docs/problems."""
    return _page("Reelog’s errors", _problems())


def _page(title: str, main: str) -> Response:
    return html_page(title, main, links=LINKS, headers={"Cache-Control": "no-cache"})


# ---- the description ------------------------------------------------------------------------------------


def _description(document: Mapping[str, Any]) -> str:
    info = document["info"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    parts = [f"<h1>Reelog’s API</h1><p>{_prose(info['description'])}</p>", '<nav aria-label="Contents"><ul>']
    parts += [
        f'<li>{_method(m)}<a href="#{_text(o["operationId"])}">{_code(path)}</a></li>'
        for m, path, o in operations
    ]
    parts.append('<li><a href="#schemas">Schemas</a></li></ul></nav>')
    for tag in document["tags"]:
        parts.append(f"<h2>{_text(tag['name'].capitalize())}</h2><p>{_prose(tag.get('description', ''))}</p>")
        parts += [_operation(m, path, o) for m, path, o in operations if tag["name"] in o["tags"]]
    parts.append('<h2 id="schemas">Schemas</h2>')
    parts += [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    return "\n".join(parts)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<section id="{_text(operation["operationId"])}"><h3>{_signature(method, path)}</h3>',
        f"<p>{_prose(operation['summary'])}. {_prose(operation.get('description', ''))}</p>",
    ]
    if parameters := operation.get("parameters"):
        rows = [
            (_code(p["name"]), f"{_type(p['schema'])}, {p['in']}", _prose(p.get("description", "")))
            for p in parameters
        ]
        parts += ["<h4>Reads</h4>", _table(rows)]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h4>Body</h4><p>{_code(media_type)}: {_type(content['schema'])}</p>")
    parts += ["<h4>Answers</h4>", _table(map(_response, *zip(*operation["responses"].items(), strict=True)))]
    return "\n".join(parts) + "</section>"


def _response(status: str, response: Mapping[str, Any]) -> tuple[str, str, str]:
    kinds = ", ".join(
        f"{_code(name)} {_type(content['schema']) if '$ref' in content['schema'] else ''}".strip()
        for name, content in response.get("content", {}).items()
    )
    codes = response.get("x-problem-codes", [])
    said = _prose(response["description"])
    for code in codes:
        link = f'<a href="/docs/problems#{code}"><code>{code}</code></a>'
        said = said.replace(f"<code>{code}</code>", link)
    return _code(status), kinds, said


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            _code(field),
            f"{_type(value)}{'' if field in required else ', optional'}",
            _prose(value.get("description", "")),
        )
        for field, value in schema.get("properties", {}).items()
    ]
    about = _prose(schema.get("description", "").split("\n\n")[0])
    body = _table(rows) if rows else f"<p>{_type(schema)}</p>"
    return f'<section id="{_text(name)}"><h3>{_text(name)}</h3><p>{about}</p>{body}</section>'


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, with links to those that have a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{_text(name)}">{_text(name)}</a>'
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(_code(str(value)) for value in values) + _default(schema)
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"])) + _default(schema)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    kind = schema.get("format") or schema.get("type", "any")
    return _text(str(kind)) + _bounds(schema) + _default(schema)


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
    return f", {_code(json.dumps(default))} unless given" if plain and default != "" else ""


# ---- errors ---------------------------------------------------------------------------------------------


def _problems() -> str:
    parts = ["<h1>Reelog’s errors</h1>", f"<p>{_prose(_ABOUT_PROBLEMS)}</p>"]
    for code, (status, title) in TITLES.items():
        parts.append(
            f'<section id="{code}"><h3><code>{code}</code> {_text(title)}</h3>'
            f'<p class="soft">Status {status}</p><p>{_prose(ADVICE[code])}</p></section>'
        )
    parts.append(f'<h2 id="failures">Failures of attempts</h2><p>{_prose(_ABOUT_FAILURES)}</p>')
    rows = [
        (f'<code id="failure-{code}">{code}</code>', _tries(cause.attempts), _prose(cause.hint))
        for code, cause in CAUSES.items()
    ]
    parts.append(_table(rows))
    return "\n".join(parts)


def _tries(attempts: int) -> str:
    return f"tried {attempts} times" if attempts > 1 else "not tried again"


# ---- text -----------------------------------------------------------------------------------------------


def _text(words: str) -> str:
    return html.escape(words)


def _code(words: str) -> str:
    return f"<code>{_text(words)}</code>"


def _prose(words: str) -> str:
    """Escaped words, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _text(words))


def _signature(method: str, path: str) -> str:
    return f"{_method(method)}{_code(path)}"


def _method(method: str) -> str:
    return f'<code class="method">{method}</code>'


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f'<tr><th scope="row">{a}</th><td>{b}</td><td>{c}</td></tr>' for a, b, c in rows]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"
