"""Each operation on the API's page: what it reads and answers, the call in three languages, and examples."""

from collections.abc import Mapping
from typing import Any

from api.web import docs_text as t
from api.web.snippets import call_of, snippets

STREAM = "text/event-stream"
PROBLEM = "application/problem+json"
_JOBS = {
    **dict.fromkeys(("retry_job", "delete_job"), "job-cancelled"),
    "approve_job": "job-awaiting_review",
}
_ASSETS = {"get_asset_content": "asset-video"}


def operation(server: str, method: str, path: str, described: Mapping[str, Any], *, locked: bool) -> str:
    """Words to the left, the call and its answer to the right."""
    identifier = t.text(described["operationId"])
    call = call_of(server, method, path, described, locked=locked)
    return "\n".join(
        (
            f'<section class="operation" id="{identifier}"><div class="words">',
            f"<h3>{t.method(method.upper())} {t.path(path)}</h3>",
            f"<p>{t.prose(described['summary'])}. {t.prose(described.get('description', ''))}</p>",
            *_reads(described),
            f"<h4>Answers</h4>{_answers(described)}</div>",
            f'<div class="calls">{programs(identifier, snippets(call), fills_of(path, described))}',
            *_examples(described),
            "</div></section>",
        )
    )


def programs(identifier: str, sources: Mapping[str, str], fills: Mapping[str, str]) -> str:
    """The same in several languages, of which one is chosen."""
    parts = ['<fieldset class="programs"><legend class="hidden">Language</legend>']
    for number, language in enumerate(sources):
        name, chosen = f"{identifier}-{language.lower()}", " checked" if number == 0 else ""
        parts.append(
            f'<input type="radio" name="{identifier}-language" id="{name}" value="{language}"{chosen}>'
            f'<label for="{name}">{language}</label>'
        )
    for language, source in sources.items():
        shown = t.program(source, fills, f"{identifier} in {language}")
        parts.append(f'<div class="program" data-language="{language}">{shown}</div>')
    return "".join(parts) + "</fieldset>"


def fills_of(path: str, described: Mapping[str, Any]) -> dict[str, str]:
    """Which values of the example stand for things of the reader's own."""
    example = {p["name"]: str(p["example"]) for p in described.get("parameters", ()) if "example" in p}
    operation_id = described["operationId"]
    found = {}
    if "id" in example:
        kind = path.split("/")[2].removesuffix("s")
        named = {"job": _JOBS.get(operation_id, "job"), "asset": _ASSETS.get(operation_id, "asset-image")}
        found[example["id"]] = named.get(kind, kind)
    if operation_id == "open_link":
        found |= {example[name]: f"link-{name}" for name in ("id", "expires", "signature")}
    if "delivery" in example:
        found[example["delivery"]] = "delivery"
    if "jobs" in example:
        found[example["jobs"]] = "job"
    if "digest" in example:
        found[example["digest"]] = "prompt" if "blobs" in path else "file"
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    if isinstance(body, dict) and "file" in body:
        found[body["file"]] = "file"
    return found


def _reads(described: Mapping[str, Any]) -> list[str]:
    parts = []
    if parameters := described.get("parameters"):
        rows = [
            (t.code(p["name"]), f"{t.type_of(p['schema'])}, {p['in']}", t.prose(p.get("description", "")))
            for p in parameters
        ]
        parts += ["<h4>Reads</h4>", t.list_of(rows)]
    for media_type, content in described.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h4>Body</h4><p>{t.code(media_type)}: {t.type_of(content['schema'])}</p>")
    return parts


def _answers(described: Mapping[str, Any]) -> str:
    return t.list_of(_answer(status, answer) for status, answer in described["responses"].items())


def _answer(status: str, answer: Mapping[str, Any]) -> tuple[str, str, str]:
    kinds = ", ".join(
        f"{t.code(name)} {t.type_of(content['schema']) if '$ref' in content['schema'] else ''}".strip()
        for name, content in answer.get("content", {}).items()
        if name != PROBLEM
    )
    said = t.prose(answer["description"])
    for code in answer.get("x-problem-codes", []):
        link = f'<a href="/docs/problems#{code}"><code>{code}</code></a>'
        said = said.replace(f"<code>{code}</code>", link)
    return t.code(status), kinds, said


def _examples(described: Mapping[str, Any]) -> list[str]:
    """The answers that were recorded; the first of them open."""
    parts: list[str] = []
    # What is new comes before what was there already, or was only asked about.
    for status, answer in sorted(described["responses"].items(), key=lambda one: one[0] == "200"):
        for media_type, content in answer.get("content", {}).items():
            if "example" in content:
                said = "a message of the stream" if media_type == STREAM else media_type
                shown = t.document(content["example"], f"{described['operationId']} answers {status}")
                parts.append(
                    f"<details{'' if parts else ' open'}><summary>{status} <span>{said}</span></summary>"
                    f"{shown}</details>"
                )
    return parts
