"""The one frame of all pages without script: title, links, style, and how long each may be kept."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from api.http.file_responses import WholeFile
from api.http.responses import HTML
from api.http.root_path import with_rooted_attributes

_STYLE = Path(__file__).parent / "docs.css"
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{refresh}<title>{title}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/base.css">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<header class="site">{header}</header>
<main class="page {kind}">
{main}
</main>
</body>
</html>
"""
_DOT = '<span class="dot" aria-hidden="true"></span>Reelog'

Links = Sequence[tuple[str, str]]
"""What stands beside the name of the product: address and text of each."""


def html_page(
    title: str,
    main: str,
    *,
    links: Links = (),
    kind: str = "docs",
    refresh_s: int | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A whole page. ``title`` is text, ``main`` is HTML; ``kind`` is the style sheet's names for its layout.

    Without ``links`` the name of the product leads nowhere either: whoever is not let in has nowhere to go.
    ``refresh_s`` has the browser ask for the page again; nothing is kept but where ``headers`` say so.
    """
    body = _FRAME.format(
        title=escape(title),
        main=main,
        kind=kind,
        header=_header(links),
        refresh="" if refresh_s is None else f'<meta http-equiv="refresh" content="{refresh_s}">\n',
    )
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(with_rooted_attributes(body), status, kept, HTML)


def _header(links: Links) -> str:
    if not links:
        return f'<span class="mark">{_DOT}</span>'
    listed = " ".join(f'<a href="{address}">{escape(text)}</a>' for address, text in links)
    return f'<a class="mark" href="/">{_DOT}</a>\n<nav aria-label="Main">{listed}</nav>'


async def style(_: Request) -> Response:
    """GET /docs.css."""
    return WholeFile(_STYLE, headers={"Cache-Control": "no-cache"})
