"""The bytes of an asset, and the papers of its attempts: prompts, exact requests, raw answers.

Bytes are found by the asset's id and what its record names, never by a name that came from outside alone.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from api.cases.assets import find_asset
from api.cases.errors import SOON_S, Refusal
from api.composition import BlobCorruptError, BlobError, BlobMissingError, System
from domain.ports import RemoteBlob

MIDI = "audio/midi"

Form = Literal["midi"]


@dataclass(frozen=True)
class ContentRequest:
    """``revision`` None: the latest that was made. ``form``: the notes of music instead of its sound."""

    asset_id: UUID
    revision: int | None = None
    form: Form | None = None


@dataclass(frozen=True)
class Content:
    """Bytes that never change, with their digest: a file here, or something large somewhere else."""

    digest: str
    media_type: str
    path: Path | None
    remote: RemoteBlob | None = None


@dataclass(frozen=True)
class Made:
    """What was made of an asset in a revision, wherever its bytes are."""

    revision: int
    digest: str
    media_type: str


def find_content(system: System, request: ContentRequest) -> Made:
    """What the bytes of a revision are. Refusals ``asset_not_found``, ``content_…``. Blocks."""
    asset_id, number = request.asset_id, request.revision
    made = [r for r in _revisions(system, asset_id) if r["digest"] and number in (None, r["revision"])]
    if not made:
        which = "no revision" if number is None else f"revision {number}"
        verb = "has" if number is None else "has not"
        raise Refusal("content_not_found", f"Of asset {asset_id} {which} {verb} been made.")
    digest, media_type = made[-1]["digest"], made[-1]["media_type"]
    if request.form == "midi":
        digest, media_type = made[-1]["facts"].get("midi_digest"), MIDI
    if digest is None:
        raise Refusal("content_not_found", f"Asset {asset_id} has no {request.form}; music has.")
    return Made(made[-1]["revision"], digest, media_type)


def content(system: System, request: ContentRequest) -> Content:
    """The bytes of a revision. Refusals as for finding them, and ``unavailable``. Blocks."""
    made = find_content(system, request)
    with unavailable_bytes():
        remote = system.blobs.remote(made.digest)
        path = system.blobs.path(made.digest) if remote is None else None
        return Content(made.digest, made.media_type, path, remote)


def content_bytes(system: System, request: ContentRequest) -> bytes:
    """The bytes of a revision, whole, wherever they lie. Refusals as for its content. Blocks."""
    found = content(system, request)
    with unavailable_bytes():
        return system.blobs.get(found.digest)


@dataclass(frozen=True)
class BlobRequest:
    """The prompt, request or raw answer with this digest, as the asset's record names it."""

    asset_id: UUID
    digest: str


def blob(system: System, request: BlobRequest) -> Path:
    """The file of what an asset's own record names, and of nothing else. Refusals as for its content."""
    if request.digest not in _digests_in(_revisions(system, request.asset_id)):
        raise Refusal(
            "content_not_found",
            f"The record of asset {request.asset_id} names nothing as {request.digest!r}.",
        )
    with unavailable_bytes():
        return system.blobs.path(request.digest)


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


def _revisions(system: System, asset_id: UUID) -> list[dict[str, Any]]:
    """An asset's revisions, unless their bytes were removed."""
    page, revisions = find_asset(system, asset_id)
    pruned_at = json.loads(page)["pruned_at"]
    if pruned_at is not None:
        raise Refusal("content_pruned", f"The job of asset {asset_id} was pruned at {pruned_at}.")
    found: list[dict[str, Any]] = json.loads(revisions)
    return found


@contextlib.contextmanager
def unavailable_bytes() -> Iterator[None]:
    """What keeps bytes from being had, as a refusal."""
    try:
        yield
    except (BlobMissingError, BlobCorruptError) as error:
        raise Refusal("content_damaged", str(error)) from error
    except BlobError as error:
        raise Refusal("unavailable", str(error), retry_after_s=SOON_S) from error
