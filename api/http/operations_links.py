"""The operations of links: made by whoever may see an asset, good for whoever has one."""

from api.cases.links import NewLink
from api.http import parameters as p
from api.http.operations import CONTENT, GET_ASSET_CONTENT, UNAVAILABLE
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.links import LinkDocument
from domain.key import Scope

ADD_LINK = Operation(
    id="add_asset_link",
    tag="assets",
    summary="Make a signed address of an asset's bytes, which is good for a while without a key",
    problems=("asset_not_found", "content_not_found", "content_pruned", "invalid_submission"),
    responses={201: ResponseSpec("The link; nothing is kept of it", {JSON: LinkDocument}, ("Location",))},
    body=NewLink,
    scope=Scope.READ,
)
OPEN_LINK = Operation(
    id="open_link",
    tag="assets",
    summary="What a link is of",
    problems=(*CONTENT, *UNAVAILABLE, "behind", "link_invalid", "link_expired"),
    responses=GET_ASSET_CONTENT.responses,
    parameters=(
        *(p.LINK_REVISION, p.LINK_DOWNLOAD, p.LINK_EXPIRES, p.LINK_SIGNATURE),
        *(p.IF_NONE_MATCH, p.RANGE, p.IF_RANGE),
    ),
)
