"""The API's description for people: pages made from the same document that programs read.

All of it is there without script: guides, each operation with its call in three languages and its answers,
each schema as a table, and a page with every error code and what to do about it. A script of ours adds the
search, one language for all calls, and the ids of the reader's own films.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.composition import System
from api.http.openapi.examples import problem_examples
from api.http.problems import ADVICE, TITLES
from api.http.root_path import rooted
from api.web import docs_text as t
from api.web.docs_operations import operation
from api.web.frame import html_page
from api.web.guides import WEBHOOKS, Guide, guides, shown, webhooks
from domain.causes import CAUSES

LINKS = (("/docs", "API"), ("/docs/problems", "Errors"), ("/openapi.json", "OpenAPI"))
_HOST = re.compile(r"[\w.:\[\]-]+")
_USUAL_HOST = "127.0.0.1:8080"
_SEARCH = (
    '<search><label class="hidden" for="search">Search</label>'
    '<input id="search" type="search" placeholder="Search" autocomplete="off" hidden></search>'
)
_NOTHING = '<p id="nothing" role="status" hidden>Nothing here has all of these words.</p>'
_ABOUT_PROBLEMS = (
    "Every error is `application/problem+json` with one of these codes. A request that was refused changed "
    "nothing."
)
_ABOUT_FAILURES = "Why an asset could not be made: `failure.code` of events, attempts and jobs."


async def index(request: Request) -> Response:
    """GET /docs."""
    system: System = request.app.state.system
    host = request.headers.get("host", "")
    origin = f"{request.url.scheme}://{host if _HOST.fullmatch(host) else _USUAL_HOST}"
    locked = system.settings.api_key is not None

    def written() -> str:
        return _description(json.loads(request.app.state.openapi()), origin, locked=locked)

    return _page("Reelog’s API", await to_thread.run_sync(written))


async def problems(_: Request) -> Response:
    """GET /docs/problems."""
    return _page("Reelog’s errors", _problems())


def _page(title: str, main: str) -> Response:
    script = '<script type="module" src="/static/docs.js"></script>'
    return html_page(title, main + script, links=LINKS, headers={"Cache-Control": "no-cache"})


# ---- the description ------------------------------------------------------------------------------------


def _description(document: Mapping[str, Any], origin: str, *, locked: bool) -> str:
    operations = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    server = origin + rooted("")
    job = next(
        p["example"] for _, _, o in operations if o["operationId"] == "get_job" for p in o["parameters"]
    )
    first = [*guides(server, origin, job, locked=locked)]
    if any(WEBHOOKS in o["tags"] for _, _, o in operations):
        first.append(webhooks())
    parts = [_contents(document, operations, first), '<div class="reference">']
    info = document["info"]
    parts.append(
        f'<h1>Reelog’s API</h1><p class="lead">{t.prose(info["summary"])}</p>'
        f"<p>{t.prose(info['description'])}</p>{_NOTHING}"
    )
    parts += [shown(guide, job) for guide in first]
    for tag in document["tags"]:
        of_tag = [one for one in operations if tag["name"] in one[2]["tags"]]
        about = t.prose(tag["description"])
        parts.append(
            f'<section class="tag" id="tag-{tag["name"]}"><h2>{tag["name"].capitalize()}</h2><p>{about}</p>'
        )
        parts += [operation(server, *one, locked=locked) for one in of_tag]
        parts.append("</section>")
    parts.append('<section class="tag" id="schemas"><h2>Schemas</h2>')
    parts += [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    parts.append("</section></div>")
    return "\n".join(parts)


def _contents(document: Mapping[str, Any], operations: list[tuple[str, str, Any]], first: list[Guide]) -> str:
    parts = [f'<nav class="contents" aria-label="Contents">{_SEARCH}<ul>']
    parts += [f'<li><a href="#{guide.id}">{guide.title}</a></li>' for guide in first]
    for tag in document["tags"]:
        parts.append(f'<li class="group"><a href="#tag-{tag["name"]}">{tag["name"].capitalize()}</a><ul>')
        parts += [
            f'<li><a href="#{o["operationId"]}">{t.method(m.upper())}<span>{_title(o)}</span></a></li>'
            for m, _, o in operations
            if tag["name"] in o["tags"]
        ]
        parts.append("</ul></li>")
    parts.append('<li class="group"><a href="#schemas">Schemas</a></li></ul></nav>')
    return "".join(parts)


def _title(operation: Mapping[str, Any]) -> str:
    """In few words what it is called."""
    return t.text(operation["operationId"].replace("_", " ").capitalize())


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            t.code(field),
            f"{t.type_of(value)}{'' if field in required else ', optional'}",
            t.prose(value.get("description", "")),
        )
        for field, value in schema.get("properties", {}).items()
    ]
    about = t.prose(schema.get("description", "").split("\n\n")[0])
    body = t.table(rows) if rows else f"<p>{t.type_of(schema)}</p>"
    return (
        f'<section class="schema" id="{t.text(name)}"><h3>{t.text(name)}</h3><p>{about}</p>{body}</section>'
    )


# ---- errors ---------------------------------------------------------------------------------------------


def _problems() -> str:
    return "\n".join(('<div class="reference">', *_explained(), "</div>"))


def _explained() -> Iterator[str]:
    yield f"<h1>Reelog’s errors</h1><p>{t.prose(_ABOUT_PROBLEMS)}</p>{_SEARCH}{_NOTHING}"
    for code, (status, title) in TITLES.items():
        example = problem_examples().get(code)
        yield (
            f'<section class="operation" id="{code}"><div class="words"><h3><code>{code}</code></h3>'
            f'<p>{t.text(title)}</p><p class="soft">Status {status}</p><p>{t.prose(ADVICE[code])}</p></div>'
            f'<div class="calls">{t.document(example, code) if example else ""}</div></section>'
        )
    yield f'<h2 id="failures">Failures of attempts</h2><p>{t.prose(_ABOUT_FAILURES)}</p>'
    yield t.table(
        (f'<code id="failure-{code}">{code}</code>', _tries(cause.attempts), t.prose(cause.hint))
        for code, cause in CAUSES.items()
    )


def _tries(attempts: int) -> str:
    return f"tried {attempts} times" if attempts > 1 else "not tried again"
