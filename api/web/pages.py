"""The web page: one document; all else that it needs it loads from ``/static``."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from api.http.file_responses import WholeFile

STATIC = Path(__file__).parent / "static"


async def page(_: Request) -> Response:
    """GET /: the web page."""
    return WholeFile(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
