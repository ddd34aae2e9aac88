"""What was made, as resources: the scenes of a film, and the bytes of their pictures and voices."""

import base64
import re
from typing import Any
from uuid import UUID

from mcp.types import BlobResourceContents, ContentBlock, ImageContent, ResourceLink

from api.cases.errors import Refusal
from api.mcp.films import Films

Json = dict[str, Any]

ASSET = "reelog://assets/{asset_id}/revisions/{revision}"
JOB = "reelog://jobs/{job_id}"
_ASSET = re.compile(r"reelog://assets/([0-9a-f-]{36})/revisions/(\d{1,9})")
_JOB = re.compile(r"reelog://jobs/([0-9a-f-]{36})")
MOST_BYTES = 8_000_000
"""Of one resource: it goes as text, a third larger, in one message. A film is fetched from its address."""


def links_of(scene: Json) -> list[ContentBlock]:
    """The pictures, shots and voice of a scene that are made, to be read one by one."""
    number = scene["scene"]
    parts = [(f"picture {part['beat']}", part) for part in scene["images"]]
    parts += [(f"shot {part['beat']}", part) for part in scene["shots"]]
    parts += [("narration", scene["narration"])] if scene["narration"] else []
    return [
        ResourceLink(uri=uri_of(part["id"], part["revision"]), name=f"Scene {number}: {what}")
        for what, part in parts
        if part["status"] == "generated"
    ]


def uri_of(asset_id: str, revision: int) -> str:
    return ASSET.format(asset_id=asset_id, revision=revision)


def job_named(uri: str) -> UUID | None:
    """The job that an address is of, if it is one of a job."""
    found = _JOB.fullmatch(uri)
    return UUID(found[1]) if found else None


async def asset_at(films: Films, uri: str) -> BlobResourceContents:
    """The bytes at an address. Refusals as for an asset and its content."""
    found = _ASSET.fullmatch(uri)
    if found is None:
        raise Refusal("content_not_found", f"There is no resource {uri[:200]}; {ASSET} and {JOB} are read.")
    data, media_type = await made(films, UUID(found[1]), int(found[2]))
    return BlobResourceContents(uri=uri, mime_type=media_type, blob=base64.b64encode(data).decode())


async def shown(films: Films, scene: Json) -> list[ContentBlock]:
    """The pictures of a scene that are made, each as an image."""
    pictures: list[ContentBlock] = []
    for part in scene["images"]:
        if part["status"] == "generated":
            data, media_type = await made(films, UUID(part["id"]), part["revision"])
            pictures.append(ImageContent(data=base64.b64encode(data).decode(), mime_type=media_type))
    return pictures


async def made(films: Films, asset_id: UUID, number: int) -> tuple[bytes, str]:
    """The bytes of a revision, and their media type."""
    asset = await films.asset(asset_id)
    revision = next((one for one in asset["revisions"] if one["revision"] == number and one["digest"]), None)
    if revision is None:
        raise Refusal("content_not_found", f"Of asset {asset_id} revision {number} has not been made.")
    if revision["bytes"] > MOST_BYTES:
        size = revision["bytes"] / 1_000_000
        raise Refusal(
            "unavailable",
            f"It has {size:.1f} MB, and {MOST_BYTES // 1_000_000} go into one message; fetch it from the "
            f"server: {asset['links']['content']}",
        )
    return await films.content(asset_id, number), revision["media_type"]
