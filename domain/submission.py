"""What a person or a program asks for: the script, the models, the options, the budget.

One class checks it for HTTP, the command line and tests alike, so that a wrong field reads the same
everywhere. Names and defaults are the public contract. Models are only named here; whether the provider
has them is checked at the door (``api/``), where the provider can be asked.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.script import MAX_SCRIPT_CHARACTERS

Priority = Literal["high", "normal", "low"]

MAX_METADATA_BYTES = 16_384


class Request(BaseModel):
    """A part of a request: an unknown field is an error, because ignoring it would be a silent fallback."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Models(Request):
    """The model for each kind of call; a missing one is filled with the shipped default before acceptance."""

    text: str = Field(
        default="gemini-3.8-flash", min_length=1, description="Writes analysis, storyboard, audio plan"
    )
    image: str = Field(
        default="gemini-nano-banana-2.1", min_length=1, description="Draws one image for each scene"
    )
    speech: str = Field(default="gemini-3.8-flash-tts", min_length=1, description="Speaks the narration")


class Options(Request):
    """How the film is to be made."""

    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    resolution: Literal["720p", "1080p", "2160p"] = Field(default="720p", description="Names the short side")
    quality: Literal["low", "medium", "high"] = Field(
        default="medium", description="Encoder preset and image size"
    )
    fps: Literal[24, 25, 30, 60] = 30
    target_duration_s: Annotated[float, Field(ge=1, le=3600)] | None = None
    max_scenes: int = Field(default=12, ge=1, le=100)
    include_audio: bool = True
    narration: bool = True
    music: bool = True
    captions: Literal["burned", "sidecar", "none"] = "burned"
    voice: str | None = Field(
        default=None, description="A voice of the speech model; the audio plan picks one if null"
    )
    style: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="The look of the pictures, in words"
    )
    on_lost_call: Literal["retry", "stop"] = Field(
        default="retry",
        description="What to do when a worker died with a call in flight that may have been billed",
    )

    @property
    def has_narration(self) -> bool:
        return self.include_audio and self.narration

    @property
    def has_music(self) -> bool:
        return self.include_audio and self.music


class Submission(Request):
    """A job as it is submitted; only ``script`` is required."""

    script: str = Field(max_length=MAX_SCRIPT_CHARACTERS, description="The text the film is made from")
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = Field(
        default=None, description="BCP 47 tag; found by the analysis if null"
    )
    models: Models = Models()
    options: Options = Options()
    max_cost_usd: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="The job stops before it would spend more than this"
    )
    priority: Priority = "normal"
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it was")
    allow_fallback: bool = Field(default=False, description="Must be false: nothing falls back here")

    @field_validator("script")
    @classmethod
    def _script_says_something(cls, script: str) -> str:
        if not script.strip():
            raise ValueError("the script is empty; write at least one sentence")
        if any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in script):
            raise ValueError("the script holds characters that are not text (NUL or lone surrogates)")
        return script

    @field_validator("allow_fallback")
    @classmethod
    def _nothing_falls_back(cls, allow: bool) -> bool:
        if allow:
            raise ValueError(
                "there is no fallback: a stage that cannot do its work fails and says why; leave it false"
            )
        return allow

    @field_validator("metadata")
    @classmethod
    def _metadata_is_small(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        if len(repr(metadata)) > MAX_METADATA_BYTES:
            raise ValueError(f"metadata is larger than {MAX_METADATA_BYTES} bytes")
        return metadata

    @model_validator(mode="after")
    def _voice_needs_narration(self) -> Self:
        if self.options.voice is not None and not self.options.has_narration:
            raise ValueError(
                "options.voice is set but there is no narration; set narration and include_audio to true"
            )
        return self
