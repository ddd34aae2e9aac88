"""Signed addresses of an asset's bytes, and what is found at them: without a key, on whichever page."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.links import LinkRequest, NewLink, SignedLink, make_link, open_link
from api.composition import System
from api.http.assets import content_response
from api.http.callers import caller_name
from api.http.parameters import LINK_DOWNLOAD, LINK_EXPIRES, LINK_REVISION, LINK_SIGNATURE, path_id
from api.http.request_body import read_body
from api.http.responses import json_response
from api.http.root_path import rooted


async def add(request: Request) -> Response:
    """POST /v1/assets/{id}/link."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    asked = LinkRequest(asset_id, caller_name(request), await read_body(request, NewLink))
    link = await to_thread.run_sync(make_link, system, asked)
    # By the name by which it was asked for: no other is known to lead here. Who named none (HTTP/1.0) has
    # come to the server's own address.
    url = f"{request.url.scheme}://{request.url.netloc}{rooted(link.path)}"
    return json_response(link.to_json(url), 201, {"Location": url})


async def content(request: Request) -> Response:
    """GET /links/{id}."""
    system: System = request.app.state.system
    link = SignedLink(
        request.path_params["id"],
        LINK_REVISION.of(request),
        LINK_DOWNLOAD.of(request),
        LINK_EXPIRES.of(request),
        LINK_SIGNATURE.of(request),
    )
    linked = await to_thread.run_sync(open_link, system, link)
    good_for_s = linked.good_for_s
    caching = "private, no-cache"
    if linked.content.revision is not None:
        caching = f"private, max-age={good_for_s}, immutable"
    answer = await content_response(
        request, linked.content, caching, as_file=linked.download, good_for_s=good_for_s
    )
    # Whoever has the link may show it on any page; what scripts may read is said by REELOG_CORS_ORIGINS.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
