"""Calls as programs to paste: curl, Python and JavaScript, made of an operation's example.

Each runs as it stands: Python with httpx, JavaScript in Node 18 or later with nothing installed. It ends with
an error where the server refuses, and says what the server said. A test runs every one of them.
"""

import json
import shlex
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

LANGUAGES = ("curl", "Python", "JavaScript")
JSON = "application/json"
OCTETS = "application/octet-stream"
SENT_FILE = "picture.jpg"
_SAVED = {
    "get_asset_content": "film.mp4",
    "export_job": "film.zip",
    "get_file_content": "kept.jpg",
    "open_link": "linked.bin",
}
_WIDE = 78


@dataclass(frozen=True)
class Call:
    """``saved`` is the file that an answer of bytes goes to, ``is_text`` an answer that is shown as it is."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    sends_file: bool = False
    saved: str | None = None
    is_text: bool = False
    is_empty: bool = False
    with_key: bool = False


def call_of(server: str, method: str, path: str, operation: Mapping[str, Any], *, locked: bool) -> Call:
    """The call that the example of an operation is."""
    given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            given[parameter["in"]][parameter["name"]] = str(parameter["example"])
    for name, value in given["path"].items():
        path = path.replace(f"{{{name}}}", quote(value, safe=":"))
    query = f"?{urlencode(given['query'], safe=',')}" if given["query"] else ""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    kinds = [kind for kind in good.get("content", {}) if kind != "text/event-stream"]
    saved = _SAVED.get(operation["operationId"])
    return Call(
        method.upper(),
        f"{server}{path}{query}",
        given["header"] | ({"Content-Type": OCTETS} if OCTETS in content else {}),
        content.get(JSON, {}).get("example"),
        sends_file=OCTETS in content,
        saved=saved,
        is_text=not saved and JSON not in kinds,
        is_empty=not kinds,
        with_key=locked and "security" not in operation,
    )


def snippets(call: Call) -> dict[str, str]:
    """The call in each language."""
    return dict(zip(LANGUAGES, (_curl(call), _python(call), _javascript(call)), strict=True))


# ---- curl -----------------------------------------------------------------------------------------------


def _curl(call: Call) -> str:
    parts = ["curl --fail-with-body -sS"]
    if call.method not in ("GET", "POST") or (call.method == "POST" and not _has_body(call)):
        parts[0] += f" -X {call.method}"
    parts[0] += f" {_shell(call.url)}"
    parts += [f"-H {_shell(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.with_key:
        parts.append('-H "Authorization: Bearer $REELOG_API_KEY"')
    if call.body is not None:
        parts += [f"-H {_shell(f'Content-Type: {JSON}')}", f"--data-raw {_shell(_dumped(call.body))}"]
    if call.sends_file:
        parts.append(f"--data-binary @{SENT_FILE}")
    if call.saved:
        parts.append(f"-o {call.saved}")
    return " \\\n  ".join(parts)


def _has_body(call: Call) -> bool:
    return call.body is not None or call.sends_file


def _shell(text: str) -> str:
    quoted = shlex.quote(text)
    return f"'{text}'" if quoted == text and not text.isalnum() else quoted


def _dumped(value: Any) -> str:
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _WIDE else json.dumps(value, ensure_ascii=False, indent=2)


# ---- Python ---------------------------------------------------------------------------------------------


def _python(call: Call) -> str:
    imports = ["import os\n"] if call.with_key else []
    imports += ["from pathlib import Path\n"] if call.saved or call.sends_file else []
    arguments = [json.dumps(call.url, ensure_ascii=False)]
    if headers := _python_headers(call):
        arguments.append(f"headers={headers}")
    if call.body is not None:
        arguments.append(f"json={_literal(call.body)}")
    if call.sends_file:
        arguments.append(f'content=Path("{SENT_FILE}").read_bytes()')
    arguments.append("timeout=60")
    inside = ", ".join(arguments)
    if len(inside) > _WIDE or "\n" in inside:
        inside = "".join(f"\n{textwrap.indent(argument, '    ')}," for argument in arguments) + "\n"
    lines = [
        *(["".join(imports)] if imports else []),
        "import httpx\n",
        f"answer = httpx.{call.method.lower()}({inside})",
        "answer.raise_for_status()",
    ]
    if call.saved:
        lines.append(f'Path("{call.saved}").write_bytes(answer.content)')
    elif not call.is_empty:
        lines.append(f"print(answer.{'text' if call.is_text else 'json()'})")
    return "\n".join(lines)


def _python_headers(call: Call) -> str:
    pairs = [f"{json.dumps(n)}: {json.dumps(v, ensure_ascii=False)}" for n, v in call.headers.items()]
    if call.with_key:
        pairs.append('"Authorization": f"Bearer {os.environ[\'REELOG_API_KEY\']}"')
    return f"{{{', '.join(pairs)}}}" if pairs else ""


def _literal(value: Any) -> str:
    match value:
        case dict():
            parts, ends = [f"{_literal(name)}: {_literal(item)}" for name, item in value.items()], "{}"
        case list():
            parts, ends = [_literal(item) for item in value], "[]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)
    line = f"{ends[0]}{', '.join(parts)}{ends[1]}"
    if len(line) <= _WIDE and "\n" not in line:
        return line
    inside = "".join(f"{textwrap.indent(part, '    ')},\n" for part in parts)
    return f"{ends[0]}\n{inside}{ends[1]}"


# ---- JavaScript -----------------------------------------------------------------------------------------


def _javascript(call: Call) -> str:
    files = [name for name, used in (("readFile", call.sends_file), ("writeFile", bool(call.saved))) if used]
    lines = [f'import {{ {", ".join(files)} }} from "node:fs/promises"\n'] if files else []
    options = [] if call.method == "GET" else [f'method: "{call.method}"']
    headers = dict(call.headers) | ({"Content-Type": JSON} if call.body is not None else {})
    pairs = [f"{json.dumps(n)}: {json.dumps(v, ensure_ascii=False)}" for n, v in headers.items()]
    if call.with_key:
        pairs.append('"Authorization": `Bearer ${process.env.REELOG_API_KEY}`')
    if pairs:
        options.append(f"headers: {{ {', '.join(pairs)} }}")
    if call.body is not None:
        shown = _dumped(call.body).replace("\n", "\n  ")
        options.append(f"body: JSON.stringify({shown})")
    if call.sends_file:
        options.append(f'body: await readFile("{SENT_FILE}")')
    given = "".join(f"  {option},\n" for option in options)
    lines += [
        f"const answer = await fetch({json.dumps(call.url)}{f', {{{chr(10)}{given}}}' if options else ''})",
        "if (!answer.ok) throw new Error(await answer.text())",
    ]
    if call.saved:
        lines.append(f'await writeFile("{call.saved}", Buffer.from(await answer.arrayBuffer()))')
    elif not call.is_empty:
        lines.append(f"console.log(await answer.{'text' if call.is_text else 'json'}())")
    return "\n".join(lines)
