"""Assets with their provenance, and their bytes.

Bytes are found by the asset's id and revision, never by a name that came from outside. A revision's bytes
never change, so they may be cached for ever; the latest may be replaced, so it is asked for again by digest.
"""

import json
from pathlib import Path
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.answers import etag_of, is_unchanged, json_response, not_modified
from api.composition import BlobCorruptError, BlobError, BlobMissingError, System
from api.files import PartialFile
from api.parameters import FORM, REVISION, REVISIONS
from api.problems import Problem
from api.reading import path_id
from domain.studio import JobNotFoundError

FOR_EVER = "private, max-age=31536000, immutable"
SHOWN_IN_PLACE = frozenset(
    {
        "application/json",
        "audio/mpeg",
        "audio/wav",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
        "text/vtt",
        "video/mp4",
    }
)
"""What a browser may show by itself; anything else is only handed over as a file."""
MIDI = "audio/midi"
SUFFIXES = {"midi": "mid"}


async def of_job(request: Request) -> Response:
    """GET /v1/jobs/{id}/assets."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    all_revisions = _wants_revisions(request)

    def read() -> list[bytes]:
        if system.readers.job(job_id) is None:
            raise JobNotFoundError(job_id)
        if all_revisions:
            return [_with_revisions(*found) for found in system.readers.assets_with_revisions(job_id)]
        return system.readers.assets(job_id)

    items = await to_thread.run_sync(read)
    return json_response(b'{"data":[' + b",".join(items) + b'],"has_more":false,"next":null}')


async def show(request: Request) -> Response:
    """GET /v1/assets/{id}."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    body, revisions = await to_thread.run_sync(_asset, system, asset_id)
    return json_response(_with_revisions(body, revisions) if _wants_revisions(request) else body)


async def content(request: Request) -> Response:
    """GET /v1/assets/{id}/content."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    number = REVISION.of(request)
    form = FORM.of(request)
    digest, media_type, path = await to_thread.run_sync(_content, system, asset_id, number, form)
    etag = etag_of(digest)
    caching = "private, no-cache" if number is None else FOR_EVER
    if is_unchanged(request, etag):
        return not_modified(etag, caching)
    shown = media_type.partition(";")[0].strip() in SHOWN_IN_PLACE
    return PartialFile(
        path,
        headers={"ETag": etag, "Cache-Control": caching},
        media_type=media_type if shown or form else "application/octet-stream",
        filename=None if shown else asset_id.hex + (f".{SUFFIXES[form]}" if form else ""),
    )


def _wants_revisions(request: Request) -> bool:
    return bool(REVISIONS.of(request) == "all")


def _asset(system: System, asset_id: UUID) -> tuple[bytes, bytes]:
    found = system.readers.asset(asset_id)
    if found is None:
        raise Problem("asset_not_found", f"There is no asset {asset_id}.")
    return found


def _with_revisions(body: bytes, revisions: bytes) -> bytes:
    return body[:-1] + b',"revisions":' + revisions + b"}"


def _content(system: System, asset_id: UUID, number: int | None, form: str | None) -> tuple[str, str, Path]:
    """Digest, media type and file of the revision that is asked for, or of the latest that was made."""
    page, revisions = _asset(system, asset_id)
    pruned_at = json.loads(page)["pruned_at"]
    if pruned_at is not None:
        raise Problem("content_pruned", f"The job of asset {asset_id} was pruned at {pruned_at}.")
    made = [r for r in json.loads(revisions) if r["digest"] and number in (None, r["revision"])]
    if not made:
        which = "no revision" if number is None else f"revision {number}"
        verb = "has" if number is None else "has not"
        raise Problem("content_not_found", f"Of asset {asset_id} {which} {verb} been made.")
    digest, media_type = made[-1]["digest"], made[-1]["media_type"]
    if form == "midi":
        digest, media_type = made[-1]["facts"].get("midi_digest"), MIDI
    if digest is None:
        raise Problem("content_not_found", f"Asset {asset_id} has no {form}; music has.")
    try:
        return digest, media_type, system.blobs.path(digest)
    except (BlobMissingError, BlobCorruptError) as error:
        raise Problem("content_damaged", str(error)) from error
    except BlobError as error:
        raise Problem("unavailable", str(error), headers={"Retry-After": "5"}) from error
