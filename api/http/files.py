"""Files of one's own: bytes come in as a bare body, piece by piece, and are never whole in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.content import unavailable_bytes
from api.cases.errors import SOON_S, Refusal
from api.cases.files import AddFileRequest, FileRequest, add_file, file_content, get_file
from api.composition import System
from api.http.assets import FOR_EVER, SHOWN_IN_PLACE
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.file_responses import PartialFile, RemoteFile, attachment
from api.http.problems import Problem
from api.http.responses import etag_of, is_unchanged, json_response, not_modified
from api.http.threads import threads_of

PIECE_BYTES = 1024 * 1024
"""So much is written at once."""


async def add(request: Request) -> Response:
    """POST /v1/files."""
    system: System = request.app.state.system
    _refuse_packed(request)
    refuse_when_draining(request)
    with unavailable_bytes():
        source = await to_thread.run_sync(system.blobs.new_file)
    try:
        await _receive(request, source)
        asked = AddFileRequest(source, caller_name(request))
        result = await threads_of(request).open(add_file, system, asked)
    finally:
        # Also when the sender has gone away: what was begun goes.
        system.blobs.discard(source)
    return json_response(result.page, 201 if result.added else 200)


def _refuse_packed(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise Problem(
            "unsupported_media_type",
            "The body is a form; send the file's bare bytes, as `curl --data-binary @photo.jpg` does.",
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(
            "unsupported_media_type",
            f"The body's Content-Encoding is {encoding}; send it as it is, without one.",
            headers={"Accept-Encoding": "identity"},
        )


async def _receive(request: Request, source: Path) -> None:
    try:
        with source.open("wb", buffering=0) as file:
            async for piece in _pieces(request):
                await to_thread.run_sync(file.write, piece)
    except OSError as error:
        raise Refusal(
            "unavailable", f"The file cannot be kept: {error.strerror}.", retry_after_s=SOON_S
        ) from error


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) >= PIECE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def show(request: Request) -> Response:
    """GET /v1/files/{digest}."""
    system: System = request.app.state.system
    asked = FileRequest(request.path_params["digest"], caller_name(request))
    return json_response(await to_thread.run_sync(get_file, system, asked))


async def content(request: Request) -> Response:
    """GET /v1/files/{digest}/content."""
    system: System = request.app.state.system
    asked = FileRequest(request.path_params["digest"], caller_name(request))
    found = await to_thread.run_sync(file_content, system, asked)
    etag = etag_of(found.digest)
    if is_unchanged(request, etag):
        return not_modified(etag, FOR_EVER)
    headers = {"ETag": etag, "Cache-Control": FOR_EVER}
    if found.media_type not in SHOWN_IN_PLACE:
        headers |= attachment(found.digest.partition(":")[2])
    if found.remote is not None:
        return RemoteFile(found.remote, headers=headers, media_type=found.media_type)
    assert found.path is not None
    return PartialFile(found.path, headers=headers, media_type=found.media_type)
