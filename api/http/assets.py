"""Assets with their provenance, and their bytes.

Bytes are found by the asset's id and what its record names, never by a name that came from outside alone.
A revision's bytes never change, so they may be cached for ever; the latest may be replaced, so it is asked
for again by digest.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.composition import BlobCorruptError, BlobError, BlobMissingError, System
from api.http.file_responses import PartialFile
from api.http.parameters import FORM, REVISION, REVISIONS
from api.http.problems import Problem
from api.http.reading import path_id
from api.http.responses import etag_of, is_unchanged, json_response, not_modified
from domain.store.studio import JobNotFoundError

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


async def blob(request: Request) -> Response:
    """GET /v1/assets/{id}/blobs/{digest}."""
    system: System = request.app.state.system
    asset_id, digest = path_id(request, "asset_not_found"), request.path_params["digest"]
    path = await to_thread.run_sync(_blob, system, asset_id, digest)
    # Whatever a provider said is shown as text, never as a document of ours.
    return PartialFile(path, headers={"Cache-Control": FOR_EVER}, media_type="text/plain")


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
    made = [r for r in _held(system, asset_id) if r["digest"] and number in (None, r["revision"])]
    if not made:
        which = "no revision" if number is None else f"revision {number}"
        verb = "has" if number is None else "has not"
        raise Problem("content_not_found", f"Of asset {asset_id} {which} {verb} been made.")
    digest, media_type = made[-1]["digest"], made[-1]["media_type"]
    if form == "midi":
        digest, media_type = made[-1]["facts"].get("midi_digest"), MIDI
    if digest is None:
        raise Problem("content_not_found", f"Asset {asset_id} has no {form}; music has.")
    return digest, media_type, _file(system, digest)


def _blob(system: System, asset_id: UUID, digest: str) -> Path:
    """The prompt, request or raw answer with this digest, when the asset's own record names it."""
    if digest not in _digests_in(_held(system, asset_id)):
        raise Problem("content_not_found", f"The record of asset {asset_id} names nothing as {digest!r}.")
    return _file(system, digest)


def _digests_in(value: Any) -> Iterator[str]:
    """Every ``prompt_digest``, ``request_digest`` and ``raw_digest``, of recipes, products and failures."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_digest") and isinstance(item, str):
                yield item
            else:
                yield from _digests_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _digests_in(item)


def _held(system: System, asset_id: UUID) -> list[dict[str, Any]]:
    """An asset's revisions, unless their bytes were removed."""
    page, revisions = _asset(system, asset_id)
    pruned_at = json.loads(page)["pruned_at"]
    if pruned_at is not None:
        raise Problem("content_pruned", f"The job of asset {asset_id} was pruned at {pruned_at}.")
    held: list[dict[str, Any]] = json.loads(revisions)
    return held


def _file(system: System, digest: str) -> Path:
    try:
        return system.blobs.path(digest)
    except (BlobMissingError, BlobCorruptError) as error:
        raise Problem("content_damaged", str(error)) from error
    except BlobError as error:
        raise Problem("unavailable", str(error), headers={"Retry-After": "5"}) from error
