"""How a film is to be made: the options of a submission, and what follows from them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from domain.request import Request
from domain.script_forms.reading import ScriptForm

CaptionStyle = Literal["plain", "card", "social"]

MOST_IMAGES = 150
"""As many as one answer can describe. A film of more than 17 minutes shows them for longer."""
MOST_PATIENCE_S = 86_400
"""A day: what has not passed by then needs a person."""


USUAL_SCENES = 12
"""The most that a script is divided into where nothing is said."""


def _usual_scenes(value: Any) -> Any:
    return USUAL_SCENES if value is None else value


def _or_null(schema: dict[str, Any]) -> None:
    """A number, or null, as whoever reads the description is told."""
    number = {name: schema.pop(name) for name in ("type", "minimum", "maximum")}
    schema["anyOf"] = [number, {"type": "null"}]


class Options(Request):
    """How the film is to be made."""

    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    resolution: Literal["720p", "1080p", "2160p"] = Field(default="720p", description="Names the short side")
    quality: Literal["low", "medium", "high"] = Field(
        default="medium", description="Encoder preset and image size"
    )
    fps: Literal[24, 25, 30, 60] = 30
    target_duration_s: Annotated[float, Field(ge=1, le=3600)] | None = None
    max_scenes: Annotated[int, BeforeValidator(_usual_scenes)] = Field(
        default=USUAL_SCENES,
        ge=1,
        le=100,
        description=f"The most scenes; null is {USUAL_SCENES} or, of scenes of your own, as many as they are",
        json_schema_extra=_or_null,
    )
    max_images: Annotated[int, Field(ge=1, le=MOST_IMAGES)] | None = Field(
        default=None,
        description="The most pictures that are drawn; null is one for about 7 s of film. With fewer than "
        "max_scenes there are no more scenes than pictures",
    )
    motion: Literal["camera", "generated"] = Field(
        default="camera",
        description="What moves: the camera over a still picture, or the picture itself, in a shot that a "
        "video model makes of it. Shots cost many times what all else does; estimate tells how much",
    )
    include_audio: bool = True
    narration: bool = True
    music: bool = True
    captions: Literal["burned", "sidecar", "none"] = "burned"
    captions_highlight: bool = Field(
        default=False, description="Burned captions show the word that is being spoken in an accent colour"
    )
    caption_style: CaptionStyle = Field(
        default="plain",
        description="How burned captions look: plain letters on a soft glow, on a dark card, or large and "
        "bold as social networks show them, with the spoken word in an accent colour",
    )
    caption_speakers: bool = Field(
        default=False,
        description="Captions begin with the speaker's name where another speaks: whom the script names or, "
        "where the cast speaks, quotes. The file marks each caption with its speaker (WebVTT <v>)",
    )
    pace: float = Field(
        default=1.0,
        ge=0.75,
        le=1.25,
        description="How fast words are spoken or, without narration, read: 1.25 is a quarter faster. A "
        "narration is kept as it was spoken and played at this pace, so that another pace costs nothing",
    )
    voice: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="A voice of the speech model; the audio plan picks one if null"
    )
    voices: Literal["narrator", "cast"] = Field(
        default="narrator",
        description="Who speaks: one narrator all words, or the cast its own lines, each character in one "
        "voice over the whole film, where the script names its speakers or quotes them",
    )
    style: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="The look of the pictures, in words"
    )
    script_form: ScriptForm = Field(
        default="auto",
        description="How the script is read: auto finds out and says so; prose speaks all of it but "
        "[[directions]]; the others leave their own signs, directions and speakers' names unspoken",
    )
    on_lost_call: Literal["retry", "stop"] = Field(
        default="retry",
        description="What to do when a worker died with a call in flight that may have been billed",
    )
    patience_s: Annotated[float, Field(ge=0, le=MOST_PATIENCE_S, allow_inf_nan=False)] | None = Field(
        default=None,
        description="For how many seconds what costs nothing (an overloaded model, a rate limit, no network) "
        "is tried again, from its first failure; null is the server's setting (REELOG_PATIENCE)",
    )

    review: tuple[Literal["script", "storyboard", "narration", "images"], ...] | None = Field(
        default=None,
        strict=False,  # in JSON it is a list
        description="Where the job waits for approval: once the script is analysed, the storyboard written, "
        "all narrations spoken, all images drawn. [] is nowhere; so is null, but on a topic: such a film "
        "waits at its script",
    )

    @field_validator("voice")
    @classmethod
    def _voice_needs_narration(cls, voice: str | None, info: ValidationInfo) -> str | None:
        if voice is not None and not (
            info.data.get("include_audio", True) and info.data.get("narration", True)
        ):
            raise ValueError("there is no narration to speak; set narration and include_audio to true")
        return voice

    @field_validator("pace")
    @classmethod
    def _length_or_pace(cls, pace: float, info: ValidationInfo) -> float:
        if pace != 1 and info.data.get("target_duration_s") is not None:
            raise ValueError("target_duration_s sets how fast words are spoken; leave one of the two out")
        return pace

    @field_validator("voices")
    @classmethod
    def _the_cast_is_heard(cls, voices: str, info: ValidationInfo) -> str:
        if voices == "cast" and not (
            info.data.get("include_audio", True) and info.data.get("narration", True)
        ):
            raise ValueError("there are no lines to speak; set narration and include_audio to true")
        return voices

    @field_validator("motion")
    @classmethod
    def _shots_have_a_shape(cls, motion: str, info: ValidationInfo) -> str:
        if motion == "generated" and info.data.get("aspect_ratio") == "1:1":
            raise ValueError(
                "no video model makes square shots; set aspect_ratio to 16:9 or 9:16, or motion to camera"
            )
        return motion

    @classmethod
    def recorded(cls, options: dict[str, Any]) -> Self:
        """Options as they were accepted once, whatever is accepted today: a log is read for ever.

        Before there were forms, every script was read as prose.
        """
        options = {"script_form": "prose"} | options
        try:
            return cls.model_validate(options)
        except ValidationError:
            return cls.model_construct(**{n: v for n, v in options.items() if n in cls.model_fields})

    @property
    def pace_parameters(self) -> dict[str, float]:
        """What a recipe says of the pace: nothing of the usual one, so that it asks for nothing anew."""
        return {} if self.pace == 1 else {"pace": self.pace}

    @property
    def burned_style(self) -> CaptionStyle:
        """That of the captions in the picture; files have none."""
        return self.caption_style if self.captions == "burned" else "plain"

    @property
    def has_narration(self) -> bool:
        return self.include_audio and self.narration

    @property
    def has_music(self) -> bool:
        return self.include_audio and self.music

    @property
    def has_sound(self) -> bool:
        """Whether the film has an audio track: what is neither spoken nor played needs none."""
        return self.has_narration or self.has_music
