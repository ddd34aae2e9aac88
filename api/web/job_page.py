"""Films to read without script: a list, and each as a document that asks for itself again while it is made.

For browsers without JavaScript, for text browsers, for printing. Nothing can be done here but read; the page
at ``/`` is for the rest. It shows what ``GET /v1/jobs/{id}`` and its assets say, every text escaped.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.assets import ListAssetsRequest, list_assets
from api.cases.jobs import GetJobRequest, ListJobsRequest, get_job, list_jobs
from api.composition import System
from api.durations import duration
from api.http.callers import caller_name
from api.http.parameters import path_id
from api.web.frame import html_page
from domain.asset import AssetKey
from domain.script import Kind
from domain.statuses import JobStatus

AGAIN_S = 5
"""How often a browser asks again for a film that is being made."""
LISTED = 100
_LABELS = {"http_status": "HTTP status", "elapsed_s": "Took", "retry_after_s": "Provider asks to wait"}
"""Fields of a failure that their names do not tell."""
LINKS = (("/jobs", "Films"),)


async def index(request: Request) -> Response:
    """GET /jobs."""
    system: System = request.app.state.system
    page = await to_thread.run_sync(
        list_jobs, system, ListJobsRequest(limit=LISTED, caller=caller_name(request))
    )
    jobs = [json.loads(item) for item in page.items]
    rows = [
        [
            f'<a href="/jobs/{job["id"]}">{escape(_title(job))}</a>',
            _text(job["status"]),
            _when(job["created_at"]),
        ]
        for job in jobs
    ]
    main = _table(("Film", "Status", "Submitted"), rows) if rows else "<p>No films yet.</p>"
    return page_of("Films", main)


async def show(request: Request) -> Response:
    """GET /jobs/{id}."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    job, assets = await to_thread.run_sync(_read, system, job_id)
    return page_of(_title(job), "\n".join(_job(job, assets)), again=not JobStatus(job["status"]).ended)


def _read(system: System, job_id: UUID) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    job = json.loads(get_job(system, GetJobRequest(job_id)).body)
    assets = map(json.loads, list_assets(system, ListAssetsRequest(job_id)))
    return job, {asset["name"]: asset for asset in assets}


def _job(job: Mapping[str, Any], assets: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    gone = job["pruned_at"]
    status, done = _text(job["status"]).capitalize(), f"{int(job['progress'] * 100)} %"
    spent = job["cost"]
    cost = f"${spent['usd']:.4f}"
    if spent["unknown_usd"]:
        cost += f", at most ${spent['usd'] + spent['unknown_usd']:.4f}"
    yield f"<p><strong>{status}</strong>, {done}, {cost}, {_text(job['provider'])}</p>"
    yield f'<p><a href="/#/jobs/{job["id"]}">All of it, and what can be done</a> (needs JavaScript)</p>'
    if gone:
        yield f"<p>Its texts and files were removed on {_when(gone)}.</p>"
    for notice in () if gone else job["notices"]:
        yield f'<p dir="auto">{escape(notice["message"])}</p>'
    if job["topic"] and not gone:
        yield from _topic(job)
    if job["failure"] and not gone:
        yield from _failure(job["failure"])
    if job["links"]["video"]:
        source = _content(assets["video"])
        yield f'<p><video controls preload="metadata" width="640" src="{source}"></video></p>'
    yield "<h2>Stages</h2>"
    yield _table(
        ("Stage", "Status", "Done"),
        [
            [_text(s["name"]).capitalize(), _text(s["status"]), f"{s['done']} of {s['assets']}"]
            for s in job["stages"]
        ],
    )
    for scene in () if gone else job["scenes"]:
        yield from _scene(scene, assets)


def _topic(job: Mapping[str, Any]) -> Iterable[str]:
    """On what the script was written, and what its writer names as sources."""
    yield f'<p dir="auto">Topic: {escape(job["topic"]["about"])}</p>'
    if job["sources"]:
        yield "<p>Sources that the script's writer names; they are not checked:</p><ul>"
        for named in job["sources"]:
            yield f'<li dir="auto">{escape(named["fact"])} ({escape(named["source"])})</li>'
        yield "</ul>"


def _failure(failure: Mapping[str, Any]) -> Iterable[str]:
    yield f'<h2>What failed</h2><p class="wrong" dir="auto">{escape(failure["message"])}</p>'
    yield f"<p>{escape(failure['hint'] or '')}</p>"
    known = [(name, value) for name, value in failure.items() if value not in (None, {}, [])]
    yield _table(
        ("Field", "Value"),
        [
            [_LABELS.get(name) or _text(name).capitalize(), f"<code>{escape(_shown(name, value))}</code>"]
            for name, value in known
        ],
    )


def _scene(scene: Mapping[str, Any], assets: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    number = scene["scene"]
    voice = assets.get(f"narration:{number}")
    yield f'<h2 id="scene-{number}">Scene {number}</h2>'
    for picture in scene["images"]:
        beat = picture["beat"]
        image = assets.get(AssetKey(Kind.IMAGE, number, beat).name)
        if image and image["digest"]:
            alt = f"Picture {beat} of scene {number}" if beat > 1 else f"Picture of scene {number}"
            yield f'<p><img width="480" alt="{alt}" loading="lazy" src="{_content(image)}"></p>'
    for one in scene["shots"]:
        shot = assets.get(AssetKey(Kind.SHOT, number, one["beat"]).name)
        if shot and shot["digest"]:
            yield f'<p><video width="480" controls muted preload="none" src="{_content(shot)}"></video></p>'
    yield f'<p dir="auto">{escape(scene["text"])}</p>'
    if voice and voice["digest"]:
        yield f'<p><audio controls preload="none" src="{_content(voice)}"></audio></p>'


def _content(asset: Mapping[str, Any]) -> str:
    return f"/v1/assets/{asset['id']}/content"


def _title(job: Mapping[str, Any]) -> str:
    if job["pruned_at"]:
        return f"Removed on {job['pruned_at'][:10]}"
    return str(job["title"] or "A film without a name yet")


def _shown(name: str, value: Any) -> str:
    if name.endswith("_s"):
        return duration(value)
    if isinstance(value, float):
        value = round(value, 3)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(name: str) -> str:
    """A name of ours, as words."""
    return escape(name.replace("_", " "))


def _when(iso: str) -> str:
    return f'<time datetime="{iso}">{iso[:16].replace("T", " ")} UTC</time>'


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(f"<tr>{''.join(f'<td dir=auto>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def page_of(title: str, main: str, *, again: bool = False, status: int = 200) -> Response:
    """A page about films; ``title`` is text, ``main`` is HTML."""
    main = f'<h1 dir="auto">{escape(title)}</h1>\n{main}'
    return html_page(
        f"{title} · Reelog",
        main,
        links=LINKS,
        kind="docs plain",
        refresh_s=AGAIN_S if again else None,
        status=status,
    )
