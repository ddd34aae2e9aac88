"""What files are called that leave: after the film's title, in whatever script it is written."""

import json
import re
import unicodedata
from uuid import UUID

from api.cases.assets import find_asset
from api.composition import System
from domain.media_types import suffix_of
from domain.script import Kind

LONGEST_NAME = 60
"""Bytes of a title."""


def film_name(title: str, job_id: UUID) -> str:
    """The film's title as the name of a file; where it has none, its job's id."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", title))
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer.encode()) > LONGEST_NAME:
            break
        name = longer
    return name or f"film-{str(job_id)[:8]}"


def asset_file_name(system: System, asset_id: UUID, media_type: str) -> str:
    """``The-Boat.mp4``, ``The-Boat-image-2.png``: the film itself has its title alone. Blocks."""
    asset = json.loads(find_asset(system, asset_id)[0])
    job_id = UUID(asset["job_id"])
    job = system.readers.job(job_id)
    title = "" if job is None else json.loads(job)["title"] or ""
    film = asset["kind"] == Kind.VIDEO and media_type == asset["media_type"]
    part = "" if film else "-" + re.sub(r"[^\w]+", "-", asset["name"])
    return f"{film_name(title, job_id)}{part}.{suffix_of(media_type)}"
