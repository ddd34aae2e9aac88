"""Assets with their provenance, and their bytes.

A revision's bytes never change, so they may be cached for ever; the latest may be replaced, so it is asked
for again by digest.
"""

from datetime import timedelta

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.assets import GetAssetRequest, ListAssetsRequest, get_asset, list_assets
from api.cases.content import BlobRequest, ContentRequest
from api.cases.content import blob as blob_of
from api.cases.content import content as content_of
from api.cases.file_names import asset_file_name
from api.composition import System
from api.http.file_responses import PartialFile, RemoteFile, attachment
from api.http.parameters import DOWNLOAD, FORM, REVISION, REVISIONS, path_id
from api.http.responses import etag_of, is_unchanged, json_response, not_modified

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


async def of_job(request: Request) -> Response:
    """GET /v1/jobs/{id}/assets."""
    system: System = request.app.state.system
    asked = ListAssetsRequest(path_id(request, "job_not_found"), _wants_revisions(request))
    items = await to_thread.run_sync(list_assets, system, asked)
    return json_response(b'{"data":[' + b",".join(items) + b'],"has_more":false,"next":null}')


async def show(request: Request) -> Response:
    """GET /v1/assets/{id}."""
    system: System = request.app.state.system
    asked = GetAssetRequest(path_id(request, "asset_not_found"), _wants_revisions(request))
    return json_response(await to_thread.run_sync(get_asset, system, asked))


async def content(request: Request) -> Response:
    """GET /v1/assets/{id}/content."""
    asked = ContentRequest(path_id(request, "asset_not_found"), REVISION.of(request), FORM.of(request))
    caching = "private, no-cache" if asked.revision is None else FOR_EVER
    return await content_response(request, asked, caching, as_file=DOWNLOAD.of(request) == "1")


async def content_response(
    request: Request, asked: ContentRequest, caching: str, *, as_file: bool, good_for_s: int | None = None
) -> Response:
    """The bytes that are asked for. ``good_for_s``: for how long whoever asks may have them."""
    system: System = request.app.state.system
    found = await to_thread.run_sync(content_of, system, asked)
    etag = etag_of(found.digest)
    if is_unchanged(request, etag):
        return not_modified(etag, caching)
    shown = found.media_type.partition(";")[0].strip() in SHOWN_IN_PLACE
    as_file = as_file or not shown
    redirect_s = system.settings.blobs_redirect_s
    # A bucket knows no name of the file; and browsers hide from it whose page asks, so it could not share.
    if (
        found.remote is not None
        and redirect_s is not None
        and not as_file
        and "origin" not in request.headers
    ):
        for_s = redirect_s if good_for_s is None else min(redirect_s, good_for_s)
        address = await to_thread.run_sync(found.remote.signed_address, timedelta(seconds=for_s))
        return Response(status_code=307, headers={"Location": address, "Cache-Control": "no-store"})
    media_type = found.media_type if shown or asked.form else "application/octet-stream"
    headers = {"ETag": etag, "Cache-Control": caching}
    if as_file:
        name = await to_thread.run_sync(asset_file_name, system, asked.asset_id, found.media_type)
        headers |= attachment(name)
    if found.remote is not None:
        return RemoteFile(found.remote, headers=headers, media_type=media_type)
    assert found.path is not None
    return PartialFile(found.path, headers=headers, media_type=media_type)


async def blob(request: Request) -> Response:
    """GET /v1/assets/{id}/blobs/{digest}."""
    system: System = request.app.state.system
    asked = BlobRequest(path_id(request, "asset_not_found"), request.path_params["digest"])
    path = await to_thread.run_sync(blob_of, system, asked)
    # Whatever a provider said is shown as text, never as a document of ours.
    return PartialFile(path, headers={"Cache-Control": FOR_EVER}, media_type="text/plain")


def _wants_revisions(request: Request) -> bool:
    return bool(REVISIONS.of(request) == "all")
