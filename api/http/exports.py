"""A finished film's edit, or all of its files as one archive that is made while it is sent."""

from collections.abc import AsyncIterator, Iterator

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.cases.export import ExportRequest
from api.cases.export import export as export_of
from api.composition import System
from api.http.file_responses import attachment
from api.http.parameters import EXPORT_FORM, path_id


async def export(request: Request) -> Response:
    """GET /v1/jobs/{id}/export."""
    system: System = request.app.state.system
    asked = ExportRequest(path_id(request, "job_not_found"), EXPORT_FORM.of(request))
    found = await to_thread.run_sync(export_of, system, asked)
    headers = {"Cache-Control": "no-store", **attachment(found.filename)}
    return StreamingResponse(_sent(found.chunks), headers=headers, media_type=found.media_type)


async def _sent(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Piece by piece; what is open is closed when the reader goes away."""
    try:
        while chunk := await to_thread.run_sync(next, chunks, b""):
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
