"""What every part of a request has in common: how strictly it is read, and how files are named."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Request(BaseModel):
    """A part of a request: an unknown field is an error, because ignoring it would be a silent fallback.

    Types are those of JSON: ``true`` is no number (as a budget it would read as one dollar).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


DIGEST = "^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, Field(pattern=DIGEST)]
"""By which a file is named that was sent before."""


class Files(Request):
    """Material of one's own, by the digests of files that were sent before."""

    music: Digest | None = Field(
        default=None, description="The digest of a file that was sent to /v1/files: the film's music"
    )
    style: Digest | None = Field(
        default=None, description="So too: a picture in whose style all pictures are drawn"
    )
    logo: Digest | None = Field(
        default=None,
        description="So too: a picture, transparent where it should be, that stands small in the upper right "
        "corner of all scenes",
    )
    outro: Digest | None = Field(
        default=None,
        description="So too: a clip or a picture that ends the film, after the last scene. A clip is heard "
        "with its own sound; under a picture, and under a clip without sound, the music ends",
    )


PRESET_NAME = "[a-z0-9][a-z0-9._-]{0,63}"


def or_a_name(schema: dict[str, Any]) -> None:
    """In the description of a list: in its place may stand the name under which one is kept."""
    told = {"description", "default"}
    written = {name: schema.pop(name) for name in list(schema) if name not in told}
    schema["anyOf"] = [written, {"type": "string", "pattern": f"^{PRESET_NAME}$"}]


class Named(Request):
    """What may stand in a submission under a name; it is put in the name's place before it is checked."""

    preset: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The name of a preset; what is given beside it goes before it"
    )
